"""Words as evidence: the stems two texts share, and how much each is worth.

Knows English word forms; knows no papers. A word that few papers contain says more than one that many do.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from assistant.text import fold
from vectorstore.lexical import STOP_WORDS

_WORD = re.compile(r"\w+")

Frequencies = Callable[[Iterable[str]], Mapping[str, int]]
"""In how many papers each word stands."""


@lru_cache(maxsize=1)
def _stemmer() -> Callable[[str], str]:
    import snowballstemmer

    return snowballstemmer.stemmer("english").stemWord  # type: ignore[no-any-return]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of a folded word (Snowball's English stemmer)."""
    return _stemmer()(word)


def content_words(text: str) -> list[str]:
    """Return the folded words of ``text`` that carry meaning, in order, each once."""
    words = dict.fromkeys(_WORD.findall(fold(text)))
    return [w for w in words if w not in STOP_WORDS and (len(w) > 1 or w.isdigit() or not w.isascii())]


def stems(text: str) -> set[str]:
    """Return the stems of the words of ``text`` that carry meaning.

    >>> sorted(stems("How do transformers encode the images?"))
    ['encod', 'imag', 'transform']
    """
    return {stem(word) for word in content_words(text)}


def weights(text: str, frequencies: Frequencies, papers: int) -> dict[str, float]:
    """Return the inverse document frequency of each stem of ``text`` (Robertson and Zaragoza 2009)."""
    words = content_words(text)
    counts = frequencies(words)
    found: dict[str, float] = {}
    for word in words:
        weight = math.log(1 + (papers - counts[word] + 0.5) / (counts[word] + 0.5)) if papers else 1.0
        found[stem(word)] = max(weight, found.get(stem(word), 0.0))
    return found
