"""SQLite files of the home folder: how they are opened, and their errors turned into ours.

Knows no tables.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import LibraryDamagedError, LibraryError

_PATIENCE_S = 10  # how long a write waits for another process's
_FULL_BYTES = 1 << 20  # a write that fails with less than this left has failed for want of space


def connect(path: Path) -> sqlite3.Connection:
    """Open a file, made if it is missing; where it cannot be written, one that nobody is writing can still be read.

    Every write is synced before it returns. The connection may be used from several threads.
    """
    connection = sqlite3.connect(path, check_same_thread=False, timeout=_PATIENCE_S, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.OperationalError:
        connection.close()
        writable = os.access(path.parent, os.W_OK) and not _is_full(path.parent)
        if writable or not path.is_file() or _size(path.with_name(f"{path.name}-wal")):
            raise
        uri = f"{path.absolute().as_uri()}?immutable=1"
        return sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
    return connection


def refuse_foreign(connection: sqlite3.Connection) -> None:
    """Refuse a file without our tables that has others: another file has taken the place of ours.

    Raises:
        sqlite3.DatabaseError: It has tables.
    """
    row = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()
    if row:
        raise sqlite3.DatabaseError(f"it holds the table {str(row[0])!r}, which is none of ours")


@contextmanager
def mended(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the file at ``path`` into ours: the one place where that happens.

    Raises:
        LibraryDamagedError: It is not what was written.
        LibraryError: It cannot be opened or written; the error says what to do about it.
    """
    try:
        yield
    except sqlite3.ProgrammingError:  # a defect of ours
        raise
    except (sqlite3.DatabaseError, json.JSONDecodeError) as error:
        raise _ours(path, str(error)) from error


def damaged(path: Path, what: str) -> LibraryDamagedError:
    """Return the error that says what is wrong with a file and what to do about it."""
    message = f"{path} is damaged ({what}); restore a backup, or keep what can be read: assistant doctor --repair"
    return LibraryDamagedError(message)


def _ours(path: Path, text: str) -> LibraryError:
    if "disk is full" in text or _is_full(path.parent):  # SQLite calls many a full disk an I/O error
        return LibraryError(f"the disk is full: {path} is as it was; free some space and run it again")
    if "readonly" in text or "unable to open" in text:
        return LibraryError(f"{path} cannot be opened or written: check the permissions of {path.parent}")
    if "locked" in text:
        return LibraryError(f"{path} is being written by another process; run it again when that is done")
    return damaged(path, text)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _FULL_BYTES
    except OSError:
        return False
