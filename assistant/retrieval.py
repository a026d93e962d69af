"""Retrieval: from a query to ranked papers, by words and by embeddings, fused.

Papers are ranked, not chunks: a paper's dense score is that of its best chunk. Knows no sentences and no answers.
Every paper of the library has a score for a query that does not depend on filters, so a filtered ranking is the full
one with papers left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.filters import Filters
from assistant.library import Library
from assistant.models.embeddings import Encoder
from assistant.papers import Paper
from assistant.word_matching import WordMatching, Words, word_vectors
from vectorstore import Index

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MATCHED = 32  # papers whose words are compared with the query's
_MATCHING_WEIGHT = 2.5  # beside 1 for words and embeddings together
# Pseudo-relevance feedback: the two papers that are best so far lend the query their vectors (Rocchio).
_FEEDBACK_PAPERS = 2
_FEEDBACK_SHARE = 0.8
_FEEDBACK_SHARPNESS = 8  # how much more the better of the two counts: shares are scores to this power

_SELECTIONS = 64  # filters whose papers are remembered


@dataclass(frozen=True, slots=True)
class RankedPaper:
    """A paper as retrieved.

    Attributes:
        paper_id: Its id.
        score: The fused score, higher is better; it orders one ranking and compares to no other.
        dense: Cosine of the query and the best chunk.
        lexical: BM25 of the query; 0 where no word of it stands in the paper.
    """

    paper_id: str
    score: float
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A ranked paper with the sentence that fits the query best."""

    paper_id: str
    title: str
    score: float
    quote: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def fuse(dense: NDArray[np.float32], lexical: NDArray[np.float32], dense_weight: float) -> NDArray[np.float32]:
    """Return one score for each paper from its two, all of shape (papers,); 1 is what a paper best in both would get.

    A convex combination (Bruch et al. 2023, https://arxiv.org/abs/2210.11934), which beat reciprocal ranks on SciFact
    (0.742 against 0.714 nDCG@10). Cosines count from their mean over the library, BM25 from nothing.
    """
    worded = lexical / max(float(lexical.max(initial=0.0)), 1e-6)
    return np.asarray(dense_weight * above_mean(dense) + (1 - dense_weight) * worded, dtype=np.float32)


def above_mean(similarities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far each is above the mean, the greatest as 1; shape as given."""
    mean = float(similarities.mean())
    return np.asarray((similarities - mean) / max(float(similarities.max()) - mean, 1e-6), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Retriever:
    """Ranks the papers of one index for a query.

    Attributes:
        index: The open index.
        encoder: The embedding model it was built with.
        library: Where filters are resolved; None where there are none to resolve.
        dense_weight: Share of the dense score, 0 to 1.
        matching: Compares words in context.
        papers: Returns those of some papers, by id, that are still there: read where their words are not kept.
        matching_weight: Of the matching of words beside words and embeddings; 0 leaves it out.
        feedback: Of the likeness to the best papers beside them; 0 leaves it out.
    """

    index: Index
    encoder: Encoder
    library: Library | None
    dense_weight: float
    matching: WordMatching
    papers: Callable[[Sequence[str]], list[Paper]]
    matching_weight: float = _MATCHING_WEIGHT
    feedback: float = _FEEDBACK_SHARE
    _selections: dict[tuple[int, Filters], NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def rank(self, query: str, k: int, filters: Filters | None = None) -> list[RankedPaper]:
        """Return the ``k`` best papers that pass ``filters``, best first."""
        if not self.index.paper_ids or k < 1:
            return []
        (vector,), (words,) = self.encoder.encode_and_read([query], word_vectors, "query")
        lexical = self.index.word_scores(query)
        scores = fuse(self.index.similarities(vector), lexical, self.dense_weight)
        if self.matching_weight:
            self._match(words, scores)
        if self.feedback:
            scores += self.feedback * self._like_the_best(scores)
        best = _best(scores, k, self._allowed(filters))
        # Beyond `EXACT` chunks the array holds cosines of the nearest alone.
        cosines = self.index.vectors.similarities_of(vector, best)
        return [
            RankedPaper(self.index.paper_ids[at], float(scores[at]), float(cosine), float(lexical[at]))
            for at, cosine in zip(best, cosines, strict=True)
        ]

    def _match(self, query: Words, scores: NDArray[np.float32]) -> None:
        """Raise the scores of the best papers by how much better than the worst of them they meet the query's words."""
        best, index = _best(scores, _MATCHED, None), self.index
        keys = {index.paper_ids[at]: index.words_keys[at] for at in best}
        met = self.matching.scores(query, keys, self.papers, index.rarity)
        scores[best] += self.matching_weight * (met - met.min())

    def _like_the_best(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        best = _best(scores, _FEEDBACK_PAPERS, None)
        shares = np.maximum(scores[best], 1e-3) ** _FEEDBACK_SHARPNESS
        middle = self.index.vectors.mean_of(best, (shares / shares.sum()).tolist())
        return above_mean(self.index.similarities(middle))

    def _allowed(self, filters: Filters | None) -> NDArray[np.int64] | None:
        if not filters or self.library is None:
            return None
        key = self.library.version, filters
        if (known := self._selections.get(key)) is None:
            if len(self._selections) >= _SELECTIONS:
                self._selections.clear()
            known = self._selections[key] = self.index.positions(self.library.ids(filters))
        return known


def _best(scores: NDArray[np.float32], k: int, among: NDArray[np.int64] | None) -> list[int]:
    """Return the positions of the ``k`` greatest scores, best first, those of equal scores in their order."""
    positions = np.arange(len(scores)) if among is None else among
    candidates = scores[positions]
    if k < len(candidates):
        least = np.partition(candidates, -k)[-k]
        positions = positions[candidates >= least]
    return [int(at) for at in positions[np.argsort(-scores[positions], kind="stable")][:k]]
