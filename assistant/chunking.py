"""Chunks: the pieces of a paper that get an embedding each.

A chunk is the title and as many whole sentences as the embedding model can read. Measured on three collections
(`benchmarks/chunking.py`): whole abstracts where they fit rank best, and text beyond the window would not be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.papers import Paper
from assistant.sentences import Span, split_sentences

_SPECIAL_TOKENS = 3  # [CLS], [SEP] and the line break, rounded up
# Part of the manifest, and of what chunks are remembered under. Raise it with every change to which chunks come out, or
# to where sentences end: indexes are rebuilt then.
VERSION = 2

CountTokens = Callable[[list[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one paper as it is embedded.

    Attributes:
        paper_id: The paper it belongs to.
        number: Its place among the paper's chunks, from 0.
        text: What the embedding model reads: the title, a line break, the sentences.
        start: The first character of its sentences in the abstract.
        end: One past the last.
    """

    paper_id: str
    number: int
    text: str
    start: int
    end: int

    @property
    def chunk_id(self) -> str:
        """An id that is unique in the library."""
        return f"{self.paper_id}#{self.number}"

    @property
    def text_hash(self) -> bytes:
        """The SHA-256 of the text, under which its embedding is kept."""
        return hashlib.sha256(self.text.encode()).digest()


@dataclass(frozen=True, slots=True)
class _Body:
    """An abstract under the title that each of its chunks begins with.

    Attributes:
        room: Tokens that the title leaves.
        whole: First and last piece of the only chunk where the abstract fits into one, else nothing.
    """

    paper: Paper
    title: str
    room: int
    whole: list[tuple[Span, Span]]

    def chunks(self, spans: Sequence[tuple[Span, Span]]) -> list[Chunk]:
        text = self.paper.abstract
        return [
            Chunk(self.paper.paper_id, n, f"{self.title}\n{text[first.start : last.end]}", first.start, last.end)
            for n, (first, last) in enumerate(spans)
        ]


@dataclass(frozen=True, slots=True)
class Chunker:
    """Cuts papers into chunks of at most ``window`` tokens, as counted by the embedding model's tokenizer.

    Attributes:
        count_tokens: Tokens of each text, special tokens not counted.
        window: What the model reads at most.
        overlap: Sentences that a chunk repeats from the one before.
    """

    count_tokens: CountTokens
    window: int
    overlap: int = 0

    @property
    def description(self) -> dict[str, int]:
        """What an index must have been built with to fit."""
        return {"version": VERSION, "window": self.window, "overlap": self.overlap}

    def chunks(self, paper: Paper) -> list[Chunk]:
        """Return the chunks of a paper in order; every sentence is in at least one, or in parts in several."""
        return self.chunks_of([paper])[0]

    def chunks_of(self, papers: Sequence[Paper]) -> list[list[Chunk]]:
        """Return the chunks of each paper; counting the tokens of many texts at once is faster."""
        counted = iter(self.count_tokens([text for paper in papers for text in (paper.title, paper.abstract)]))
        bodies = [self._body(paper, next(counted), next(counted)) for paper in papers]
        sentences = [[] if body.whole else split_sentences(body.paper.abstract) for body in bodies]
        of_bodies = list(zip(bodies, sentences, strict=True))
        lengths = iter(self.count_tokens([s.of(body.paper.abstract) for body, spans in of_bodies for s in spans]))
        return [
            body.chunks(self._spans(body, spans, [next(lengths) for _ in spans]) if spans else body.whole)
            for body, spans in of_bodies
        ]

    def _body(self, paper: Paper, title_length: int, length: int) -> _Body:
        title = self._shortened(paper.title, title_length, self.window // 2)
        room = max(self.window - min(title_length, self.window // 2) - _SPECIAL_TOKENS, 1)
        if length <= room and (stripped := paper.abstract.strip()):  # as most do: from the first sentence to the last
            whole = Span(start := paper.abstract.index(stripped), start + len(stripped))
            return _Body(paper, title, room, [(whole, whole)])
        return _Body(paper, title, room, [])

    def _spans(self, body: _Body, sentences: Sequence[Span], lengths: Sequence[int]) -> list[tuple[Span, Span]]:
        """Return the first and the last piece of each chunk of an abstract that does not fit into one."""
        pieces = [
            piece
            for sentence, length in zip(sentences, lengths, strict=True)
            for piece in self._pieces(body.paper.abstract, sentence, length, body.room)
        ]
        return list(self._windows([span for span, _ in pieces], [length for _, length in pieces], body.room))

    def _shortened(self, title: str, length: int, room: int) -> str:
        """Return the beginning of a title that would leave no room for sentences."""
        while length > room and len(title) > 1:
            title = title[: max(1, len(title) * room // length)]
            length = self.count_tokens([title])[0]
        return title

    def _pieces(self, text: str, span: Span, length: int, room: int) -> Iterator[tuple[Span, int]]:
        """Yield a sentence and its length, or its halves' halves where it does not fit: the rest would not be read."""
        if length <= room or span.end - span.start < 2:
            yield span, length
            return
        halves = _halves(text, span)
        for half, half_length in zip(halves, self.count_tokens([h.of(text) for h in halves]), strict=True):
            yield from self._pieces(text, half, half_length, room)

    def _windows(self, sentences: list[Span], lengths: list[int], room: int) -> Iterator[tuple[Span, Span]]:
        start = 0
        while start < len(sentences):
            end, used = start + 1, lengths[start]
            while end < len(sentences) and used + lengths[end] <= room:
                used += lengths[end]
                end += 1
            yield sentences[start], sentences[end - 1]
            if end == len(sentences):
                return
            start = max(end - self.overlap, start + 1)


def _halves(text: str, span: Span) -> tuple[Span, Span]:
    """Cut a span at the last white space of its first half, or in the middle where there is none."""
    middle = (span.start + span.end) // 2
    head = text[span.start : middle].rstrip().rsplit(maxsplit=1)[0]
    start = span.start + len(head)
    second = text[start : span.end]
    return Span(span.start, start), Span(span.end - len(second.lstrip()), span.end)
