"""One writer a home folder: an advisory lock that the operating system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assistant.errors import LibraryBusyError, LibraryError

FILE_NAME = "write.lock"


@contextmanager
def writing(home: Path) -> Iterator[None]:
    """Hold the right to change the library in ``home``.

    Raises:
        LibraryBusyError: Another process holds it; the error names it.
        LibraryError: The lock file cannot be made.
    """
    path = home / FILE_NAME
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LibraryError(f"{home} cannot be written ({error.strerror}); check its permissions") from error
    try:
        _lock(handle, home)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, home: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
        message = f"process {holder} is changing the library in {home}; run it again when that is done"
        raise LibraryBusyError(message) from error
    except OSError as error:
        message = f"{home} cannot be locked ({error.strerror}); put the home folder on a local disk with --home"
        raise LibraryError(message) from error
    with suppress(OSError):  # the name of the holder is a courtesy: a full disk may refuse it
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
