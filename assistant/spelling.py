"""Spelling: a question as it was meant, where its letters slipped.

A word that stands nowhere in the library, and is one slip away from a word that does, is searched as that word. Knows
the library's words; does not know what they mean. Names, numbers, acronyms and words of other scripts stay as typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.text import one_line
from assistant.words import Frequencies, stem
from vectorstore.terms import STOP_WORDS

CountTokens = Callable[[list[str]], list[int]]
"""In how many tokens an embedding model reads each text."""

_MOST_WORDS = 150  # a longer text was pasted, not typed
_TOKEN = re.compile(r"[^\W_]+(?:['’@./+&_-]+[^\W_]+)*")
_PART = re.compile(r"(?<![^\W\d_])[A-Za-z]+(?![^\W\d_])")  # a word or a part of "annotation-efficient"
_NAME, _CAPITALS = re.compile(r"[\d@./+&_]"), re.compile(r".[A-Z]", re.DOTALL)
_SENTENCE_START = re.compile(r"(?:^|[.?!:]\s+)[\W_]*$")
_LEAST_LETTERS, _ANY_SLIP = 3, 5  # a word of three or four letters is one slip away from too many others
# Between a script that parts no words and Latin letters, which otherwise count as one word.
_UNPARTED, _LATIN = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", "[A-Za-z0-9]"
_SCRIPTS = re.compile(f"(?<={_UNPARTED})(?={_LATIN})|(?<={_LATIN})(?={_UNPARTED})")
_DOUBLED = re.compile(r"(.)\1")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that a misspelt one may stand for, by their first letter, which is seldom the wrong one."""

    by_letter: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, forms: Iterable[str]) -> Vocabulary:
        """Return the vocabulary of a library's words and those that every question has."""
        grouped = defaultdict(list)
        for form in sorted({*forms, *(word for word in STOP_WORDS if len(word) >= _LEAST_LETTERS)}):
            grouped[form[0]].append(form)
        return cls(grouped)

    def near(self, word: str) -> list[str]:
        """Return the words that differ by one letter: left out, put in, another, or two changed over."""
        group = [form for form in self.by_letter.get(word[0], ()) if abs(len(form) - len(word)) <= 1]
        return [form for form, *_ in process.extract(word, group, scorer=OSA.distance, score_cutoff=1, limit=20)]


@dataclass(frozen=True, slots=True)
class Spelling:
    """Mends questions.

    Of 5,290 words of medical questions, nearly all right and a third of them in none of the 81 sample papers, 0.2 % are
    taken for others; of random slips 75 % are mended, 0.6 % wrongly (benchmarks/spelling.py).

    Attributes:
        vocabulary: The library's words.
        frequencies: In how many papers a word stands, in any of its forms.
        count_tokens: Of the embedding model: what it reads in one piece is a word that many people write.
    """

    vocabulary: Vocabulary
    frequencies: Frequencies
    count_tokens: CountTokens

    def mend(self, question: str) -> str:
        """Return the question in one form of Unicode (NFKC) with its misspelt words mended."""
        text = _SCRIPTS.sub(" ", unicodedata.normalize("NFKC", question))
        found = _words(text)
        typed = {word.lower() for _, word in found if len(word) >= _LEAST_LETTERS}
        if not typed or len(one_line(text).split()) > _MOST_WORDS:
            return text
        mended = {word: meant for word in self._unknown(typed) if (meant := self._meant(word))}
        for start, word in reversed(found):
            if word.lower() in mended:
                meant = mended[word.lower()]
                text = text[:start] + _as_typed(meant, text[start : start + len(word)]) + text[start + len(word) :]
        return text

    def _unknown(self, words: Iterable[str]) -> list[str]:
        """Return the words that neither the library nor the embedding model knows."""
        unknown = [word for word, papers in self.frequencies(words).items() if not papers and word not in STOP_WORDS]
        pieces = self.count_tokens(unknown)
        return [word for word, count in zip(unknown, pieces, strict=True) if count > 1]

    def _meant(self, word: str) -> str:
        """Return the word that was meant, or nothing where none or several may have been."""
        near = self.vocabulary.near(word)
        slips = [form for form in near if _is_slip(word, form)]
        candidates = slips or (near if len(word) >= _ANY_SLIP else [])
        return candidates[0] if len({stem(form) for form in candidates}) == 1 else ""


def papers_to_trust(papers: int) -> int:
    """Return in how many papers of a library a word must stand to be right: many papers have misspelt ones, too."""
    return 1 if papers < 1_000 else 2 + papers // 30_000


def _words(text: str) -> list[tuple[int, str]]:
    """Return the words that may be misspelt, each with its first character: no names, nothing with digits."""
    tokens = list(_TOKEN.finditer(text))
    capitals = text == text.upper() and len(tokens) > 2  # which then say nothing
    found = []
    for token in tokens:
        name = token.group()[0].isupper() and not _SENTENCE_START.search(text, 0, token.start())
        if _NAME.search(token.group()) or (not capitals and (name or _CAPITALS.search(token.group()))):
            continue
        found += [(token.start() + part.start(), part.group()) for part in _PART.finditer(token.group())]
    return found


def _is_slip(typed: str, form: str) -> bool:
    """Say whether two words differ as fingers slip: letters changed over, or one doubled or not."""
    changed_over = len(typed) == len(form) and sorted(typed) == sorted(form)
    return changed_over or _DOUBLED.sub(r"\1", typed) == _DOUBLED.sub(r"\1", form)


def _as_typed(meant: str, typed: str) -> str:
    return meant.upper() if typed.isupper() else meant.capitalize() if typed[0].isupper() else meant
