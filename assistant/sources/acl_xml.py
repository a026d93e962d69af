"""The ACL Anthology's XML (https://github.com/acl-org/acl-anthology/blob/master/data/xml/schema.rnc)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assistant.markup import from_latex
from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.xml_records import child_text, root_of, text_below, xml_records

NAME = "acl-xml"
SUFFIXES = (".xml",)

_VOLUME = re.compile(r"<volume\b[^>]*?\bid=[\"']([^\"']+)")
_COLLECTION = re.compile(r"<collection\b[^>]*?\bid=[\"']([^\"']+)")


def matches(text: str) -> bool:
    """Say whether the document is a collection of the anthology's."""
    name, attributes = root_of(text)
    return name == "collection" and "id=" in attributes


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each paper and the paper, or why there is none; front matter is passed over."""
    collection = _COLLECTION.search(text)
    names = iter(_VOLUME.findall(text))
    volume, meta = "", Element("meta")
    for line, record in xml_records(text, ("meta", "paper")):
        if isinstance(record, str):
            yield line, record
        elif record.tag == "meta":  # each volume begins with it
            volume, meta = next(names, ""), record
        else:
            try:
                yield line, _paper(record, meta, collection[1] if collection else "", volume)
            except RecordError as error:
                yield line, str(error)


def _paper(paper: Element, meta: Element, collection: str, volume: str) -> Paper:
    return paper_from_record(
        {
            "title": _text(paper.find("title")),
            "abstract": _text(paper.find("abstract")),
            "authors": [{"name": _name(author)} for author in paper.iterfind("author")],
            "year": child_text(meta, "year") or child_text(paper, "year"),
            "venue": _text(meta.find("booktitle")) or child_text(paper, "journal-title"),
            "url": f"https://aclanthology.org/{_id(paper, collection, volume)}",
            "doi": child_text(paper, "doi"),
        }
    )


def _id(paper: Element, collection: str, volume: str) -> str:
    """Return the anthology's id: its address if it is one, else put together as the anthology does (P19-1001)."""
    address = child_text(paper, "url")
    if address and "/" not in address:
        return address
    number = paper.get("id") or ""
    if re.fullmatch(r"[A-Z]\d\d", collection) and number.isdigit() and volume.isdigit():
        width = 2 if collection.startswith("W") or collection in {"C69", "D19"} else 3
        return f"{collection}-{volume.zfill(4 - width)}{number.zfill(width)}"
    return f"{collection}-{volume}.{number}"


def _name(author: Element) -> str:
    return " ".join(part for part in (child_text(author, "first"), child_text(author, "last")) if part)


def _text(element: Element | None) -> str:
    """Return the text of a title or abstract; what stands in ``tex-math`` is LaTeX."""
    if element is None:
        return ""
    for formula in element.iter("tex-math"):
        formula.text = from_latex(f"${text_below(formula)}$")
        del formula[:]
    return text_below(element)
