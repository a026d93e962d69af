"""RIS, as reference managers and publishers export it (https://refdb.sourceforge.net/manual-0.9.6/sect1-ris-format.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.names import given_first
from assistant.papers import SUMMARY_NOTE, Paper, RecordError, paper_from_record
from assistant.sources.tagged import TaggedRecord, first_tag, tagged_records

NAME = "ris"
SUFFIXES = (".ris",)

_TAG = re.compile(r"\s{0,3}\ufeff?([A-Z][A-Z0-9])\s{1,2}-(?:\s(.*)|())$")
_VENUES = ("JO", "JF", "T2", "BT", "JA", "J2", "J1", "T3", "C3")
_CONFERENCES = ("T2", "BT", "C3", "JO", "JF", "JA", "J2", "T3")


def matches(text: str) -> bool:
    """Say whether the first tag is the one that begins a reference."""
    return first_tag(text, _TAG) == "TY"


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each reference and its paper, or why there is none."""
    found = False
    for record in tagged_records(text, _TAG, starts=("TY",), ends=("ER",)):
        found = True
        try:
            yield record.line, _paper(record)
        except RecordError as error:
            yield record.line, str(error)
    if not found:
        yield 1, "no reference found: each begins with a line such as “TY  - JOUR”"


def _paper(record: TaggedRecord) -> Paper:
    venues = _CONFERENCES if record.first("TY") in {"CONF", "CPAPER", "CHAP"} else _VENUES
    names = record.all("AU", "A1")
    summary = record.lines("N1").strip()
    notes = [] if summary.startswith(SUMMARY_NOTE) else record.all("N1")
    return paper_from_record(
        {
            "title": record.first("TI", "T1", "CT"),
            "abstract": record.lines("AB").strip() or record.lines("N2").strip(),
            "summary": summary.removeprefix(SUMMARY_NOTE) if summary.startswith(SUMMARY_NOTE) else "",
            "authors": [{"name": _name(name)} for name in dict.fromkeys(names)],
            "year": record.first("PY", "Y1", "DA", "Y2"),
            "venue": record.first(*venues),
            "url": record.first("UR", "L2", "LK"),
            "doi": next((text for text in [*record.all("DO", "M3"), *notes] if re.search(r"\b10\.\d{4,9}/", text)), ""),
        }
    )


def _name(name: str) -> str:
    """Return a name, the given name first; a comma at its end says that it is a body's."""
    return name.rstrip(", ") if name.endswith(",") else given_first(name)
