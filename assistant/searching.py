"""Searching: one open index and the embedding model that it was built for, and all that a question asks of the two.

A question keeps to one `Searcher` from its first word to its record, so that nothing is ranked by one model and read by
another when the index changes meanwhile. Knows no settings and does not know how the index comes about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.evidence import EvidenceFinder, Judged, Query
from assistant.filters import Filters
from assistant.indexing import Indexer, index_errors
from assistant.interaction import LateInteraction
from assistant.library import Library
from assistant.loading import loaded_once
from assistant.models.embeddings import named
from assistant.recall import Recall, Shown
from assistant.reranking import Reranker, rerank
from assistant.retrieval import RankedPaper, Retriever
from assistant.spelling import Spelling, Vocabulary, papers_to_trust
from vectorstore import Index


@dataclass(frozen=True)
class Searcher:
    """Searches one index. Any thread may use it.

    Attributes:
        index: The open index; None before the first one.
        indexer: What it was built with, the embedding model above all.
        library: The truth.
        dense_weight: Share of the dense score, 0 to 1.
        reranker: What ranks the first papers again, if anything does.
    """

    index: Index | None
    indexer: Indexer
    library: Library
    dense_weight: float
    reranker: Reranker | None

    @property
    def model(self) -> str:
        """Name and digest of the embedding model."""
        return named(self.indexer.encoder)

    @loaded_once
    def retriever(self) -> Retriever | None:
        """What ranks papers for a query; None before the first index."""
        if self.index is None:
            return None
        matching = self.indexer.matching()
        return Retriever(self.index, self.indexer.encoder, self.library, self.dense_weight, matching, self.library.some)

    @loaded_once
    def interaction(self) -> LateInteraction:
        """What reads papers token by token."""
        return LateInteraction(self.indexer.encoder)

    @loaded_once
    def spelling(self) -> Spelling | None:
        """What mends questions; None before the first index."""
        if self.index is None:
            return None
        lexical, papers = self.index.lexical, self.index.manifest.papers
        vocabulary = Vocabulary.of(lexical.forms(papers_to_trust(papers)))
        return Spelling(vocabulary, lexical.document_frequencies, self.indexer.encoder.count_tokens)

    def judge(self, query: Query, filters: Filters, k: int) -> Judged:
        """Return the ``k`` papers nearest to a query, read and ranked by the evidence in them."""
        with index_errors():
            ranked = self._rank(query.text, k + len(query.excluded), filters.among(query.papers))
            ranked = [r for r in ranked if r.paper_id not in query.excluded][:k]
            papers = [self.library.get(r.paper_id) for r in ranked]
            judged = EvidenceFinder(self.interaction).judge(query, ranked, papers)
        if self.reranker is None:
            return judged
        again = rerank(self.reranker, query.text, judged.papers, lambda judged: judged.paper)
        return replace(judged, papers=tuple(again))

    def _rank(self, query: str, k: int, filters: Filters) -> list[RankedPaper]:
        ranked = self.retriever.rank(query, k, filters) if self.retriever else []
        known = self.library.ids(Filters(paper_ids=tuple(r.paper_id for r in ranked))) if ranked else set()
        return [r for r in ranked if r.paper_id in known]  # an index may be older than the library

    def count_stating(self, words: Sequence[str], filters: Filters) -> int:
        """Return how many papers of those that pass filters have all of some words."""
        among = frozenset(self.library.ids(filters)) if filters else None
        return self.index.lexical.count_with_all(words, among) if self.index else 0

    def mend(self, question: str) -> str:
        """Return a question with its misspelt words mended."""
        return self.spelling.mend(question) if self.spelling else question

    def recalled(self, answer: str) -> tuple[Shown, ...]:
        """Return the papers that an earlier answer showed."""
        return Recall(self.library, self.index.lexical.containing)(answer) if self.index else ()
