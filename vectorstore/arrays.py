"""Arrays in files: rows of one size and nothing else, so that they are written and read in parts.

What an index holds is larger than memory has to be: building one goes through these files some thousand papers at a
time, and searching maps them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

Value = TypeVar("Value")

BLOCK = 8_000  # papers whose rows are in memory at once


def mapped(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    """Return a file's numbers, mapped into memory and not to be written.

    Raises:
        OSError: It cannot be read.
        ValueError: It does not hold whole numbers of this type.
    """
    if not path.stat().st_size:  # which cannot be mapped
        return np.zeros(0, dtype=dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))


def read(path: Path, dtype: DTypeLike, start: int, end: int) -> NDArray[Any]:
    """Return the numbers of a file from ``start`` to before ``end``."""
    return np.fromfile(path, dtype=dtype, count=end - start, offset=start * np.dtype(dtype).itemsize)


def write(file: BinaryIO, values: NDArray[Any]) -> None:
    """Write numbers behind what is in a file. NumPy's own ``tofile`` says nothing of a last block that found no room.

    Raises:
        OSError: The disk is full.
    """
    file.write(values.tobytes())


def starts_of(sizes: Iterable[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the rows of each paper begin, and where the last ones end, shape (papers + 1,)."""
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))]).astype(np.int64)


def copy_rows(source: Path, target: BinaryIO, starts: NDArray[np.int64], kept: NDArray[np.bool_]) -> None:
    """Write the rows of those papers that stay, in order, behind what is in ``target``.

    Args:
        source: The rows of all papers, of one size each.
        target: Where they go.
        starts: Of the rows of each paper in the source; see `starts_of`.
        kept: Which papers stay, shape (papers,).

    Raises:
        OSError: The disk is full or one of the files is out of reach.
    """
    rows = int(starts[-1])
    size = source.stat().st_size // rows if rows else 0  # bytes
    for first, last in blocks(len(kept)):
        values = read(source, np.uint8, size * int(starts[first]), size * int(starts[last]))
        stays = np.repeat(kept[first:last], np.diff(starts[first : last + 1]))
        write(target, values.reshape(len(stays), size)[stays])


def blocks(papers: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last but one position of some thousand papers after the other."""
    return ((first, min(first + BLOCK, papers)) for first in range(0, papers, BLOCK))


def batches(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """Yield lists of ``size`` values, the last one with what is left."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
