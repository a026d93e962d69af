"""Comma, semicolon or tab separated values with a header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from assistant.papers import Paper, RecordError, paper_from_record

NAME = "csv"
SUFFIXES = (".csv", ".tsv")

_FIELD_CHARACTERS = 1 << 24  # the csv module refuses fields over 131,072 characters unless told otherwise
_ABSTRACTS = frozenset({"abstract", "summary", "text"})


def matches(text: str) -> bool:
    """Say whether the first line is a header that names a title and an abstract."""
    first = text.lstrip().split("\n", 1)[0]
    return _is_header([name.strip().strip('"') for name in first.split(_delimiter(first))])


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line each row starts on and its paper, or why there is none."""
    rows = _rows(text)
    line, header = next(rows, (1, []))
    if isinstance(header, str) or not _is_header(header):
        yield line, "the first line is no header that names the columns title and abstract"
        return
    for line, row in rows:
        yield line, row if isinstance(row, str) else _paper(header, row)


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the line on which each row that is not blank starts, and its fields or what is wrong with it."""
    csv.field_size_limit(_FIELD_CHARACTERS)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text.lstrip().split("\n", 1)[0]), strict=True)
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _reason(error)
            continue
        if any(field.strip() for field in row):
            yield line, row


def _reason(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a quote is opened here and never closed; nothing after it was read"
    return f"not CSV: {error}"


def _paper(header: list[str], row: list[str]) -> Paper | str:
    if any(field.strip() for field in row[len(header) :]):  # most likely a text with commas that nobody quoted
        return f"{len(row)} fields under {len(header)} columns; quote the fields in which the delimiter stands"
    try:
        return paper_from_record({name: field for name, field in zip(header, row, strict=False) if name.strip()})
    except RecordError as error:
        return str(error)


def _is_header(names: list[str]) -> bool:
    folded = {name.strip().lower() for name in names}
    return "title" in folded and bool(folded & _ABSTRACTS)


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)
