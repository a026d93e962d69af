"""Works of OpenAlex (https://docs.openalex.org/api-entities/works/work-object), their abstracts inverted indexes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, listed, mapping, text_of

__all__ = ["linewise"]

NAME = "openalex"
SUFFIXES = (".jsonl", ".json")


def matches(text: str) -> bool:
    """Say whether one of the first records has an inverted abstract or authorships."""
    return any_record(text, lambda record: "abstract_inverted_index" in record or "authorships" in record)


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each work and its paper, or why there is none."""
    return json_papers(text, _paper)


def _paper(work: Record) -> Paper:
    location = mapping(work.get("primary_location"))
    venue = mapping(location.get("source")) or mapping(work.get("host_venue"))
    return paper_from_record(
        {
            "title": work.get("title") or work.get("display_name"),
            "abstract": text_of(work.get("abstract")) or _abstract(work.get("abstract_inverted_index")),
            "authors": [
                {"name": mapping(a.get("author")).get("display_name")}
                for a in map(mapping, listed(work.get("authorships")))
            ],
            "year": work.get("publication_year") or work.get("publication_date"),
            "venue": text_of(venue.get("display_name")),
            "url": text_of(location.get("landing_page_url")) or text_of(work.get("id")),
            "doi": text_of(work.get("doi")),
        }
    )


def _abstract(index: Any) -> str:
    """Return the text of an inverted index, ``{word: [its positions]}``."""
    if index is None:
        return ""
    words: list[tuple[int, str]] = []
    for word, positions in mapping(index).items():
        if not all(isinstance(position, int) for position in listed(positions)):
            raise RecordError("field 'abstract_inverted_index' has positions that are no numbers")
        words += [(position, word) for position in listed(positions)]
    return " ".join(word for _, word in sorted(words))
