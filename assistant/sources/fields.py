"""What the fields of a paper are called in other tools' tables and exports, and how the user's own names are put in.

Covers the column names of Zotero's, Scopus's, Web of Science's, IEEE Xplore's, Dimensions', PubMed's and Google Scholar
tools' exports besides plain ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_NAMES = {
    "title": "title, article title, document title, item title, paper title, ti, primary title",
    "abstract": "abstract, abstract note, abstracts, abstract text, ab, text, description abstract",
    "summary": "summary",
    "authors": "authors, author, author names, author full names, creators, creator, au, authors list",
    "year": "year, publication year, pub year, py, date, publication date, published, year published, cover date, "
    "coverdate, pubyear, issued",
    "venue": "venue, journal, source title, publication title, booktitle, book title, conference, so, container title, "
    "journal title, journal/book, source, conference name, proceedings title",
    "url": "url, link, urls, article url, article link, pdf link, landing page url, dimensions url, ur, id url",
    "doi": "doi, digital object identifier, doi link, di, dois",
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names.split(", ")}


def field_of(name: str, columns: Mapping[str, str]) -> str:
    """Return the field that a column named ``name`` holds, or its folded name if it is none that is known.

    ``columns`` gives the user's own names by field; a column that they name is taken for nothing else.
    """
    own = {_folded(column): field for field, column in columns.items()}
    folded = _folded(name)
    if folded in own:
        return own[folded]
    field = _FIELDS.get(folded, folded)
    return f"other {field}" if field in columns else field


def renamed(record: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """Return a record with the names of the paper's fields; of two columns for one field the first that is filled."""
    result: dict[str, Any] = {}
    for name, value in record.items():
        field = field_of(str(name), columns)
        if result.get(field) in (None, ""):
            result[field] = value
    return result


def is_header(names: Iterable[str], columns: Mapping[str, str]) -> bool:
    """Say whether these column names hold a title and an abstract or summary."""
    fields = {field_of(name, columns) for name in names}
    return "title" in fields and bool(fields & {"abstract", "summary"})


def _folded(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip(" \ufeff\"'").lower()
