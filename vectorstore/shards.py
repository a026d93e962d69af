"""Embeddings on disk, by the hash of the text that was embedded: what costs most to compute is computed once.

A shard is written whole, synced and renamed, and bears its own checksum in its name, so a shard is right or it is not
there. A rebuilt index takes its vectors from here and needs no model, nor to cut papers into chunks again: a shard says
of which chunks its papers are made. Memory holds the keys and a few shards, so that it does not fill with the vectors
of a large library.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from vectorstore.errors import IndexDamagedError
from vectorstore.files import write_durably

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HELD = 64  # shards in memory: 25 MB at 256 vectors of 384 numbers each
_ROWS = 1 << 32  # more than a shard has
_WIDTH = 32  # bytes of a key
_KEY = np.dtype(f"S{_WIDTH}")
_NEWEST = 20_000  # keys that are kept in a dictionary, ten times as large


@dataclass(frozen=True, slots=True)
class Shard:
    """What one file holds.

    Attributes:
        keys: The hash of each text that was embedded.
        vectors: Of these texts, shape (keys, dimension).
        papers: The hashes of the chunks of each paper in them, some of which may be in earlier shards, by a key of the
            paper; nothing in shards of earlier versions.
    """

    keys: list[bytes]
    vectors: NDArray[np.float32]
    papers: Mapping[bytes, Sequence[bytes]]


class _Numbers:
    """Numbers by keys of 32 bytes, 40 bytes each: sorted, and the newest ones apart until there are many of these."""

    def __init__(self) -> None:
        self._keys, self._values = np.zeros(0, dtype=_KEY), np.zeros(0, dtype=np.int64)
        self._newest: dict[bytes, int] = {}
        self._lock = Lock()

    def update(self, numbers: Iterable[tuple[bytes, int]]) -> None:
        with self._lock:
            self._update(numbers)

    def _update(self, numbers: Iterable[tuple[bytes, int]]) -> None:
        self._newest.update(numbers)
        if len(self._newest) > _NEWEST:
            keys = np.concatenate([np.array(list(self._newest), dtype=_KEY), self._keys])
            values = np.concatenate([np.array(list(self._newest.values()), dtype=np.int64), self._values])
            self._keys, first = np.unique(keys, return_index=True)  # of two values the newer one
            self._values, self._newest = values[first], {}

    def find(self, keys: Sequence[bytes]) -> NDArray[np.int64]:
        """Return the number of each key, -1 where there is none."""
        with self._lock:
            return self._find(keys)

    def _find(self, keys: Sequence[bytes]) -> NDArray[np.int64]:
        wanted = np.array(keys, dtype=_KEY)
        at = np.searchsorted(self._keys, wanted)
        at[at == len(self._keys)] = 0
        found = np.full(len(keys), -1, dtype=np.int64)
        if len(self._keys):
            known = self._keys[at] == wanted
            found[known] = self._values[at[known]]
        newest = [self._newest.get(key, -1) for key in keys]
        return np.where(np.array(newest, dtype=np.int64) < 0, found, newest)

    def __len__(self) -> int:
        newer = list(self._newest)
        return len(self._keys) + len(newer) - int(np.isin(np.array(newer, dtype=_KEY), self._keys).sum())


class StoredVectors:
    """The vectors of shards by the hash of their text, each read when it is asked for."""

    def __init__(self) -> None:
        self._places, self._papers = _Numbers(), _Numbers()  # shard · _ROWS + row; first key · _ROWS + keys
        self._chunks = bytearray()  # keys of papers' chunks, one paper after the other
        self._paths: list[Path] = []
        self._held: OrderedDict[int, NDArray[np.float32]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: bytes) -> bool:
        return self.has([key])

    def has(self, keys: Sequence[bytes]) -> bool:
        """Say whether the vectors of all these keys are here."""
        return bool((self._places.find(keys) >= 0).all())

    def take(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """Return the vectors of some keys in their order, shape (keys, dimension); each shard is read once at most.

        Raises:
            KeyError: One is not there.
            IndexDamagedError: A shard is no longer what was read first.
        """
        places = self._places.find(keys)
        if (places < 0).any():
            raise KeyError(keys[int(places.argmin())])
        shards, rows = places // _ROWS, places % _ROWS
        order = np.argsort(shards, kind="stable")
        found = np.zeros((0, 0), dtype=np.float32)
        for group in np.split(order, np.flatnonzero(np.diff(shards[order])) + 1):
            if len(group):
                vectors = self._shard(int(shards[group[0]]))
                if not found.size:
                    found = np.empty((len(keys), vectors.shape[1]), dtype=np.float32)
                found[group] = vectors[rows[group]]
        return found

    def chunks(self, paper: bytes) -> Sequence[bytes] | None:
        """Return the keys of a paper's chunks in order, if all of them are here."""
        if (number := int(self._papers.find([paper])[0])) < 0:
            return None
        first, count = divmod(number, _ROWS)
        keys = [bytes(self._chunks[at : at + _WIDTH]) for at in range(first * _WIDTH, (first + count) * _WIDTH, _WIDTH)]
        return keys if self.has(keys) else None

    def add(self, path: Path, shard: Shard) -> None:
        """Add a shard and the file that it lies in."""
        start = len(self._paths) * _ROWS
        self._places.update((key, start + row) for row, key in enumerate(shard.keys))
        numbers = []
        for paper, keys in shard.papers.items():
            numbers.append((paper, len(self._chunks) // _WIDTH * _ROWS + len(keys)))
            self._chunks += b"".join(keys)
        self._papers.update(numbers)
        self._paths.append(path)
        self._hold(len(self._paths) - 1, shard.vectors)

    def _shard(self, number: int) -> NDArray[np.float32]:
        if (vectors := self._held.get(number)) is None:
            shard = read_shard(self._paths[number])
            if shard is None:
                raise IndexDamagedError(f"{self._paths[number]} is not what was written")
            vectors = shard.vectors
        self._hold(number, vectors)
        return vectors

    def _hold(self, number: int, vectors: NDArray[np.float32]) -> None:
        self._held[number] = vectors
        self._held.move_to_end(number)
        if len(self._held) > _HELD:
            self._held.popitem(last=False)


class EmbeddingShards:
    """The vectors of one embedding model.

    Args:
        folder: One folder a model; made when the first shard is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._vectors = StoredVectors()
        self._loaded = False
        self.damaged: list[Path] = []

    def load(self) -> StoredVectors:
        """Return every vector by the hash of its text. Damaged shards are left out and listed in ``damaged``."""
        if not self._loaded:
            for path in sorted(self._folder.glob("*.npz")):
                if (shard := read_shard(path)) is None:
                    self.damaged.append(path)
                else:
                    self._vectors.add(path, shard)
            self._loaded = True
        return self._vectors

    def check(self) -> tuple[StoredVectors, list[Path]]:
        """Read every shard again; return the vectors that are there, and the shards that are damaged."""
        fresh = EmbeddingShards(self._folder)
        return fresh.load(), fresh.damaged

    def append(
        self, keys: list[bytes], vectors: NDArray[np.float32], papers: Mapping[bytes, Sequence[bytes]] | None = None
    ) -> None:
        """Write one shard; when this returns, it survives a crash.

        Args:
            keys: Of the texts.
            vectors: A row each.
            papers: The keys of the chunks of each paper in them, by a key of the paper; see `StoredVectors.chunks`.

        Raises:
            OSError: The disk is full or the folder cannot be written; the shards are as they were.
        """
        self.load()
        buffer, papers = io.BytesIO(), papers or {}
        np.savez(
            buffer,
            keys=_rows(keys),
            vectors=vectors,
            papers=_rows(list(papers)),
            sizes=np.array([len(chunks) for chunks in papers.values()], dtype=np.int64),
            chunks=_rows([key for chunks in papers.values() for key in chunks]),
        )
        data = buffer.getvalue()
        self._folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        path = self._folder / f"{hashlib.sha256(data).hexdigest()}.npz"
        write_durably(path, data)
        self._vectors.add(path, Shard(keys, vectors, papers))

    def sweep(self) -> None:
        """Remove what is of no use to anybody: damaged shards and what a killed process left half written."""
        for path in [*self.damaged, *self._folder.glob("*.partial")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.damaged.clear()


def read_shard(path: Path) -> Shard | None:
    """Return what a shard holds, or None where it is not what was written.

    Raises:
        PermissionError: It may not be read, which can be granted again.
    """
    try:
        data = path.read_bytes()
    except PermissionError:
        raise
    except OSError:  # a bad sector is damage too
        data = b""
    if hashlib.sha256(data).hexdigest() == path.stem:
        with (
            suppress(OSError, ValueError, KeyError, BadZipFile),
            np.load(io.BytesIO(data), allow_pickle=False) as shard,
        ):
            return Shard(_bytes(shard["keys"]), shard["vectors"], _papers(shard) if "papers" in shard else {})
    return None


def _papers(shard: Mapping[str, NDArray[np.uint8]]) -> dict[bytes, Sequence[bytes]]:
    chunks = iter(_bytes(shard["chunks"]))
    sizes = shard["sizes"].tolist()
    return {p: list(islice(chunks, size)) for p, size in zip(_bytes(shard["papers"]), sizes, strict=True)}


def _rows(keys: Sequence[bytes]) -> NDArray[np.uint8]:
    """Return keys of one length as an array, shape (keys, length)."""
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1 if keys else 0)


def _bytes(rows: NDArray[np.uint8]) -> list[bytes]:
    return [row.tobytes() for row in rows]
