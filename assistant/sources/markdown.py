"""Markdown notes and reading lists: a heading for each paper, its abstract below; or a note with YAML on top.

Parsed as CommonMark (https://spec.commonmark.org).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from assistant.papers import Paper, RecordError, paper_from_record
from assistant.sources.blocks import Block, papers_of
from assistant.sources.csv import NO_COLUMNS
from assistant.sources.fields import renamed

if TYPE_CHECKING:
    from markdown_it.token import Token

NAME = "markdown"
SUFFIXES = (".md", ".markdown", ".qmd", ".rmd")
GENERAL = 3

_HEADING = re.compile(r"^#{1,6} \S|^(?:=|-){3,}\s*$", re.MULTILINE)
_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
_FRONT_CHARACTERS = 1 << 17


def matches(text: str) -> bool:
    """Say whether some heading has an abstract below it, or the YAML on top names a title."""
    if _HEADING.search(text[: 1 << 20]) is None:
        return False
    return any(isinstance(result, Paper) for _, result in read(text))


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each heading and its paper, or why there is none."""
    front = _FRONT.match(text[:_FRONT_CHARACTERS])
    fields = _front(front[1]) if front else {}
    body = text[front.end() :] if front else text
    offset = text.count("\n", 0, front.end()) if front else 0
    blocks = [Block(b.line + offset, b.text, b.kind, b.url) for b in _blocks(body)]
    if "title" in fields and ("abstract" in fields or "summary" in fields):
        yield from _result(1, fields)
    elif "title" in fields and not any(block.kind == "heading" and block.text not in _OWN for block in blocks):
        title = Block(1, str(fields["title"]), "heading")
        yield from _with(fields, list(papers_of([title, *blocks])))
    else:
        yield from papers_of(blocks)


_OWN = frozenset({"Abstract", "Summary", "Notes", "abstract"})


def _with(fields: dict[str, Any], papers: list[tuple[int, Paper | str]]) -> Iterator[tuple[int, Paper | str]]:
    for line, paper in papers:
        if isinstance(paper, str):
            yield line, paper
        else:
            yield from _result(line, fields | {"abstract": paper.abstract})


def _result(line: int, fields: dict[str, Any]) -> Iterator[tuple[int, Paper | str]]:
    try:
        yield line, paper_from_record(fields)
    except RecordError as error:
        yield line, str(error)


def _front(text: str) -> dict[str, Any]:
    import yaml

    try:
        values = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError, AttributeError, TypeError, KeyError, OverflowError):
        return {}
    if not isinstance(values, dict):
        return {}
    known = renamed({str(name): value for name, value in values.items()}, NO_COLUMNS)
    return {
        name: value if isinstance(value, list | int) else str(value)
        for name, value in known.items()
        if value is not None
    }


def _blocks(text: str) -> Iterator[Block]:
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"maxNesting": 20}).parse(text)
    for before, token in pairwise(tokens):
        if token.type != "inline" or not token.children:
            continue
        line = (token.map or [0])[0] + 1
        kind = "heading" if before.type == "heading_open" else "text"
        url = next((str(c.attrs.get("href", "")) for c in token.children if c.type == "link_open"), "")
        for number, part in enumerate(_lines(token.children)):
            yield Block(line + number, part, kind, url if url.startswith("http") else "")


def _lines(children: list[Token]) -> list[str]:
    """Return a paragraph as one block, but lines with labels ("**Year:** 2020") as blocks of their own."""
    lines = [""]
    for child in children:
        if child.type in {"softbreak", "hardbreak"}:
            lines.append("")
        elif child.content and child.type not in {"image", "html_inline"}:
            lines[-1] += child.content
    labelled = [line for line in lines if re.match(r"[A-Za-z-]{2,12}\s*:", line)]
    return (
        [line.strip() for line in lines] if len(labelled) == len(lines) else [" ".join(line.strip() for line in lines)]
    )
