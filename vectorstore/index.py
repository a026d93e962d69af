"""One generation of an index: its files, how they are filled, searched and checked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from vectorstore import bm25, vectors
from vectorstore.bm25 import Bm25
from vectorstore.dense import DenseIndex, unchanging_files
from vectorstore.errors import IndexDamagedError, StoreError
from vectorstore.files import checksum
from vectorstore.lexical import LexicalIndex
from vectorstore.manifest import Manifest
from vectorstore.vectors import Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = TypeVar("Value")

_BATCH = 5_000  # papers a transaction
_DENSE, _LEXICAL, _WORDS, _VECTORS = "chroma", "lexical.sqlite3", "words", "vectors.f32"
EXACT = 200_000  # chunks up to which every vector is compared: 25 ms, what the graph needs at a recall of 0.9
_NEAREST = 1_000  # chunks taken from the graph beyond that


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as it is indexed.

    Attributes:
        vectors: One a chunk, shape (chunks, dimension).
        words_key: What the vectors of its words are kept under, below 2 to the power of 64.
    """

    paper_id: str
    content_hash: str
    title: str
    text: str
    vectors: NDArray[np.float32]
    words_key: int = 0


class Index:
    """One generation, open for searching.

    Args:
        folder: The generation's folder, which holds a manifest.

    Raises:
        IndexDamagedError: The files are not what was published, or Chroma or SQLite refuse them.
        IndexWriteError: The folder cannot be written, without which Chroma opens nothing, and so many chunks need it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = checked_manifest(folder)
        self.lexical = LexicalIndex(folder / _LEXICAL)
        try:
            papers = self.lexical.papers()
            self.paper_ids = list(papers)
            self.words_keys = self.lexical.words_keys()
            self.words = Bm25(folder / _WORDS) if papers else None
            self.vectors = _open_vectors(folder, papers)
            # Chroma writes a row when it is opened, which a full disk refuses: fewer chunks are searched without it.
            self._dense = DenseIndex(folder / _DENSE) if len(self.vectors.rows) > EXACT else None
        except StoreError:
            self.lexical.close()
            raise
        self._lock = Lock()
        self._positions = {paper_id: position for position, paper_id in enumerate(self.paper_ids)}

    @property
    def dense(self) -> DenseIndex:
        """Chroma's graph. Up to `EXACT` chunks it is opened at its first use, as importing Chroma takes a second.

        Raises:
            IndexDamagedError: Chroma refuses its files.
            IndexWriteError: The folder cannot be written, without which Chroma opens nothing.
        """
        with self._lock:
            if self._dense is None:
                self._dense = DenseIndex(self.folder / _DENSE)
            return self._dense

    def positions(self, paper_ids: Iterable[str]) -> NDArray[np.int64]:
        """Return where those of the papers that are here stand in the arrays of scores, in increasing order."""
        found = (self._positions.get(paper_id, -1) for paper_id in paper_ids)
        positions = np.sort(np.fromiter(found, dtype=np.int64))
        return positions[np.searchsorted(positions, 0) :]

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of a unit vector and each paper's nearest chunk, shape (papers,), in their order.

        Beyond `EXACT` chunks Chroma's graph says which are near, and all others get the least cosine of these.
        """
        if len(self.vectors.rows) <= EXACT:
            return self.vectors.similarities(vector)
        hits = self.dense.search(vector, _NEAREST)
        found = np.full(len(self.paper_ids), hits[-1][2] if hits else 0.0, dtype=np.float32)
        for _, paper_id, similarity in reversed(hits):
            found[self._positions[paper_id]] = similarity
        return found

    def word_scores(self, query: str) -> NDArray[np.float32]:
        """Return the BM25 score of each paper, shape (papers,), in their order; 0 without a word of the query."""
        return self.words.scores(query) if self.words else np.zeros(0, dtype=np.float32)

    def rarity(self, term: str) -> float:
        """Return the inverse document frequency of a term, greatest for one that stands nowhere."""
        return self.words.rarity(term) if self.words else 0.0

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            dense, self._dense = self._dense, None
        if dense is not None:
            dense.close()
        self.lexical.close()


def checked_manifest(folder: Path) -> Manifest:
    """Return the manifest of a generation once every file is what it says: opening a damaged one can end the process.

    Raises:
        IndexDamagedError: There is no manifest, or a file is missing or is not what was published.
    """
    manifest = Manifest.read(folder)
    if manifest is None:
        raise IndexDamagedError(f"{folder} has no manifest that can be read")
    for name, wanted in manifest.files.items():
        try:
            found = checksum(folder / name)
        except OSError as error:
            raise IndexDamagedError(f"{folder / name} cannot be read: {error.strerror}") from error
        if found != wanted:
            raise IndexDamagedError(f"{folder / name} is not what was written")
    return manifest


def checksums(folder: Path) -> dict[str, str]:
    """Return the checksum of every file of a generation that is never written again, by its path in the folder."""
    files = [folder / _LEXICAL, folder / _VECTORS, *bm25.files(folder / _WORDS), *unchanging_files(folder / _DENSE)]
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def paper_hashes(folder: Path) -> dict[str, str]:
    """Return the content hash of every paper in a generation by id.

    Raises:
        IndexDamagedError: The files are not what was published.
    """
    checked_manifest(folder)
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        return {paper_id: content_hash for paper_id, (content_hash, _) in lexical.papers().items()}


def words_keys(folder: Path) -> list[int]:
    """Return what the vectors of each paper's words are kept under; papers with the same text share one.

    Raises:
        IndexDamagedError: The files are not what was published.
    """
    checked_manifest(folder)
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        return lexical.words_keys()


def texts(folder: Path) -> dict[str, tuple[str, str, str]]:
    """Return content hash, title and text of every paper in a generation by id, whatever has become of the rest of it.

    Raises:
        IndexDamagedError: The file that holds them is not what was published.
    """
    manifest = Manifest.read(folder)
    path = folder / _LEXICAL
    if manifest is None or not path.is_file() or checksum(path) != manifest.files.get(_LEXICAL):
        raise IndexDamagedError(f"{path} is not what was written")
    with closing(LexicalIndex(path)) as lexical:
        return {paper_id: (content_hash, title, text) for paper_id, content_hash, title, text in lexical.everything()}


@dataclass(frozen=True, slots=True)
class Change:
    """What `write_papers` did, for the parts of an index that are still to follow.

    Attributes:
        kept: Positions of the papers that stay, in the index as it was; None where it is new.
        after: The row of the lexical index behind which the added ones begin.
        removed: Ids of the chunks that are no longer there.
        papers: How many papers there are now.
        chunks: How many chunks they have.
    """

    kept: list[int] | None
    after: int
    removed: list[str]
    papers: int
    chunks: int


def write_papers(folder: Path, entries: Iterable[Entry], removed: set[str], look: Callable[[], None]) -> Change:
    """Write texts and vectors: those that stay of the papers in ``folder``, and behind them the new ones.

    ``look`` is called for each new one; what it raises ends it.

    Raises:
        IndexWriteError: The disk is full or the folder may not be written.
        IndexDamagedError: SQLite refuses the files.
    """
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        known = lexical.papers()
        gone = sorted(removed & known.keys())
        lexical.remove(gone)
        kept = [position for position, paper_id in enumerate(known) if paper_id not in removed]
        rows, last = folder / f"{_VECTORS}.new", lexical.last_row()
        vectors.write(rows, _open_vectors(folder, known) if known else None, kept)
        iterator = _looked_at(entries, look)
        while batch := list(islice(iterator, _BATCH)):
            lexical.add((e.paper_id, e.content_hash, e.title, e.text, len(e.vectors), e.words_key) for e in batch)
            vectors.append(rows, np.concatenate([e.vectors for e in batch]))
        rows.replace(folder / _VECTORS)
        papers = lexical.papers()
    chunks = [f"{p}#{n}" for p in gone for n in range(known[p][1])]
    return Change(kept if known else None, last, chunks, len(papers), sum(count for _, count in papers.values()))


def write_words(folder: Path, change: Change, look: Callable[[], None]) -> None:
    """Bring the ranking by words up to the texts. ``look`` is called for each; what it raises ends it."""
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        bm25.write(folder / _WORDS, change.kept, _looked_at(lexical.texts(change.after), look))


def _looked_at(values: Iterable[Value], look: Callable[[], None]) -> Iterator[Value]:
    for value in values:
        look()
        yield value


def fill_graph(folder: Path, kept: int, removed: list[str], *, thorough: bool, look: Callable[[], None]) -> None:
    """Bring Chroma up to the vectors' file.

    Args:
        folder: The index.
        kept: How many papers, the first ones, are in the graph already.
        removed: Chunks that are to be taken out of it.
        thorough: Whether it has so many chunks that it is searched: one that was made quickly is made anew then.
        look: Called every second or so; what it raises ends it.
    """
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        papers = lexical.papers()
    every = _open_vectors(folder, papers)
    with closing(DenseIndex(folder / _DENSE, thorough=thorough)) as dense:
        if dense.thorough or not thorough:
            dense.remove(removed)
            _add_rows(dense, papers, every, kept, look)
            return
    anew = folder / f"{_DENSE}.new"
    with closing(DenseIndex(anew, thorough=True)) as dense:
        _add_rows(dense, papers, every, 0, look)
    shutil.rmtree(folder / _DENSE)
    anew.rename(folder / _DENSE)


def _add_rows(
    dense: DenseIndex, papers: Mapping[str, tuple[str, int]], every: Vectors, first: int, look: Callable[[], None]
) -> None:
    """Add the vectors of all papers from the ``first`` on, some thousand at a time."""
    iterator = iter(list(papers.items())[first:])
    row = int(every.starts[first])
    while batch := list(islice(iterator, _BATCH)):
        ids = [f"{paper_id}#{n}" for paper_id, (_, chunks) in batch for n in range(chunks)]
        look()
        dense.add(ids, every.rows[row : row + len(ids)])
        row += len(ids)


def _open_vectors(folder: Path, papers: Mapping[str, tuple[str, int]]) -> Vectors:
    return Vectors(folder / _VECTORS, np.array([chunks for _, chunks in papers.values()], dtype=np.int64))


def verify(folder: Path) -> None:
    """Open a generation, count it and search it.

    Raises:
        IndexDamagedError: Something is missing. A torn file can end the process instead, so call this in a child.
    """
    with closing(Index(folder)) as index:
        papers = index.lexical.papers()
        found = (len(papers), sum(chunks for _, chunks in papers.values()), index.dense.count())
        wanted = (index.manifest.papers, index.manifest.chunks, index.manifest.chunks)
        if found != wanted:
            raise IndexDamagedError(f"{folder}: papers, chunks and vectors are {found}, the manifest says {wanted}")
        step = max(1, len(papers) // 20)
        for paper_id in islice(papers, 0, None, step):
            _find_by_itself(index, paper_id)


def _find_by_itself(index: Index, paper_id: str) -> None:
    stored = index.dense.vectors([f"{paper_id}#0"])
    if not len(stored) or not np.isfinite(stored).all() or abs(float(np.linalg.norm(stored[0])) - 1) > 1e-3:
        raise IndexDamagedError(f"{index.folder}: the vector of {paper_id} is missing or no unit vector")
    if not index.dense.search(stored[0], 1):
        raise IndexDamagedError(f"{index.folder}: a search finds nothing")
