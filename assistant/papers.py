"""What a paper is: one source record with an identity and a content hash.

Knows nothing of files or databases. The same paper from two sources has the same id.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from assistant.markup import joined, unmarked
from assistant.names import given_first, names_in
from assistant.text import clean, fold, one_line

Kind = Literal["abstract", "summary"]

SUMMARY_NOTE = "Summary in other words: "
"""What a summary begins with in formats that have no field for one, so that nobody takes it for the abstract."""

_DOI = re.compile(r"10\.\d{4,9}/\S+")
# What a register calls a paper, from its address or from the DOI that it has made of its own id.
_REGISTERS = {
    "arxiv": re.compile(
        r"(?:arxiv\.org/(?:abs|pdf)/|arxiv:\s*|^10\.48550/arxiv\.)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})",
        re.IGNORECASE,
    ),
    "acl": re.compile(r"(?:aclanthology\.org/|^10\.18653/v1/)([a-z0-9.-]+?)/?(?:\.pdf)?$", re.IGNORECASE),
    "pmid": re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|ncbi\.nlm\.nih\.gov/pubmed/)(\d{1,9})/?$", re.IGNORECASE),
}
_NAME_PARTS = ("given", "first", "dropping-particle", "non-dropping-particle", "family", "last", "suffix")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


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
        paper_id: Stable across machines and sources: from DOI, arXiv, ACL or PubMed id, else from title and first
            author or year. Left empty, it is derived.
        source: The file that this record was read from, empty for what no file says; no part of what the paper is.
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
    source: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        if not self.title.strip() or not self.abstract.strip():
            raise ValueError("a paper needs a title and an abstract")
        if not self.paper_id:
            object.__setattr__(self, "paper_id", identify(self))

    @property
    def text(self) -> str:
        """Title and abstract, for what looks for words in both."""
        return f"{self.title} . {self.abstract}"

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


@lru_cache(maxsize=1024)
def title_key(title: str) -> str:
    """Return what two spellings of one title share: letters and digits only, unless it has none."""
    return re.sub(r"[^\w]+", " ", fold(title)).strip() or fold(title)


def identifiers(paper: Paper) -> tuple[str, ...]:
    """Return everything that registers call a paper: its own DOI, and what its address and DOI tell.

    A source with the address of a paper at arXiv or in the ACL Anthology and one with the DOI that these have made of
    it name the same paper; where both are given and differ, the address is right (one such DOI in 59,000 is wrong).

    >>> identifiers(Paper("T", "A", url="http://arxiv.org/abs/2004.12832v2", doi="10.1145/3397271.3401075"))
    ('doi:10.1145/3397271.3401075', 'arxiv:2004.12832')
    """
    return _identifiers(paper.url, paper.doi)


@lru_cache(maxsize=1024)  # a paper that is added is asked four times
def _identifiers(url: str, doi: str) -> tuple[str, ...]:
    found = {"doi": _own_doi(doi)}
    for place in (url, doi):
        for register, pattern in _REGISTERS.items() if place else ():
            if match := pattern.search(place):
                found.setdefault(register, f"{register}:{match[1].lower()}")
    return tuple(identifier for identifier in found.values() if identifier)


def _own_doi(doi: str) -> str:
    """Return the DOI as an identifier, unless a register has made it of an id of its own."""
    if not doi or any(pattern.search(doi) for pattern in _REGISTERS.values()):
        return ""
    return f"doi:{doi.lower()}"


def identify(paper: Paper) -> str:
    """Return the id of a paper: ``doi:…``, ``arxiv:…``, ``acl:…``, else ``t:`` and a hash of its title and origin."""
    if known := identifiers(paper):
        return known[0]
    return title_id(paper)


def title_id(paper: Paper) -> str:
    """Return the id of a paper that no register names."""
    # "Ada Lovelace" and "Lovelace, Ada" are one author.
    author = sorted(re.findall(r"\w+", fold(paper.authors[0]))) if paper.authors else [str(paper.year or "")]
    return "t:" + hashlib.sha256(f"{title_key(paper.title)}|{' '.join(author)}".encode()).hexdigest()[:12]


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
    title = one_line(unmarked(_string(merged, "title")))
    abstract, kind = _abstract(merged)
    if not title:
        raise RecordError("no title")
    if not abstract:
        raise RecordError("no abstract")
    url = one_line(_string(merged, "url", "link"))
    return Paper(
        title=title,
        abstract=abstract,
        authors=_authors(_first(merged, "authors", "author")),
        year=_year(_first(merged, "year", "date", "published")),
        venue=one_line(unmarked(_string(merged, "venue", "journal", "booktitle"))),
        url=url,
        doi=_doi(_string(merged, "doi")) or (_doi(url) if "doi.org/" in url else ""),
        kind=kind,
    )


def _abstract(record: Mapping[str, Any]) -> tuple[str, Kind]:
    if text := plain(_string(record, "abstract", "text")):
        return text, "summary" if record.get("kind") == "summary" else "abstract"
    return plain(_string(record, "summary")), "summary"


def plain(text: str) -> str:
    """Return a text as it is kept: clean, without markup, with the words put together that a line's end parted."""
    return joined(clean(unmarked(text))).strip()


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(record: Mapping[str, Any], *names: str) -> Any:
    """Return the first of these fields that says something, or None."""
    values = (record.get(name) for name in names)
    return next((v for v in values if v is not None and not (isinstance(v, str) and not clean(v).strip())), None)


def _string(record: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = _first(record, name)
        if value is not None and not isinstance(value, str):
            raise RecordError(f"field {name!r} is {type(value).__name__}, not text")
        if value is not None:
            return str(value)
    return ""


def _doi(text: str) -> str:
    match = _DOI.search(one_line(html.unescape(text)))
    return match[0].rstrip(".,;") if match else ""


def _year(value: Any) -> int | None:
    match = _YEAR.search(str(value)) if isinstance(value, str | int | float) else None
    return int(match[1]) if match else None


def _authors(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(given_first(name) for name in names_in(unmarked(value)))
    if not isinstance(value, list | Mapping):
        raise RecordError(f"field 'authors' is {type(value).__name__}, not text or a list")
    return tuple(name for v in (value if isinstance(value, list) else [value]) if (name := _name(v)))


def _name(value: Any) -> str:
    if isinstance(value, Mapping):  # {"name": …} as in Semantic Scholar, {"given": …, "family": …} as in CSL
        whole = next((key for key in ("name", "literal") if value.get(key)), None)
        parts = [value.get(key) for key in ((whole,) if whole else _NAME_PARTS)]
        return one_line(unmarked(" ".join(part for part in parts if isinstance(part, str))))
    return given_first(one_line(unmarked(value))) if isinstance(value, str) else ""
