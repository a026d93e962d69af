"""Backup: a library with everything that belongs to it in one file.

A zip file of a consistent copy of the library, the conversations, the settings and the embeddings, with a manifest of
their checksums. It gets its name when it is whole. The index is not in it: it is built anew from the rest.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from assistant import conversations, library, settings
from assistant.database import damaged, mended
from assistant.errors import BackupError, LibraryDamagedError
from assistant.indexing import Progress, silent
from assistant.library import Library
from vectorstore import sync_folder

FORMAT, VERSION = "paper-assistant backup", 1
MANIFEST = "manifest.json"
EMBEDDINGS = "embeddings"
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds.

    Attributes:
        path: The file.
        papers: How many papers.
        files: How many files.
        size_bytes: Of the backup.
    """

    path: str
    papers: int
    files: int
    size_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.papers} papers in {self.path} ({self.size_bytes / 1e6:.1f} MB)"


def write_backup(
    home: Path, path: Path, program: str, *, embeddings: bool = True, progress: Progress = silent
) -> BackupReport:
    """Write everything in ``home`` that cannot be made anew, and by default its embeddings, into one file.

    Other processes may go on; what they change meanwhile is in it or not, paper by paper.

    Args:
        home: The home folder.
        path: The file; one that is there is replaced if it is a backup.
        program: The program's version.
        embeddings: Whether to save the time of embedding everything again.
        progress: Told how many files are in it.

    Raises:
        BackupError: The file cannot be written, or something else is there. What was there is as it was.
        LibraryDamagedError: The library is damaged.
    """
    if path.exists() and not is_backup(path):
        raise BackupError(f"{path} is there and is no backup; name another file")
    with _written(path) as file, _emptied(path.with_name(f".{path.name}.files")) as folder:
        copies, papers = _copies(home, folder)
        sources = copies | (_shards(home) if embeddings else {})
        files: dict[str, dict[str, Any]] = {}
        with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            for number, (name, source) in enumerate(sources.items()):
                progress("packing", number, len(sources))
                with suppress(FileNotFoundError):  # a damaged shard that another process has swept away
                    files[name] = _pack(archive, name, source)
            progress("packing", len(sources), len(sources))
            manifest = {"format": FORMAT, "version": VERSION, "program": program, "papers": papers, "files": files}
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1), zipfile.ZIP_DEFLATED)
    return BackupReport(str(path), papers, len(files), path.stat().st_size)


def is_backup(path: Path) -> bool:
    """Say whether a file looks like a backup."""
    with suppress(OSError, zipfile.BadZipFile, NotImplementedError), zipfile.ZipFile(path) as archive:
        return MANIFEST in archive.namelist()
    return False


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that gets its name when everything is in it and on the disk."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        # the settings in it may hold the token
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}); name another file or free space") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """Make a folder for the time of a backup; one that a killed backup left goes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copies(home: Path, folder: Path) -> tuple[dict[str, Path], int]:
    """Copy the databases as they are at one moment, check the library, and say how many papers it holds."""
    copies = {}
    for name in (library.FILE_NAME, conversations.FILE_NAME):
        if (home / name).exists():
            copies[name] = folder / name
            _copy_database(home / name, folder / name)
    try:
        with closing(Library(folder / library.FILE_NAME)) as copied:
            damage, papers = copied.damage(), copied.count()
    except LibraryDamagedError as error:
        raise damaged(home / library.FILE_NAME, "its copy cannot be read") from error
    if damage:
        raise damaged(home / library.FILE_NAME, damage)
    if (home / settings.FILE_NAME).exists():
        copies[settings.FILE_NAME] = Path(shutil.copy(home / settings.FILE_NAME, folder))
    return copies, papers


def _copy_database(path: Path, target: Path) -> None:
    with mended(path), closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copied:
        source.backup(copied)


def _shards(home: Path) -> dict[str, Path]:
    paths = sorted((home / EMBEDDINGS).glob("*/*.npz"))
    return {path.relative_to(home).as_posix(): path for path in paths if path.is_file() and is_whole(path)}


def is_whole(shard: Path) -> bool:
    """Say whether a shard is what its name says."""
    with suppress(OSError), shard.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == shard.stem
    return False


def _pack(archive: zipfile.ZipFile, name: str, source: Path) -> dict[str, Any]:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED if name.startswith(EMBEDDINGS) else zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    digest, size_bytes = hashlib.sha256(), 0
    with source.open("rb") as file, archive.open(info, "w", force_zip64=True) as packed:
        while block := file.read(_BLOCK_BYTES):
            packed.write(block)
            digest.update(block)
            size_bytes += len(block)
    return {"sha256": digest.hexdigest(), "size_bytes": size_bytes}
