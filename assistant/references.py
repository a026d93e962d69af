"""References: papers as BibTeX, RIS, CSL-JSON, JSONL and as one line each for a list of references.

Values in, text out; knows no files. What stands in a paper is data: braces, percent signs and line breaks of a title
cannot end a field.
A reference says where to find a paper; a complete record also has the abstract, and reads back as the paper it was. A
summary in other words is given out as what it is, never as the abstract.
BibTeX: https://www.bibtex.org/Format/ · RIS: https://en.wikipedia.org/wiki/RIS_(file_format) ·
CSL-JSON: https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from assistant.markup import to_latex
from assistant.names import family_and_given, given_first
from assistant.papers import SUMMARY_NOTE, Paper, identifiers
from assistant.text import fold, one_line

_SPECIAL = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)
_LATEX = re.compile(r"\\[A-Za-z%&_#$]|\$[^$]+\$")  # a title that its source already wrote for LaTeX
_SMALL_WORDS = frozenset("a an the on of in for and to with from by at is are do does how what why".split())
_AUTHORS_NAMED = 20


def web_address(doi: str, url: str) -> str:
    """Return where a paper can be read: its DOI, or its own address if that is one of the web; else nothing."""
    if doi:
        return f"https://doi.org/{quote(doi)}"
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed IPv6 bracket
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def bibtex(papers: Iterable[Paper], *, complete: bool = False) -> str:
    """Return BibTeX entries in the order given; keys are made of author, year and title and differ from each other."""
    keys: dict[str, int] = {}
    return "\n".join(_bibtex(paper, _unlike(_key(paper), keys), complete=complete) for paper in papers)


def _bibtex(paper: Paper, key: str, *, complete: bool) -> str:
    field = {"article": "journal", "inproceedings": "booktitle"}.get(kind := _kind(paper), "howpublished")
    fields = {
        "title": f"{{{to_latex(paper.title) if complete else _latex(paper.title)}}}",
        "author": " and ".join(_author(name, complete=complete) for name in paper.authors),
        "year": str(paper.year or ""),
        field: to_latex(paper.venue) if complete else _latex(paper.venue),
        "doi": _bare(paper.doi),
        "url": _bare(_address(paper) if complete else web_address(paper.doi, paper.url)),
        _text_field(paper): to_latex(paper.abstract) if complete else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _address(paper: Paper) -> str:
    """Return a paper's own address, if it is one of the web or says which paper it is ("arXiv:2004.12832")."""
    return paper.url if web_address("", paper.url) or identifiers(replace(paper, doi="")) else ""


def _text_field(paper: Paper) -> str:
    return "abstract" if paper.kind == "abstract" else "summary"


def _kind(paper: Paper) -> str:
    """Return the type of entry; without a venue nothing is claimed."""
    if not paper.venue:
        return "misc"
    return (
        "article" if re.search(r"\b(?:journal|transactions|letters|review)\b", paper.venue, re.I) else "inproceedings"
    )


def _author(name: str, *, complete: bool = False) -> str:
    """Return a name as BibTeX parses it whole; "and" within one would part it in two."""
    if complete:
        inverted = None if re.search(r"\band\b", name, re.IGNORECASE) else _inverted(name)
        return f"{{{to_latex(name)}}}" if inverted is None else to_latex(inverted)
    return "{" + _latex(name) + "}" if re.search(r"\band\b|,", name) else _latex(name)


def _latex(text: str) -> str:
    """Return text for LaTeX: escaped, unless its source wrote LaTeX with braces that match."""
    line = one_line(text)
    return line if _LATEX.search(line) and _balanced(line) else _escaped(line)


def _escaped(text: str) -> str:
    return one_line(text).translate(_SPECIAL)


def _balanced(text: str) -> bool:
    depth = 0
    for character in re.sub(r"\\.", "", text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and not re.search(r"(?<!\\)%", text) and not text.endswith("\\")


def _bare(text: str) -> str:
    return re.sub(r"[{}\\\s]", "", text)


def _key(paper: Paper) -> str:
    family = fold(paper.authors[0]).split(",")[0].split()[-1:] if paper.authors else []
    words = [w for w in re.findall(r"[a-z0-9]+", fold(paper.title)) if w not in _SMALL_WORDS]
    ascii_only = unicodedata.normalize("NFKD", "".join([*family, str(paper.year or ""), *words[:1]]))
    return re.sub(r"[^a-z0-9]", "", ascii_only) or "paper"


def _unlike(key: str, taken: dict[str, int]) -> str:
    taken[key] = taken.get(key, 0) + 1
    return key if taken[key] == 1 else f"{key}-{taken[key]}"


def ris(papers: Iterable[Paper], *, complete: bool = False) -> str:
    """Return RIS records in the order given, as reference managers import them; lines end in CR LF."""
    return "".join(_ris(paper, complete=complete) for paper in papers)


def _ris(paper: Paper, *, complete: bool) -> str:
    kind = {"article": "JOUR", "inproceedings": "CPAPER"}.get(_kind(paper), "GEN")
    tags = [
        ("TY", kind),
        ("TI", paper.title),
        *(("AU", _ris_name(name) if complete else name) for name in paper.authors),
        ("PY", str(paper.year or "")),
        ("T2", paper.venue),
        ("DO", paper.doi),
        ("UR", _address(paper) if complete else web_address(paper.doi, paper.url)),
        ("AB", paper.abstract if paper.kind == "abstract" else ""),
        ("N1", f"{SUMMARY_NOTE}{paper.abstract}" if complete and paper.kind == "summary" else ""),
    ]
    texts = [(tag, _ris_lines(value) if complete else one_line(value)) for tag, value in tags]
    return "\r\n".join([*(f"{tag}  - {text}" for tag, text in texts if text), "ER  - ", "", ""])


def _ris_lines(text: str) -> str:
    """Return a text with its lines; blanks keep a further one that looks like a tag from being taken for it."""
    first, *others = [line.strip() for line in text.splitlines()] or [""]
    return "\r\n".join([first, *(f"    {line}" if re.match("[A-Z][A-Z0-9] ", line) else line for line in others)])


def _ris_name(name: str) -> str:
    inverted = _inverted(name)
    return f"{name}," if inverted is None else inverted  # a comma at the end marks a body, as EndNote has it


def _inverted(name: str) -> str | None:
    """Return a name with the family name first, None for one that would not be read as it was."""
    family, given = family_and_given(name)
    inverted = f"{family}, {given}" if given else family
    return inverted if given_first(inverted) == name and (given or "," not in name) else None


def csl_json(papers: Iterable[Paper]) -> str:
    """Return one CSL-JSON document with the papers in the order given."""
    return json.dumps([_csl(paper) for paper in papers], ensure_ascii=False, indent=1) + "\n"


def _csl(paper: Paper) -> dict[str, Any]:
    kind = {"article": "article-journal", "inproceedings": "paper-conference"}.get(_kind(paper), "article")
    item = {
        "id": paper.paper_id,
        "type": kind,
        "title": paper.title,
        "author": [_csl_name(name) for name in paper.authors],
        "issued": {"date-parts": [[paper.year]]} if paper.year else None,
        "container-title": paper.venue,
        "DOI": paper.doi,
        "URL": _address(paper),
        "abstract": paper.abstract if paper.kind == "abstract" else "",
        "note": f"{SUMMARY_NOTE}{paper.abstract}" if paper.kind == "summary" else "",
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: str) -> dict[str, str]:
    family, given = family_and_given(name)
    return {"family": family, "given": given} if given else {"literal": family}


def jsonl(papers: Iterable[Paper]) -> str:
    """Return one JSON object a line with everything that the library has of each paper."""
    return "".join(json.dumps(_json(paper), ensure_ascii=False) + "\n" for paper in papers)


def _json(paper: Paper) -> dict[str, Any]:
    # A name that would be turned around when it is read says that it is one.
    names = [name if given_first(name) == name else {"name": name} for name in paper.authors]
    return paper.to_dict() | {"authors": names}


def formatted(papers: Iterable[Paper]) -> str:
    """Return one line a paper: authors, year, title, venue and address, as a list of references has them."""
    return "".join(f"{_formatted(paper)}\n" for paper in papers)


def _formatted(paper: Paper) -> str:
    names = list(map(one_line, paper.authors))
    if len(names) > _AUTHORS_NAMED:
        names = [*names[:_AUTHORS_NAMED], "et al."]
    who = (
        ", ".join(names[:-1]) + (" and " if len(names) == 2 else ", and ") + names[-1]
        if len(names) > 1
        else "".join(names)
    )
    year = f"({paper.year})" if paper.year else ""
    title = one_line(paper.title)
    title += "" if title.endswith(("?", "!", ".")) else "."
    venue = f"{one_line(paper.venue)}." if paper.venue else ""
    lead = " ".join(part for part in (who, year) if part)
    return " ".join(p for p in (f"{lead}." if lead else "", title, venue, web_address(paper.doi, paper.url)) if p)


Writer = Callable[[Iterable[Paper]], str]
WRITERS: Mapping[str, tuple[str, Writer]] = {
    "bib": ("application/x-bibtex", bibtex),
    "ris": ("application/x-research-info-systems", ris),
    "txt": ("text/plain", formatted),
}
"""What a list of papers can be written as, by the end of a file's name: media type and writer."""

EXPORTS: Mapping[str, Writer] = {
    "bibtex": partial(bibtex, complete=True),
    "ris": partial(ris, complete=True),
    "csl-json": csl_json,
    "jsonl": jsonl,
}
"""What a library can be exported as, complete and to be read back, by the format's name."""
SUFFIXES: Mapping[str, str] = {".bib": "bibtex", ".ris": "ris", ".json": "csl-json", ".jsonl": "jsonl"}
