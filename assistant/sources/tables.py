"""Rows of cells that are no text yet, as spreadsheets and columnar files have them, on the way to papers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.fields import renamed


def papers_of_rows(
    rows: Iterable[tuple[int, Mapping[str, Any]]], columns: Mapping[str, str]
) -> Iterator[tuple[int, Paper | str]]:
    """Yield the number of each row that is not empty and its paper, or why there is none."""
    for number, row in rows:
        cells = {name: plain for name, value in row.items() if (plain := _plain(value)) not in (None, "")}
        if not cells:
            continue
        try:
            yield number, paper_from_record(_texts(renamed(cells, columns)))
        except RecordError as error:
            yield number, str(error)


def _texts(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record whose single texts are strings: a title "1984" is a number to a spreadsheet."""
    return {
        name: str(value) if isinstance(value, int | float) and name != "year" else value
        for name, value in record.items()
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date | datetime.datetime) else value
