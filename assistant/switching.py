"""Switching: a home folder's files for others that lie ready in it, in steps that can be taken again after a crash.

Everything stays inside the home folder, so that each step is a renaming on one disk.
"""

from __future__ import annotations

import os
import shutil
from itertools import count
from pathlib import Path

from assistant.errors import LibraryError
from assistant.locking import writing
from vectorstore import sync_folder, sync_tree, write_durably

STAGING = "restoring"
_READY, _CLEARED = "READY", "CLEARED"
_OLD = "before-restore-"
_NAMES = ("library.sqlite3", "conversations.sqlite3")
_MOVED = (
    *(name + suffix for name in _NAMES for suffix in ("", "-wal", "-shm")),
    "assistant.toml",
    "embeddings",
    "index",
)


def staging(home: Path) -> Path:
    """Return an empty folder for what shall take the place of the home's files."""
    folder = home / STAGING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    return folder


def switch(home: Path) -> Path:
    """Put the files in the staging folder in the place of the home's; return the folder in which the old ones are.

    From here on it goes through: what a crash stops, `finish_switch` finishes. Call it under the home's lock.

    Raises:
        LibraryError: The home cannot be written.
    """
    folder = home / STAGING
    old = next(path for n in count(1) if not (path := home / f"{_OLD}{n}").exists())
    try:
        sync_tree(folder)
        write_durably(folder / _READY, old.name.encode())
    except OSError as error:
        raise _unfinished(home, error) from error
    return _go_on(home)


def finish_switch(home: Path) -> None:
    """Finish a `switch` that a crash stopped.

    Raises:
        LibraryBusyError: Another process is at it.
        LibraryError: The home cannot be written.
    """
    ready = home / STAGING / _READY
    if os.path.exists(ready):  # noqa: PTH110 - Path's own raises where a folder is closed
        with writing(home):
            if ready.exists():
                _go_on(home)


def _go_on(home: Path) -> Path:
    folder = home / STAGING
    try:
        old = home / Path((folder / _READY).read_text(encoding="utf-8")).name
        old.mkdir(mode=0o700, exist_ok=True)
        if not (folder / _CLEARED).exists():
            _move(home, old)
            write_durably(folder / _CLEARED, b"")
        _move(folder, home)
        (folder / _READY).unlink()  # first, and for good: without it nothing is moved again
        sync_folder(folder)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise _unfinished(home, error) from error
    return old


def _unfinished(home: Path, error: OSError) -> LibraryError:
    message = f"what was being restored waits in {home / STAGING} ({error.strerror})"
    return LibraryError(f"{message}; free some space or check permissions, then: assistant doctor")


def _move(source: Path, target: Path) -> None:
    for name in _MOVED:
        if (source / name).exists():
            (source / name).rename(target / name)
    sync_folder(target)
    sync_folder(source)
