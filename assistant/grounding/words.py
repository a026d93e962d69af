"""Words as they stand in a claim or a quote: each with what is around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.grounding.lexicon import DOWN, NEGATIONS, NUMERALS, UP
from assistant.text import fold
from assistant.words import stem
from vectorstore.terms import STOP_WORDS

REACH = 4  # content words on either side that make the context of a word
_WORD = re.compile(r"\w+(?:['’]t\b)?")
_BEING = frozenset("is are was were be been being".split())
_NO_LETTERS = re.compile(r"[\W\d_]+x?")


@dataclass(frozen=True, slots=True)
class WordInContext:
    """A word with the stems of the content words around it, the nearest first."""

    word: str
    stem: str
    is_content: bool
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def previous(self) -> str:
        """The content word before it, or "^" at the beginning."""
        return self.before[0] if self.before else "^"

    @property
    def next(self) -> str:
        """The content word behind it, or "$" at the end."""
        return self.after[0] if self.after else "$"

    @property
    def near(self) -> frozenset[str]:
        """The content words on both sides."""
        return frozenset(self.before + self.after)

    @property
    def is_negation(self) -> bool:
        """Whether it denies."""
        return self.word in NEGATIONS or self.word.endswith(("n't", "n’t"))

    @property
    def direction(self) -> int:
        """1 for more, -1 for less, 0 for neither."""
        return (self.stem in UP) - (self.stem in DOWN)


def words_in_context(text: str) -> list[WordInContext]:
    """Return the words of a text in order."""
    folded = [m.group() for m in _WORD.finditer(fold(text))]
    content = [stem(w) if _carries_meaning(w) else "" for w in folded]
    found = []
    for place, word in enumerate(folded):
        before = tuple([c for c in reversed(content[:place]) if c][:REACH])
        after = tuple([c for c in content[place + 1 :] if c][:REACH])
        found.append(WordInContext(word, stem(word), bool(content[place]), before, after))
    return found


def _carries_meaning(word: str) -> bool:
    """Say whether a word is content. Numbers are judged as quantities, negations as such."""
    return word not in STOP_WORDS and word not in NEGATIONS and not is_numeral(word)


def is_numeral(word: str) -> bool:
    """Say whether a word, or its stem, is a number or what multiplies one."""
    return word in NUMERALS or bool(_NO_LETTERS.fullmatch(word))


def is_passive(words: Sequence[WordInContext], place: int) -> bool:
    """Say whether the word at ``place`` is done to what stands before it: "is beaten by"."""
    is_done = any(word.word in _BEING for word in words[max(0, place - 3) : place])
    return is_done and any(word.word == "by" for word in words[place + 1 : place + 3])
