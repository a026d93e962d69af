"""Words as evidence: the stems two texts share.

Knows English word forms; knows no papers.
"""

from __future__ import annotations

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
