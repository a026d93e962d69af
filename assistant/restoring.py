"""Restoring: a backup read back, checked in every part before anything in the home is touched.

A backup is a file that anybody may have made: only the names that a backup has are taken, no more bytes than it says,
and databases without anything that would act by itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import conversations, library
from assistant.assistant import Assistant
from assistant.backup import EMBEDDINGS, FORMAT, MANIFEST, VERSION
from assistant.conversations import Conversations
from assistant.errors import AssistantError, BackupError, LibraryDamagedError
from assistant.indexing import Progress, silent
from assistant.library import Library, open_library
from assistant.locking import writing
from assistant.settings import FILE_NAME as SETTINGS_FILE
from assistant.settings import default_home, usable
from assistant.switching import STAGING, finish_switch, staging, switch

_NAME = re.compile(
    rf"{re.escape(library.FILE_NAME)}|{re.escape(conversations.FILE_NAME)}|{re.escape(SETTINGS_FILE)}"
    rf"|{EMBEDDINGS}/[0-9A-Za-z-]{{1,64}}/[0-9a-f]{{64}}\.npz"
)
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MANIFEST_BYTES = 16 << 20
_MOST_TIMES = 100  # a backup's files are at most so many times as long as the backup; databases shrink to a third
_SPARE_BYTES = 16 << 20  # of the disk
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored.

    Attributes:
        papers: How many papers the library holds now.
        embedded: How many chunks had to be embedded.
        kept: The folder with what was there before; None where nothing was.
    """

    papers: int
    embedded: int
    kept: Path | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"papers": self.papers, "embedded": self.embedded, "kept": str(self.kept) if self.kept else None}

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.papers} papers restored" + (f"; what was there before is in {self.kept}" if self.kept else "")


def restore(
    path: Path | str,
    home: Path | str | None = None,
    *,
    settings: Mapping[str, Any] | None = None,
    replace: bool = False,
    progress: Progress = silent,
) -> RestoreReport:
    """Bring back a library from a backup, and build its index.

    Everything in the backup is checked first. What is in the home goes into a folder beside the new files when these
    are whole; whatever happens, one of the two is there.

    Args:
        path: The file that `Assistant.backup` wrote.
        home: The home folder; by default ``ASSISTANT_HOME`` or the platform's user data folder.
        settings: Settings for building the index.
        replace: Whether a library with papers or conversations may go.
        progress: Told how far it is.

    Raises:
        BackupError: It is no backup, damaged, made by a newer program, or there is no space; nothing was changed.
        LibraryError: The home holds something, or cannot be written.
    """
    folder = Path(home).expanduser() if home is not None else default_home()
    with _opened(Path(path).expanduser()) as archive:
        files = _files(archive)
        _make(folder)
        finish_switch(folder)
        with writing(folder):
            there = _holds_something(folder)
            if there and not replace:
                message = f"{folder} holds a library; to replace it, and keep what is there in a folder: --replace"
                raise BackupError(message)
            _stage(archive, files, folder, progress)
            old = switch(folder)
    shutil.rmtree(old / "index", ignore_errors=True)  # made anew from the rest, whichever library is wanted
    if not there:
        shutil.rmtree(old, ignore_errors=True)
    with Assistant.open(folder, settings) as assistant:
        try:
            embedded = assistant.update(progress)
        except AssistantError as error:
            raise BackupError(f"the papers are restored, but not their index: {error}") from error
        return RestoreReport(assistant.library.count(), embedded, old if there else None)


def _stage(archive: zipfile.ZipFile, files: Mapping[str, tuple[int, str]], home: Path, progress: Progress) -> None:
    """Unpack and check, beside what is there."""
    try:
        fresh = staging(home)
        _unpack(archive, files, fresh, progress)
        _check(fresh)
    except BaseException as error:
        shutil.rmtree(home / STAGING, ignore_errors=True)
        if isinstance(error, OSError):
            message = f"{archive.filename} cannot be restored ({error.strerror}); nothing was changed"
            raise BackupError(f"{message}. Free some space or check the permissions of {home}") from error
        raise


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(
            f"the home folder {home} cannot be made ({error.strerror}); choose another with --home"
        ) from error


def _holds_something(home: Path) -> bool:
    """Say whether there is something in a home that anybody could miss; what is damaged may be."""
    try:
        if (home / library.FILE_NAME).exists():
            with closing(open_library(home)) as opened:
                if opened.count():
                    return True
        if (home / conversations.FILE_NAME).exists():
            with closing(Conversations(home)) as kept:
                return kept.count() > 0
    except LibraryDamagedError:
        return True
    return False


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise BackupError(f"there is no file {path}; name one that was written by: assistant backup FILE") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise BackupError(f"{path} is no backup, or damaged ({error}); take another one") from error


def _files(archive: zipfile.ZipFile) -> dict[str, tuple[int, str]]:
    """Return size and SHA-256 of every file of a backup, once they are what a backup may hold."""
    names = archive.namelist()
    if any(info.flag_bits & 1 or info.compress_type not in _PACKED for info in archive.infolist()):
        raise _bad(archive, "it is packed in a way that no backup is")
    manifest = _manifest(archive)
    files = {}
    try:
        for name, about in dict(manifest["files"]).items():
            files[str(name)] = (int(about["size_bytes"]), str(about["sha256"]))
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(archive, "its manifest is damaged") from error
    for info in archive.infolist():
        if info.filename != MANIFEST and not _NAME.fullmatch(info.filename):
            raise _bad(archive, f"it holds {info.filename[:80]!r}, which no backup does")
    if len(set(names)) != len(names) or set(names) != {*files, MANIFEST} or library.FILE_NAME not in files:
        raise _bad(archive, "its files are not those of its manifest")
    wrong = next((n for n, (size, _) in files.items() if archive.getinfo(n).file_size != size), None)
    if wrong:
        raise _bad(archive, f"{wrong} has another size than its manifest says")
    packed = Path(str(archive.filename)).stat().st_size
    if sum(size for size, _ in files.values()) > _MOST_TIMES * packed:
        raise _bad(archive, "it would unpack to more than anybody packs")
    return files


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
            raise _bad(archive, "its manifest is too long")
        with archive.open(MANIFEST) as file:
            manifest = json.loads(file.read(_MANIFEST_BYTES))
    except KeyError as error:
        raise _bad(archive, "it has no manifest") from error
    except (ValueError, RecursionError, zlib.error, zipfile.BadZipFile, EOFError) as error:
        raise _bad(archive, "its manifest is damaged") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _bad(archive, "its manifest is not that of a backup")
    if manifest.get("version") != VERSION:
        message = f"{archive.filename} was written by a newer program ({manifest.get('program')}); update this one"
        raise BackupError(message)
    return manifest


def _bad(archive: zipfile.ZipFile, why: str) -> BackupError:
    return BackupError(f"{archive.filename} is no backup, or damaged: {why}; take another one")


def _unpack(archive: zipfile.ZipFile, files: Mapping[str, tuple[int, str]], target: Path, progress: Progress) -> None:
    if sum(size for size, _ in files.values()) + _SPARE_BYTES > shutil.disk_usage(target).free:
        needed = sum(size for size, _ in files.values()) / 1e6
        raise BackupError(f"the disk has no room for {archive.filename}: free {needed:.0f} MB; nothing was changed")
    for number, (name, (size, sha256)) in enumerate(files.items()):
        progress("unpacking", number, len(files))
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if _copy(archive, name, place, size) != sha256:
            raise _bad(archive, f"{name} is not what was written")
        if name.startswith(EMBEDDINGS) and place.stem != sha256:
            raise _bad(archive, f"{name} does not bear its own checksum")
    progress("unpacking", len(files), len(files))


def _copy(archive: zipfile.ZipFile, name: str, place: Path, size: int) -> str:
    digest, left = hashlib.sha256(), size
    try:
        with archive.open(name) as packed, place.open("xb") as file:
            while block := packed.read(min(_BLOCK_BYTES, left + 1)):
                left -= len(block)
                if left < 0:
                    raise _bad(archive, f"{name} is longer than its manifest says")
                digest.update(block)
                file.write(block)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _bad(archive, f"{name} cannot be unpacked ({error})") from error
    place.chmod(0o600)
    return digest.hexdigest()


def _check(fresh: Path) -> None:
    """Open what was unpacked as the program will.

    Raises:
        BackupError: It is not what a backup holds, or a newer program's.
    """
    try:
        _refuse_what_acts(fresh / library.FILE_NAME)
        with closing(Library(fresh / library.FILE_NAME)) as opened:
            damage = opened.damage()
        if not damage and (fresh / conversations.FILE_NAME).exists():
            _refuse_what_acts(fresh / conversations.FILE_NAME)
            with closing(Conversations(fresh)) as kept:
                damage = kept.damage()
        if damage:
            raise BackupError(f"the backup holds a damaged library ({damage}); take another one")
        settings = fresh / SETTINGS_FILE
        if settings.exists() and not usable(settings.read_bytes()):
            raise BackupError("the settings in the backup cannot be used by this program; take another one")
    except (AssistantError, sqlite3.DatabaseError) as error:
        if isinstance(error, BackupError):
            raise
        raise BackupError(f"the backup cannot be used: {str(error).replace(f'{fresh}/', '')}") from error


def _refuse_what_acts(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')").fetchone()
    if found:
        raise BackupError(f"the backup's {path.name} holds {str(found[0])[:80]!r}, which no library does")
