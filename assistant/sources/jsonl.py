"""JSON lines: one object a line, with the field names that papers have in common (BEIR's included)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from assistant.papers import Paper, RecordError, paper_from_record

NAME = "jsonl"
SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")


def matches(text: str) -> bool:
    """Say whether the first line that is not blank is a JSON object."""
    first = text.lstrip().split("\n", 1)[0]
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each record and its paper, or why there is none."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _record(line)


def _record(line: str) -> Paper | str:
    try:
        record = json.loads(line)
    except RecursionError:
        return "not JSON that can be read: nested too deeply"
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(record, dict):
        return f"a JSON {type(record).__name__}, not an object"
    try:
        return paper_from_record(record)
    except RecordError as error:
        return str(error)
