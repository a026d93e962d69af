"""BibTeX and BibLaTeX (https://ctan.org/pkg/biblatex, chapter 2), the ACL Anthology's and everyone else's.

The file is taken apart by bibtexparser, which goes on behind a broken entry; what the fields mean is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from assistant.markup import from_latex
from assistant.names import given_first
from assistant.papers import Paper, RecordError, paper_from_record

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

NAME = "bibtex"
SUFFIXES = (".bib", ".bibtex", ".bbl")

_ENTRY = re.compile(r"^[ \t]*@[ \t]*([A-Za-z]+)[ \t]*[{(]", re.MULTILINE)
_OTHERS = re.compile(r"[<{\[]|[A-Z][A-Z0-9]{1,3} {0,2}- |%0 |(?:FN|PT) ")  # what the tagged formats begin with
_NO_ENTRIES = frozenset({"comment", "preamble", "string"})
_VENUES = ("journal", "journaltitle", "booktitle", "maintitle", "eventtitle", "school", "institution", "howpublished")
_ARXIV = re.compile(r"arXiv[:\s]\s*(\d{4}\.\d{4,5})", re.IGNORECASE)
_PIECE = re.compile(r'\s*(?:"((?:[^"{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)"|([^\s#"{}]+))\s*(?:#|$)')


def matches(text: str) -> bool:
    """Say whether some line begins an entry, before anything that other formats begin with."""
    return _OTHERS.match(text.lstrip("\ufeff \r\n")[:64]) is None and _ENTRY.search(text[: 1 << 16]) is not None


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each entry and its paper, or why there is none."""
    blocks = _blocks(text)
    strings = _strings(blocks)
    entries = [(block.start_line or 0, _entry(block)) for block in blocks]
    by_key = {entry.key.lower(): _fields(entry, strings) for _, entry in entries if not isinstance(entry, str | None)}
    for line, entry in entries:
        if entry is None:
            continue
        if isinstance(entry, str):
            yield line + 1, entry
            continue
        fields = _fields(entry, strings)
        parent = by_key.get(name.lower(), {}) if (name := fields.get("crossref", "").strip()) else {}
        try:
            yield line + 1, _paper(fields, parent)
        except RecordError as error:
            yield line + 1, f"entry {entry.key or 'without a key'}: {error}"


def _blocks(text: str) -> list[Block]:
    import logging

    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it warns of is told per entry
    return list(parse_string(text.lstrip("\ufeff"), parse_stack=[]).blocks)


def _entry(block: Block) -> Entry | str | None:
    """Return the entry that a block is or, if it is a broken one, why; None for comments and strings."""
    from bibtexparser import model

    if isinstance(block, model.Entry):
        return block
    if isinstance(block, model.DuplicateFieldKeyBlock | model.DuplicateBlockKeyBlock):
        inner = block.ignore_error_block
        return inner if isinstance(inner, model.Entry) else None
    if isinstance(block, model.ParsingFailedBlock):
        begun = _ENTRY.match(block.raw or "")
        if begun and begun[1].lower() in _NO_ENTRIES:
            return None
        return f"not BibTeX: {_reason(block.error)}"
    return None


def _reason(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(getattr(error, "abort_reason", "") or error)).strip(" .")


def _strings(blocks: list[Block]) -> dict[str, str]:
    from bibtexparser import model

    strings: dict[str, str] = {}
    for block in blocks:
        if isinstance(block, model.String):
            strings[block.key.lower()] = _value(str(block.value), strings)
    return strings


def _fields(entry: Entry, strings: Mapping[str, str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), _value(str(field.value), strings))
    return fields


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """Return what a field says: quotes or braces taken off, pieces put together, abbreviations written out."""
    raw = raw.strip()
    if raw.startswith("{") and raw.endswith("}"):
        return raw[1:-1]
    parts, position = list[str](), 0
    while position < len(raw):
        piece = _PIECE.match(raw, position)
        if piece is None:
            return raw.strip('"{}')
        parts.append(piece[1] if piece[1] is not None else strings.get(piece[2].lower(), piece[2]))
        position = piece.end()
    return "".join(parts)


def _paper(fields: Mapping[str, str], parent: Mapping[str, str]) -> Paper:
    arxiv = _arxiv(fields)
    title, subtitle = _text(fields.get("title", "")), _text(fields.get("subtitle", ""))
    venues = [_text(name) for key in _VENUES if (name := fields.get(key, "") or parent.get(key, ""))]
    return paper_from_record(
        {
            "title": f"{title}: {subtitle}" if title and subtitle else title,
            "abstract": _text(fields.get("abstract", ""), keep_lines=True),
            "summary": _text(fields.get("summary", ""), keep_lines=True),
            "authors": [{"name": name} for name in _names(fields.get("author", ""))],
            "year": fields.get("year") or fields.get("date") or parent.get("year") or parent.get("date"),
            "venue": next((v for v in [*venues, _text(parent.get("title", ""))] if v), ""),
            "url": f"https://arxiv.org/abs/{arxiv}" if arxiv else _literal(fields.get("url", "")),
            "doi": _literal(fields.get("doi", "")),
        }
    )


def _arxiv(fields: Mapping[str, str]) -> str:
    """Return the arXiv id of an entry, which stands in a field of its own or, as Google Scholar has it, in others."""
    if "arxiv" in f"{fields.get('archiveprefix', '')} {fields.get('eprinttype', '')}".lower():
        return _literal(fields.get("eprint", ""))
    if fields.get("doi") or fields.get("url"):
        return ""
    found = _ARXIV.search(" ".join(fields.get(name, "") for name in ("journal", "howpublished", "note", "eprint")))
    return found[1] if found else ""


def _text(value: str, *, keep_lines: bool = False) -> str:
    """Return what a field prints. Its own line ends are spaces, as to LaTeX; an empty line parts paragraphs."""
    paragraphs = re.split(r"\n[ \t\r]*\n", value)
    text = "\n".join(from_latex(re.sub(r"\s+", " ", paragraph).strip()) for paragraph in paragraphs)
    return text if keep_lines else " ".join(text.split())


def _literal(value: str) -> str:
    r"""Return an address: only escapes and the braces around are LaTeX in it."""
    inner = re.sub(r"\\url\s*\{([^{}]*)\}", r"\1", value)
    return re.sub(r"[{}\s]", "", re.sub(r"\\textasciitilde\s*(?:\{\})?", "~", re.sub(r"\\([_%#&~$])", r"\1", inner)))


def _names(value: str) -> list[str]:
    """Return the names in an author field, which " and " parts outside of braces; "others" is nobody."""
    names, depth, start = list[str](), 0, 0
    for match in re.finditer(r"[{}]|\s+and\s+", value + " and "):
        if match[0] in "{}":
            depth += 1 if match[0] == "{" else -1
        elif depth <= 0:
            names.append(value[start : match.start()].strip())
            start = match.end()
    return [_name(name) for name in names if name and name != "others"]


def _name(value: str) -> str:
    if value.startswith("{") and value.endswith("}") and value.count("{") == 1:  # a body, not a person
        return _text(value)
    return given_first(_text(value).strip(" ,"))
