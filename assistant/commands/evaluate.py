"""``assistant evaluate answers``: how good the answers are on a person's own questions."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.commands.common import Subparsers, open_assistant, print_json, print_line, progress_note


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser("evaluate", help="measure answers", description="Measure the assistant.")
    kinds = parser.add_subparsers(title="what", dest="what", metavar="WHAT", required=True)
    answers = kinds.add_parser(
        "answers", parents=[home], help="answers to questions with known facts and papers",
        description="Answer questions whose facts and papers are known, over the current library, and say what was right. "
        'One JSON object a line: {"id", "kind", "question", "history", "answerable", "gold_titles", "facts"}.',
    )  # fmt: skip
    answers.add_argument("questions", metavar="QUESTIONS.jsonl", type=Path)
    answers.add_argument("--json", action="store_true", help="print the measures as one JSON document")
    answers.add_argument("--failures", action="store_true", help="show every question that went wrong")
    answers.set_defaults(run=run_answers)


def run_answers(args: argparse.Namespace) -> int:
    """Answer, judge and print the measures, overall and by kind."""
    from assistant.commands.batch import answer_record
    from assistant.evaluation.answers import judge_answer, summarise
    from assistant.evaluation.questions import read_questions

    questions = read_questions(args.questions)
    report = progress_note()
    judgements = []
    with open_assistant(args) as assistant:
        abstracts = {p.title: p.abstract for p in assistant.library.papers()}
        for number, question in enumerate(questions, start=1):
            judgements.append(judge_answer(question, answer_record(assistant, question), abstracts))
            report("questions", number, len(questions))
    groups = {"all": judgements}
    for kind in sorted({j.kind for j in judgements}):
        groups[kind] = [j for j in judgements if j.kind == kind]
    table = {name: summarise(group) for name, group in groups.items()}
    if args.json:
        print_json(table)
        return 0
    columns = list(table["all"])
    print_line(f"{'kind':18}" + "".join(f"{column:>14}" for column in columns))
    for name, row in table.items():
        print_line(f"{name:18}" + "".join(f"{'-' if row[c] is None else row[c]:>14}" for c in columns))
    for judgement in [j for j in judgements if not j.correct] if args.failures else []:
        print_line(f"{judgement.question_id}  {judgement.kind}  {judgement.why}: {judgement.question}")
    return 0
