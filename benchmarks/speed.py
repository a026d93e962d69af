"""How fast the program is: each figure beside its anchor in the same run, and beside the last run that was kept.

    python benchmarks/speed.py SHARED [--home HOME] [--results FOLDER]

SHARED is the folder with the seed papers, the development questions and the abstracts of the ACL Anthology. HOME is a
larger library to search, for instance of all of these; without it the searches are left out. What is found goes into
FOLDER, by default ``benchmarks/results``, as JSON named by the commit. Seconds differ from one machine and one hour to
another; how many times faster than its anchor a figure is, hardly does, and that is what is compared with the last run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
from baselines import llama_cpp_alone
from baselines.plain_chroma import plain_chroma
from baselines.textbook import textbook
from embedding import rate
from langchain_core.messages import HumanMessage, SystemMessage
from latency import PROGRAM, answered, command, healthy, resident

from assistant import Assistant

TEXTS, ADDED, WRITTEN, ROUNDS = 512, 1_000, 96, 5
LESS = ("s", "ms", "MB")
EVERY, TEXTBOOK_EVERY = 4, 32  # of the questions
WORSE = 0.85  # of the last run's ratio, below which a figure is pointed out


@dataclass(frozen=True)
class Figure:
    """One measurement and what it is measured against.

    Attributes:
        name: What is measured.
        unit: In which unit; those of `LESS` are the better the smaller, all others the greater.
        value: What the program does.
        anchor: What it is compared with.
        anchored: What that does, in the same unit.
    """

    name: str
    unit: str
    value: float
    anchor: str
    anchored: float

    @property
    def ratio(self):
        """How many times as good as the anchor."""
        return self.anchored / self.value if self.unit in LESS else self.value / self.anchored


def starts(home, question):
    """Yield how long commands take, beside the interpreter's own start."""
    bare = command(sys.executable, "-c", "pass")
    yield Figure("assistant --help", "s", command(PROGRAM, "--help"), "python alone", bare)
    yield Figure("ask from cold", "s", command(PROGRAM, "ask", question, "--home", str(home)), "python alone", bare)
    yield Figure("serve until /healthz answers", "s", healthy(home), "python alone", bare)


def answers(assistant, questions):
    """Yield how long a person waits, beside the textbook pipeline."""
    assistant.warm()
    assistant.ask(questions[-1])
    times = [answered(assistant, question) for question in questions[::EVERY]]
    memory = resident()
    ask = textbook(list(assistant.library.papers()))
    ask(questions[-1])
    first_word = np.median([ask(question) for question in questions[::TEXTBOOK_EVERY]])
    evidence, sentence, _ = ([v for v in column if v is not None] for column in zip(*times, strict=True))
    yield Figure("evidence, median", "s", np.median(evidence), "textbook, first word", first_word)
    yield Figure("first sentence, median", "s", np.median(sentence), "textbook, first word", first_word)
    yield Figure("resident memory", "MB", memory, "the goal", 700)


def embedding(assistant, texts):
    """Yield how fast texts are embedded, beside sentence-transformers as people call it."""
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(assistant.encoder.folder), device="cpu")
    theirs = rate(lambda t: plain.encode(t, show_progress_bar=False), texts)
    yield Figure("embedding", "texts/s", rate(assistant.encoder.encode, texts), "encode()", theirs)


def adding(corpus, count):
    """Yield how fast papers are added, beside embedding their texts and doing nothing else."""
    with (
        tempfile.TemporaryDirectory() as home,
        Assistant.open(home, settings={"chat_model": "none"}) as assistant,
    ):
        file = Path(home) / "papers.jsonl"
        file.write_text("\n".join(json.dumps(record) for record in records(corpus, count)), encoding="utf-8")
        encoder, seconds = assistant.encoder, []
        encode = encoder.encode_and_read

        def timed(*args):
            started = time.perf_counter()
            try:
                return encode(*args)
            finally:
                seconds.append(time.perf_counter() - started)

        encoder.encode(["The model is loaded and compiled before it is timed."])
        encoder.encode_and_read = timed
        started = time.perf_counter()
        assistant.add(file)
        taken = time.perf_counter() - started
    yield Figure("adding", "papers/s", count / taken, "their embedding alone", count / sum(seconds))


def decoding(assistant):
    """Yield how fast the language model writes, beside llama.cpp's own calls with the same threads and context."""
    model = assistant.chat_model
    asked = [SystemMessage("You tell a story."), HumanMessage("Tell me a long story about bees and who counts them.")]
    ours, alone = [], []
    for _ in range(ROUNDS):
        prompt = model._prompt(asked)
        tokens = model.engine.generate(prompt, WRITTEN, 0.0, 0)
        next(tokens)
        started = time.perf_counter()
        written = sum(1 for _ in tokens)
        ours.append(written / (time.perf_counter() - started))
        alone.append(llama_cpp_alone.decoding(model.engine._llama, prompt.fixed + prompt.rest, WRITTEN))
        model.engine._kept = []
    yield Figure("decoding", "tokens/s", np.median(ours), "llama.cpp alone", np.median(alone))


def searching(home, questions):
    """Yield how long a search of a larger library takes, beside numpy and plain Chroma over the same vectors."""
    with tempfile.TemporaryDirectory() as folder, Assistant.open(home, settings={"chat_model": "none"}) as assistant:
        retriever, index, encode = assistant.retriever(), assistant.index(), assistant.encoder.encode_query
        chroma = plain_chroma(folder, index.vectors.rows)
        ways = (
            lambda q: retriever.rank(q, 10),
            lambda q: np.argpartition(-(index.vectors.rows @ encode(q)), 10)[:10],
            lambda q: chroma(encode(q), 10),
        )
        taken = [[] for _ in ways]
        for question in [*questions[:5], *questions]:
            for way, times in zip(ways, taken, strict=True):
                started = time.perf_counter()
                way(question)
                times.append(1000 * (time.perf_counter() - started))
        ours, by_numpy, by_chroma = (float(np.median(times[5:])) for times in taken)
    name = f"search of {len(index.paper_ids):,} papers, median"
    yield Figure(name, "ms", ours, "numpy, all vectors", by_numpy)
    yield Figure(name, "ms", ours, "plain Chroma", by_chroma)


def records(corpus, count):
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        return list(map(json.loads, islice(lines, count)))


def commit():
    """Return the commit that is measured, marked where files were changed since."""
    words = "git", "-C", str(Path(__file__).parent), "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def processor():
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def last_run(folder, measured):
    """Return the newest result of another commit, or an empty one."""
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    others = [run for run in kept if run["commit"] != measured]
    return max(others, key=lambda run: run["at"], default={"commit": "", "figures": []})


def print_report(figures, before):
    known = {(f["name"], f["anchor"]): Figure(**f).ratio for f in before["figures"]}
    print(f"| | | anchor | | times | {before['commit'] or 'no run before'} | |\n|---|---|---|---|---|---|---|")
    for figure in figures:
        then = known.get((figure.name, figure.anchor))
        verdict = (
            "" if then is None else f"{figure.ratio / then:.2f}" + (" slower" if figure.ratio < WORSE * then else "")
        )
        print(
            f"| {figure.name} | {figure.value:.3g} {figure.unit} | {figure.anchor} | {figure.anchored:.3g} "
            f"| {figure.ratio:.2f} | {'' if then is None else f'{then:.2f}'} | {verdict} |"
        )


def figures_of(shared, home):
    lines = (shared / "eval" / "seed_questions_dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions, corpus = [json.loads(line)["question"] for line in lines], shared / "data" / "acl" / "corpus.jsonl.gz"
    with tempfile.TemporaryDirectory() as seed:
        with Assistant.open(seed, settings={"mode": "quoted"}) as assistant:
            assistant.add(shared / "data" / "seed_papers.jsonl")
        yield from starts(seed, questions[0])
        with Assistant.open(seed) as assistant:
            yield from answers(assistant, questions)
            yield from embedding(assistant, [f"{r['title']}. {r['text']}" for r in records(corpus, TEXTS)])
            yield from decoding(assistant)
    yield from adding(corpus, ADDED)
    if home:
        yield from searching(home, questions)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results")
    args = parser.parse_args()
    args.results.mkdir(parents=True, exist_ok=True)
    figures = []
    for figure in figures_of(args.shared, args.home):
        print(f"{figure.name}: {figure.value:.3g} {figure.unit}", file=sys.stderr, flush=True)
        figures.append(figure)
    measured = commit()
    print_report(figures, last_run(args.results, measured))
    kept = {
        "commit": measured,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{processor()}, {os.cpu_count()} cores",
        "figures": [
            asdict(figure) | {"value": float(figure.value), "anchored": float(figure.anchored)} for figure in figures
        ],
    }
    (args.results / f"{measured}.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
