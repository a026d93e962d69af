"""Comma, semicolon or tab separated values with a header line, as RFC 4180 has them and as people write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.fields import is_header, renamed

NAME = "csv"
SUFFIXES = (".csv", ".tsv")
COLUMNS = True
GENERAL = 1

_FIELD_CHARACTERS = 1 << 24  # the csv module refuses fields over 131,072 characters unless told otherwise
_HEADER_CHARACTERS = 1 << 16
NO_COLUMNS: Mapping[str, str] = MappingProxyType({})
NO_HEADER = "the first line is no header that names the columns title and abstract; say which they are with: --map"


def matches(text: str, columns: Mapping[str, str] = NO_COLUMNS) -> bool:
    """Say whether the first line is a header that names a title and an abstract."""
    first = _first_line(text)
    return is_header([name.strip().strip('"') for name in first.split(_delimiter(first))], columns)


def read(text: str, columns: Mapping[str, str] = NO_COLUMNS) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line each row starts on and its paper, or why there is none."""
    rows = _rows(text)
    line, header = next(rows, (1, []))
    if isinstance(header, str) or not is_header(header, columns):
        yield line, NO_HEADER
        return
    for line, row in rows:
        yield line, row if isinstance(row, str) else _paper(header, row, columns)


def _rows(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the line on which each row that is not blank starts, and its fields or what is wrong with it."""
    csv.field_size_limit(_FIELD_CHARACTERS)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(_first_line(text)), strict=True)
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


def _paper(header: list[str], row: list[str], columns: Mapping[str, str]) -> Paper | str:
    if any(field.strip() for field in row[len(header) :]):  # most likely a text with commas that nobody quoted
        return f"{len(row)} fields under {len(header)} columns; quote the fields in which the delimiter stands"
    named = {name: field for name, field in zip(header, row, strict=False) if name.strip()}
    try:
        return paper_from_record(renamed(named, columns))
    except RecordError as error:
        return str(error)


def _first_line(text: str) -> str:
    return text[:_HEADER_CHARACTERS].lstrip().split("\n", 1)[0]


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)
