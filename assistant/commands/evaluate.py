"""``assistant evaluate answers``: how good the answers are on a person's own questions."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.commands.common import Subparsers, open_assistant, print_json, print_line, progress_note
from assistant.errors import SourceError


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "evaluate", parents=[home], help="measure answers", description="Measure the assistant."
    )
    kinds = parser.add_subparsers(title="what", dest="what", metavar="WHAT", required=True)
    answers = kinds.add_parser(
        "answers", parents=[home], help="answers to questions with known facts and papers",
        description="Answer questions whose facts and papers are known, over the current library, and say what was "
        "right, what went wrong in which part, and which threshold would do better. One JSON object a line: "
        '{"id", "kind", "question", "history", "answerable", "gold_titles", "facts"}; labels may be left out.',
    )  # fmt: skip
    answers.add_argument("questions", metavar="QUESTIONS.jsonl", type=Path)
    answers.add_argument("--json", action="store_true", help="print measures, causes and questions as one document")
    answers.add_argument("--failures", action="store_true", help="show every question that went wrong, and why")
    answers.add_argument("--report", metavar="FILE.md", type=Path, help="write the whole report as Markdown as well")
    answers.set_defaults(run=run_answers)


def run_answers(args: argparse.Namespace) -> int:
    """Answer, judge and print the measures, the causes of what went wrong and what other thresholds would give."""
    from assistant.evaluation.questions import read_questions
    from assistant.evaluation.report import as_markdown, as_text
    from assistant.evaluation.results import evaluate

    questions = read_questions(args.questions)
    if not questions:
        raise SourceError(args.questions, 'holds no question; write {"id": "q1", "question": "…"}, one a line')
    with open_assistant(args) as assistant:
        evaluation = evaluate(assistant, questions, progress_note())
    if args.json:
        print_json(evaluation.to_dict())
    else:
        print_line(as_text(evaluation, failures=args.failures))
    if args.report:
        _write(args.report, as_markdown(evaluation))
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SourceError(path, f"cannot be written ({error.strerror}); name another file with --report") from error
