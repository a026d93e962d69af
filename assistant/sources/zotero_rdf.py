"""Zotero's RDF export: items with Dublin Core and bibliographic terms (https://www.zotero.org/support/kb/exporting)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.xml_records import child_text, root_of, text_below, xml_records

NAME = "zotero-rdf"
SUFFIXES = (".rdf", ".xml")

_ITEMS = (
    "Article", "Book", "BookSection", "Document", "Manuscript", "Report", "Thesis", "Patent", "Data", "Letter",
    "Description", "ConferenceProceedings",
)  # fmt: skip
_CONTAINERS = ("Journal", "Series", "Conference")
_NO_PAPERS = frozenset({"attachment", "note"})


def matches(text: str) -> bool:
    """Say whether the document is RDF."""
    return root_of(text)[0] == "RDF"


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each item and its paper, or why there is none; journals and attachments are no items."""
    venues: dict[str, str] = {}
    items: list[tuple[int, Element | str]] = []
    for line, record in xml_records(text, (*_ITEMS, *_CONTAINERS)):
        if isinstance(record, str) or record.tag not in _CONTAINERS:
            items.append((line, record))
        else:  # a journal that several articles lie in stands by itself, before or behind them
            venues[record.get("about") or ""] = child_text(record, "title")
    for line, record in items:
        if isinstance(record, str):
            yield line, record
        elif _is_item(record):
            try:
                yield line, _paper(record, venues)
            except RecordError as error:
                yield line, str(error)


def _is_item(record: Element) -> bool:
    return child_text(record, "itemType") not in _NO_PAPERS and record.find("title") is not None


def _paper(item: Element, venues: dict[str, str]) -> Paper:
    named = [text_below(e) for e in item.iterfind("identifier")]
    addresses = [text_below(e) for e in item.iterfind("identifier/URI/value")]
    return paper_from_record(
        {
            "title": child_text(item, "title"),
            "abstract": child_text(item, "abstract"),
            "authors": [{"name": _name(person)} for person in item.iterfind("authors/Seq/li/Person")],
            "year": child_text(item, "date"),
            "venue": _venue(item, venues),
            "url": next(iter(addresses), ""),
            "doi": next((name for name in [*named, *_dois_of_venue(item)] if name.upper().startswith("DOI")), ""),
        }
    )


def _venue(item: Element, venues: dict[str, str]) -> str:
    for part in item.iterfind("isPartOf"):
        if (reference := part.get("resource")) in venues:
            return venues[reference or ""]
        if title := next((text_below(e) for e in part.iterfind("*/title")), ""):
            return title
    return child_text(item, "presentedAt", "Conference", "title")


def _dois_of_venue(item: Element) -> list[str]:
    """Return the DOIs of an article that Zotero has put into its journal."""
    return [text_below(e) for e in item.iterfind("isPartOf/Journal/identifier")]


def _name(person: Element) -> str:
    given = child_text(person, "givenName") or child_text(person, "givenname")
    return " ".join(part for part in (given, child_text(person, "surname")) if part)
