"""Papers from the blocks of a page whose parts say what they are: headings, lines of authors, prose.

Knows what the parts of a listing look like; does not know HTML or Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.listing import is_abstract

_LABEL = re.compile(
    r"(?P<name>authors?|by|title|abstract|summary|tl;?dr|year|date|published|venue|journal|conference|booktitle|doi|url|"
    r"link|arxiv|comments?|subjects?|keywords?|journal-ref)\s*[:：]\s*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_FIELDS = {
    "author": "authors", "authors": "authors", "by": "authors", "title": "title", "year": "year", "date": "year",
    "published": "year", "venue": "venue", "journal": "venue", "conference": "venue", "booktitle": "venue",
    "journal-ref": "venue", "doi": "doi", "url": "url", "link": "url", "arxiv": "url",
}  # fmt: skip
_ABSTRACTS = frozenset({"abstract", "summary", "tldr", "tl;dr", "overview"})


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page: the line it starts on, its text, what it is, and where its link leads.

    ``kind`` is ``"heading"``, ``"authors"``, ``"text"``, or empty where the page does not say.
    """

    line: int
    text: str
    kind: str = ""
    url: str = ""


def papers_of(blocks: Iterable[Block]) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each title and its paper, or why there is none; what belongs to no paper is furniture."""
    draft = _Draft()
    for block in blocks:
        if draft.ends_with(block):
            yield from draft.paper()
            draft = _Draft()
        draft.take(block)
    yield from draft.paper()


class _Draft:
    """What is known of one paper so far."""

    def __init__(self) -> None:
        self.title: Block | None = None
        self.has_heading = False
        self.is_abstract_next = False
        self.abstract: list[str] = []
        self.fields: dict[str, Any] = {}

    def ends_with(self, block: Block) -> bool:
        """Say whether ``block`` belongs to the next paper."""
        if block.kind == "heading":
            return not _is_abstract_heading(block.text) and (self.has_heading or bool(self.abstract))
        if self.has_heading or not self.abstract:
            return False
        return _label(block.text)[0] in {"", "title"} and not is_abstract(block.text)

    def take(self, block: Block) -> None:
        """Take up one more block."""
        if block.kind == "heading":
            self._head(block)
            return
        name, value = _label(block.text)
        if name in _ABSTRACTS and value:
            self.abstract.append(value)
        elif name == "title" and value:
            self.title = Block(block.line, value, "heading", block.url)
        elif name in _FIELDS:
            self.fields.setdefault(_FIELDS[name], value)
        elif name:
            pass  # comments, subjects, key words
        elif block.kind == "authors":
            self.fields.setdefault("authors", value)
        elif is_abstract(block.text) or (self.is_abstract_next and block.kind == "text"):
            self.abstract.append(block.text)
        elif not self.has_heading and not self.abstract and block.text:
            self.title = block

    def _head(self, block: Block) -> None:
        if _is_abstract_heading(block.text):
            self.is_abstract_next = True
            return
        name, value = _label(block.text)
        self.title = Block(block.line, value if name == "title" else block.text, "heading", block.url)
        self.has_heading = True

    def paper(self) -> Iterator[tuple[int, Paper | str]]:
        """Yield the paper; nothing for a heading below which no abstract stands."""
        if not self.abstract:
            return
        if self.title is None:
            yield 1, "an abstract without a title before it"
            return
        record = (
            {"url": self.title.url} | self.fields | {"title": self.title.text, "abstract": "\n".join(self.abstract)}
        )
        if re.fullmatch(r"\d{4}\.\d{4,5}(v\d+)?", str(record.get("url", ""))):
            record["url"] = f"https://arxiv.org/abs/{record['url']}"
        try:
            yield self.title.line, paper_from_record(record)
        except RecordError as error:
            yield self.title.line, str(error)


def _is_abstract_heading(text: str) -> bool:
    return text.strip(" :.").lower() in _ABSTRACTS


def _label(text: str) -> tuple[str, str]:
    """Return the name and the value of a block such as "Authors: Ada Byron"; an empty name for any other."""
    match = _LABEL.match(text)
    return (match["name"].lower(), match["value"].strip()) if match else ("", text)
