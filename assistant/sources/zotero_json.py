"""Zotero's own JSON: of its web interface, of its export, and of Better BibTeX.

The fields of each type of item are listed at https://api.zotero.org/schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.papers import Paper, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, listed, mapping, text_of

__all__ = ["linewise"]

NAME = "zotero-json"
SUFFIXES = (".json",)

_NO_PAPERS = frozenset({"attachment", "note", "annotation"})
_VENUES = (
    "publicationTitle",
    "proceedingsTitle",
    "conferenceName",
    "bookTitle",
    "university",
    "institution",
    "websiteTitle",
)
_ARXIV = re.compile(r"arxiv:\s*(\S+)", re.IGNORECASE)


def matches(text: str) -> bool:
    """Say whether one of the first records names the type of a Zotero item."""
    return any_record(text, lambda record: isinstance(_item(record).get("itemType"), str))


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each item and its paper, or why there is none; notes and attachments are passed over."""
    return json_papers(text, _paper)


def _item(record: Record) -> Record:
    return mapping(record.get("data")) or record


def _paper(record: Record) -> Paper | None:
    item = _item(record)
    if text_of(item.get("itemType")) in _NO_PAPERS:
        return None
    extra = text_of(item.get("extra"))
    arxiv = _ARXIV.search(extra) or _ARXIV.search(text_of(item.get("archiveID")))
    doi = re.search(r"doi:\s*(\S+)", extra, re.IGNORECASE)
    return paper_from_record(
        {
            "title": item.get("title"),
            "abstract": item.get("abstractNote"),
            "authors": [
                _name(c) for c in map(mapping, listed(item.get("creators"))) if c.get("creatorType") != "editor"
            ],
            "year": item.get("date"),
            "venue": next((name for key in _VENUES if (name := text_of(item.get(key)))), ""),
            "url": f"https://arxiv.org/abs/{arxiv[1]}" if arxiv else text_of(item.get("url")),
            "doi": text_of(item.get("DOI")) or (doi[1] if doi else ""),
        }
    )


def _name(creator: Record) -> Record:
    return {"name": creator.get("name"), "given": creator.get("firstName"), "family": creator.get("lastName")}
