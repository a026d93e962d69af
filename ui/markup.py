"""Text of papers, people and models made harmless, and the few pieces of HTML that messages and panels share.

The page's components read Markdown with HTML in it and sanitise it. Nothing relies on that here: `data` leaves no
character that could act in HTML, Markdown or LaTeX. Buttons say what they do in ``name`` and to what in ``value``: that
is all of a button that the sanitiser lets through and `page.js` needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.answer import Citation
from assistant.papers import Paper
from assistant.references import web_address
from assistant.text import clean
from ui.formulas import CLOSE, OPEN, formulas
from ui.texts import Texts

_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")  # all of ASCII's punctuation
_SPACES = re.compile(r"\s+")
_DELIMITERS = str.maketrans("", "", OPEN + CLOSE)


def data(text: str) -> str:
    """Return ``text`` as HTML that shows it and does nothing else, on one line.

    >>> data("<b> & [x](y)")
    '&#60;b&#62; &#38; &#91;x&#93;&#40;y&#41;'
    """
    return _inert(_SPACES.sub(" ", clean(text)).translate(_DELIMITERS))


def _inert(text: str) -> str:
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", text)


def prose(text: str) -> str:
    """Return ``text`` as `data` does, with its formulas set by KaTeX where they hold nothing but symbols."""
    shown = _SPACES.sub(" ", clean(text)).translate(_DELIMITERS)
    return "".join(
        f"{OPEN}{_inert(piece)}{CLOSE}" if is_formula else _inert(piece) for piece, is_formula in formulas(shown)
    )


def lines(text: str) -> str:
    """Return ``text`` as `data` does, its line breaks kept."""
    return "<br>".join(data(line) for line in text.strip().splitlines())


def details(citation: Citation | Paper, t: Texts) -> str:
    """Return authors, venue and year of a source as HTML; empty where nothing is known."""
    names = ", ".join(citation.authors[:3]) + (f" {t.and_others}" if len(citation.authors) > 3 else "")
    return joined(*map(data, (names, citation.venue, str(citation.year or ""))))


def joined(*parts: str) -> str:
    """Return pieces of HTML as one line, the empty ones left out; no line begins with the dot between them."""
    return "&nbsp;· ".join(part for part in parts if part)


def paper_link(citation: Citation | Paper, t: Texts) -> str:
    """Return a link to the paper, or nothing where there is no address."""
    if not (target := web_address(citation.doi, citation.url)):
        return ""
    return f'<a class="pa-open" href="{data(target)}" target="_blank" rel="noopener noreferrer">{t.open_paper}</a>'


def summary_note(kind: str, t: Texts) -> str:
    """Return the label of a text in other words than the paper's own; nothing for an abstract."""
    return f'<p class="pa-kind">{t.summary_note}</p>' if kind == "summary" else ""


def hidden(text: str) -> str:
    """Return ``text``, markup of ours, for those who hear the page only."""
    return f'<span class="pa-heard">{text}</span>'


def button(label: str, name: str, value: object = "", *, about: str = "", style: str = "") -> str:
    """Return a button that `page.js` turns into an action.

    Args:
        label: What it says.
        name: Where the action goes and what it is, ``view-verb``.
        value: What it is done to.
        about: What a screen reader says after the label, to tell it from others.
        style: A class of ours.
    """
    heard = hidden(f" {data(about)}") if about else ""
    return (
        f'<button type="button" class="pa-act {style}" name="{name}" value="{data(str(value))}">{label}{heard}</button>'
    )


def blocks(parts: Iterable[str]) -> str:
    """Return pieces of HTML as blocks of their own, so that the page redraws and reads aloud only what is new."""
    return "\n\n".join(part for part in parts if part)
