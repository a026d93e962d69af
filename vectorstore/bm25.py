"""BM25 over the terms of papers: a score for every paper at once, from arrays that are mapped into memory.

SQLite's FTS5 needs 50 to 110 ms for a question over 59,000 abstracts, because it scores one match after the other; the
same sums over arrays take one or two. Lucene's form of BM25 (Kamphuis et al. 2020,
https://doi.org/10.1007/978-3-030-45442-5_4); a term in the title counts twice.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore import arrays
from vectorstore.errors import IndexDamagedError
from vectorstore.terms import terms

if TYPE_CHECKING:
    from numpy.typing import NDArray

_K1, _B = 1.2, 0.75
_TITLE_WEIGHT = 2
_RANGE = 1_000_000  # postings that are sorted at once
_MOST = int(np.iinfo(np.uint16).max)  # how often a term can count in one paper
_TERMS = "terms.txt"
# Of each paper: where its terms begin, their numbers, and how often it has each of them.
_STARTS, _IDS, _COUNTS = "paper_starts.i64", "paper_terms.i32", "paper_counts.u16"
# Of each term: where its papers begin, their positions, and what it adds to the score of each of them.
_POSTING_STARTS, _POSTINGS, _WEIGHTS = "posting_starts.i64", "postings.i32", "weights.f32"


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
            self._starts: NDArray[np.int64] = arrays.mapped(folder / _POSTING_STARTS, np.int64)
            self._postings: NDArray[np.int32] = arrays.mapped(folder / _POSTINGS, np.int32)
            self._weights: NDArray[np.float32] = arrays.mapped(folder / _WEIGHTS, np.float32)
            of_papers = arrays.mapped(folder / _STARTS, np.int64)
            entries = [len(arrays.mapped(folder / _IDS, np.int32)), len(self._postings), len(self._weights)]
        except (OSError, ValueError) as error:
            raise IndexDamagedError(f"{folder} cannot be read ({error})") from error
        self.papers = len(of_papers) - 1
        ends = [int(starts[-1]) if len(starts) else -1 for starts in (of_papers, self._starts, self._starts)]
        if len(self._starts) != len(self._vocabulary) + 1 or entries != ends:
            raise IndexDamagedError(f"the files in {folder} do not belong together")

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


def write(folder: Path, kept: NDArray[np.bool_] | None, new: Iterable[tuple[str, str]]) -> None:
    """Write the ranking of the papers that stay of those in ``folder``, and of ``new`` ones (title, text) after them.

    Memory holds the terms, some thousand papers at a time, and some 30 bytes for each of the others.

    Args:
        folder: Where the files go, and where those are whose papers are kept.
        kept: Which papers stay, shape (papers,); None where there are none yet.
        new: What is added.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    folder.mkdir(exist_ok=True)
    vocabulary: dict[str, int] = {}
    sizes = array("q")  # how many terms each paper has
    written = {name: folder / f"{name}.new" for name in (_IDS, _COUNTS)}
    with written[_IDS].open("wb") as ids, written[_COUNTS].open("wb") as counts:
        if kept is not None:
            vocabulary = {term: number for number, term in enumerate(_read_terms(folder))}
            old = np.fromfile(folder / _STARTS, dtype=np.int64)
            for name, file in ((_IDS, ids), (_COUNTS, counts)):
                arrays.copy_rows(folder / name, file, old, kept)
            sizes.frombytes(np.diff(old)[kept].tobytes())
        for batch in arrays.batches(new, arrays.BLOCK):
            of_batch = array("i"), array("H")  # as small in memory as they are in the files
            for title, text in batch:
                found = Counter(terms(title) * _TITLE_WEIGHT)
                found.update(terms(text))
                of_batch[0].extend(vocabulary.setdefault(term, len(vocabulary)) for term in found)
                of_batch[1].extend(min(count, _MOST) for count in found.values())
                sizes.append(len(found))
            of_batch[0].tofile(ids)
            of_batch[1].tofile(counts)
    for name, path in written.items():
        path.replace(folder / name)
    (folder / _TERMS).write_text("\n".join(vocabulary), encoding="utf-8")
    with (folder / _STARTS).open("wb") as file:
        arrays.write(file, arrays.starts_of(np.frombuffer(sizes, dtype=np.int64)))
    _write_postings(folder, len(vocabulary))


def _write_postings(folder: Path, vocabulary: int) -> None:
    """Turn papers' terms into terms' papers, each with what the term adds to the paper's score.

    So many terms at a time as have a million papers between them: for each of these ranges all papers are gone
    through, some thousand at a time.
    """
    starts = np.fromfile(folder / _STARTS, dtype=np.int64)
    papers = len(starts) - 1
    with_term, lengths = np.zeros(vocabulary, dtype=np.int64), np.zeros(papers, dtype=np.float32)
    for ids, owners, counts in _entries(folder, starts):
        with_term += np.bincount(ids, minlength=vocabulary)
        np.add.at(lengths, owners, counts)
    idf = np.log(1 + (papers - with_term + 0.5) / (with_term + 0.5)).astype(np.float32)
    mean_length = max(float(lengths.sum(dtype=np.float64)) / max(papers, 1), 1e-9)
    damping = np.float32(_K1) * (1 - _B + _B * lengths / np.float32(mean_length))
    posting_starts = arrays.starts_of(with_term)
    with (folder / _POSTING_STARTS).open("wb") as file:
        arrays.write(file, posting_starts)
    with (folder / _POSTINGS).open("wb") as postings, (folder / _WEIGHTS).open("wb") as weights:
        for lowest, end in _ranges(posting_starts):
            parts = []
            for ids, owners, counts in _entries(folder, starts):
                here = np.flatnonzero((ids >= lowest) & (ids < end))
                parts.append((ids[here], owners[here], counts[here]))
            terms_, positions, often = (np.concatenate(part) for part in zip(*parts, strict=True))
            order = np.argsort(terms_, kind="stable")  # the papers of a term stay in order
            terms_, positions, often = terms_[order], positions[order], often[order]
            arrays.write(postings, positions)
            arrays.write(weights, idf[terms_] * often * np.float32(_K1 + 1) / (often + damping[positions]))


def _entries(
    folder: Path, starts: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint16]]]:
    """Yield of some thousand papers after the other: terms, the papers that have them, and how often, one row each."""
    for first, last in arrays.blocks(len(starts) - 1):
        here = int(starts[first]), int(starts[last])
        owners = np.repeat(np.arange(first, last, dtype=np.int32), np.diff(starts[first : last + 1]))
        yield arrays.read(folder / _IDS, np.int32, *here), owners, arrays.read(folder / _COUNTS, np.uint16, *here)


def _ranges(posting_starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of terms, the first and the last but one, with no more than `_RANGE` postings, or of one term."""
    first = 0
    while posting_starts[first] < posting_starts[-1]:
        most = int(np.searchsorted(posting_starts, posting_starts[first] + _RANGE, side="right")) - 1
        last = max(first + 1, most)
        yield first, last
        first = last


def files(folder: Path) -> list[Path]:
    """Return the files of a ranking, all of which never change once they are written."""
    return [folder / name for name in (_TERMS, _STARTS, _IDS, _COUNTS, _POSTING_STARTS, _POSTINGS, _WEIGHTS)]


def _read_terms(folder: Path) -> list[str]:
    text = (folder / _TERMS).read_text(encoding="utf-8")
    return text.split("\n") if text else []
