"""Write docs/examples.md: typical questions and what the assistant answers, over the sample library.

    python docs/examples.py

The sample holds summaries in the project's own words, so that its quotes may stand here.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from assistant import Answer, Assistant

CONVERSATIONS = [
    ("A fact", ["By how much does TracksTo4D cut the running time?"]),
    ("Keywords only", ["fnd-clip gossipcop accuracy improvement"]),
    ("A method", ["What are the two stages of ClinLinker?"]),
    ("With slips of the keyboard", ["how dose PairingNet find matching fragmnets?"]),
    ("Everyday words", ["Can a computer sing with a voice it only heard talking?"]),
    ("A comparison", ["Which component do TexForce and RPO each fine-tune?"]),
    ("Every paper that shares something", ["Which papers use contrastive learning?"]),
    ("A conversation", ["What is PredFormer?", "And how much faster is it on WeatherBench?"]),
    ("About the library", ["How many papers do you have?"]),
    ("A paper that does not say", ["How many image-text pairs was ALBEF pre-trained on?"]),
    ("Nothing about it", ["Which transformer do I need to run a 110 volt kettle in Europe?"]),
]


def written(answer: Answer) -> str:
    """Return an answer in Markdown, its sources below it."""
    lines = [f"**{answer.question}**", "", *answer.text.split("\n"), ""]
    lines += [f"> [{c.number}] *{c.title}*: “{c.quote}”  " for c in answer.citations]
    lines += [f"> Nearest: *{paper.title}*  " for paper in answer.nearest]
    return "\n".join(lines)


def main() -> None:
    """Ask, and write the page."""
    parts = [
        "# Examples",
        "",
        "Asked of the sample library, whose summaries are the project's own, with the bundled models; made by",
        "`python docs/examples.py`. A marker leads to the exact words below the answer.",
    ]
    with TemporaryDirectory() as home, Assistant.open(home=home) as assistant:
        assistant.add_sample()
        for name, questions in CONVERSATIONS:
            parts += ["", f"## {name}", ""]
            answers: list[Answer] = []
            for question in questions:
                answers.append(assistant.ask(question, history=answers[-1].history if answers else ()))
            parts += ["\n\n".join(map(written, answers))]
    Path(__file__).with_name("examples.md").write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
