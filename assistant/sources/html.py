"""Pages saved as HTML: Hugging Face's papers, pages of one paper with citation tags, and listings of any make.

The tags are those that Google Scholar reads (https://scholar.google.com/intl/en/scholar/inclusion.html#indexing).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.blocks import Block, papers_of
from assistant.sources.huggingface_json import is_paper, paper_of

NAME = "html"
SUFFIXES = (".html", ".htm", ".xhtml", ".mhtml")
GENERAL = 0

_START = re.compile(
    r"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body|meta|div|article|main)\b", re.I | re.S
)
_SKIPPED = frozenset("script style noscript template svg nav button select option form footer textarea iframe".split())
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 header hr li main ol p pre section "
    "table td th tr ul".split()
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_DEPTH = 40


def matches(text: str) -> bool:
    """Say whether the text begins as HTML does."""
    return _START.match(text[: 1 << 13].lstrip("\ufeff")) is not None


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each paper and the paper, or why there is none."""
    page = _Page()
    page.feed(text)
    page.close()
    page.finish()
    inside = [(line, record) for line, value in page.data for record in _papers_in(value, _DEPTH)]
    if inside:
        for line, record in inside:
            try:
                yield line, paper_of(record)
            except RecordError as error:
                yield line, str(error)
        return
    tagged = _tagged(page.tags)
    if tagged is not None:
        yield 1, tagged
        return
    yield from papers_of(page.blocks)


def _papers_in(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the papers of Hugging Face anywhere in a value, each once."""
    if depth == 0:
        return
    if isinstance(value, dict):
        if is_paper(value):
            yield value
        else:
            for inner in value.values():
                yield from _papers_in(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _papers_in(inner, depth - 1)


def _tagged(tags: dict[str, list[str]]) -> Paper | None:
    """Return the paper that the tags in a page's head describe, if they name a title and an abstract."""

    def first(*names: str) -> str:
        return next((text for name in names for text in tags.get(name, []) if text.strip()), "")

    title = first("citation_title", "dc.title", "prism.title")
    arxiv = first("citation_arxiv_id")
    try:
        return paper_from_record(
            {
                "title": title,
                "abstract": first("citation_abstract", "dcterms.abstract", "dc.description", "description")
                if title
                else "",
                "authors": tags.get("citation_author") or tags.get("dc.creator") or [],
                "year": first("citation_publication_date", "citation_date", "citation_online_date", "dc.date"),
                "venue": first(
                    "citation_journal_title", "citation_conference_title", "citation_inbook_title", "dc.source"
                ),
                "url": f"https://arxiv.org/abs/{arxiv}"
                if arxiv
                else first("citation_abstract_html_url", "citation_pdf_url", "og:url"),
                "doi": first("citation_doi", "dc.identifier"),
            }
        )
    except RecordError:
        return None


class _Page(HTMLParser):
    """Collects the tags of the head, the data that scripts are handed in attributes, and the blocks of text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: dict[str, list[str]] = {}
        self.data: list[tuple[int, Any]] = []
        self.blocks: list[Block] = []
        self._skipped: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._line, self._kind, self._url = 1, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        values = {name: value or "" for name, value in attrs}
        if tag == "meta" and (name := (values.get("name") or values.get("property") or "").lower()):
            self.tags.setdefault(name, []).append(values.get("content", ""))
        for value in values.values():
            if value.startswith(("{", "[")) and '"summary"' in value:
                with suppress(ValueError, RecursionError):
                    self.data.append((self.getpos()[0], json.loads(value)))
        if self._skipped or tag in _SKIPPED or "abstract-short" in values.get("class", ""):
            if tag not in _VOID:
                self._skipped.append(tag)
            return
        if tag in _BLOCKS:
            self.finish()
        if tag not in _VOID:
            self._open.append((tag, _kind(tag, values.get("class", ""))))
        if tag == "a" and not self._url and values.get("href", "").startswith("http"):
            self._url = values["href"]

    def handle_endtag(self, tag: str) -> None:
        """End an element; one that was never opened says nothing."""
        if self._skipped:
            if tag in self._skipped:
                while self._skipped.pop() != tag:
                    pass
            return
        if tag in _BLOCKS:
            self.finish()
        if any(name == tag for name, _ in self._open[-_DEPTH:]):
            while self._open and self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Add text."""
        if self._skipped:
            return
        if data.strip() and not any(part.strip() for part in self._text):
            self._line = self.getpos()[0]
            self._kind = next((kind for _, kind in reversed(self._open[-_DEPTH:]) if kind), "")
        self._text.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over ``<![…>`` as browsers do; Python takes what it does not know there for its own defect."""
        return self.parse_bogus_comment(i, report)

    def finish(self) -> None:
        """End the block that is being read."""
        text = " ".join("".join(self._text).split()).removesuffix("△ Less").strip()
        if text:
            self.blocks.append(Block(self._line, text, self._kind, self._url))
        self._text, self._kind, self._url = [], "", ""


def _kind(tag: str, classes: str) -> str:
    words = re.split(r"[\s_-]+", classes.lower())
    if tag in _HEADINGS or "title" in words:
        return "heading"
    return "authors" if {"author", "authors"} & set(words) else ""
