"""CSL-JSON, the format of citation processors (https://docs.citationstyles.org/en/stable/specification.html)."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.papers import SUMMARY_NOTE, Paper, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, mapping, text_of, year_of

__all__ = ["linewise"]

NAME = "csl-json"
SUFFIXES = (".json", ".csljson")

_TYPES = frozenset(
    "article article-journal article-magazine article-newspaper bill book chapter dataset document entry "
    "entry-encyclopedia legal_case manuscript paper-conference patent post post-weblog report review speech standard "
    "thesis webpage".split()
)


def matches(text: str) -> bool:
    """Say whether one of the first records has a title and a type or date as CSL has them."""
    return any_record(text, _is_item)


def _is_item(record: Record) -> bool:
    if not isinstance(record.get("title"), str) or "authorships" in record or "itemType" in record:
        return False
    return "date-parts" in mapping(record.get("issued")) or ("id" in record and text_of(record.get("type")) in _TYPES)


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each item and its paper, or why there is none."""
    return json_papers(text, _paper)


def _paper(item: Record) -> Paper:
    note = text_of(item.get("note"))
    return paper_from_record(
        {
            "title": item.get("title"),
            "abstract": item.get("abstract"),
            "summary": note.removeprefix(SUMMARY_NOTE) if note.startswith(SUMMARY_NOTE) else "",
            "authors": item.get("author") or item.get("editor"),
            "year": year_of(item.get("issued")),
            "venue": text_of(item.get("container-title")) or text_of(item.get("event-title")),
            "url": text_of(item.get("URL")),
            "doi": text_of(item.get("DOI")),
        }
    )
