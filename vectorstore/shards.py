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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from vectorstore.errors import IndexDamagedError
from vectorstore.files import write_durably

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HELD = 64  # shards in memory: 25 MB at 256 vectors of 384 numbers each
_ROWS = 1 << 32  # more than a shard has


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


class StoredVectors(Mapping[bytes, "NDArray[np.float32]"]):
    """The vectors of shards by the hash of their text, each read when it is asked for."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}  # shard · _ROWS + row
        self._papers: dict[bytes, Sequence[bytes]] = {}
        self._paths: list[Path] = []
        self._held: OrderedDict[int, NDArray[np.float32]] = OrderedDict()

    def __getitem__(self, key: bytes) -> NDArray[np.float32]:
        shard, row = divmod(self._places[key], _ROWS)
        found: NDArray[np.float32] = self._shard(shard)[row]
        return found

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def take(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """Return the vectors of some keys in their order, shape (keys, dimension); each shard is read once at most.

        Raises:
            KeyError: One is not there.
            IndexDamagedError: A shard is no longer what was read first.
        """
        places = np.array([self._places[key] for key in keys], dtype=np.int64)
        shards, rows = places // _ROWS, places % _ROWS
        order = np.argsort(shards, kind="stable")
        parts = [
            self._shard(int(shards[group[0]]))[rows[group]]
            for group in np.split(order, np.flatnonzero(np.diff(shards[order])) + 1)
            if len(group)
        ]
        taken = np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)
        found = np.empty_like(taken)
        found[order] = taken
        return found

    def chunks(self, paper: bytes) -> Sequence[bytes] | None:
        """Return the keys of a paper's chunks in order, if all of them are here."""
        keys = self._papers.get(paper)
        return keys if keys is not None and all(key in self._places for key in keys) else None

    def add(self, path: Path, shard: Shard) -> None:
        """Add a shard and the file that it lies in."""
        start = len(self._paths) * _ROWS
        self._places.update((key, start + row) for row, key in enumerate(shard.keys))
        once = {key: key for key in shard.keys}  # mostly the same ones: one object for both
        self._papers.update((p, tuple(once.get(key, key) for key in keys)) for p, keys in shard.papers.items())
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

    def check(self) -> tuple[int, list[Path]]:
        """Read every shard again; return how many vectors there are, and the shards that are damaged."""
        fresh = EmbeddingShards(self._folder)
        return len(fresh.load()), fresh.damaged

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
