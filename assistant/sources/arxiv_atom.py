"""Answers of arXiv's interface in Atom (https://info.arxiv.org/help/api/user-manual.html)."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assistant.markup import from_latex
from assistant.papers import Paper, paper_from_record
from assistant.sources.xml_records import child_text, root_of, text_below, xml_papers

NAME = "arxiv-atom"
SUFFIXES = (".xml", ".atom")


def matches(text: str) -> bool:
    """Say whether the document is a feed, or an entry of one."""
    return root_of(text)[0] in {"feed", "entry"}


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each entry and its paper, or why there is none."""
    return xml_papers(text, ("entry",), _paper)


def _paper(entry: Element) -> Paper:
    address = child_text(entry, "id")
    return paper_from_record(
        {
            "title": from_latex(child_text(entry, "title")),
            "abstract": from_latex(child_text(entry, "summary")),
            "authors": [{"name": child_text(author, "name")} for author in entry.iterfind("author")],
            "year": child_text(entry, "published") or child_text(entry, "updated"),
            "venue": from_latex(child_text(entry, "journal_ref")) or ("arXiv" if "arxiv.org" in address else ""),
            "url": address.replace("http://arxiv.org", "https://arxiv.org"),
            "doi": next((text_below(e) for e in entry.iterfind("doi")), ""),
        }
    )
