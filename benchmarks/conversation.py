"""Follow-ups of every kind about the sample papers' real abstracts: is the right paper cited, with the facts?

Usage: python benchmarks/conversation.py HOME [--show] [QUESTIONS.jsonl]

HOME is a library that holds the 81 papers. Cases marked as held out were written after the rules; the first run over
them gave the right paper for 27 of 31, and the four that failed were mended then. A turn without an answer is asked
first, so that the conversation holds the assistant's own words; the others have a person's. QUESTIONS are asked as they
are and again after one about another paper.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

from assistant import Assistant
from assistant.conversation import leans
from assistant.text import fold

CASES = Path(__file__).with_suffix(".jsonl")


def held(assistant, turns):
    """Return the history of these turns, and the papers that the last answer cited."""
    history, cited = (), []
    for turn in turns:
        if len(turn) == 2:
            history, cited = (*history, tuple(turn)), []
        else:
            answer = assistant.ask(turn[0], history=history)
            history, cited = answer.history, list(dict.fromkeys(c.title for c in answer.citations))
    return history, cited


def judge(case, answer, before):
    """Return whether the right paper is cited first, and whether the facts are in the text."""
    first = answer.citations[0].title if answer.citations else ""
    right = first in case["gold"] or (case.get("loose", False) and bool(first))
    right = right and not (case.get("other") and before and first == before[0])
    right = right and (not case.get("nth") or first == before[case["nth"] - 1])
    text = fold(answer.text)
    return right, right and all(any(fold(f) in text for f in facts) for facts in case["facts"])


def undisturbed(assistant, path):
    """Print how often a question gets its paper also after a question about another one, if it may lean on that."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    asked = [q for q in map(json.loads, lines) if not q["history"] and q["answerable"]]
    same = total = 0
    for number, question in enumerate(asked):
        other = asked[(number * 7 + 3) % len(asked)]
        if leans(question["question"]) and set(other["gold_titles"]).isdisjoint(question["gold_titles"]):
            alone = assistant.ask(question["question"])
            after = assistant.ask(question["question"], history=assistant.ask(other["question"]).history)
            total, same = total + 1, same + (alone.citations[:1] == after.citations[:1])
    print(f"asked after another subject, the same first citation: {same} of {total}")


def main():
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    rows = defaultdict(list)
    with Assistant.open(sys.argv[1]) as assistant:
        if path := next((argument for argument in sys.argv[2:] if argument.endswith(".jsonl")), None):
            undisturbed(assistant, path)
        for case in cases:
            history, before = held(assistant, case["turns"])
            answer = assistant.ask(case["question"], history=history)
            result = judge(case, answer, before)
            rows[case["type"] + (" (held out)" if case.get("held") else "")].append(result)
            if "--show" in sys.argv and not all(result):
                print(case["id"], result, repr(answer.query[:300]), "\n     ", answer.text[:200], "\n     ", before)
    for name, results in rows.items():
        cited, facts = (sum(column) / len(results) for column in zip(*results, strict=True))
        print(f"{name:22} {len(results):3}  paper {cited:.2f}  facts {facts:.2f}")


if __name__ == "__main__":
    main()
