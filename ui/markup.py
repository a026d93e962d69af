"""Text of papers, people and models made harmless, and the few pieces of HTML that messages and panels share.

The page's components read Markdown with HTML in it and sanitise it. Nothing relies on that here: `data` leaves no
character that could act in HTML, Markdown or LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from assistant.answer import Citation
from assistant.papers import Paper
from assistant.text import clean, shorten
from ui import texts

_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")  # all of ASCII's punctuation
_SPACES = re.compile(r"\s+")
_TITLE_CHARACTERS = 300  # a browser's tooltip holds no more


def data(text: str) -> str:
    """Return ``text`` as HTML that shows it and does nothing else, on one line.

    >>> data("<b> & [x](y)")
    '&#60;b&#62; &#38; &#91;x&#93;&#40;y&#41;'
    """
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", _SPACES.sub(" ", clean(text)))


def lines(text: str) -> str:
    """Return ``text`` as `data` does, its line breaks kept."""
    return "<br>".join(data(line) for line in text.strip().splitlines())


def details(citation: Citation | Paper) -> str:
    """Return authors, venue and year of a source as HTML; empty where nothing is known."""
    names = ", ".join(citation.authors[:3]) + (f" {texts.AND_OTHERS}" if len(citation.authors) > 3 else "")
    return joined(*map(data, (names, citation.venue, str(citation.year or ""))))


def joined(*parts: str) -> str:
    """Return pieces of HTML as one line, the empty ones left out; no line begins with the dot between them."""
    return "&nbsp;· ".join(part for part in parts if part)


def address(citation: Citation | Paper) -> str:
    """Return where a paper can be read: its DOI, or its own address if that is one of the web; else nothing."""
    if citation.doi:
        return f"https://doi.org/{quote(citation.doi)}"
    return citation.url if _is_web(citation.url) else ""


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as an unclosed IPv6 bracket
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def paper_link(citation: Citation | Paper) -> str:
    """Return a link to the paper, or nothing where there is no address."""
    if not (target := address(citation)):
        return ""
    return f'<a class="pa-open" href="{data(target)}" target="_blank" rel="noopener noreferrer">{texts.OPEN_PAPER}</a>'


def summary_note(kind: str) -> str:
    """Return the label of a text in other words than the paper's own; nothing for an abstract."""
    return f'<p class="pa-kind">{texts.SUMMARY_NOTE}</p>' if kind == "summary" else ""


def hint(citation: Citation) -> str:
    """Return what hovering over a marker shows: title and quote."""
    return data(shorten(f"{citation.title}: “{citation.quote}”", _TITLE_CHARACTERS))


def hidden(text: str) -> str:
    """Return ``text``, markup of ours, for those who hear the page only."""
    return f'<span class="pa-heard">{text}</span>'


def blocks(parts: Iterable[str]) -> str:
    """Return pieces of HTML as blocks of their own, so that the page redraws and reads aloud only what is new."""
    return "\n\n".join(part for part in parts if part)
