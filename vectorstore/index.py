"""One generation of an index: its files, how they are filled, searched and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.dense import DenseIndex, unchanging_files
from vectorstore.errors import IndexDamagedError, StoreError
from vectorstore.files import checksum
from vectorstore.lexical import LexicalIndex
from vectorstore.manifest import Manifest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 5_000  # papers a transaction
_DENSE, _LEXICAL = "chroma", "lexical.sqlite3"


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as it is indexed: a vector a chunk, shape (chunks, dimension)."""

    paper_id: str
    content_hash: str
    title: str
    text: str
    vectors: NDArray[np.float32]


class Index:
    """One generation, open for searching.

    Args:
        folder: The generation's folder, which holds a manifest.

    Raises:
        IndexDamagedError: The files are not what was published, or Chroma or SQLite refuse them.
        IndexWriteError: The folder cannot be written, without which Chroma opens nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = checked_manifest(folder)
        self.lexical = LexicalIndex(folder / _LEXICAL)
        try:
            self._chunk_counts = {paper_id: chunks for paper_id, (_, chunks) in self.lexical.papers().items()}
            self.dense = DenseIndex(folder / _DENSE)
        except StoreError:
            self.lexical.close()
            raise

    def search_dense(
        self, vector: NDArray[np.float32], k: int, among: frozenset[str] | None = None
    ) -> list[tuple[str, int, float]]:
        """Return the ``k`` nearest chunks as (paper id, number of the chunk, cosine similarity), best first."""
        hits = self.dense.search(vector, k, None if among is None else list(self._chunk_ids(among)))
        return [(paper_id, int(chunk_id.rpartition("#")[2]), score) for chunk_id, paper_id, score in hits]

    def search_lexical(self, query: str, k: int, among: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Return the ``k`` best papers as (paper id, BM25 score), best first."""
        return self.lexical.search(query, k, among)

    def close(self) -> None:
        """Let go of the files."""
        self.dense.close()
        self.lexical.close()

    def _chunk_ids(self, paper_ids: Iterable[str]) -> Iterator[str]:
        for paper_id in sorted(paper_ids):
            yield from (f"{paper_id}#{n}" for n in range(self._chunk_counts.get(paper_id, 0)))


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
    files = [folder / _LEXICAL, *unchanging_files(folder / _DENSE)]
    return {path.relative_to(folder).as_posix(): checksum(path) for path in files}


def paper_hashes(folder: Path) -> dict[str, str]:
    """Return the content hash of every paper in a generation by id.

    Raises:
        IndexDamagedError: The files are not what was published.
    """
    checked_manifest(folder)
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical:
        return {paper_id: content_hash for paper_id, (content_hash, _) in lexical.papers().items()}


def fill(folder: Path, entries: Iterable[Entry], removed: set[str]) -> tuple[int, int]:
    """Apply the changes to the files in ``folder`` and return how many papers and chunks it holds then.

    Raises:
        IndexWriteError: The disk is full or the folder may not be written.
        IndexDamagedError: Chroma or SQLite refuse the files.
    """
    with closing(LexicalIndex(folder / _LEXICAL)) as lexical, closing(DenseIndex(folder / _DENSE)) as dense:
        known = lexical.papers()
        gone = sorted(removed & known.keys())
        dense.remove([f"{p}#{n}" for p in gone for n in range(known[p][1])])
        lexical.remove(gone)
        iterator = iter(entries)
        while batch := list(islice(iterator, _BATCH)):
            lexical.add((e.paper_id, e.content_hash, e.title, e.text, len(e.vectors)) for e in batch)
            ids = [f"{e.paper_id}#{n}" for e in batch for n in range(len(e.vectors))]
            owners = [e.paper_id for e in batch for _ in range(len(e.vectors))]
            dense.add(ids, np.concatenate([e.vectors for e in batch]), owners)
        papers = lexical.papers()
        return len(papers), sum(chunks for _, chunks in papers.values())


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
