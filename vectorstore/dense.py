"""Vectors in Chroma: the one file that knows Chroma.

Only ids and vectors are kept there; texts would cost 3.5 times the speed and 6 times the disk. LangChain wants a text
with each vector: even where that is the id, adding takes twice as long. Chroma's distances become similarities
here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.errors import mended

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLLECTION = "chunks"
_BATCH = 5_000  # Chroma 1.5.9 refuses more than 5,461 at once
# Measured on clustered vectors, ef 100 finds 0.92 of the true neighbours at 20,000 and 0.71 at 150,000.
# sync_threshold: what is added at once is written to the graph at once. What is not, each process that opens the index
# inserts again at its first search: 50 s for the last 4,000 of 59,000 vectors.
_HNSW = {"space": "cosine", "ef_search": 400, "sync_threshold": 2}
_THOROUGH = {"ef_construction": 200, "max_neighbors": 24}
# Less than half the time (32 instead of 72 s for 70,000 vectors), and 0.951 instead of 0.983 of the 400 nearest found.
_QUICK = {"ef_construction": 64, "max_neighbors": 16}


class DenseIndex:
    """Unit vectors by chunk id, searched by cosine similarity.

    Args:
        folder: Where Chroma keeps its files; made if it is missing.
        thorough: Whether a graph that is made is to find nearly everything, or is not searched while it is small.
    """

    def __init__(self, folder: Path, *, thorough: bool = False) -> None:
        import chromadb
        from chromadb.config import Settings

        self._folder = folder
        with self._mended():
            self._client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
            self._chunks = self._client.get_or_create_collection(
                _COLLECTION,
                embedding_function=None,
                configuration={"hnsw": _HNSW | (_THOROUGH if thorough else _QUICK)},
            )

    @property
    def thorough(self) -> bool:
        """Whether the graph was made to find nearly everything."""
        with self._mended():
            return int(self._chunks.configuration_json["hnsw"]["max_neighbors"]) >= _THOROUGH["max_neighbors"]

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

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, str, float]]:
        """Return the ``k`` nearest chunks as (chunk id, paper id, cosine similarity), best first.

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
        return mended(self._folder, Exception)  # Chroma's Rust core raises whatever it meets


def unchanging_files(folder: Path) -> Iterator[Path]:
    """Yield those of Chroma's files below ``folder`` that opening it does not write.

    The SQLite file gets a row at each opening, and a graph without a vector is made anew.
    """
    for persisted in folder.glob("*/index_metadata.pickle"):
        yield from persisted.parent.iterdir()
