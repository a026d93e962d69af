"""Works as Crossref's interface delivers them (https://api.crossref.org/swagger-ui), with abstracts in JATS."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.papers import Paper, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, listed, text_of, year_of

__all__ = ["linewise"]

NAME = "crossref"
SUFFIXES = (".json",)

_DATES = ("published-print", "published", "published-online", "issued")


def matches(text: str) -> bool:
    """Say whether one of the first records has a DOI and a title in an array."""
    return any_record(text, lambda record: isinstance(record.get("title"), list) and "DOI" in record)


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each work and its paper, or why there is none."""
    return json_papers(text, _paper)


def _paper(work: Record) -> Paper:
    title, subtitle = text_of(work.get("title")), text_of(work.get("subtitle"))
    if subtitle and subtitle.lower() not in title.lower():
        title = f"{title}: {subtitle}"
    return paper_from_record(
        {
            "title": title,
            "abstract": text_of(work.get("abstract")),
            "authors": listed(work.get("author")),
            "year": next((year for name in _DATES if (year := year_of(work.get(name)))), None),
            "venue": text_of(work.get("container-title")),
            "url": text_of(work.get("URL")),
            "doi": text_of(work.get("DOI")),
        }
    )
