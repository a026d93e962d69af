"""What each part of the way to an answer is worth: the measures with one part left out at a time.

    python benchmarks/ablation.py HOME QUESTIONS.jsonl [--only NAME …] [--json FILE]

HOME holds the library the questions are about. A part is left out by putting what one would have without it in its
place, in this process only; everything else stays as it is.
"""

import argparse
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np

from assistant import Assistant, answering, asking, evidence, finding, interaction, signals, sufficiency
from assistant.evaluation.answers import judge_answer, known_texts, summarise
from assistant.evaluation.questions import read_questions
from assistant.evaluation.records import answer_record
from assistant.evidence import EvidenceFinder, Query

MEASURES = ("correct", "cited", "facts", "precision", "refused", "false_refusal", "words")


def without_weights(*names):
    """Return sentence weights with some signals at zero; the rest is not fitted again."""
    weights = evidence._WEIGHTS.copy()
    for i, name in enumerate(signals.SIGNALS):
        if any(name.startswith(wanted) for wanted in names):
            weights[i] = 0.0
    return patch.object(evidence, "_WEIGHTS", weights)


def only_cosine(read, match, asked):
    """Return the signals of sentences as if only their closeness to the question were known."""
    rows = np.zeros((len(read.sentences), len(signals.SIGNALS)))
    rows[:, 0] = match.sentences
    return rows


def as_retrieved(self, query, ranked, papers, judge=EvidenceFinder.judge):
    """Return what is judged in the order in which retrieval found it."""
    judged, order = judge(self, query, ranked, papers), {found.paper_id: i for i, found in enumerate(ranked)}
    return replace(judged, papers=tuple(sorted(judged.papers, key=lambda j: order[j.paper.paper_id])))


PARTS = {
    "nothing (everything in its place)": lambda: [],
    "words (BM25) in retrieval": lambda: [{"dense_weight": 1.0}],
    "embeddings in retrieval": lambda: [{"dense_weight": 0.0}],
    "ranking papers again token by token": lambda: [patch.object(EvidenceFinder, "judge", as_retrieved)],
    "only content words count for papers": lambda: [patch.object(interaction, "STOP_WORDS", frozenset())],
    "all signals of a sentence but closeness": lambda: [
        patch.object(evidence, "sentence_signals", only_cosine),
        patch.object(evidence, "_WEIGHTS", np.array([8.0] + [0.0] * (len(signals.SIGNALS) - 1) + [-4.0])),
    ],
    "votes against words of the title": lambda: [without_weights("new votes")],
    "what is asked for": lambda: [without_weights("asked for")],
    "neighbours of a sentence": lambda: [without_weights("sentence")],
    "place of a sentence": lambda: [without_weights("position", "first", "last")],
    "cues of form (result, method, number, …)": lambda: [
        without_weights("own", "result", "method", "number", "evaluation", "code")
    ],
    "sentences that complete each other": lambda: [patch.object(answering, "_GAIN_WEIGHT", 0.0)],
    "stopping when no sentence is needed": lambda: [patch.object(answering, "_LEAST_NEED", 0.0)],
    "further sentences (one only)": lambda: [{"max_sentences": 1}],
    "sides of a comparison": lambda: [patch.object(answering, "compared", lambda judged, judge: [])],
    "the gate (is anything about it)": lambda: [{"answer_threshold": 0.0}],
    "the gate (does it say)": lambda: [patch.object(sufficiency, "_missing", lambda judged, needed: iter(()))],
    "both gates": lambda: [
        {"answer_threshold": 0.0},
        patch.object(sufficiency, "_missing", lambda judged, needed: iter(())),
    ],
    "understanding of follow-ups": lambda: [
        patch.object(asking, "understand", lambda question, history, recalled: (Query(question, question),))
    ],
    "mending of spelling": lambda: [patch.object(Assistant, "_mend", lambda self, question: question)],
    "naming the paper": lambda: [patch.object(finding, "names_papers", lambda judged, needed: False)],
}


@contextmanager
def left_out(changes) -> Iterator[dict]:
    """Enter the patches among some changes and yield the settings among them."""
    with ExitStack() as stack:
        for change in changes:
            if not isinstance(change, dict):
                stack.enter_context(change)
        yield {key: value for change in changes if isinstance(change, dict) for key, value in change.items()}


def measured(home, questions, changes):
    with left_out(changes) as settings, Assistant.open(home=home, settings=settings) as assistant:
        known = known_texts((paper.title, paper.abstract) for paper in assistant.library.papers())
        return summarise([judge_answer(q, answer_record(assistant, q), known) for q in questions])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--only", nargs="*", default=list(PARTS), help="parts, by their names")
    parser.add_argument("--json", type=Path, help="write the measures here too")
    args = parser.parse_args()
    questions, table = read_questions(args.questions), {}
    print(f"| left out | {' | '.join(MEASURES)} |\n|---|{'---|' * len(MEASURES)}")
    for name in args.only:
        table[name] = measured(args.home, questions, PARTS[name]())
        print(f"| {name} | {' | '.join(str(table[name][m]) for m in MEASURES)} |", flush=True)
    if args.json:
        args.json.write_text(json.dumps(table, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
