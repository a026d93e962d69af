"""Words as evidence: the stems two texts share.

Knows English word forms; knows no papers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from assistant.text import fold
from vectorstore.terms import STOP_WORDS, stem

__all__ = ["Frequencies", "content_words", "stem", "stems"]

_WORD = re.compile(r"\w+")
Frequencies = Callable[[Iterable[str]], Mapping[str, int]]
"""In how many papers each word stands."""


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
