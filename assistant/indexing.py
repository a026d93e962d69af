"""Indexing: bringing the search index up to what the library says.

The difference between the two is computed, never remembered, so it does not matter how the last run ended. Embeddings
are kept by the hash of their text: what was embedded once is not embedded again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from assistant.chunking import Chunk, Chunker
from assistant.errors import LibraryError, SearchIndexError
from assistant.models.embeddings import Encoder
from assistant.papers import Paper
from vectorstore import EmbeddingShards, Entry, Index, IndexDamagedError, IndexStore, IndexWriteError, StoreError

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 256  # chunks embedded between two writes: what a kill can cost

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is to do."""


def silent(what: str, done: int, total: int) -> None:
    """Report nothing."""


class Papers(Protocol):
    """What is indexed: a library, or a test collection."""

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        ...

    def hashes(self) -> Mapping[str, str]:
        """Return the content hash of every paper by id, in order."""
        ...

    def get(self, paper_id: str) -> Paper:
        """Return one paper."""
        ...

    def count(self) -> int:
        """Return how many papers there are."""
        ...


@contextmanager
def index_errors() -> Iterator[None]:
    """Turn what the index's files raise into our errors, each with its remedy."""
    try:
        yield
    except IndexWriteError as error:
        raise LibraryError(
            f"the search index cannot be written ({error}); the papers are safe. "
            "Free some space or check the permissions of the home folder, then run it again"
        ) from error
    except StoreError as error:
        raise SearchIndexError(f"the search index is damaged ({error}); run: assistant doctor --repair") from error


@dataclass(frozen=True, slots=True)
class Indexer:
    """Keeps the index of some papers.

    Attributes:
        library: The truth.
        encoder: The embedding model.
        chunker: Cuts papers for that model.
        store: The index.
        shards: The vectors that model has made so far.
    """

    library: Papers
    encoder: Encoder
    chunker: Chunker
    store: IndexStore
    shards: EmbeddingShards

    @property
    def identity(self) -> dict[str, object]:
        """What an index must have been built with to be of use."""
        return {"embeddings": self.encoder.digest, "chunking": self.chunker.description}

    def is_current(self) -> bool:
        """Say whether the index reflects the library as it is now."""
        manifest = self.store.current_manifest()
        if manifest is None:
            return self.library.count() == 0
        return manifest.library_version == self.library.version and manifest.identity == self.identity

    def open(self) -> Index | None:
        """Open the index, or return None before the first one.

        Raises:
            SearchIndexError: It is damaged, cannot be opened, or was built for another embedding model.
        """
        with index_errors():
            index = self.store.open()
        if index is not None and index.manifest.identity != self.identity:
            index.close()
            message = "the search index was built for another embedding model; run: assistant doctor --repair"
            raise SearchIndexError(message)
        return index

    def update(self, progress: Progress = silent, *, fresh: bool = False) -> int:
        """Bring the index up to date and return how many chunks had to be embedded.

        Args:
            progress: Told how far the embedding is.
            fresh: Build it from nothing, whatever is there.

        Raises:
            LibraryError: The disk is full or cannot be written; the old index stays.
            SearchIndexError: What was built is not sound; the old index stays.
        """
        if not fresh and self.is_current():
            return 0
        with index_errors():
            try:
                return self._updated(progress, fresh=fresh)
            except OSError as error:
                raise IndexWriteError(_reason(error)) from error

    def _updated(self, progress: Progress, *, fresh: bool) -> int:
        try:
            return self._update(progress, fresh=fresh)
        except IndexDamagedError:
            if fresh:
                raise
            return self._update(progress, fresh=True)  # what it was built upon cannot be used

    def _update(self, progress: Progress, *, fresh: bool) -> int:
        version, wanted = self.library.version, self.library.hashes()
        indexed = {} if fresh else self._indexed()
        new = [p for p, content_hash in wanted.items() if indexed.get(p) != content_hash]
        chunks = {p: self.chunker.chunks(self.library.get(p)) for p in new}
        embedded = self._embed([c for of_paper in chunks.values() for c in of_paper], progress)
        removed = {p for p, content_hash in indexed.items() if wanted.get(p) != content_hash}
        self.store.publish(self.identity, version, self._entries(chunks), removed, fresh=not indexed)
        return embedded

    def _indexed(self) -> dict[str, str]:
        """Return what the index holds that can be built upon: nothing where it is damaged or made for another model."""
        manifest = self.store.current_manifest()
        if manifest is None or manifest.identity != self.identity:
            return {}
        try:
            return self.store.indexed()
        except IndexDamagedError:
            return {}

    def _embed(self, chunks: list[Chunk], progress: Progress) -> int:
        known = self.shards.load()
        missing = {c.text_hash: c.text for c in chunks if c.text_hash not in known}
        # Texts of like length together: a batch takes as long as its longest text.
        keys = sorted(missing, key=lambda key: len(missing[key]))
        for start in range(0, len(keys), BATCH):
            progress("embedding", start, len(keys))
            part = keys[start : start + BATCH]
            self.shards.append(part, self.encoder.encode([missing[key] for key in part]))
        progress("embedding", len(keys), len(keys))
        return len(keys)

    def _entries(self, chunks: dict[str, list[Chunk]]) -> Iterator[Entry]:
        known = self.shards.load()
        for paper_id, of_paper in chunks.items():
            paper: Paper = self.library.get(paper_id)
            vectors: NDArray[np.float32] = np.stack([known[c.text_hash] for c in of_paper])
            yield Entry(paper_id, paper.content_hash, paper.title, paper.abstract, vectors)


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):  # a tree that could not be copied: [(source, target, reason), …]
        return str(error.args[0][0][2])
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
