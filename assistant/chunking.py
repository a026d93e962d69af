"""Chunks: the pieces of a paper that get an embedding each.

A chunk is the title and as many whole sentences as the embedding model can read. Measured on three collections
(`benchmarks/chunking.py`): whole abstracts where they fit rank best, and text beyond the window would not be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.papers import Paper
from assistant.sentences import Span, split_sentences

VERSION = 1  # part of the manifest: a change here means that indexes are rebuilt

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
class Chunker:
    """Cuts papers into chunks of at most ``window`` tokens, as counted by the embedding model's tokenizer.

    Attributes:
        count_tokens: Tokens of each text, special tokens not counted.
        window: What the model reads at most.
        overlap: Sentences that a chunk repeats from the one before.
    """

    count_tokens: CountTokens
    window: int
    overlap: int = 1

    @property
    def description(self) -> dict[str, int]:
        """What an index must have been built with to fit."""
        return {"version": VERSION, "window": self.window, "overlap": self.overlap}

    def chunks(self, paper: Paper) -> list[Chunk]:
        """Return the chunks of a paper in order; every sentence is in at least one."""
        sentences = split_sentences(paper.abstract)
        title, *lengths = self.count_tokens([paper.title, *(s.of(paper.abstract) for s in sentences)])
        room = max(self.window - min(title, self.window // 2) - _SPECIAL_TOKENS, 1)
        spans = self._windows(sentences, lengths, room)
        return [
            Chunk(paper.paper_id, n, f"{paper.title}\n{paper.abstract[first.start : last.end]}", first.start, last.end)
            for n, (first, last) in enumerate(spans)
        ]

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


_SPECIAL_TOKENS = 3  # [CLS], [SEP] and the line break, rounded up
