"""EndNote's tagged import format and Refer (%T, %A, …), which Google Scholar and many sites export as .enw."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.names import given_first
from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.tagged import TaggedRecord, first_tag, tagged_records

NAME = "refer"
SUFFIXES = (".enw", ".refer")

_TAG = re.compile(r"\ufeff?%([0-9A-Z@!?#$&()*+<>=~\[\]^])(?: (.*)|())$")


def matches(text: str) -> bool:
    """Say whether the first line is a tag that begins a reference."""
    return first_tag(text.lstrip("\ufeff \r\n")[:4096], _TAG, lines=1) in {"0", "A", "T"}


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each reference and its paper, or why there is none."""
    start = "0" if re.search(r"^%0", text, re.MULTILINE) else "T"
    found = False
    for record in tagged_records(text, _TAG, starts=(start,), ends=()):
        found = True
        try:
            yield record.line, _paper(record)
        except RecordError as error:
            yield record.line, str(error)
    if not found:
        yield 1, "no reference found: each begins with a line such as “%0 Journal Article”"


def _paper(record: TaggedRecord) -> Paper:
    return paper_from_record(
        {
            "title": record.first("T"),
            "abstract": record.first("X"),
            "authors": [{"name": given_first(name.rstrip(","))} for name in record.all("A")],
            "year": record.first("D", "8"),
            "venue": record.first("J", "B"),
            "url": record.first("U"),
            "doi": next((text for text in record.all("R", "U") if re.search(r"\b10\.\d{4,9}/", text)), ""),
        }
    )
