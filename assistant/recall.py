"""Recall: the papers that an earlier answer showed, read off its text.

A conversation comes as texts, whoever holds it, so what was cited has to be found again: our answers are quotes with
``[n]`` behind them, titles before a colon, or titles in quotation marks. Other texts name no paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from assistant.library import Library
from assistant.papers import Paper
from assistant.text import fold, readable

MARKERS = re.compile(r"(?<!\s)(?:\s*+\[\d{1,3}\])+")
_NUMBER = re.compile(r"\d+")
_TITLED = re.compile("“([^“”]+(?:“[^“”]*”[^“”]*)*)”")  # a title may hold quotation marks of its own
_COLON = re.compile(r":\s")
_LEAST_WORDS = 4  # of a quote; shorter ones may stand in any abstract
_MOST_PIECES = 40  # of one answer; more are not ours

Containing = Callable[[str], Sequence[str]]
"""Returns the ids of the papers in which the words of a text stand in this order."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper that an answer showed.

    Attributes:
        paper_id: Its id.
        title: Its title.
        markers: The numbers behind what was cited of it; none where it was only named.
    """

    paper_id: str
    title: str
    markers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recall:
    """Finds the papers of earlier answers.

    Attributes:
        library: Where titles and abstracts are looked up.
        containing: Where quotes are found.
    """

    library: Library
    containing: Containing

    def __call__(self, answer: str) -> tuple[Shown, ...]:
        """Return the papers that ``answer`` showed, in the order of its text, each once.

        A sentence that stands in several papers is taken for one that the answer shows elsewhere too, if there is one.
        """
        pieces = [
            (papers, numbers)
            for text, numbers in islice(_pieces(answer), _MOST_PIECES)
            for papers in self._papers(text)
        ]
        certain = {papers[0].paper_id for papers, _ in pieces if len(papers) == 1}
        found: dict[str, Shown] = {}
        for papers, numbers in pieces:
            for paper in sorted(papers, key=lambda paper: paper.paper_id not in certain)[:1]:
                shown = found.setdefault(paper.paper_id, Shown(paper.paper_id, paper.title))
                found[paper.paper_id] = replace(shown, markers=shown.markers + numbers)
        return tuple(found.values())

    def _papers(self, text: str) -> Sequence[Sequence[Paper]]:
        """Return for each paper that a piece of an answer shows those that it may be."""
        named = [papers for title in _TITLED.findall(text) if (papers := self.library.titled(title)[:1])]
        return named or [self._before_colon(text) or self._quoted(text)]

    def _before_colon(self, text: str) -> list[Paper]:
        for colon in islice(_COLON.finditer(text), 5):
            if papers := self.library.titled(text[: colon.start()]):
                return papers[:1]
        return []

    def _quoted(self, text: str) -> list[Paper]:
        if len(text.split()) < _LEAST_WORDS:
            return []
        papers = self.library.some(self.containing(text))
        return [paper for paper in papers if fold(text) in fold(readable(paper.abstract))]


def _pieces(answer: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what stands before each group of markers, with the markers' numbers; what has none has no number."""
    start = 0
    for markers in MARKERS.finditer(answer):
        # A survey's opening has no marker; what is cited stands on the line below it.
        line = answer[start : markers.start()].strip().rpartition("\n")[2]
        yield line, tuple(map(int, _NUMBER.findall(markers.group())))
        start = markers.end()
    if rest := answer[start:].strip():
        yield rest, ()
