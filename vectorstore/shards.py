"""Embeddings on disk, by the hash of the text that was embedded: what costs most to compute is computed once.

A shard is written whole, synced and renamed, and bears its own checksum in its name, so a shard is right or it is not
there. A rebuilt index takes its vectors from here and needs no model.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from vectorstore.files import write_durably

if TYPE_CHECKING:
    from numpy.typing import NDArray


class EmbeddingShards:
    """The vectors of one embedding model.

    Args:
        folder: One folder a model; made when the first shard is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._vectors: dict[bytes, NDArray[np.float32]] = {}
        self._loaded = False
        self.damaged: list[Path] = []

    def load(self) -> Mapping[bytes, NDArray[np.float32]]:
        """Return every vector by the hash of its text. Damaged shards are left out and listed in ``damaged``."""
        if not self._loaded:
            for path in sorted(self._folder.glob("*.npz")):
                self._vectors.update(self._read(path))
            self._loaded = True
        return self._vectors

    def check(self) -> tuple[int, list[Path]]:
        """Read every shard again; return how many vectors there are, and the shards that are damaged."""
        fresh = EmbeddingShards(self._folder)
        return len(fresh.load()), fresh.damaged

    def append(self, keys: list[bytes], vectors: NDArray[np.float32]) -> None:
        """Write one shard: a key and a row each; when this returns, it survives a crash.

        Raises:
            OSError: The disk is full or the folder cannot be written; the shards are as they were.
        """
        self.load()
        buffer = io.BytesIO()
        np.savez(buffer, keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1), vectors=vectors)
        data = buffer.getvalue()
        self._folder.mkdir(parents=True, exist_ok=True)
        self.sweep()
        write_durably(self._folder / f"{hashlib.sha256(data).hexdigest()}.npz", data)
        self._vectors.update(zip(keys, vectors, strict=True))

    def sweep(self) -> None:
        """Remove what is of no use to anybody: damaged shards and what a killed process left half written."""
        for path in [*self.damaged, *self._folder.glob("*.partial")]:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.damaged.clear()

    def _read(self, path: Path) -> dict[bytes, NDArray[np.float32]]:
        try:
            data = path.read_bytes()
        except PermissionError:  # which can be granted again
            raise
        except OSError:  # a bad sector is damage too
            data = b""
        if hashlib.sha256(data).hexdigest() == path.stem:
            with suppress(OSError, ValueError, KeyError, BadZipFile), np.load(io.BytesIO(data)) as shard:
                return {key.tobytes(): row for key, row in zip(shard["keys"], shard["vectors"], strict=True)}
        self.damaged.append(path)
        return {}
