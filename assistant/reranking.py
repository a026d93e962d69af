"""Reranking: the first papers of a ranking in the order that another model gives them. Knows no models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from assistant.evidence import JudgedPaper
from assistant.papers import Paper
from assistant.retrieval import RankedPaper

if TYPE_CHECKING:
    from numpy.typing import NDArray

RERANKED = 30  # papers that are read together with the query

Ranked = TypeVar("Ranked", RankedPaper, JudgedPaper)


class Reranker(Protocol):
    """What scores texts for a query."""

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text fits the query, in order, shape (texts,)."""
        ...


def rerank(
    reranker: Reranker, query: str, ranked: Sequence[Ranked], paper_of: Callable[[Ranked], Paper]
) -> list[Ranked]:
    """Return a ranking, best first, with its first `RERANKED` papers in the reranker's order.

    A paper gets the score of its new place: what compares scores afterwards sees an order like any other.

    Args:
        reranker: Reads the query with each paper.
        query: As searched.
        ranked: Papers with scores, best first.
        paper_of: Gives the paper itself.
    """
    first = ranked[:RERANKED]
    if not first:
        return []
    papers = [paper_of(one) for one in first]
    scores = reranker.scores(query, [f"{paper.title}. {paper.abstract}" for paper in papers])
    order = np.argsort(-scores, kind="stable")
    return [replace(first[at], score=place.score) for at, place in zip(order, first, strict=True)] + list(
        ranked[RERANKED:]
    )
