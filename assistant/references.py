"""References: a paper as BibTeX, as RIS and as one line for a list of references.

Values in, text out; knows no files. What stands in a paper is data: braces, percent signs and line breaks of a title
cannot end a field.
BibTeX: https://www.bibtex.org/Format/ · RIS: https://en.wikipedia.org/wiki/RIS_(file_format)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, urlsplit

from assistant.papers import Paper
from assistant.text import fold, one_line

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "&%$#_{}"} | {"\\": r"\textbackslash{}", "~": r"\~{}", "^": r"\^{}"})
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


def bibtex(papers: Iterable[Paper]) -> str:
    """Return BibTeX entries in the order given; keys are made of author, year and title and differ from each other."""
    keys: dict[str, int] = {}
    return "\n".join(_bibtex(paper, _unlike(_key(paper), keys)) for paper in papers)


def _bibtex(paper: Paper, key: str) -> str:
    field = {"article": "journal", "inproceedings": "booktitle"}.get(kind := _kind(paper), "howpublished")
    fields = {
        "title": f"{{{_latex(paper.title)}}}",
        "author": " and ".join(map(_author, paper.authors)),
        "year": str(paper.year or ""),
        field: _latex(paper.venue),
        "doi": _bare(paper.doi),
        "url": _bare(web_address(paper.doi, paper.url)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _kind(paper: Paper) -> str:
    """Return the type of entry; without a venue nothing is claimed."""
    if not paper.venue:
        return "misc"
    return (
        "article" if re.search(r"\b(?:journal|transactions|letters|review)\b", paper.venue, re.I) else "inproceedings"
    )


def _author(name: str) -> str:
    """Return a name as BibTeX parses it whole; "and" within one would part it in two."""
    return "{" + _latex(name) + "}" if re.search(r"\band\b|,.*,", name) else _latex(name)


def _latex(text: str) -> str:
    """Return text for LaTeX: escaped, unless its source wrote LaTeX with braces that match."""
    line = one_line(text)
    return line if _LATEX.search(line) and _balanced(line) else line.translate(_SPECIAL)


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


def ris(papers: Iterable[Paper]) -> str:
    """Return RIS records in the order given, as reference managers import them; lines end in CR LF."""
    return "".join(_ris(paper) for paper in papers)


def _ris(paper: Paper) -> str:
    kind = {"article": "JOUR", "inproceedings": "CPAPER"}.get(_kind(paper), "GEN")
    tags = [
        ("TY", kind),
        ("TI", paper.title),
        *(("AU", name) for name in paper.authors),
        ("PY", str(paper.year or "")),
        ("T2", paper.venue),
        ("DO", paper.doi),
        ("UR", web_address(paper.doi, paper.url)),
        ("AB", paper.abstract if paper.kind == "abstract" else ""),
    ]
    lines = [f"{tag}  - {line}" for tag, value in tags if (line := one_line(value))]
    return "\r\n".join([*lines, "ER  - ", "", ""])


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
