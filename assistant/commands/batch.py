"""``assistant batch``: a file of questions to a file of answer records."""

from __future__ import annotations

import argparse
import json
from io import FileIO
from pathlib import Path
from typing import Any

from assistant.commands.common import Subparsers, follow_model, note, open_assistant, progress_note
from assistant.errors import SourceError
from assistant.evaluation.questions import read_questions
from assistant.evaluation.records import answer_record


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
    with open_assistant(args) as assistant, _open_for_writing(args.answers, args.questions) as file:
        follow_model(assistant)
        for number, question in enumerate(questions, start=1):
            _write(file, args.answers, answer_record(assistant, question))
            report("questions", number, len(questions))
    note(f"{len(questions)} answers in {args.answers}")
    return 0


def _open_for_writing(path: Path, questions: Path) -> FileIO:
    try:
        if path.exists() and path.samefile(questions):
            raise SourceError(path, "is the file of the questions; name another one for the answers")
        return path.open("wb", buffering=0)  # who reads along, or stops it, has every answer so far
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(file: FileIO, path: Path, record: dict[str, Any]) -> None:
    # A lone surrogate, as an id may have, is written as the escape that it is in JSON.
    line = json.dumps(record, ensure_ascii=False).encode(errors="backslashreplace") + b"\n"
    try:
        while line:
            line = line[file.write(line) :]
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> SourceError:
    return SourceError(path, f"cannot be written ({error.strerror}); name a file in a folder that can be written")
