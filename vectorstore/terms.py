"""Terms: what the words of a text are searched by.

Stems of the words that carry meaning, accents and case dropped. Names that hold figures stay findable however they are
written: "GPT-4" is found by "gpt4" and by "gpt 4", "0.7%" by "0.7".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being between both but by can
    could did do does doing don done down during each few for from further had has have having he her here hers him his
    how i if in into is it its itself just let like me might more most much must my no nor not now of off on once one
    only or other our out over own please same shall she should so some such tell than that the their them then there
    these they this those through to too under until up upon us very was we were what when where whether which while who
    whom whose why will with within without would you your yours work works paper papers study studies""".split()
)
_TERM = re.compile(r"\d+(?:\.\d+)+|\w+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_LETTERS_AND_FIGURES = re.compile(r"\b([^\W\d_]+)-(\d+[^\W_]?)\b")
_STEMMER = Stemmer.Stemmer("english")  # Snowball's own C library: 59,000 abstracts in seconds


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of a word in lower case (Snowball's English stemmer)."""
    return str(_STEMMER.stemWord(word))


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, as often as they occur.

    >>> terms("How does GPT-4 gain 0.7% with β-catenin?")
    ['gpt', '4', 'gain', '0.7', 'β', 'catenin', 'gpt4']
    """
    plain = _plain(text)
    words = [word for word in _TERM.findall(plain) if word not in STOP_WORDS and _says_something(word)]
    hyphened = " ".join(part for part in plain.split() if "-" in part)  # few: searched in a third of the time
    joined = [f"{letters}{figures}" for letters, figures in _LETTERS_AND_FIGURES.findall(hyphened)]
    return [stem(word) for word in words + joined]


def _says_something(word: str) -> bool:
    return len(word) > 1 or word.isdigit() or not word.isascii()


def _plain(text: str) -> str:
    """Return a text in lower case without accents; runs beyond ASCII are few, and the same ones come again."""
    return text.lower() if text.isascii() else _NOT_ASCII.sub(lambda run: _without_accents(run[0]), text.casefold())


@lru_cache(maxsize=10_000)
def _without_accents(run: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", run) if not unicodedata.combining(c))
