"""Clean text: what is kept of strings that come from files and people, before anything else sees them.

Knows Unicode; does not know papers. Hidden characters are removed because they can make a page show something other
than what the model reads (Trojan Source, https://trojansource.codes).
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

_HIDDEN = re.compile(
    "["
    "\u0000-\u0008\u000e-\u001b\u007f-\u009f"  # C0 and C1 controls but those that part words
    "\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"  # soft hyphen, zero width, bidirectional controls
    "\U000e0000-\U000e01ef"  # tags and variation selectors: invisible to people, readable to models
    "\ud800-\udfff"  # lone surrogates cannot be written as UTF-8
    "]"
)
_BREAKS = re.compile("[\u000b\u000c\u001c-\u001f\u2028\u2029]")  # form feeds and their like part words
_MISREAD = re.compile(
    "[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}|[\u0080-\u009f]"
)
_C1 = re.compile("[\u0080-\u009f]")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_MARKER = re.compile(r"\[(\d+(?:\s*[,–-]\s*\d+)*)\]")
_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | {"’": "'", "‘": "'", "“": '"', "”": '"'})


def clean(text: str) -> str:
    r"""Return ``text`` in NFC without control, zero-width and bidirectional characters; rare breaks become spaces.

    Ligatures become letters. Controls that no text holds (U+0080 to U+009F) are bytes that were read in a wrong
    encoding: UTF-8 where they make sense in it, else Windows-1252.

    >>> clean("the user\xe2\x80\x99s \x93e\ufb03cient\x94 way")
    'the user’s “efficient” way'
    """
    if text.isascii() and text.isprintable():  # most of what is read: nothing to do
        return text
    if _C1.search(text):
        text = _MISREAD.sub(_reread, text)
    if _LIGATURE.search(text):
        text = text.translate(_LIGATURES)
    return unicodedata.normalize("NFC", _BREAKS.sub(" ", _HIDDEN.sub("", text)))


def _reread(misread: re.Match[str]) -> str:
    data = misread[0].encode("latin-1")
    if not _C1.search(misread[0]):  # two letters that stand side by side by right
        return misread[0]
    for encoding in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return "".join(c for c in misread[0] if not _C1.match(c))


def one_line(text: str) -> str:
    """Return clean ``text`` with every run of white space made a single space."""
    return _SPACES.sub(" ", clean(text)).strip()


def fold(text: str) -> str:
    """Return ``text`` as it is compared: NFKC, lower case, plain dashes and quotes, no accents, single spaces."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
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
