"""Indexing: bringing the search index up to what the library says.

The difference between the two is computed, never remembered, so it does not matter how the last run ended. Embeddings
are kept by the hash of their text: what was embedded once is not embedded again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from assistant.chunking import Chunk, Chunker
from assistant.errors import LibraryError, SearchIndexError
from assistant.models.embeddings import Encoder
from assistant.models.runtimes import TokenVectors
from assistant.papers import Paper
from assistant.word_matching import WordMatching, key_of, packed_words
from vectorstore import (
    EmbeddingShards,
    Entry,
    Index,
    IndexDamagedError,
    IndexStore,
    IndexWriteError,
    StoredVectors,
    StoreError,
    WordVectors,
    go_on,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH = 256  # chunks embedded between two writes: what a kill can cost
_WINDOW = 4_096  # papers whose texts and vectors are in memory at once

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done and how much there is to do."""


Look = Callable[[], None]
"""Called several times a second, from any thread; what it raises ends the work. What is written by then stays."""


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
        words: The vectors of papers' words that it has made so far.
        model: The settings that open the embedding model again, kept with the index; empty where that cannot be.
    """

    library: Papers
    encoder: Encoder
    chunker: Chunker
    store: IndexStore
    shards: EmbeddingShards
    words: WordVectors
    model: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def at(cls, home: Path, papers: Papers, encoder: Encoder, model: Mapping[str, Any] | None = None) -> Indexer:
        """Return what keeps the index of ``papers`` in a home: its folders ``index``, ``embeddings`` and ``words``."""
        of_model = encoder.digest[:16]
        return cls(
            papers,
            encoder,
            Chunker(encoder.count_tokens, encoder.window),
            IndexStore(home / "index"),
            EmbeddingShards(home / "embeddings" / of_model),
            WordVectors(home / "words" / of_model),
            model or {},
        )

    def matching(self) -> WordMatching:
        """Return what compares words, with those that are kept by now."""
        self.words.load()
        return WordMatching(self.encoder, self.chunker, self.words)

    @property
    def identity(self) -> dict[str, object]:
        """What an index must have been built with to be of use."""
        return {"embeddings": self.encoder.digest, "chunking": self.chunker.description}

    def is_current(self) -> bool:
        """Say whether the index reflects the library as it is now."""
        manifest = self.store.current_manifest()
        if manifest is None:
            return self.library.count() == 0 and self.store.current_folder() is None
        return manifest.library_version == self.library.version and manifest.identity == self.identity

    def lacking(self, kept: StoredVectors) -> int:
        """Return of how many papers not all vectors are among those that are kept."""
        return sum(kept.chunks(self._key(content_hash)) is None for content_hash in self.library.hashes().values())

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

    def update(
        self, progress: Progress = silent, *, fresh: bool = False, words: bool = False, look: Look = go_on
    ) -> int:
        """Bring the index up to date and return how many chunks had to be embedded.

        Args:
            progress: Told how far the embedding is.
            fresh: Build it from nothing, whatever is there.
            words: Embed also what is embedded but lacks the vectors of its words.
            look: Can end it, by what it raises; the old index stays.

        Raises:
            LibraryError: The disk is full or cannot be written; the old index stays.
            SearchIndexError: What was built is not sound; the old index stays.
        """
        if not fresh and self.is_current():
            return 0
        with index_errors():
            try:
                return self._updated(progress, look, fresh=fresh, words=words)
            except OSError as error:
                raise IndexWriteError(_reason(error)) from error

    def _updated(self, progress: Progress, look: Look, *, fresh: bool, words: bool) -> int:
        try:
            return self._update(progress, look, fresh=fresh, words=words)
        except IndexDamagedError:
            if fresh:
                raise
            return self._update(progress, look, fresh=True, words=words)  # what it was built upon cannot be used

    def _update(self, progress: Progress, look: Look, *, fresh: bool, words: bool) -> int:
        version, wanted = self.library.version, self.library.hashes()
        indexed = {} if fresh else self._indexed()
        new = {p: content_hash for p, content_hash in wanted.items() if indexed.get(p) != content_hash}
        embedded = self._embed(new, progress, look, words=words)
        removed = {p for p, content_hash in indexed.items() if wanted.get(p) != content_hash}
        fresh = not indexed
        del wanted, indexed  # some hundred bytes a paper, while the index is built
        self.store.publish(
            self.identity, version, self._entries(new), removed, fresh=fresh, model=self.model, look=look
        )
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

    def _key(self, content_hash: str) -> bytes:
        """Return what the chunks of a paper are remembered under: it in this version, cut in this way."""
        return hashlib.sha256(f"{content_hash} {self.chunker.description}".encode()).digest()

    def _embed(self, papers: Mapping[str, str], progress: Progress, look: Look, *, words: bool) -> int:
        """Embed what has to be, some thousand papers at a time, so that memory does not grow with the library.

        Args:
            papers: Their ids and content hashes.
            progress: Told how far it is.
            look: Can end it.
            words: Embed also what lacks the vectors of its words.

        Returns:
            How many chunks were embedded. Then all chunks of these papers are in the shards.
        """
        known = self.shards.load()
        if words:
            self.words.load()
        embedded, total = 0, len(papers)
        for start, window in _windows(papers):
            look()
            keys = {paper_id: self._key(papers[paper_id]) for paper_id in window}
            lacking = {p: key for p, key in keys.items() if self._lacks(known.chunks(key) or (), words=words)}
            missing, whole = list[_Cut](), dict[bytes, Sequence[bytes]]()
            for cut in self._cuts(lacking) if lacking else ():  # else the model need not even be loaded
                if self._lacks(cut.hashes, words=words):
                    missing.append(cut)
                else:
                    whole[cut.key] = cut.hashes
            if whole:  # the same text as before, or from before chunks were remembered
                self.shards.append([], np.zeros((0, 0), dtype=np.float32), whole)
            for done, size in self._embed_papers(missing, look):
                progress("embedding", start + len(window) * done // len(missing), total)
                embedded += size
        progress("embedding", total, total)
        return embedded

    def _lacks(self, hashes: Sequence[bytes], *, words: bool) -> bool:
        """Say whether any of a paper's chunks lacks its vector or, if they are wanted, the vectors of its words."""
        return not hashes or not self.shards.load().has(hashes) or (words and key_of(hashes) not in self.words)

    def _cuts(self, papers: Mapping[str, bytes]) -> Iterator[_Cut]:
        chunked = self.chunker.chunks_of([self.library.get(paper_id) for paper_id in papers])
        return (_Cut(key, chunks) for key, chunks in zip(papers.values(), chunked, strict=True))

    def _embed_papers(self, cuts: Sequence[_Cut], look: Look) -> Iterator[tuple[int, int]]:
        """Embed all chunks of some papers; before each batch yield how many papers are done, and its chunks' number.

        A batch is written while the next one is embedded: a kill costs these two at most.
        """

        def read(text: str, tokens: TokenVectors) -> NDArray[np.uint8]:
            look()  # here, as a batch of a large model takes minutes
            return packed_words(text, tokens)

        done, writing = 0, None
        with ThreadPoolExecutor(1) as writer:
            for batch in _batches(cuts):
                texts = {key: chunk.text for cut in batch for key, chunk in zip(cut.hashes, cut.chunks, strict=True)}
                yield done, len(texts)
                vectors, words = self.encoder.encode_and_read(list(texts.values()), read)
                if writing is not None:
                    writing.result()
                writing = writer.submit(self._keep, {cut.key: cut.hashes for cut in batch}, list(texts), vectors, words)
                done += len(batch)
            if writing is not None:
                writing.result()

    def _keep(
        self,
        papers: Mapping[bytes, Sequence[bytes]],
        texts: Sequence[bytes],
        vectors: NDArray[np.float32],
        words: Sequence[NDArray[np.uint8]],
    ) -> None:
        """Write a batch: papers by the hashes of their chunks, and for each of these its vector and words.

        First what is only a cache: after a kill between the two nothing is embedded whose words are missing.
        """
        of_text = dict(zip(texts, words, strict=True))
        self.words.append({key_of(keys): np.concatenate([of_text[key] for key in keys]) for keys in papers.values()})
        known = self.shards.load()
        new = [row for row, key in enumerate(texts) if key not in known]
        if new or any(known.chunks(paper) is None for paper in papers):
            self.shards.append([texts[row] for row in new], vectors[new], papers)

    def _entries(self, papers: Mapping[str, str]) -> Iterator[Entry]:
        known = self.shards.load()
        for _, window in _windows(papers):
            chunks = {paper_id: known.chunks(self._key(papers[paper_id])) or () for paper_id in window}
            vectors = known.take([key for keys in chunks.values() for key in keys])
            row = 0
            for paper_id, keys in chunks.items():
                paper, end = self.library.get(paper_id), row + len(keys)
                yield Entry(paper_id, paper.content_hash, paper.title, paper.abstract, vectors[row:end], key_of(keys))
                row = end


@dataclass(frozen=True, slots=True)
class _Cut:
    """A paper in chunks.

    Attributes:
        key: What its chunks are remembered under.
        chunks: In order.
        hashes: Of these, in order.
    """

    key: bytes
    chunks: list[Chunk]
    hashes: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hashes", [chunk.text_hash for chunk in self.chunks])


def _windows(papers: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Yield some thousand papers' ids after the other, and the position of the first of them."""
    paper_ids = iter(papers)
    return ((start, list(islice(paper_ids, _WINDOW))) for start in range(0, len(papers), _WINDOW))


def _batches(cuts: Sequence[_Cut]) -> Iterator[list[_Cut]]:
    """Yield whole papers, as many as have `BATCH` chunks."""
    batch, size = list[_Cut](), 0
    for cut in cuts:
        batch.append(cut)
        size += len(cut.chunks)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):  # a tree that could not be copied: [(source, target, reason), …]
        return str(error.args[0][0][2])
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
