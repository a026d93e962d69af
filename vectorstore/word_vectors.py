"""The vectors of papers' words, kept so that a search can compare words without reading the papers again.

A cache: what is missing or damaged is read again by the embedding model, so nothing depends on it but speed. Four bits
a component: 13 KB a paper at 384 dimensions, and rankings as with the vectors themselves (benchmarks/README.md).
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vectorstore.files import write_durably

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLACE = np.dtype([("key", "<u8"), ("offset", "<u8"), ("bytes", "<u4"), ("crc", "<u4"), ("file", "<u4")])
_CLIP = 2.5  # components are kept up to so many standard deviations of a random unit vector's
_LEVELS = 16


def pack(vectors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return unit rows as codes, two components a byte: shape (rows, dimension / 2), rounded up."""
    rows, dimension = vectors.shape
    levels = vectors * (np.sqrt(dimension) * _LEVELS / 2 / _CLIP) + _LEVELS / 2
    codes = np.clip(levels, 0, _LEVELS - 1).astype(np.uint8)
    if dimension % 2:
        codes = np.concatenate([codes, np.full((rows, 1), _LEVELS // 2, dtype=np.uint8)], axis=1)
    return np.asarray(codes[:, ::2] * _LEVELS + codes[:, 1::2])


def products(codes: NDArray[np.uint8], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the products of the rows that codes stand for and some vectors, shape (rows, vectors).

    Args:
        codes: As `pack` gives them.
        vectors: Shape (vectors, dimension).
    """
    scale = 2 * _CLIP / _LEVELS / np.sqrt(vectors.shape[1])
    even, odd = vectors[:, ::2].T, vectors[:, 1::2].T
    found = (codes // _LEVELS).astype(np.float32) @ even
    found += (codes[:, : len(odd)] % _LEVELS).astype(np.float32) @ odd
    found += (0.5 - _LEVELS / 2) * vectors.sum(axis=1)
    return np.asarray(found * scale, dtype=np.float32)


class WordVectors:
    """Codes by the key of the text that they belong to. Any thread may read; one process writes at a time.

    Args:
        folder: One folder a model; made at the first write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[Path] = []
        self._places = np.zeros(0, dtype=_PLACE)

    def load(self) -> None:
        """Learn what is kept: what was written since then is not found before the next time."""
        paths = sorted(self._folder.glob("*.words"))
        tables = [_table(path) for path in paths]
        for number, table in enumerate(tables):
            table["file"] = number
        places = np.concatenate([*tables, np.zeros(0, dtype=_PLACE)])
        self._paths, self._places = paths, places[np.unique(places["key"], return_index=True)[1]]

    def get(self, key: int, width: int) -> NDArray[np.uint8] | None:
        """Return the codes kept under a key, shape (words, width), or None where they are not there or damaged."""
        if (at := self._at(key)) is None:
            return None
        place = self._places[at]
        with suppress(OSError):
            handle = os.open(self._paths[int(place["file"])], os.O_RDONLY)
            try:
                data = os.pread(handle, int(place["bytes"]), int(place["offset"]))
            finally:
                os.close(handle)
            if zlib.crc32(data) == int(place["crc"]) and len(data) == int(place["bytes"]) and len(data) % width == 0:
                return np.frombuffer(data, dtype=np.uint8).reshape(-1, width)
        return None

    def __contains__(self, key: int) -> bool:
        return self._at(key) is not None

    def __len__(self) -> int:
        return len(self._places)

    def append(self, codes: Mapping[int, NDArray[np.uint8]]) -> None:
        """Keep codes by their keys; when this returns, they survive a crash.

        Raises:
            OSError: The disk is full or the folder cannot be written; what was kept stays.
        """
        parts = {key: np.ascontiguousarray(rows).tobytes() for key, rows in codes.items()}
        table = np.zeros(len(parts), dtype=_PLACE)
        table["key"], table["bytes"] = list(parts), [len(part) for part in parts.values()]
        table["crc"] = [zlib.crc32(part) for part in parts.values()]
        ends = np.cumsum(table["bytes"], dtype=np.uint64)
        table["offset"] = ends - table["bytes"]
        buffer = io.BytesIO()
        np.save(buffer, table)  # then the codes, which the offsets count from
        buffer.writelines(parts.values())
        data = buffer.getvalue()
        self._folder.mkdir(parents=True, exist_ok=True)
        write_durably(self._folder / f"{hashlib.sha256(data).hexdigest()}.words", data)

    def check(self) -> list[Path]:
        """Read every file; return those that are not what was written."""
        return [path for path in sorted(self._folder.glob("*.words")) if not _is_sound(path)]

    def sweep(self) -> None:
        """Remove what is of no use to anybody: damaged files and what a killed process left half written."""
        for path in [*self.check(), *self._folder.glob("*.partial")]:
            with suppress(OSError):
                path.unlink()

    def _at(self, key: int) -> int | None:
        at = int(np.searchsorted(self._places["key"], np.uint64(key)))
        return at if at < len(self._places) and int(self._places["key"][at]) == key else None


def _table(path: Path) -> NDArray[np.void]:
    """Return where everything in a file lies, offsets counted from its beginning; nothing for a damaged one."""
    with suppress(OSError, ValueError, EOFError), path.open("rb") as file:
        table = np.lib.format.read_array(file, allow_pickle=False)
        if table.dtype == _PLACE:
            table["offset"] += np.uint64(file.tell())
            return table
    return np.zeros(0, dtype=_PLACE)


def _is_sound(path: Path) -> bool:
    with suppress(OSError):
        return hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    return False
