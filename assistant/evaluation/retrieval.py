"""How good retrieval is on a test collection, measured with ir_measures over pytrec_eval, the field's reference.

A collection's index lies in the home folder beside the library, never in it, and is built once for each corpus and
embedding model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import SourceError
from assistant.evaluation.collections import Collection
from assistant.indexing import Indexer, Progress, index_errors, silent
from assistant.models.embeddings import Encoder
from assistant.reranking import Reranker, rerank
from assistant.retrieval import RankedPaper, Retriever

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEPTH = 100  # papers ranked for each query
_RESAMPLES = 10_000

Run = dict[str, dict[str, float]]
"""For each query the score of each paper that was found."""
Again = Callable[[str, list[RankedPaper]], list[RankedPaper]]
"""Ranks again what was found for a query."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One configuration against another, on the same queries.

    Attributes:
        ndcg_at_10: The other's.
        difference: Ours less the other's, mean over queries.
        better: On how many queries ours is better.
        worse: On how many it is worse.
        p: Two-sided p of a paired randomisation test (Smucker et al. 2007, https://doi.org/10.1145/1321440.1321528).
    """

    ndcg_at_10: float
    difference: float
    better: int
    worse: int
    p: float


@dataclass(frozen=True, slots=True)
class RetrievalMeasures:
    """What a ranking is worth, means over queries.

    Attributes:
        papers: How many are searched.
        queries: How many are asked.
        ndcg_at_10: Normalised discounted cumulative gain of the first ten.
        mrr_at_10: One by the rank of the first relevant paper, 0 beyond ten.
        recall_at_10: Share of the relevant papers among the first ten.
        recall_at_100: The same of the first hundred.
        first: Share of queries whose first paper is relevant.
        comparison: Against another configuration, if one was given.
    """

    papers: int
    queries: int
    ndcg_at_10: float
    mrr_at_10: float
    recall_at_10: float
    recall_at_100: float
    first: float
    comparison: Comparison | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


@contextmanager
def retriever_of(
    collection: Collection, folder: Path, encoder: Encoder, dense_weight: float, progress: Progress = silent
) -> Iterator[Retriever]:
    """Open a retriever over a collection, its index built first where it is not there.

    Args:
        collection: What is searched.
        folder: Where the indexes of all collections lie.
        encoder: The embedding model.
        dense_weight: Share of the dense score, 0 to 1.
        progress: Told how far the embedding is.

    Raises:
        LibraryError: The disk is full or cannot be written.
    """
    indexer = Indexer.at(folder / collection.digest[:16], collection, encoder)
    indexer.update(progress)
    index = indexer.open()
    if index is None:
        raise SourceError(folder, "holds no paper that can be indexed")
    try:
        with index_errors():
            yield Retriever(index, encoder, None, dense_weight, indexer.matching(), collection.some)
    finally:
        index.close()


def rank_all(
    retriever: Retriever, queries: Mapping[str, str], progress: Progress = silent, again: Again | None = None
) -> Run:
    """Return the hundred best papers of each query, ranked ``again`` where that is given."""
    run: Run = {}
    for done, (query_id, text) in enumerate(queries.items()):
        progress("searching", done, len(queries))
        ranked = retriever.rank(text, _DEPTH)
        run[query_id] = {found.paper_id: found.score for found in (again(text, ranked) if again else ranked)}
    progress("searching", len(queries), len(queries))
    return run


def reranked_by(reranker: Reranker | None, collection: Collection) -> Again | None:
    """Return what ranks the papers of a collection again, as `Assistant.search` does; None where nothing does."""
    if reranker is None:
        return None
    return lambda query, ranked: rerank(reranker, query, ranked, lambda found: collection.get(found.paper_id))


def measure(collection: Collection, run: Run, other: Run | None = None) -> RetrievalMeasures:
    """Return what a run is worth on a collection, and what speaks for it against another."""
    import ir_measures
    from ir_measures import RR, R, Success, nDCG

    wanted = {"ndcg_at_10": nDCG @ 10, "mrr_at_10": RR @ 10, "recall_at_10": R @ 10, "recall_at_100": R @ 100,
              "first": Success @ 1}  # fmt: skip
    means = ir_measures.calc_aggregate(list(wanted.values()), collection.relevant, run)
    return RetrievalMeasures(
        papers=len(collection.papers),
        queries=len(collection.queries),
        **{name: float(means[of]) for name, of in wanted.items()},
        comparison=None if other is None else _compare(_ndcg(collection, run), _ndcg(collection, other)),
    )


def _ndcg(collection: Collection, run: Run) -> list[float]:
    import ir_measures
    from ir_measures import nDCG

    values = {m.query_id: float(m.value) for m in ir_measures.iter_calc([nDCG @ 10], collection.relevant, run)}
    return [values.get(query_id, 0.0) for query_id in collection.queries]


def _compare(ours: list[float], theirs: list[float]) -> Comparison:
    from scipy.stats import permutation_test

    differences = np.array(ours) - np.array(theirs)
    p = 1.0
    if differences.any():
        test = permutation_test(
            (ours, theirs), _mean_difference, permutation_type="samples", vectorized=True,
            n_resamples=_RESAMPLES, rng=0,
        )  # fmt: skip
        p = float(test.pvalue)
    return Comparison(
        ndcg_at_10=float(np.mean(theirs)),
        difference=float(differences.mean()),
        better=int((differences > 0).sum()),
        worse=int((differences < 0).sum()),
        p=p,
    )


def _mean_difference(ours: NDArray[np.float64], theirs: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    return np.asarray(np.mean(ours - theirs, axis=axis))


def write_run(path: Path, run: Run, name: str = "paper-assistant") -> None:
    """Write a run as TREC does: query, ``Q0``, paper, rank, score, name of the system.

    Raises:
        SourceError: The file cannot be written.
    """
    lines = [
        f"{query_id} Q0 {paper_id} {rank} {score:.6f} {name}\n"
        for query_id, scores in run.items()
        for rank, (paper_id, score) in enumerate(scores.items(), start=1)
    ]
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise SourceError(path, f"cannot be written ({error.strerror}); name another file with --run") from error


def read_run(path: Path) -> Run:
    """Return a TREC run.

    Raises:
        SourceError: The file cannot be read, or a line is none of a run; the error names the line.
    """
    run: Run = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(path, f"cannot be read ({error}); name a run that --run has written") from error
    for number, line in enumerate(lines, start=1):
        try:
            query_id, _, paper_id, _, score, _ = line.split()
            run.setdefault(query_id, {})[paper_id] = float(score)
        except ValueError as error:
            raise SourceError(path, f"line {number} is not “query Q0 paper rank score name”") from error
    return run
