"""Vectors in Chroma: the one file that knows Chroma.

Only ids and vectors are kept there; texts would cost 3.5 times the speed and 6 times the disk. LangChain wants a text
with each vector: even where that is the id, adding takes twice as long. Chroma's distances become similarities
here and nowhere else.

Chroma holds a graph whole in memory to write it, 4 KB a vector. So there is one for every 16,000 papers, each in a
store of its own, and one is open at a time while they are written. Small graphs are also made faster, and find more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.errors import mended

if TYPE_CHECKING:
    from numpy.typing import NDArray

Hit = tuple[str, str, float]
"""Chunk id, paper id, cosine similarity."""

PART = 16_000  # papers, by their rows, whose chunks are in one graph
_FILES = 12  # that a graph has open while it is searched
_COLLECTION = "chunks"
_BATCH = 5_000  # Chroma 1.5.9 refuses more than 5,461 at once
# sync_threshold: what is added at once is written to the graph at once. What is not, each process that opens the index
# inserts again at its first search: 50 s for the last 4,000 of 59,000 vectors.
# ef_search: Chroma takes the number of neighbours asked for where that is greater.
_HNSW = {"space": "cosine", "ef_construction": 64, "max_neighbors": 16, "ef_search": 100, "sync_threshold": 2}


def part_of(row: int) -> int:
    """Return the number of the graph that has the chunks of the paper in a row of the lexical index."""
    return (row - 1) // PART


class DensePart:
    """One graph: unit vectors by chunk id, searched by cosine similarity.

    Args:
        folder: Where Chroma keeps all parts, this one in a folder of its own; made if it is missing.
        number: Which one.
    """

    def __init__(self, folder: Path, number: int) -> None:
        os.environ.setdefault("TOKIO_WORKER_THREADS", "1")  # Chroma's, for each store: else as many as there are cores
        import chromadb
        from chromadb.config import Settings

        self.folder = folder / f"{number:05}"
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._mended():
            self._client = chromadb.PersistentClient(str(self.folder), settings=Settings(anonymized_telemetry=False))
            self._chunks = self._client.get_or_create_collection(
                _COLLECTION, embedding_function=None, configuration={"hnsw": _HNSW}
            )

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Add or replace vectors, shape (ids, dimension); the id of a chunk is its paper's, "#" and a number."""
        for start in range(0, len(ids), _BATCH):
            part = slice(start, start + _BATCH)
            with self._mended():
                self._chunks.upsert(list(ids[part]), vectors[part])

    def remove(self, ids: Sequence[str]) -> None:
        """Remove vectors; ids that are not there are ignored."""
        for start in range(0, len(ids), _BATCH):
            with self._mended():
                self._chunks.delete(list(ids[start : start + _BATCH]))

    def search(self, vector: NDArray[np.float32], k: int) -> list[Hit]:
        """Return the ``k`` nearest chunks, best first.

        Args:
            vector: A unit vector, shape (dimension,).
            k: How many at most.
        """
        with self._mended():
            found = self._chunks.query(vector[np.newaxis], n_results=k, include=["distances"])
        # Chroma gives the cosine distance; 1 - distance is the similarity, so that higher is better.
        nearest = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(chunk_id, chunk_id.rpartition("#")[0], 1.0 - distance) for chunk_id, distance in nearest]

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of the ids that are there, shape (found, dimension)."""
        with self._mended():
            rows = self._chunks.get(list(ids), include=["embeddings"])
        return np.asarray(rows["embeddings"], dtype=np.float32)

    def count(self) -> int:
        """Return how many vectors there are."""
        with self._mended():
            return int(self._chunks.count())

    def close(self) -> None:
        """Write what is pending and let go of the files."""
        with self._mended():
            self._client.close()

    def _mended(self) -> AbstractContextManager[None]:
        return mended(self.folder, Exception)  # Chroma's Rust core raises whatever it meets


class DenseIndex:
    """All graphs of an index, open for searching.

    Args:
        folder: Where Chroma keeps them.
    """

    def __init__(self, folder: Path) -> None:
        numbers = parts(folder)
        _allow_files(_FILES * len(numbers))
        with ExitStack() as opened:
            self._parts = [opened.enter_context(closing(DensePart(folder, number))) for number in numbers]
            self._threads = opened.enter_context(ThreadPoolExecutor())  # Chroma lets go of Python's lock to search
            self._opened = opened.pop_all()

    def search(self, vector: NDArray[np.float32], k: int, of_each: int | None = None) -> list[Hit]:
        """Return the ``k`` nearest chunks, best first.

        Args:
            vector: A unit vector, shape (dimension,).
            k: How many at most.
            of_each: How many each graph is asked for at first; one whose last one is still among the ``k`` nearest,
                as papers that were added together may be of one subject, is asked for ``k``.
        """
        first = min(k, of_each or k)
        found = list(self._threads.map(lambda part: part.search(vector, first), self._parts))
        nearest = sorted(chain.from_iterable(found), key=_farness)[:k]
        if first < k and nearest:
            least = nearest[-1][2] if len(nearest) == k else -1.0
            cut = [n for n, hits in enumerate(found) if len(hits) == first and hits[-1][2] >= least]
            for n, hits in zip(cut, self._threads.map(lambda n: self._parts[n].search(vector, k), cut), strict=True):
                found[n] = hits
            nearest = sorted(chain.from_iterable(found), key=_farness)[:k]
        return nearest

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of the ids that are there, shape (found, dimension), graph by graph."""
        found = [rows for part in self._parts if len(rows := part.vectors(ids))]
        return np.concatenate(found) if found else np.zeros((0, 0), dtype=np.float32)

    def count(self) -> int:
        """Return how many vectors there are."""
        return sum(part.count() for part in self._parts)

    def close(self) -> None:
        """Let go of the files."""
        self._opened.close()


def _farness(hit: Hit) -> float:
    return -hit[2]


def _allow_files(more: int) -> None:
    """Let this process have so many more files open, as far as it may: the usual limits are 1,024 and 256."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows, which has no such limit

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = soft + more if hard == resource.RLIM_INFINITY else min(soft + more, hard)
        if soft != resource.RLIM_INFINITY and wanted > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def parts(folder: Path) -> list[int]:
    """Return the numbers of the graphs below a folder, in order."""
    return sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else []


def unchanging_files(folder: Path) -> Iterator[Path]:
    """Yield those of Chroma's files below ``folder`` that opening it does not write.

    The SQLite file gets a row at each opening, and a graph without a vector is made anew.
    """
    for persisted in folder.glob("*/*/index_metadata.pickle"):
        yield from persisted.parent.iterdir()
