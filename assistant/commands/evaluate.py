"""``assistant evaluate answers``: how good the answers are on a person's own questions."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.common import Subparsers, open_assistant, print_json, print_line, progress_note

if TYPE_CHECKING:
    from assistant.evaluation.answers import Judgement


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "evaluate", parents=[home], help="measure answers", description="Measure the assistant."
    )
    kinds = parser.add_subparsers(title="what", dest="what", metavar="WHAT", required=True)
    answers = kinds.add_parser(
        "answers", parents=[home], help="answers to questions with known facts and papers",
        description="Answer questions whose facts and papers are known, over the current library, and say what was "
        'right. One JSON object a line: {"id", "kind", "question", "history", "answerable", "gold_titles", "facts"}.',
    )  # fmt: skip
    answers.add_argument("questions", metavar="QUESTIONS.jsonl", type=Path)
    answers.add_argument("--json", action="store_true", help="print the measures as one JSON document")
    answers.add_argument("--failures", action="store_true", help="show every question that went wrong")
    answers.set_defaults(run=run_answers)


def run_answers(args: argparse.Namespace) -> int:
    """Answer, judge and print the measures, overall and by kind."""
    from assistant.evaluation.answers import summarise

    judgements = _judged(args)
    kinds = {
        kind: summarise([j for j in judgements if j.kind == kind]) for kind in sorted({j.kind for j in judgements})
    }
    overall = summarise(judgements)
    if args.json:
        print_json(overall | {"kinds": kinds})
        return 0
    print_line(f"{'kind':18}" + "".join(f"{measure:>14}" for measure in overall))
    for kind, row in {"all": overall, **kinds}.items():
        print_line(f"{kind:18}" + "".join(f"{'-' if value is None else value:>14}" for value in row.values()))
    for judgement in [j for j in judgements if not j.correct] if args.failures else []:
        print_line(f"{judgement.question_id}  {judgement.kind}  {judgement.why}: {judgement.question}")
    return 0


def _judged(args: argparse.Namespace) -> list[Judgement]:
    from assistant.evaluation.answers import judge_answer, known_texts
    from assistant.evaluation.questions import read_questions
    from assistant.evaluation.records import answer_record

    questions = read_questions(args.questions)
    report = progress_note()
    judgements = []
    with open_assistant(args) as assistant:
        known = known_texts((paper.title, paper.abstract) for paper in assistant.library.papers())
        for number, question in enumerate(questions, start=1):
            judgements.append(judge_answer(question, answer_record(assistant, question), known))
            report("questions", number, len(questions))
    return judgements
