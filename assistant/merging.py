"""When two records are one paper, and what is kept of each.

The rules: records are one paper if a register (DOI, arXiv, ACL, PubMed) calls both by one id; else if they have one
title and the first author or, where an author is not known, the year agrees. Ids of one register that differ, first
authors that differ, and years that differ where no author confirms keep them apart.

Of each field the library keeps what a source said first. That source may change it later, other sources only fill what
is empty; but a fuller abstract takes the place of a shorter one, and the record with a paper's real abstract goes
before one with a summary in every field. So sources that say different things of a paper can be read again and again
without changing anything the second time. Where the records of one source contradict one another, as where one id
stands on different papers, no rule settles it: there `putting` knows again what a source has said before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.names import family_and_given
from assistant.papers import Paper, identifiers, identify, title_key
from assistant.text import fold

FIELDS = ("title", "abstract", "authors", "year", "venue", "url", "doi")
Origins = Mapping[str, str]

_SHORT_TITLE_WORDS = 3  # "Introduction", "Book Reviews": a title that says as little names several papers
_LIKE = 0.5  # share of words in common from which two texts are about one thing
_UNLIKE = 0.7  # titles of one workshop have half of their words in common


def same_by_title(one: Paper, other: Paper) -> bool:
    """Say whether two records of one title are one paper."""
    if title_key(one.title) != title_key(other.title) or _ids_differ(one, other):
        return False
    if one.authors and other.authors:
        return _family(one.authors[0]) == _family(other.authors[0])
    if "summary" in (one.kind, other.kind):
        return True
    if one.year is not None and other.year is not None:
        return one.year == other.year
    # Nothing confirms it and nothing speaks against it: the title decides, if it says enough.
    return len(title_key(one.title).split()) > _SHORT_TITLE_WORDS or _likeness(one.abstract, other.abstract) > _LIKE


def same_by_id(one: Paper, other: Paper) -> bool:
    """Say whether two records that a register's id joins are one paper, or one of them bears a wrong id.

    Tables of contents often give each paper the volume's DOI: then neither title nor authors have anything in common.
    Records of which nothing but the title is known have one id if they have one title: then that has to say enough.
    """
    if title_key(one.title) == title_key(other.title):
        return bool(identifiers(other) or other.authors or other.year) or same_by_title(one, other)
    if not (one.authors and other.authors):
        return True
    known = {_family(name) for name in one.authors}
    return _likeness(one.title, other.title) > _UNLIKE or any(_family(name) in known for name in other.authors)


def best_match(paper: Paper, candidates: Sequence[Paper]) -> Paper:
    """Return the one of several papers of its title whose abstract is most like a record's, the first if none is."""
    return max(candidates, key=lambda known: _likeness(known.abstract, paper.abstract))


def merge(known: Paper, origins: Origins, new: Paper) -> tuple[Paper, dict[str, str]]:
    """Return what two records of one paper say together, and which source each field is from.

    Args:
        known: What the library has.
        origins: The source of each of its fields, as far as it is known.
        new: Another record of the same paper; without a source it is a correction and goes before everything.
    """
    is_real = (known.kind, new.kind) == ("summary", "abstract")
    values: dict[str, Any] = {}
    sources = dict(origins)
    for field in FIELDS:
        old, value = getattr(known, field), getattr(new, field)
        if value in (None, "", ()):
            continue
        if old == value:
            if new.source:
                sources.setdefault(field, new.source)
        elif is_real or old in (None, "", ()) or _replaces(field, known, sources, new):
            values[field] = value
            sources[field] = new.source
    if "abstract" in values:
        values["kind"] = new.kind
    merged = replace(known, **values)
    if known.paper_id == identify(known):
        merged = replace(merged, paper_id="")
    return merged, {field: source for field, source in sources.items() if source}


def _replaces(field: str, known: Paper, origins: Origins, new: Paper) -> bool:
    """Say whether a field that is filled gives way to the same field of another record."""
    if (known.kind, new.kind) == ("abstract", "summary"):
        return False
    origin = origins.get(field, "")
    if not new.source or origin == new.source:
        return True
    return _words(new.abstract) > _words(known.abstract) if field == "abstract" else not origin


def _ids_differ(one: Paper, other: Paper) -> bool:
    ids = dict(identifier.split(":", 1) for identifier in identifiers(one))
    others = dict(identifier.split(":", 1) for identifier in identifiers(other))
    return any(others.get(register, value) != value for register, value in ids.items())


def _family(name: str) -> str:
    """Return the last word of a family name, which all ways to write it have in common.

    >>> {_family("Laurens van der Maaten"), _family("Maaten, L. van der"), _family("L. Maaten")}
    {'maaten'}
    """
    family = name.split(",")[0] if "," in name else family_and_given(name)[0]
    words = re.findall(r"\w+", fold(family))
    return words[-1] if words else fold(name)


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text))


def _likeness(one: str, other: str) -> float:
    words, others = set(re.findall(r"\w+", fold(one))), set(re.findall(r"\w+", fold(other)))
    return len(words & others) / max(1, min(len(words), len(others)))
