"""EndNote's XML export: records with styled text, as https://support.clarivate.com/Endnote describes its DTD."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assistant.names import given_first
from assistant.papers import Paper, paper_from_record
from assistant.sources.xml_records import child_text, root_of, text_below, xml_papers

NAME = "endnote-xml"
SUFFIXES = (".xml",)


def matches(text: str) -> bool:
    """Say whether the document is a list of EndNote's records."""
    name, _ = root_of(text)
    head = text[:8192]
    return name in {"xml", "records"} and ("<record" in head or "<records" in head)


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each record and its paper, or why there is none."""
    return xml_papers(text, ("record",), _paper)


def _paper(record: Element) -> Paper:
    urls = [text_below(e) for e in record.iterfind("urls/related-urls/url")]
    return paper_from_record(
        {
            "title": child_text(record, "titles", "title"),
            "abstract": "\n".join(line for line in _lines(record.find("abstract")) if line),
            "authors": [{"name": given_first(text_below(e))} for e in record.iterfind("contributors/authors/author")],
            "year": child_text(record, "dates", "year"),
            "venue": child_text(record, "periodical", "full-title") or child_text(record, "titles", "secondary-title"),
            "url": next((url for url in urls if url.startswith("http")), ""),
            "doi": child_text(record, "electronic-resource-num"),
        }
    )


def _lines(element: Element | None) -> list[str]:
    """Return the paragraphs of an abstract, which EndNote parts with carriage returns."""
    text = "".join(element.itertext()) if element is not None else ""
    return [" ".join(line.split()) for line in text.replace("\r", "\n").split("\n")]
