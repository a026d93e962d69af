"""Salvage: reading what a damaged SQLite file still holds, and putting a whole one in its place.

The damaged file stays beside the new one under another name; whatever happens, one of the two is there. Knows no
tables.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from vectorstore import checksum, sync_file, sync_folder

_PAGE = 4096  # SQLite's default, which all our files have
_ROW_BYTES = 100  # a row has more: what bounds the search where a file does not tell its last row
_WAL, _SHM = "-wal", "-shm"

Row = tuple[object, ...]


def keep_aside(path: Path) -> Path | None:
    """Copy a damaged file and its journal to another name and return it; None where there is no file.

    A copy that an earlier run made of the same file is taken again.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    if not path.exists():
        return None
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        if checksum(aside) == checksum(path):
            return aside
        number += 1
    partial = path.with_name(f"{path.name}.partial")
    for source, target in ((_beside(path, _WAL), _beside(aside, _WAL)), (path, aside)):
        with suppress(FileNotFoundError):
            shutil.copy2(source, partial)
            sync_file(partial)
            partial.replace(target)
    sync_folder(path.parent)
    return aside


@contextmanager
def reading(aside: Path, pattern: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a damaged file to read what can be read; characters that are none come as U+FFFD.

    Args:
        aside: The damaged file, which is not touched.
        pattern: A file with the same tables. Where the first page is lost, which names them, its first page is taken:
            the same program makes the same tables in the same places.
    """
    copy = clear(aside.with_name(f"{aside.name}.reading"))
    try:
        shutil.copy2(aside, copy)
        with suppress(FileNotFoundError):
            shutil.copy2(_beside(aside, _WAL), _beside(copy, _WAL))
        if not _has_tables(copy):
            _transplant_first_page(copy, pattern)
        with closing(_lenient(copy)) as connection:
            yield connection
    finally:
        clear(copy)


def rows(connection: sqlite3.Connection, table: str, columns: str) -> Iterator[Row]:
    """Yield the rowid and the columns of every row that can be read, going on behind those that cannot."""
    query = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid"  # noqa: S608 - ours alone
    last, most = 0, _last_row(connection, table)
    while last <= most:
        try:
            for row in connection.execute(query, (last,)):
                last = int(row[0])
                yield row
        except sqlite3.DatabaseError:
            last += 1
        else:
            return


def rows_from_both_ends(connection: sqlite3.Connection, table: str, columns: str, key: str) -> Iterator[Row]:
    """Yield the rows of a table without rowids, from the first on and from the last back, each up to the damage."""
    backwards = ", ".join(f"{column} DESC" for column in key.split(", "))
    for order in (key, backwards):
        with suppress(sqlite3.DatabaseError):
            yield from connection.execute(f"SELECT {columns} FROM {table} ORDER BY {order}")  # noqa: S608 - ours


def put_in_place(new: Path, path: Path) -> None:
    """Let a whole SQLite file, closed and without a journal, take the place of another.

    Raises:
        OSError: The folder cannot be written.
    """
    if path.exists():
        shutil.copymode(path, new)
    sync_file(new)
    new.replace(_ready(path))
    sync_folder(path.parent)
    finish(path)


def finish(path: Path) -> bool:
    """Finish what a stopped `put_in_place` began; say whether there was anything to do."""
    ready = _ready(path)
    if not ready.exists():
        return False
    for journal in (_WAL, _SHM):  # SQLite would write the old file's journal into the new one
        _beside(path, journal).unlink(missing_ok=True)
    sync_folder(path.parent)
    ready.replace(path)
    sync_folder(path.parent)
    return True


def clear(path: Path) -> Path:
    """Remove a SQLite file that was left half made, and return its path."""
    for suffix in ("", "-journal", _WAL, _SHM):
        _beside(path, suffix).unlink(missing_ok=True)
    return path


def _ready(path: Path) -> Path:
    return path.with_name(f"{path.name}.recovered")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _lenient(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = lambda data: data.decode(errors="replace")
    with suppress(sqlite3.DatabaseError):
        connection.execute("PRAGMA writable_schema = ON")  # else a file that was cut short is refused altogether
    return connection


def _has_tables(path: Path) -> bool:
    with closing(_lenient(path)) as connection, suppress(sqlite3.DatabaseError):
        return connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' LIMIT 1").fetchone() is not None
    return False


def _transplant_first_page(path: Path, pattern: Path) -> None:
    first = bytearray(pattern.read_bytes()[:_PAGE])
    first[18:20] = b"\x01\x01"  # no journal: what a journal holds of a lost page is in it already or lost
    first[28:32] = (path.stat().st_size // _PAGE).to_bytes(4, "big")
    _beside(path, _WAL).unlink(missing_ok=True)
    with path.open("r+b") as file:
        file.write(first)


def _last_row(connection: sqlite3.Connection, table: str) -> int:
    with suppress(sqlite3.DatabaseError):
        return int(connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0])  # noqa: S608
    with suppress(sqlite3.DatabaseError):
        pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
        return pages * _PAGE // _ROW_BYTES
    return 0
