"""Records of XML: the elements of one name, as they end, with the line they start on; entities and depth are refused.

Knows XML (https://www.w3.org/TR/xml/) and no format of papers. Where a document breaks off, the records before that are
read. Prefixes of namespaces are dropped: no format here has two elements that only their namespace tells apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from assistant.papers import Paper, RecordError

_HEAD_CHARACTERS = 1 << 13
_PIECE_CHARACTERS = 1 << 16
_DEPTH = 200
_ROOT = re.compile(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)([^>]*)")
_ILLEGAL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|&#(?:x0*(?:[0-8bcBCefEF]|1[0-9a-fA-F]);|0*(?:[0-8]|1[124-9]|2\\d|3[01]);)"
)
_HTML_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,30});")


def root_of(text: str) -> tuple[str, str]:
    """Return the name of the first element without its prefix, and its attributes as they are written."""
    head = text[:_HEAD_CHARACTERS].lstrip("\ufeff \t\r\n")
    if not head.startswith("<"):
        return "", ""
    found = _ROOT.search(re.sub(r"<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[[^\]]*\])?[^>]*>", "", head, flags=re.DOTALL))
    return (found[1], found[2]) if found else ("", "")


def xml_papers(
    text: str, names: Collection[str], paper: Callable[[Element], Paper | None]
) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each element of one of these names and the paper that ``paper`` makes of it, or why not.

    ``paper`` raises `RecordError`, or returns None for what is no paper and nothing to tell about.
    """
    for line, record in xml_records(text, names):
        if isinstance(record, str):
            yield line, record
            continue
        try:
            made = paper(record)
        except RecordError as error:
            yield line, str(error)
            continue
        if made is not None:
            yield line, made


def xml_records(text: str, names: Collection[str]) -> Iterator[tuple[int, Element | str]]:
    """Yield the line, from 1, and the element of each record, or why nothing more can be read."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.expatreader import create_parser

    collector = _Collector(names)
    parser = create_parser(forbid_dtd=False, forbid_entities=True, forbid_external=False)
    parser.setContentHandler(collector)
    collector.setDocumentLocator(parser)
    legal = _HTML_ENTITY.sub(_character, _ILLEGAL.sub(" ", text.lstrip("\ufeff \t\r\n")))
    skipped = text.count("\n", 0, len(text) - len(text.lstrip("\ufeff \t\r\n")))
    try:
        for start in range(0, len(legal), _PIECE_CHARACTERS):
            parser.feed(legal[start : start + _PIECE_CHARACTERS])
            yield from ((line + skipped, element) for line, element in collector.taken())
        parser.close()
    except _TooDeepError:
        yield collector.line + skipped, f"elements are nested more than {_DEPTH} deep; nothing after it was read"
    except DefusedXmlException as error:
        kind = type(error).__name__.removesuffix("Forbidden").lower()
        yield collector.line + skipped, f"the document defines {kind}, which are not read because they can be an attack"
    except SAXException as error:
        yield from ((line + skipped, element) for line, element in collector.taken())
        line = getattr(error, "getLineNumber", lambda: 0)() or collector.line
        yield line + skipped, f"not well-formed XML: {error.getMessage()}; nothing after it was read"


def child_text(element: Element, *path: str) -> str:
    """Return all text below the first child on ``path``, on one line with single spaces; empty where there is none."""
    found: Element | None = element
    for name in path:
        found = None if found is None else found.find(name)
    return text_below(found)


def text_below(element: Element | None) -> str:
    """Return all text in an element, superscript numbers told from the digits before them."""
    if element is None:
        return ""
    return re.sub(r"\s+", " ", "".join(_texts(element))).strip()


def _texts(element: Element) -> Iterator[str]:
    text = element.text or ""
    yield f"^{text}" if element.tag == "sup" and re.fullmatch(r"[-+−–]?\d+", text) else text
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def _character(match: re.Match[str]) -> str:
    import html

    character = html.unescape(match[0])
    return match[0].replace("&", "&amp;") if character == match[0] else character


class _TooDeepError(Exception):
    """Elements are nested deeper than any format needs."""


class _Collector(ContentHandler):
    """Builds the elements that are wanted and forgets all others."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._names = names
        self._builder: TreeBuilder | None = None
        self._depth = self._start_depth = self._start_line = 0
        self._taken: list[tuple[int, Element]] = []
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802
        """Remember what tells the line."""
        self._locator = locator

    @property
    def line(self) -> int:
        """The line that is being read."""
        return int(self._locator.getLineNumber() or 1) if self._locator else 1

    def taken(self) -> list[tuple[int, Element]]:
        """Return the elements that have ended since the last time."""
        taken, self._taken = self._taken, []
        return taken

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802
        """Begin an element."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise _TooDeepError
        local = name.rpartition(":")[2]
        if self._builder is None and local in self._names:
            self._builder, self._start_depth, self._start_line = TreeBuilder(), self._depth, self.line
        if self._builder is not None:
            self._builder.start(local, {key.rpartition(":")[2]: attrs.getValue(key) for key in attrs.getNames()})

    def characters(self, content: str) -> None:
        """Add text."""
        if self._builder is not None:
            self._builder.data(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        """End an element, and the record if it is the record's own."""
        if self._builder is not None:
            self._builder.end(name.rpartition(":")[2])
            if self._depth == self._start_depth:
                self._taken.append((self._start_line, self._builder.close()))
                self._builder = None
        self._depth -= 1
