"""Harvests by OAI-PMH (https://www.openarchives.org/OAI/openarchivesprotocol.html): arXiv's fields or Dublin Core."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assistant.markup import from_latex
from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.xml_records import child_text, root_of, text_below, xml_papers

NAME = "oai-pmh"
SUFFIXES = (".xml",)


def matches(text: str) -> bool:
    """Say whether the document is an answer of OAI-PMH, or its list of records."""
    return root_of(text)[0] in {"OAI-PMH", "ListRecords", "GetRecord"}


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each record and its paper, or why there is none; deleted records are passed over."""
    return xml_papers(text, ("record",), _paper)


def _paper(record: Element) -> Paper | None:
    header = record.find("header")
    if header is not None and header.get("status") == "deleted":
        return None
    fields = record.find("metadata/arXiv")
    fields = fields if fields is not None else record.find("metadata/arXivRaw")
    if fields is not None:
        return _arxiv(fields)
    core = record.find("metadata/dc")
    if core is None:
        raise RecordError("neither arXiv's metadata nor Dublin Core")
    return _dublin_core(core)


def _arxiv(fields: Element) -> Paper:
    first = fields.find("version/date")
    return paper_from_record(
        {
            "title": from_latex(child_text(fields, "title")),
            "abstract": from_latex(child_text(fields, "abstract")),
            "authors": [{"name": _name(author)} for author in fields.iterfind("authors/author")]
            or from_latex(child_text(fields, "authors")),
            "year": child_text(fields, "created") or text_below(first),
            "venue": from_latex(child_text(fields, "journal-ref")) or "arXiv",
            "url": f"https://arxiv.org/abs/{child_text(fields, 'id')}",
            "doi": child_text(fields, "doi"),
        }
    )


def _dublin_core(core: Element) -> Paper:
    named = [text_below(e) for e in core.iterfind("identifier")]
    descriptions = [text_below(e) for e in core.iterfind("description")]
    urls = [name for name in named if name.startswith("http")]
    return paper_from_record(
        {
            "title": from_latex(child_text(core, "title")),
            # arXiv puts the comments into a second description
            "abstract": from_latex(max(descriptions, key=len, default="")),
            "authors": [text_below(e) for e in core.iterfind("creator")],
            "year": min((text_below(e) for e in core.iterfind("date")), default=""),
            "venue": child_text(core, "source") or child_text(core, "publisher"),
            "url": next((url for url in urls if "doi.org/" not in url), ""),
            "doi": next((name for name in named if re.search(r"\b10\.\d{4,9}/", name)), ""),
        }
    )


def _name(author: Element) -> str:
    parts = (child_text(author, "forenames"), child_text(author, "keyname"), child_text(author, "suffix"))
    return from_latex(" ".join(part for part in parts if part))
