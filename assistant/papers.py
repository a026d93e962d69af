"""What a paper is: one source record with an identity and a content hash.

Knows nothing of files or databases. The same paper from two sources has the same id.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.text import clean, fold, one_line

Kind = Literal["abstract", "summary"]

_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV = re.compile(r"(?:https?://arxiv\.org/(?:abs|pdf)/|arxiv:\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.I)
_ACL = re.compile(r"https?://aclanthology\.org/([A-Za-z0-9.-]+?)/?(?:\.pdf)?$")


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the library.

    Attributes:
        title: The title as it stands in the source, on one line.
        abstract: The abstract as it stands in the source; quotes are cut from exactly this text.
        authors: Names in the order of the source.
        year: Year of publication, where known.
        venue: Journal or conference, where known.
        url: Where the paper can be read.
        doi: The bare DOI, ``10.…/…``.
        kind: ``"abstract"``, or ``"summary"`` for a text in other words than the paper's own; an abstract replaces
            a summary, never the other way round.
        paper_id: Stable across machines and sources: from DOI, arXiv or ACL id, else from title and first author
            or year. Left empty, it is derived.
    """

    title: str
    abstract: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    url: str = ""
    doi: str = ""
    kind: Kind = "abstract"
    paper_id: str = field(default="")

    def __post_init__(self) -> None:
        if not self.title or not self.abstract:
            raise ValueError("a paper needs a title and an abstract")
        if not self.paper_id:
            object.__setattr__(self, "paper_id", identify(self))

    @property
    def content_hash(self) -> str:
        """The SHA-256 of every field but the id: equal means unchanged."""
        fields = [self.title, self.abstract, *self.authors, str(self.year), self.venue, self.url, self.doi, self.kind]
        return hashlib.sha256("\x1f".join(fields).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the paper as plain JSON values."""
        return {
            "paper_id": self.paper_id,
            "title": self.title,
            "abstract": self.abstract,
            "authors": list(self.authors),
            "year": self.year,
            "venue": self.venue,
            "url": self.url,
            "doi": self.doi,
            "kind": self.kind,
        }


def title_key(title: str) -> str:
    """Return what two spellings of one title share: letters and digits only."""
    return re.sub(r"[^\w]+", " ", fold(title)).strip()


def identify(paper: Paper) -> str:
    """Return the id of a paper: ``doi:…``, ``arxiv:…``, ``acl:…``, else ``t:`` and a hash of its title and origin."""
    if paper.doi:
        return f"doi:{paper.doi.lower()}"
    if match := _ARXIV.search(paper.url):
        return f"arxiv:{match[1]}"
    if match := _ACL.search(paper.url):
        return f"acl:{match[1]}"
    origin = fold(paper.authors[0]) if paper.authors else str(paper.year or "")
    return "t:" + hashlib.sha256(f"{title_key(paper.title)}|{origin}".encode()).hexdigest()[:12]


class RecordError(ValueError):
    """A record cannot become a paper; the text says which field and why."""


def paper_from_record(record: Mapping[str, Any]) -> Paper:
    """Return the paper that a record of a JSON or CSV source describes.

    Takes the field names people's tools use (``abstract``, ``summary`` or ``text``; ``authors`` as a list or a
    string; ``venue``, ``journal`` or ``booktitle``), at the top or below ``metadata`` as in BEIR.

    Raises:
        RecordError: A title or abstract is missing, or a field has a type that cannot be used.
    """
    merged = {str(k).strip().lower(): v for k, v in {**_mapping(record.get("metadata")), **record}.items()}
    title = one_line(_string(merged, "title"))
    abstract, kind = _abstract(merged)
    if not title:
        raise RecordError("no title")
    if not abstract:
        raise RecordError("no abstract")
    doi = _string(merged, "doi")
    return Paper(
        title=title,
        abstract=abstract,
        authors=_authors(merged.get("authors", merged.get("author"))),
        year=_year(merged.get("year", merged.get("date", merged.get("published")))),
        venue=one_line(_string(merged, "venue", "journal", "booktitle")),
        url=one_line(_string(merged, "url", "link")),
        doi=match[1].rstrip(".,;") if (match := _DOI.search(doi)) else "",
        kind=kind,
    )


def _abstract(record: Mapping[str, Any]) -> tuple[str, Kind]:
    if text := clean(_string(record, "abstract", "text")).strip():
        return text, "summary" if record.get("kind") == "summary" else "abstract"
    return clean(_string(record, "summary")).strip(), "summary"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _string(record: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = record.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise RecordError(f"field {name!r} is {type(value).__name__}, not text")
        return value
    return ""


def _authors(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        stripped = value.strip()
        if stripped.startswith("["):
            try:
                return _authors(json.loads(stripped))
            except ValueError:
                pass
        separator = ";" if ";" in stripped else " and " if " and " in stripped else ","
        return tuple(name for part in stripped.split(separator) if (name := one_line(part)))
    if isinstance(value, list):
        names = [v.get("name", "") if isinstance(v, Mapping) else v for v in value]
        return tuple(one_line(name) for name in names if isinstance(name, str) and name.strip())
    raise RecordError(f"field 'authors' is {type(value).__name__}, not text or a list")


def _year(value: Any) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    match = re.search(r"\b(1[5-9]\d\d|20\d\d)\b", str(value))
    return int(match[1]) if match else None
