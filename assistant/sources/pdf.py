"""PDF files of papers: the title in the largest type and the abstract from the first pages.

What a page looks like is all that a PDF tells, so that this reader guesses; where no abstract is marked as one, it
says so.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.papers import Paper, RecordError, paper_from_record, plain

NAME = "pdf"
SUFFIXES = (".pdf",)
BINARY = True

_PAGES = 3
_CHARACTERS = 40_000
_ABSTRACT = re.compile(r"(?im)^[ \t]*(?:a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|summary)[ \t]*(?:[.:—–-]+[ \t]*|\n)")
_END = re.compile(
    r"(?im)^[ \t]*(?:(?:\d+|I)?[ \t]*\.?[ \t]*introduction\b|key[ -]?words?\b|index terms\b|ccs concepts\b"
    r"|categories and subject|acm reference|general terms\b|1[. \t]+(?-i:[A-Z])|©|copyright\b|permission to make)"
)
_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?\s*(?:\[[\w.-]+\])?\s*(?:\d{1,2} \w{3} (\d{4}))?")
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;)]")
_NO_TITLE = re.compile(r"(?i)untitled|microsoft word|\.(?:docx?|tex|pdf|dvi|indd)\b|^arxiv|^paper|^\W*$")
_MIN_ABSTRACT = 100


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of text on the first page and the size of its type, in points."""

    text: str
    size: float


def matches(data: bytes) -> bool:
    """Say whether the bytes begin as a PDF does, within the first kilobyte as readers allow."""
    return b"%PDF-" in data[:1024]


def read(data: bytes) -> Iterator[tuple[int, Paper | str]]:
    """Yield page 1 and the paper, or why there is none."""
    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # of a damaged file it warns line by line
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            yield 1, "the PDF is locked with a password; save it without one"
            return
        pieces: list[_Piece] = []
        pages = [_page_text(reader.pages[0], pieces)] if len(reader.pages) else []
        pages += [_page_text(page, []) for page in reader.pages[1:_PAGES]]
        metadata = dict(reader.metadata or {})
    except Exception as error:  # noqa: BLE001 -- pypdf fails on damaged files with errors of every kind
        yield 1, f"the PDF cannot be read ({type(error).__name__}: {' '.join(str(error).split())[:200]}); get it again"
        return
    yield 1, _paper("\n".join(pages)[:_CHARACTERS], pieces, metadata)


def _page_text(page: Any, pieces: list[_Piece]) -> str:
    def visit(text: str, cm: list[float], tm: list[float], _: Any, size: float) -> None:
        scale = abs(tm[3]) or abs(tm[1]) or 1.0
        pieces.append(_Piece(text, round(abs(size) * scale * (abs(cm[3]) or 1.0), 1)))

    return str(page.extract_text(visitor_text=visit))


def _paper(text: str, pieces: list[_Piece], metadata: dict[str, Any]) -> Paper | str:
    begin = _ABSTRACT.search(text)
    if not text.strip():
        return "the PDF has no text, only pictures of it; run a text recognition (OCR) over it first"
    if begin is None:
        return "no abstract is marked as one on the first pages"
    end = _END.search(text, begin.end() + _MIN_ABSTRACT)
    abstract = plain(text[begin.end() : end.start() if end else begin.end() + 3000])
    arxiv, doi = _ARXIV.search(text), _DOI.search(text[:6000])
    year = (arxiv[2] if arxiv else None) or str(metadata.get("/CreationDate", ""))[2:6]
    try:
        return paper_from_record(
            {
                "title": _title(text, pieces, str(metadata.get("/Title") or "")),
                "abstract": " ".join(abstract.split()),
                "authors": str(metadata.get("/Author") or ""),
                "year": year,
                "url": f"https://arxiv.org/abs/{arxiv[1]}" if arxiv else "",
                "doi": doi[0] if doi else "",
            }
        )
    except RecordError as error:
        return str(error)


def _title(text: str, pieces: list[_Piece], stated: str) -> str:
    """Return the title that the file states if it stands on the page, else what is set in the largest type there."""
    stated = " ".join(stated.split())
    on_page = "".join(text[:3000].split()).lower()
    if len(stated.split()) > 1 and not _NO_TITLE.search(stated) and "".join(stated.split()).lower() in on_page:
        return stated
    sizes: dict[float, int] = {}
    for piece in pieces:
        sizes[piece.size] = sizes.get(piece.size, 0) + sum(c.isalpha() for c in piece.text)
    for size in sorted(sizes, reverse=True):
        if 10 <= sizes[size] <= 400:  # a stamp at the margin is shorter, the text itself is longer
            title = " ".join(plain("".join(p.text for p in pieces if p.size in {size, 0.0})).split())
            if not _ARXIV.search(title):
                return title
    first = [line.strip() for line in text.split("\n") if len(line.strip()) > 9]
    return first[0] if first else ""
