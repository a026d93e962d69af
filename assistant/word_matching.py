"""Word matching: how well each word of a query is met by some word of a paper, in context, rare words first.

Late interaction for whole rankings: the vectors of a paper's words come out of the same pass as its embedding and are
kept in four bits, so that the first papers of a ranking are compared in milliseconds. `interaction` reads the few
papers that an answer may quote, sentence by sentence and unrounded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np

from assistant.chunking import Chunker
from assistant.models.embeddings import Encoder
from assistant.models.runtimes import TokenVectors, unit
from assistant.papers import Paper
from vectorstore.terms import STOP_WORDS, stem
from vectorstore.word_vectors import WordVectors, pack, products

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")

Rarity = Callable[[str], float]
"""Returns the inverse document frequency of a word's stem."""


Words = tuple[list[str], "NDArray[np.float32]"]
"""Stems of words that carry meaning, and a unit row each, shape (stems, dimension)."""


def word_vectors(text: str, tokens: TokenVectors) -> Words:
    """Return the stems of a text's words that carry meaning, and a unit row each, shape (stems, dimension).

    A stem's row is the mean of all tokens of all its words: 68 rows an abstract instead of 190 tokens, and rankings
    as good.
    """
    stems: dict[str, int] = {}
    owners = np.full(len(text) + 1, -1, dtype=np.int64)
    for match in _WORD.finditer(text):
        if (word := match.group().lower()) not in STOP_WORDS:
            owners[match.start() : match.end()] = stems.setdefault(stem(word), len(stems))
    of_tokens = owners[tokens.offsets[:, 0]]
    order = np.argsort(of_tokens, kind="stable")
    order = order[np.searchsorted(of_tokens[order], 0) :]  # the others belong to no word
    if not len(order):
        return [], np.zeros((0, tokens.vectors.shape[1]), dtype=np.float32)
    read, starts = np.unique(of_tokens[order], return_index=True)  # words beyond the window have no token
    # Not by a product of matrices: BLAS would wake all cores for it, which are at work on other texts.
    sums = np.add.reduceat(tokens.vectors[order], starts, axis=0)
    words = list(stems)
    return [words[row] for row in read], unit(sums)


def packed_words(text: str, tokens: TokenVectors) -> NDArray[np.uint8]:
    """Return the codes of a text's words, as they are kept."""
    return pack(word_vectors(text, tokens)[1])


def key_of(chunks: Sequence[bytes]) -> int:
    """Return what the words of a paper are kept under, from its chunks' hashes: the same for the same text."""
    return int.from_bytes(hashlib.sha256(b"".join(chunks)).digest()[:8], "little")


@dataclass(frozen=True, slots=True)
class WordMatching:
    """Compares the words of queries and papers.

    Attributes:
        encoder: The embedding model.
        chunker: Cuts papers as the index does.
        kept: The vectors of papers' words.
    """

    encoder: Encoder
    chunker: Chunker
    kept: WordVectors

    def scores(
        self, query: Words, keys: Mapping[str, int], papers: Callable[[Sequence[str]], list[Paper]], rarity: Rarity
    ) -> NDArray[np.float32]:
        """Return how well papers meet the words of a query: the mean of best cosines, weighed by rarity.

        Args:
            query: The words of what is searched for.
            keys: What the papers' words are kept under, by the papers' ids.
            papers: Returns those of some papers that are still there; they are read where their words are not kept.
            rarity: Of words.

        Returns:
            One score a paper, in the order of ``keys``, -1 to 1; all 0 for a query without words that carry meaning.
        """
        stems, vectors = query
        if not stems or not keys:
            return np.zeros(len(keys), dtype=np.float32)
        codes = self._codes(keys, (vectors.shape[1] + 1) // 2, papers)
        starts = np.cumsum([0, *(len(rows) for rows in codes)])
        cosines = products(np.concatenate(codes), vectors)
        best = [cosines[start:end].max(axis=0, initial=0.0) for start, end in pairwise(starts)]
        weights = np.array([rarity(word) for word in stems], dtype=np.float32)
        return np.asarray(np.stack(best) @ weights / weights.sum(), dtype=np.float32)

    def _codes(
        self, keys: Mapping[str, int], width: int, papers: Callable[[Sequence[str]], list[Paper]]
    ) -> list[NDArray[np.uint8]]:
        found = {paper: codes for paper, key in keys.items() if (codes := self.kept.get(key, width)) is not None}
        if missing := [paper for paper in keys if paper not in found]:
            found |= self._read(papers(missing))
        nothing = np.zeros((0, width), dtype=np.uint8)
        return [found.get(paper, nothing) for paper in keys]

    def _read(self, papers: Sequence[Paper]) -> dict[str, NDArray[np.uint8]]:
        chunks = self.chunker.chunks_of(papers)
        texts = [chunk.text for of_paper in chunks for chunk in of_paper]
        read = map(packed_words, texts, self.encoder.encode_tokens(texts))
        return {
            paper.paper_id: np.concatenate(list(islice(read, len(of_paper))))
            for paper, of_paper in zip(papers, chunks, strict=True)
        }
