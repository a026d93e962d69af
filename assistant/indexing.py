"""Indexing: bringing the search index up to what the library says.

The difference between the two is computed, never remembered, so it does not matter how the last run ended. Embeddings
are kept by the hash of their text: what was embedded once is not embedded again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from assistant.chunking import Chunker
from assistant.errors import LibraryError, SearchIndexError
from assistant.models.embeddings import Encoder
from assistant.papers import Paper
from vectorstore import EmbeddingShards, Entry, Index, IndexDamagedError, IndexStore, IndexWriteError, StoreError

BATCH = 256  # chunks embedded between two writes: what a kill can cost
_WINDOW = 4_096  # papers whose texts and vectors are in memory at once

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
        hashes, embedded = self._embed(new, progress)
        removed = {p for p, content_hash in indexed.items() if wanted.get(p) != content_hash}
        self.store.publish(self.identity, version, self._entries(hashes), removed, fresh=not indexed)
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

    def _embed(self, paper_ids: list[str], progress: Progress) -> tuple[dict[str, list[bytes]], int]:
        """Embed what has to be, some thousand papers at a time, so that memory does not grow with the library.

        Returns:
            The hashes of each paper's chunks, in the order of the papers, and how many chunks were embedded.
        """
        known = self.shards.load()
        hashes = dict[str, list[bytes]]()
        embedded, total = 0, len(paper_ids)
        for start in range(0, total, _WINDOW):
            missing = dict[bytes, str]()
            window = paper_ids[start : start + _WINDOW]
            for paper_id in window:
                chunks = [(c.text_hash, c.text) for c in self.chunker.chunks(self.library.get(paper_id))]
                hashes[paper_id] = [key for key, _ in chunks]
                missing |= {key: text for key, text in chunks if key not in known}
            for done in self._embed_texts(missing):
                progress("embedding", start + len(window) * done // len(missing), total)
            embedded += len(missing)
        progress("embedding", total, total)
        return hashes, embedded

    def _embed_texts(self, texts: dict[bytes, str]) -> Iterator[int]:
        """Embed texts by their hashes, and before each batch yield how many are done."""
        # Texts of like length together: a batch takes as long as its longest text.
        keys = sorted(texts, key=lambda key: len(texts[key]))
        for start in range(0, len(keys), BATCH):
            yield start
            part = keys[start : start + BATCH]
            self.shards.append(part, self.encoder.encode([texts[key] for key in part]))

    def _entries(self, hashes: dict[str, list[bytes]]) -> Iterator[Entry]:
        known, paper_ids = self.shards.load(), list(hashes)
        for start in range(0, len(paper_ids), _WINDOW):
            window = paper_ids[start : start + _WINDOW]
            vectors = known.take([key for paper_id in window for key in hashes[paper_id]])
            row = 0
            for paper_id in window:
                paper: Paper = self.library.get(paper_id)
                end = row + len(hashes[paper_id])
                yield Entry(paper_id, paper.content_hash, paper.title, paper.abstract, vectors[row:end])
                row = end


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):  # a tree that could not be copied: [(source, target, reason), …]
        return str(error.args[0][0][2])
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
