"""BM25 over the terms of papers: a score for every paper at once, from arrays that are mapped into memory.

SQLite's FTS5 needs 50 to 110 ms for a question over 59,000 abstracts, because it scores one match after the other; the
same sums over arrays take one or two. Lucene's form of BM25 (Kamphuis et al. 2020,
https://doi.org/10.1007/978-3-030-45442-5_4); a term in the title counts twice.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.errors import IndexDamagedError
from vectorstore.terms import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

_K1, _B = 1.2, 0.75
_TITLE_WEIGHT = 2
_BLOCK = 8_000  # papers whose terms are sorted at once
_MOST = int(np.iinfo(np.uint16).max)  # how often a term can count in one paper
_TERMS, _STARTS, _IDS, _COUNTS = "terms.txt", "paper_starts.npy", "paper_terms.npy", "paper_counts.npy"
_POSTING_STARTS, _POSTINGS, _WEIGHTS = "posting_starts.npy", "postings.npy", "weights.npy"
_ARRAYS = (_STARTS, _IDS, _COUNTS, _POSTING_STARTS, _POSTINGS, _WEIGHTS)


class Bm25:
    """The ranking by words of one generation, open for searching. Papers are known by their position.

    Args:
        folder: The files that `write` made.

    Raises:
        IndexDamagedError: They cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self._vocabulary = {term: number for number, term in enumerate(_read_terms(folder))}
            self._starts = _map(folder / _POSTING_STARTS)
            self._postings, self._weights = _map(folder / _POSTINGS), _map(folder / _WEIGHTS)
            self.papers = len(_map(folder / _STARTS)) - 1
        except (OSError, ValueError) as error:
            raise IndexDamagedError(f"{folder} cannot be read ({error})") from error

    def scores(self, query: str) -> NDArray[np.float32]:
        """Return the score of every paper, shape (papers,); 0 where no term of the query stands in it."""
        scores = np.zeros(self.papers, dtype=np.float32)
        for term in dict.fromkeys(terms(query)):
            if (number := self._vocabulary.get(term)) is not None:
                start, end = self._starts[number : number + 2]
                scores[self._postings[start:end]] += self._weights[start:end]
        return scores

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a term, greatest for one that stands nowhere."""
        number = self._vocabulary.get(term)
        papers = 0 if number is None else int(self._starts[number + 1] - self._starts[number])
        return math.log(1 + (self.papers - papers + 0.5) / (papers + 0.5))


def write(folder: Path, kept: Sequence[int] | None, new: Iterable[tuple[str, str]]) -> None:
    """Write the ranking of the papers ``kept``, by position, and of the ``new`` ones (title, text) after them.

    Args:
        folder: Where the files go, and where those are whose papers are kept.
        kept: None where there are none yet.
        new: What is added.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    vocabulary: dict[str, int] = {}
    starts, ids, counts = array("q", [0]), array("i"), array("H")  # as small in memory as they are in the files
    if kept:
        vocabulary = {term: number for number, term in enumerate(_read_terms(folder))}
        old_starts, old_ids, old_counts = (np.load(folder / name) for name in (_STARTS, _IDS, _COUNTS))
        for position in kept:
            row = slice(old_starts[position], old_starts[position + 1])
            ids.frombytes(old_ids[row].tobytes())
            counts.frombytes(old_counts[row].tobytes())
            starts.append(len(ids))
    for title, text in new:
        found = Counter(terms(title) * _TITLE_WEIGHT)
        found.update(terms(text))
        ids.extend(vocabulary.setdefault(term, len(vocabulary)) for term in found)
        counts.extend(min(count, _MOST) for count in found.values())
        starts.append(len(ids))
    folder.mkdir(exist_ok=True)
    (folder / _TERMS).write_text("\n".join(vocabulary), encoding="utf-8")
    of_papers = np.array(starts, dtype=np.int64), np.frombuffer(ids, np.int32), np.frombuffer(counts, np.uint16)
    arrays: list[NDArray[Any]] = [*of_papers, *_postings(*of_papers, len(vocabulary))]
    for name, values in zip(_ARRAYS, arrays, strict=True):
        np.save(folder / name, values)


def _postings(
    starts: NDArray[np.int64], ids: NDArray[np.int32], counts: NDArray[np.uint16], vocabulary: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]:
    """Turn papers' terms into terms' papers, each with what the term adds to the paper's score.

    Some thousand papers at a time are sorted by term, so that memory holds little more than what comes out.
    """
    papers = len(starts) - 1
    with_term = np.zeros(vocabulary, dtype=np.int64)
    for first in range(0, papers, _BLOCK):
        with_term += np.bincount(ids[starts[first] : starts[min(first + _BLOCK, papers)]], minlength=vocabulary)
    idf = np.log(1 + (papers - with_term + 0.5) / (with_term + 0.5))
    posting_starts = np.concatenate([[0], np.cumsum(with_term)]).astype(np.int64)
    postings, weights = np.empty(len(ids), dtype=np.int32), np.empty(len(ids), dtype=np.float32)
    mean_length = max(float(counts.sum(dtype=np.int64)) / max(papers, 1), 1e-9)
    free = posting_starts[:-1].copy()  # of each term: where its next paper goes
    for first in range(0, papers, _BLOCK):
        last = min(first + _BLOCK, papers)
        part = slice(starts[first], starts[last])
        owners = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(starts[first : last + 1]))
        lengths = np.bincount(owners - first, weights=counts[part], minlength=last - first)
        damping = _K1 * (1 - _B + _B * lengths / mean_length)
        order = np.argsort(ids[part], kind="stable")
        terms_, owners, often = ids[part][order], owners[order], counts[part][order]
        begins = np.flatnonzero(np.diff(terms_, prepend=-1))  # of each term in this part
        sizes = np.diff(begins, append=len(terms_))
        places = free[terms_] + np.arange(len(terms_)) - np.repeat(begins, sizes)
        postings[places] = owners
        weights[places] = idf[terms_] * often * (_K1 + 1) / (often + damping[owners - first])
        free[terms_[begins]] += sizes
    return posting_starts, postings, weights


def files(folder: Path) -> list[Path]:
    """Return the files of a ranking, all of which never change once they are written."""
    return [folder / name for name in (_TERMS, *_ARRAYS)]


def _read_terms(folder: Path) -> list[str]:
    text = (folder / _TERMS).read_text(encoding="utf-8")
    return text.split("\n") if text else []


def _map(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    return array
