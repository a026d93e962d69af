"""PubMed's own text format, .nbib or "PubMed" (https://pubmed.ncbi.nlm.nih.gov/help/#pubmed-format)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.names import given_first
from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.tagged import TaggedRecord, first_tag, tagged_records

NAME = "nbib"
SUFFIXES = (".nbib",)

_TAG = re.compile(r"\ufeff?([A-Z]{2,4})\s{0,2}- ?(.*)$")
_TRANSLATED = re.compile(r"\[(.*)\]\.?")


def matches(text: str) -> bool:
    """Say whether the first tag is the one of PubMed's number."""
    return first_tag(text, _TAG, lines=5) == "PMID"


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each citation and its paper, or why there is none."""
    found = False
    for record in tagged_records(text, _TAG, starts=("PMID",), ends=()):
        found = True
        try:
            yield record.line, _paper(record)
        except RecordError as error:
            yield record.line, str(error)
    if not found:
        yield 1, "no citation found: each begins with a line such as “PMID- 12345678”"


def title_of(text: str) -> str:
    """Return a title as its authors write it: PubMed adds a full stop, and brackets to what it has translated.

    >>> title_of("[Bees and other pollinators.]"), title_of("Why and how...")
    ('Bees and other pollinators', 'Why and how...')
    """
    match = _TRANSLATED.fullmatch(text.strip())
    title = (match[1] if match and "[" not in match[1] else text).strip()
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def _paper(record: TaggedRecord) -> Paper:
    dois = [text.removesuffix("[doi]").strip() for text in record.all("LID", "AID") if text.endswith("[doi]")]
    names = record.all("FAU") or record.all("AU")
    return paper_from_record(
        {
            "title": title_of(record.first("TI", "BTI")),
            "abstract": record.first("AB", "OAB"),
            "authors": [{"name": given_first(name)} for name in [*names, *record.all("CN")]],
            "year": record.first("DP", "DEP", "EDAT"),
            "venue": record.first("JT", "TA", "BTI"),
            "url": f"https://pubmed.ncbi.nlm.nih.gov/{record.first('PMID')}/",
            "doi": next(iter(dois), ""),
        }
    )
