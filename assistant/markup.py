"""Markup to plain text: HTML and JATS tags, character entities, LaTeX, and words that were parted at a line's end.

Knows markup; does not know papers. What has been cleaned once is not changed by cleaning it again, so that papers that
were exported come back as they were.
"""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pylatexenc.latex2text import LatexNodes2Text

# Tags that abstracts come with (HTML, JATS: https://jats.nlm.nih.gov); anything else in angle brackets is text.
_TAG = re.compile(
    r"<(?P<end>/?)(?:(?P<vocabulary>jats|mml|m):)?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?:\s[^<>]*)?/?>", re.ASCII
)
_NAMES = frozenset(
    "a abstracttext b bold br div em font i inf italic li list list-item math mi mn mo monospace mrow ol p sc sec "
    "small span strong sub sup title tt u ul underline".split()
)
_BREAKING = frozenset("abstracttext br div li list-item p sec".split())
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_SUPERSCRIPT = re.compile(r"<(?:jats:)?sup(?:\s[^<>]*)?>\s*([-+−–]?\d+(?:[.,]\d+)?)\s*</(?:jats:)?sup>", re.IGNORECASE)
_PARTED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad][ \t]*\r?\n[ \t]*(?=[^\W\d_])")
_ROUNDS = 4  # a mark that stands inside another comes to light when that one is gone


def unmarked(text: str) -> str:
    """Return ``text`` without HTML or JATS tags and with characters for entities, until there are none left.

    >>> unmarked("<jats:title>Abstract</jats:title><jats:p>H<sub>2</sub>O &amp;amp; 10<sup>6</sup> <er></jats:p>")
    'H2O & 10^6 <er>'
    """
    for _ in range(_ROUNDS):
        if "<" not in text and "&" not in text:
            return text
        once = _ENTITY.sub(_character, _without_tags(text))
        if once == text:
            break
        text = once
    return text


def joined(text: str) -> str:
    r"""Return ``text`` with words put together again that a hyphen parted at the end of a line.

    A hyphen that the same text has within a line stays.

    >>> joined("re-\ntrieval of state-of-the-\nart, the-art")
    'retrieval of state-of-the-art, the-art'
    """
    if "\n" not in text:
        return text
    return _PARTED.sub(lambda match: _hyphen(match, text), text)


def _hyphen(match: re.Match[str], text: str) -> str:
    before = re.search(r"\w+$", text[max(0, match.start() - 60) : match.start()])
    after = re.match(r"\w+", text[match.end() : match.end() + 60])
    if before is None or after is None:
        return match[0]
    if after[0][0].isupper():  # "Monte-\nCarlo"; a parted word goes on in lower case
        return "-"
    return "-" if re.search(rf"\b{before[0]}-{after[0]}\b", text) else ""


def _character(match: re.Match[str]) -> str:
    return html.unescape(match[0]).replace("\xa0", " ")


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = _SUPERSCRIPT.sub(r"^\1", text)
    ended = {match["name"].lower() for match in _TAG.finditer(text) if match["end"] or match["name"].lower() == "br"}
    result, depth_titles, position = list[str](), 0, 0
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        if not (match["vocabulary"] or (name in _NAMES and name in ended)):
            continue
        result.append(text[position : match.start()])
        position = match.end()
        if name == "title" and not match["end"]:
            depth_titles = len(result)
        elif name == "title":
            result[depth_titles:] = [_heading("".join(result[depth_titles:]))]
        elif name in _BREAKING and "".join(result[-1:]).strip():
            result.append("\n")
    if not position:
        return text
    result.append(text[position:])
    return re.sub(r"[ \t]*\n\s*", "\n", "".join(result)).strip()


def _heading(text: str) -> str:
    """Return a section's title as abstracts in running text have it; "Abstract" says nothing."""
    title = text.strip().rstrip(":.")
    return "" if title.lower() in {"", "abstract", "summary"} else f"{title}: "


# -- LaTeX ---------------------------------------------------------------------------------------------------------

_LATEX = re.compile(r"[\\{}$~]|--|``|''")
_SPECIAL = re.compile(r"(?<!\\)[%&#]")  # people forget to escape them, and to LaTeX a bare % ends the line
# As Pandoc has it: no space inside the dollars, no digit after them; with spaces only around a command.
_MATH = re.compile(
    r"(?<![\\$])\$\$[^$]{1,2000}(?<!\\)\$\$"
    r"|(?<!\\)\$(?:(?!\s)[^$]{1,2000}(?<![\s\\])\$(?!\d)|\s[^$\\]{0,999}\\[^$]{1,999}(?<!\\)\$)"
)
_ESCAPED = re.compile(r"\\([%&_#${}])")
_DEPTH = 40  # nested groups; the parser calls itself for each
_CHARACTERS = 100_000


def from_latex(text: str) -> str:
    r"""Return what LaTeX in running text prints; a dollar sign that opens no formula is money.

    >>> from_latex(r"{\'E}mile gains 0.7\% and $5 on the {BERT} set in $\mathcal{O}(n^2)$, \eg{} 3% -- \emph{yes}")
    'Émile gains 0.7% and $5 on the BERT set in O(n^2), e.g. 3% – yes'
    """
    if not _LATEX.search(text):
        return text
    if not re.search(r"\\[^%&_#${}]|\$|~|--|``|''", text):  # nothing but escapes and braces, by far the most common
        return _ESCAPED.sub(r"\1", re.sub(r"(?<!\\)[{}]", "", text))
    if len(text) > _CHARACTERS or _depth(text) > _DEPTH:
        return _stripped(text)
    from pylatexenc.latexwalker import LatexWalkerError

    marked = _dollars(_SPECIAL.sub(r"\\\g<0>", text))
    try:
        printed = str(_printer().latex_to_text(marked))
    except (LatexWalkerError, RecursionError, ValueError, IndexError, KeyError, TypeError, AttributeError):
        return _stripped(text)
    return printed.replace("\xa0", " ")


def _dollars(text: str) -> str:
    """Escape the dollar signs that open no formula."""
    parts, position = list[str](), 0
    for match in _MATH.finditer(text):
        if not _is_formula(match[0].strip("$")):
            continue
        parts += [_alone(text[position : match.start()]), match[0]]
        position = match.end()
    return "".join([*parts, _alone(text[position:])])


def _alone(text: str) -> str:
    return re.sub(r"(?<!\\)\$", r"\\$", text)


def _is_formula(text: str) -> bool:
    return " " not in text.strip() or bool(re.search(r"[\\^_{}=<>+*/|]", text))


def _depth(text: str) -> int:
    depth = deepest = 0
    for brace in re.findall(r"(?<!\\)[{}\[\]]|\\begin|\\end|\\left|\\right", text):
        depth += 1 if brace in {"{", "[", "\\begin", "\\left"} else -1
        deepest = max(deepest, depth)
    return deepest


def _stripped(text: str) -> str:
    """Return LaTeX that cannot be read without what is surely not text."""
    return _ESCAPED.sub(r"\1", re.sub(r"\\[a-zA-Z]+\*?|(?<!\\)[{}]", "", text))


@cache
def _printer() -> LatexNodes2Text:
    from pylatexenc import latex2text

    context = latex2text.get_default_latex_context_db()
    context.add_context_category(
        "papers",
        prepend=True,
        macros=[
            *(
                latex2text.MacroTextSpec(name, "")
                for name in ("cite", "citep", "citet", "label", "footnote", "newblock")
            ),
            *(latex2text.MacroTextSpec(name, "%(1)s") for name in ("url", "nolinkurl", "path")),
            latex2text.MacroTextSpec("href", "%(2)s"),
            latex2text.MacroTextSpec("ie", "i.e."),
            latex2text.MacroTextSpec("eg", "e.g."),
            latex2text.MacroTextSpec("etal", "et al."),
            *(latex2text.MacroTextSpec(name, "\n") for name in ("newline", "par")),
            *(
                latex2text.MacroTextSpec(f"math{name}", "%(1)s")
                for name in ("bb", "bf", "cal", "frak", "it", "rm", "sf")
            ),
            *(latex2text.MacroTextSpec(f"textbrace{name}", text) for name, text in (("left", "{"), ("right", "}"))),
            *(latex2text.MacroTextSpec(f"textascii{name}", text) for name, text in (("circum", "^"), ("tilde", "~"))),
        ],
    )
    # A macro of the authors' own is most often a name: \linemod is better than nothing.
    context.set_unknown_macro_spec(latex2text.MacroTextSpec("", lambda node: node.macroname))
    return latex2text.LatexNodes2Text(latex_context=context, math_mode="text", keep_comments=True)


_TO_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "%": r"\%",
    "&": r"\&", "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\n": r"\newline{}",
}  # fmt: skip


def to_latex(text: str) -> str:
    r"""Return LaTeX that prints ``text``; braces in it come in pairs, as BibTeX wants them.

    >>> to_latex("5% of A&B -- {x}")
    '5\\% of A\\&B -{}- \\textbraceleft{}x\\textbraceright{}'
    """
    lines = "\n".join(line.strip().replace("\t", " ") for line in text.splitlines())
    escaped = "".join(_TO_LATEX.get(character, character) for character in lines)
    escaped = re.sub("(?<= ) ", r"\\ ", escaped)
    return re.sub(r"(?<=-)-|(?<=`)`|(?<=')'|(?<=[!?])`|(?<=,),|(?<=<)<|(?<=>)>", r"{}\g<0>", escaped)
