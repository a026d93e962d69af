"""JSON lines, or a JSON array, with the field names that papers have in common (BEIR's included).

BEIR's layout is described at https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assistant.papers import Paper, paper_from_record
from assistant.sources.csv import NO_COLUMNS
from assistant.sources.fields import renamed
from assistant.sources.json_records import any_record, json_papers, linewise

__all__ = ["linewise"]

NAME = "jsonl"
SUFFIXES = (".jsonl", ".ndjson", ".jsonlines", ".json")
COLUMNS = True
GENERAL = 2


def matches(text: str, columns: Mapping[str, str] = NO_COLUMNS) -> bool:
    """Say whether one of the first records is a JSON object."""
    return any_record(text, lambda record: True)


def read(text: str, columns: Mapping[str, str] = NO_COLUMNS) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each record and its paper, or why there is none."""
    return json_papers(text, lambda record: paper_from_record(renamed(record, columns) if columns else record))
