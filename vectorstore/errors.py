"""What can go wrong with an index on disk. Errors of Chroma and SQLite become these here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vectorstore.files import is_full

_FULL = ("disk is full", "No space left")
_REFUSED = ("readonly", "read-only", "Permission denied", "unable to open database file")


class StoreError(Exception):
    """An index cannot be built or opened."""


class IndexDamagedError(StoreError):
    """What is on disk is not what was published."""


class IndexWriteError(StoreError):
    """The disk is full, or the folder may not be written."""


@contextmanager
def mended(path: Path, caught: type[Exception]) -> Iterator[None]:
    """Turn what a library raises about the files at ``path`` into a `StoreError` that says what is the matter.

    Args:
        path: The file or folder, which the error names.
        caught: What the library raises. A panic of Chroma's Rust core is caught as well; it is no ``Exception``.
    """
    try:
        yield
    except (StoreError, OSError):
        raise
    except BaseException as error:
        if isinstance(error, caught) or type(error).__name__ == "PanicException":
            raise _ours(path, str(error)) from error
        raise


def _ours(path: Path, text: str) -> StoreError:
    if any(word in text for word in _FULL) or is_full(path.parent):
        return IndexWriteError("the disk is full")
    if any(word in text for word in _REFUSED):
        return IndexWriteError(f"{path} cannot be written")
    if "Too many open files" in text:
        return IndexWriteError(f"{path} cannot be opened: this process may not have so many files open (ulimit -n)")
    return IndexDamagedError(f"{path} cannot be used: {text}")
