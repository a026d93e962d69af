"""Files of questions: one JSON object a line, with or without the labels that an evaluation needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import History
from assistant.errors import SourceError


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question and what is known about its answer.

    Attributes:
        question_id: Its id.
        question: Its text.
        history: Earlier turns.
        kind: A name to group by.
        answerable: Whether the library answers it.
        gold_titles: Titles of the papers that do.
        facts: Facts the answer must contain, each as its accepted spellings.
    """

    question_id: str
    question: str
    history: History = ()
    kind: str = ""
    answerable: bool = True
    gold_titles: tuple[str, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()


def read_questions(path: Path) -> list[LabelledQuestion]:
    """Return the questions of a file, in order.

    Raises:
        SourceError: The file cannot be read, or a line is no question; the error names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(path, f"cannot be read: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(_question(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                raise SourceError(path, f"line {number} is no question: {error!r}") from error
    return found


def _question(record: dict[str, Any]) -> LabelledQuestion:
    return LabelledQuestion(
        question_id=record["id"],
        question=str(record["question"]),
        history=tuple((str(user), str(reply)) for user, reply in record.get("history") or ()),
        kind=str(record.get("kind", "")),
        answerable=bool(record.get("answerable", True)),
        gold_titles=tuple(record.get("gold_titles") or ()),
        facts=tuple(tuple(fact) for fact in record.get("facts") or ()),
    )
