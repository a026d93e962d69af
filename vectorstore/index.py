"""One generation of an index: its files, how they are filled, searched and checked."""

from __future__ import annotations

import shutil
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from vectorstore import arrays, bm25
from vectorstore.bm25 import Bm25
from vectorstore.dense import DenseIndex, DensePart, part_of, parts, unchanging_files
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
EXACT = 1_000_000  # chunks up to which every vector is compared: 51 ms, and 1.5 GB in memory
_NEAREST, _OF_EACH = 1_000, 100  # chunks taken from the graphs beyond that: of all, and of each at first


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
            self.paper_ids, sizes = list[str](), array("q")
            for _, paper_id, _, chunks in self.lexical.papers():
                self.paper_ids.append(paper_id)
                sizes.append(chunks)
            self.words_keys = self.lexical.words_keys()
            self.words = Bm25(folder / _WORDS) if self.paper_ids else None
            self.vectors = Vectors(folder / _VECTORS, np.frombuffer(sizes, dtype=np.int64))
            # Chroma writes a row when it is opened, which a full disk refuses: fewer chunks are searched without it.
            self._dense = self._open_dense() if len(self.vectors.rows) > EXACT else None
        except StoreError:
            self.lexical.close()
            raise
        self._lock = Lock()
        self._positions = {paper_id: position for position, paper_id in enumerate(self.paper_ids)}

    @property
    def dense(self) -> DenseIndex:
        """Chroma's graphs. Up to `EXACT` chunks they are opened at their first use, as importing Chroma takes a second.

        Raises:
            IndexDamagedError: Chroma refuses its files.
            IndexWriteError: The folder cannot be written, without which Chroma opens nothing.
        """
        with self._lock:
            if self._dense is None:
                self._dense = self._open_dense()
            return self._dense

    def _open_dense(self) -> DenseIndex:
        dense = DenseIndex(self.folder / _DENSE)
        if (found := dense.count()) != (wanted := len(self.vectors.rows)):
            dense.close()
            raise IndexDamagedError(f"{self.folder / _DENSE} has {found} vectors instead of {wanted}")
        return dense

    def positions(self, paper_ids: Iterable[str]) -> NDArray[np.int64]:
        """Return where those of the papers that are here stand in the arrays of scores, in increasing order."""
        found = (self._positions.get(paper_id, -1) for paper_id in paper_ids)
        positions = np.sort(np.fromiter(found, dtype=np.int64))
        return positions[np.searchsorted(positions, 0) :]

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of a unit vector and each paper's nearest chunk, shape (papers,), in their order.

        Beyond `EXACT` chunks Chroma's graphs say which are near, and all others get the least cosine of these.
        """
        if len(self.vectors.rows) <= EXACT:
            return self.vectors.similarities(vector)
        hits = self.dense.search(vector, _NEAREST, _OF_EACH)
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
        return {paper_id: content_hash for _, paper_id, content_hash, _ in lexical.papers()}


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
        kept: Which papers stay, by their positions in the index as it was; None where it is new.
        after: The row of the lexical index behind which the added ones begin.
        first: The row of the vectors' file with which they begin.
        removed: Ids of the chunks that are no longer there, by the number of the graph that has them.
        papers: How many papers there are now.
        chunks: How many chunks they have.
    """

    kept: NDArray[np.bool_] | None
    after: int
    first: int
    removed: dict[int, list[str]]
    papers: int
    chunks: int


def write_papers(folder: Path, entries: Iterable[Entry], removed: set[str], look: Callable[[], None]) -> Change:
    """Write texts and vectors: those that stay of the papers in ``folder``, and behind them the new ones.

    ``look`` is called for each new one; what it raises ends it.

    Raises:
        IndexWriteError: The disk is full or the folder may not be written.
        IndexDamagedError: SQLite refuses the files.
    """
    sizes, stays = array("q"), bytearray()
    gone, gone_chunks = list[str](), defaultdict[int, list[str]](list)
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        for row, paper_id, _, chunks in lexical.papers():
            sizes.append(chunks)
            stays.append(paper_id not in removed)
            if paper_id in removed:
                gone.append(paper_id)
                gone_chunks[part_of(row)] += _chunk_ids(paper_id, chunks)
        lexical.remove(gone)
        after = lexical.last_row()
        kept, counts = np.frombuffer(stays, dtype=np.bool_), np.frombuffer(sizes, dtype=np.int64)
        papers, first = int(kept.sum()), int(counts[kept].sum())
        rows, all_chunks = folder / f"{_VECTORS}.new", first
        with rows.open("wb") as file:
            if len(kept):
                arrays.copy_rows(folder / _VECTORS, file, arrays.starts_of(counts), kept)
            for batch in arrays.batches(_looked_at(entries, look), _BATCH):
                lexical.add((e.paper_id, e.content_hash, e.title, e.text, len(e.vectors), e.words_key) for e in batch)
                vectors = np.concatenate([e.vectors for e in batch])
                arrays.write(file, vectors.astype(np.float32, copy=False))
                papers, all_chunks = papers + len(batch), all_chunks + len(vectors)
        rows.replace(folder / _VECTORS)
    return Change(kept if len(kept) else None, after, first, dict(gone_chunks), papers, all_chunks)


def write_words(folder: Path, change: Change, look: Callable[[], None]) -> None:
    """Bring the ranking by words up to the texts. ``look`` is called for each; what it raises ends it."""
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        bm25.write(folder / _WORDS, change.kept, _looked_at(lexical.texts(change.after), look))


def _looked_at(values: Iterable[Value], look: Callable[[], None]) -> Iterator[Value]:
    for value in values:
        look()
        yield value


def fill_graphs(
    folder: Path, after: int, first: int, chunks: int, removed: Mapping[int, list[str]], look: Callable[[], None]
) -> None:
    """Bring Chroma's graphs up to the vectors' file, one after the other.

    Args:
        folder: The index.
        after: The row of the lexical index behind which the papers begin that are to be added.
        first: The row of the vectors' file with which they begin.
        chunks: How many rows that file has.
        removed: Chunks that are to be taken out, by the number of their graph.
        look: Called every second or so; what it raises ends it.
    """
    dense = folder / _DENSE
    for number, ids in removed.items():
        look()
        with closing(DensePart(dense, number)) as part:
            part.remove(ids)
            left = part.count()
        if not left:
            shutil.rmtree(part.folder)
    width = (folder / _VECTORS).stat().st_size // max(chunks, 1) // np.dtype(np.float32).itemsize
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        for number, papers in groupby(lexical.papers(after), key=lambda paper: part_of(paper[0])):
            with closing(DensePart(dense, number)) as part:
                for batch in arrays.batches(papers, _BATCH):
                    look()
                    ids = [chunk for _, paper_id, _, chunks in batch for chunk in _chunk_ids(paper_id, chunks)]
                    end = first + len(ids)
                    rows = arrays.read(folder / _VECTORS, np.float32, first * width, end * width)
                    part.add(ids, rows.reshape(len(ids), width))
                    first = end


def _chunk_ids(paper_id: str, chunks: int) -> list[str]:
    return [f"{paper_id}#{number}" for number in range(chunks)]


def verify(folder: Path) -> None:
    """Open a generation, one graph after the other, count it and search it.

    Raises:
        IndexDamagedError: Something is missing. A torn file can end the process instead, so call this in a child.
    """
    manifest = checked_manifest(folder)
    sizes, vectors, numbers = array("q"), 0, list[int]()
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        for number, papers in groupby(lexical.papers(), key=lambda paper: part_of(paper[0])):
            of_part = [(paper_id, chunks) for _, paper_id, _, chunks in papers]
            sizes.extend(chunks for _, chunks in of_part)
            numbers.append(number)
            with closing(DensePart(folder / _DENSE, number)) as part:
                vectors += part.count()
                for paper_id, _ in of_part[:: max(1, len(of_part) // 20)]:
                    _find_by_itself(part, paper_id)
    found, wanted = (len(sizes), sum(sizes), vectors), (manifest.papers, manifest.chunks, manifest.chunks)
    if found != wanted:
        raise IndexDamagedError(f"{folder}: papers, chunks and vectors are {found}, the manifest says {wanted}")
    if numbers != (there := parts(folder / _DENSE)):
        raise IndexDamagedError(f"{folder / _DENSE} has the graphs {there} instead of {numbers}")
    Vectors(folder / _VECTORS, np.frombuffer(sizes, dtype=np.int64))
    if sizes and Bm25(folder / _WORDS).papers != len(sizes):
        raise IndexDamagedError(f"{folder}: the ranking by words is of other papers")


def _find_by_itself(part: DensePart, paper_id: str) -> None:
    stored = part.vectors([f"{paper_id}#0"])
    if not len(stored) or not np.isfinite(stored).all() or abs(float(np.linalg.norm(stored[0])) - 1) > 1e-3:
        raise IndexDamagedError(f"{part.folder}: the vector of {paper_id} is missing or no unit vector")
    if not part.search(stored[0], 1):
        raise IndexDamagedError(f"{part.folder}: a search finds nothing")
