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
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise SourceError(path, f"cannot be read ({error.strerror}); name a file of questions") from error
    except UnicodeDecodeError as error:
        raise SourceError(path, f"is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    return [_question(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _question(path: Path, number: int, line: str) -> LabelledQuestion:
    try:
        record = json.loads(line)
        return LabelledQuestion(
            question_id=record["id"],
            question=_text(record["question"]),
            history=tuple(_turn(turn) for turn in record.get("history") or ()),
            kind=str(record.get("kind", "")),
            answerable=bool(record.get("answerable", True)),
            gold_titles=tuple(record.get("gold_titles") or ()),
            facts=tuple(tuple(fact) for fact in record.get("facts") or ()),
        )
    except KeyError as error:
        raise SourceError(path, f"line {number} has no {error}; {_FORM}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(path, f"line {number} is no question ({error}); {_FORM}") from error


_FORM = 'write {"id": "q1", "question": "…", "history": [["user", "assistant"]]}'


def _turn(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, list) or len(turn) != 2:
        raise TypeError("a turn of history is a list of two texts")
    return _text(turn[0]), _text(turn[1])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
