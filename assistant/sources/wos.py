"""Web of Science's plain text export (https://support.clarivate.com/ScientificandAcademicResearch, "field tags")."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.names import given_first
from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.tagged import TaggedRecord, first_tag, tagged_records

NAME = "wos"
SUFFIXES = (".ciw", ".isi")

_TAG = re.compile(r"\ufeff?([A-Z][A-Z0-9])(?: (.*)|())$")


def matches(text: str) -> bool:
    """Say whether the first tag is the one of the file's name, or begins a publication."""
    head = text[:200].lstrip("\ufeff \r\n")
    return first_tag(head, _TAG, lines=2) in {"FN", "PT"} and bool(re.search(r"^(?:VR 1\.|PT [A-Z])", text[:400], re.M))


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each publication and its paper, or why there is none."""
    found = False
    for record in tagged_records(text, _TAG, starts=("PT",), ends=("ER", "EF")):
        found = True
        try:
            yield record.line, _paper(record)
        except RecordError as error:
            yield record.line, str(error)
    if not found:
        yield 1, "no publication found: each begins with a line such as “PT J”"


def _paper(record: TaggedRecord) -> Paper:
    names = next((lines for tag in ("AF", "AU") if (lines := record.lines(tag))), "")
    return paper_from_record(
        {
            "title": record.first("TI"),
            "abstract": record.first("AB"),
            "authors": [{"name": given_first(name.strip())} for name in names.split("\n") if name.strip()],
            "year": record.first("PY", "EA"),
            "venue": _as_written(record.first("SO")),
            "doi": record.first("DI"),
        }
    )


def _as_written(name: str) -> str:
    """Return the name of a journal, which this export has in capitals, as people write it."""
    small = {"of", "and", "the", "for", "in", "on", "de", "et", "und", "der"}
    if not name.isupper():
        return name
    words = [w.lower() if n and w.lower() in small else w.capitalize() for n, w in enumerate(name.split())]
    return " ".join(words)
