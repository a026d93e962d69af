"""Repair: what the doctor mends before a library is opened, file by file.

Nothing old goes before the new is whole, damaged files stay beside the new ones, and stopped at any moment it can be
run again. The index is rebuilt by `Assistant.repair`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from assistant import conversations, library
from assistant.conversations import Conversations
from assistant.database import mended
from assistant.errors import AssistantError, LibraryDamagedError, LibraryError
from assistant.library import open_library
from assistant.locking import writing
from assistant.recovery import recover_conversations, recover_library
from assistant.salvage import finish
from assistant.settings_file import mend_settings
from assistant.switching import finish_switch
from vectorstore import IndexStore

Repaired = tuple[str, bool, str]
"""What was mended, whether nothing was lost, and what was done."""


def repair_files(home: Path) -> list[Repaired]:
    """Mend permissions, settings, library and conversations in ``home``; return what was done, or could not be.

    Nothing is touched where nothing is wrong, and nothing at all while another process changes the library.
    """
    if not home.is_dir():
        return []
    try:
        done = list(_permissions(home))
        finish_switch(home)
        with writing(home):
            done += [*_tried("settings", home, mend_settings), *_tried("library", home, _library)]
            return done + list(_tried("conversations", home, _conversations))
    except LibraryError as error:
        return [("home", False, str(error))]


def closed_files(home: Path) -> list[Path]:
    """Return the files and folders below ``home`` that this user may not read and write."""
    found = [home]
    for folder, names, files in os.walk(home):
        found += [Path(folder, name) for name in (*names, *files)]
    return [path for path in found if not path.is_symlink() and not _is_open(path)]


def _is_open(path: Path) -> bool:
    return os.access(path, os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0))


def _permissions(home: Path) -> Iterator[Repaired]:
    """Open what belongs to this user; again and again, because a folder hides what is in it."""
    while closed := [path for path in closed_files(home) if path.stat().st_uid == os.geteuid()]:
        for path in closed:
            try:
                path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o700 if path.is_dir() else 0o600))
            except OSError as error:
                yield "home", False, f"{path} cannot be made readable and writable ({error.strerror})"
                return
            yield "home", True, f"{path} can be read and written again"


def _tried(what: str, home: Path, mend: Callable[[Path], tuple[bool, str] | str]) -> Iterator[Repaired]:
    try:
        done = mend(home)
    except AssistantError as error:
        yield what, False, str(error)
    else:
        whole, text = (True, done) if isinstance(done, str) else done
        if text:
            yield what, whole, text


def _library(home: Path) -> tuple[bool, str]:
    path, store = home / library.FILE_NAME, IndexStore(home / "index")
    with mended(path):
        finish(path)
    if not _is_damaged(home):
        return True, ""
    recovered = recover_library(path, store.texts(), store.newest_version())
    return not recovered.lossy, f"{path}: {recovered}"


def _is_damaged(home: Path) -> bool:
    try:
        with closing(open_library(home)) as opened:
            return bool(opened.damage())
    except LibraryDamagedError:
        return True


def _conversations(home: Path) -> str:
    path = home / conversations.FILE_NAME
    with mended(path):
        finish(path)
    if not path.exists():
        return ""
    try:
        with closing(Conversations(home)) as opened:
            damaged = bool(opened.damage())
    except LibraryDamagedError:
        damaged = True
    return f"{path}: {recover_conversations(path)}" if damaged else ""
