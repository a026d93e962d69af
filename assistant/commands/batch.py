"""``assistant batch``: a file of questions to a file of answer records."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.commands.common import Subparsers, note, open_assistant, progress_note
from assistant.errors import AssistantError
from assistant.evaluation.questions import read_questions

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.evaluation.questions import LabelledQuestion


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "batch", parents=[home], help="answer a file of questions",
        description='Answer a file of questions, one JSON object a line: {"id", "question", "history": [[user, '
        "assistant], ...]}. Writes one answer record a line, in order.",
    )  # fmt: skip
    parser.add_argument("questions", metavar="QUESTIONS.jsonl", type=Path)
    parser.add_argument("answers", metavar="ANSWERS.jsonl", type=Path)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Answer all questions; a question that cannot be asked gets a record that says why."""
    questions = read_questions(args.questions)
    report = progress_note()
    with open_assistant(args) as assistant:
        try:
            with args.answers.open("w", encoding="utf-8") as file:
                for number, question in enumerate(questions, start=1):
                    file.write(json.dumps(answer_record(assistant, question), ensure_ascii=False) + "\n")
                    file.flush()
                    report("questions", number, len(questions))
        except OSError as error:
            raise AssistantError(f"{args.answers} cannot be written: {error.strerror}") from error
    note(f"{len(questions)} answers in {args.answers}")
    return 0


def answer_record(assistant: Assistant, question: LabelledQuestion) -> dict[str, Any]:
    """Return the answer record of a question, with its id."""
    from assistant.errors import QuestionError

    try:
        record = assistant.ask(question.question, history=question.history).to_dict()
    except QuestionError as error:
        record = {"question": question.question, "status": "abstained", "reason": str(error), "text": str(error)}
        record |= {"sentences": [], "citations": [], "nearest": []}
    return {"id": question.question_id} | record
