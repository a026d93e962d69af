"""Clean text: what is kept of strings that come from files and people, before anything else sees them.

Knows Unicode; does not know papers. Hidden characters are removed because they can make a page show something other
than what the model reads (Trojan Source, https://trojansource.codes).
"""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "["
    "\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"  # C0 and C1 controls but those that part words
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # soft hyphen, zero width, bidirectional controls
    "\U000e0000-\U000e01ef"  # tags and variation selectors: invisible to people, readable to models
    "\ud800-\udfff"  # lone surrogates cannot be written as UTF-8
    "]"
)
_BREAKS = re.compile("[\u000b\u000c\u001c-\u001f\u0085\u2028\u2029]")  # form feeds and their like part words
_MARKER = re.compile(r"\[(\d+(?:\s*[,–-]\s*\d+)*)\]")
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | {"’": "'", "‘": "'", "“": '"', "”": '"'})


def clean(text: str) -> str:
    """Return ``text`` in NFC without control, zero-width and bidirectional characters; rare breaks become spaces."""
    return unicodedata.normalize("NFC", _BREAKS.sub(" ", _HIDDEN.sub("", text)))


def one_line(text: str) -> str:
    """Return clean ``text`` with every run of white space made a single space."""
    return _SPACES.sub(" ", clean(text)).strip()


def fold(text: str) -> str:
    """Return ``text`` as it is compared: NFKC, lower case, plain dashes and quotes, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).translate(_DASHES).casefold())
    return _SPACES.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def shorten(text: str, characters: int) -> str:
    """Return ``text`` cut at a word boundary to at most ``characters``, an ellipsis showing the cut."""
    if len(text) <= characters:
        return text
    return text[: characters - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def readable(text: str) -> str:
    r"""Return a quote as it is shown in prose: on one line, LaTeX unescaped, no "[7]" that looks like our marker.

    >>> readable(r"a gain of 0.7\% on\nA\&B".replace(r"\n", "\n"))
    'a gain of 0.7% on A&B'
    """
    unescaped = re.sub(r"\\([%&_#$])", r"\1", one_line(text))
    return unmarked(unescaped)


def unmarked(text: str) -> str:
    """Return a text without anything that looks like one of our markers: round brackets for "[7]" and "[2, 3]".

    >>> unmarked("A reply to [2] and [7, 8]")
    'A reply to (2) and (7, 8)'
    """
    return _MARKER.sub(r"(\1)", text)
