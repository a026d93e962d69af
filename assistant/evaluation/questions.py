"""Files of questions: one JSON object a line, with or without the labels that an evaluation needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer import History
from assistant.errors import SourceError


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question and what is known about its answer; None for a label that is not given.

    Attributes:
        question_id: Its id.
        question: Its text.
        history: Earlier turns.
        kind: A name to group by.
        answerable: Whether the library answers it; if not given, known papers or facts say that it does.
        gold_titles: Titles of the papers that do.
        facts: Facts the answer must contain, each as its accepted spellings.
    """

    question_id: str
    question: str
    history: History = ()
    kind: str = ""
    answerable: bool | None = None
    gold_titles: tuple[str, ...] | None = None
    facts: tuple[tuple[str, ...], ...] | None = None


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
            kind=str(record.get("kind") or ""),
            **_labels(record),
        )
    except KeyError as error:
        raise SourceError(path, f"line {number} has no {error}; {_FORM}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise SourceError(path, f"line {number} is no question ({error}); {_FORM}") from error


_FORM = 'write {"id": "q1", "question": "…", "history": [["user", "assistant"]]}'


def _labels(record: Mapping[str, Any]) -> dict[str, Any]:
    titles, facts, answerable = (record.get(name) for name in ("gold_titles", "facts", "answerable"))
    if not isinstance(answerable, bool | None):
        raise TypeError(f"answerable is true or false, not {answerable!r}")
    if answerable is None and (titles or facts):
        answerable = True
    return {
        "answerable": answerable,
        "gold_titles": None if titles is None else _texts(titles, "gold_titles"),
        "facts": None if facts is None else _facts(facts),
    }


def _facts(value: Any) -> tuple[tuple[str, ...], ...]:
    """Return the spellings of each fact; one that is written as a text has that spelling alone."""
    if not isinstance(value, list):
        raise TypeError("facts is a list of facts, each a list of its spellings")
    return tuple((fact,) if isinstance(fact, str) else _texts(fact, "a fact") for fact in value)


def _texts(value: Any, what: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{what} is a list of texts, not {value!r}")
    return tuple(_text(text) for text in value)


def _turn(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, list) or len(turn) != 2:
        raise TypeError("a turn of history is a list of two texts")
    return _text(turn[0]), _text(turn[1])


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
