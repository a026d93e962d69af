"""Comma, semicolon or tab separated values with a header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from assistant.papers import Paper, RecordError, paper_from_record

NAME = "csv"
SUFFIXES = (".csv", ".tsv")

csv.field_size_limit(1 << 24)  # an abstract of 16 million characters; the default refuses 131,072


def matches(text: str) -> bool:
    """Say whether the first line is a header that names a title and an abstract."""
    header = {name.strip().strip('"').lower() for name in _split(text.lstrip("\ufeff").split("\n", 1)[0])}
    return "title" in header and bool(header & {"abstract", "summary", "text"})


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line on which each row ends and its paper, or why there is none."""
    delimiter = _delimiter(text.split("\n", 1)[0])
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", strict=True)
    try:
        for row in rows:
            yield rows.line_num, _paper({k: v for k, v in row.items() if k and v is not None})
    except csv.Error as error:
        yield rows.line_num, f"not CSV: {error}"


def _paper(row: dict[str, str]) -> Paper | str:
    try:
        return paper_from_record(row)
    except RecordError as error:
        return str(error)


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _split(header: str) -> list[str]:
    return header.split(_delimiter(header))
