"""Generations of an index: each is built aside, verified in a child process, synced, and then named the current one.

A published generation never changes, so readers go on while the next one is built, and a killed process leaves at
worst a folder to sweep away. Chroma is never opened on files that a crash may have torn: about 5 % of killed stores
cannot be opened again, some only by a segmentation fault (chroma issue 7238).
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from vectorstore.errors import IndexWriteError, StoreError, mended
from vectorstore.files import is_full, sync_folder, sync_tree, write_durably
from vectorstore.graph import GraphProcess
from vectorstore.index import Entry, Index, checksums, paper_hashes, texts, words_keys, write_papers, write_words
from vectorstore.manifest import Manifest

_GENERATION = re.compile(r"g\d{6,}")


def go_on() -> None:
    """End nothing."""


class IndexStore:
    """The generations of one library's index.

    Args:
        folder: Where they lie, beside ``CURRENT``, which names the one in force.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pointer = folder / "CURRENT"

    def current_folder(self) -> Path | None:
        """Return the folder of the current generation, or None before the first one."""
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        folder = self._folder / name
        return folder if _GENERATION.fullmatch(name) and folder.is_dir() else None

    def current_manifest(self) -> Manifest | None:
        """Return the manifest of the current generation; None where there is none that can be read."""
        folder = self.current_folder()
        return Manifest.read(folder) if folder else None

    def open(self) -> Index | None:
        """Open the current generation.

        Raises:
            IndexDamagedError: Its files are not what they were when it was published.
            IndexWriteError: The folder cannot be written, without which Chroma opens nothing; see `Index`.
        """
        folder = self.current_folder()
        try:
            return Index(folder) if folder else None
        except StoreError:
            newer = self.current_folder()
            if newer is None or newer == folder:
                raise
            return Index(newer)  # another process has published and swept in the meantime

    def indexed(self) -> dict[str, str]:
        """Return the content hash of every paper in the current generation by id.

        Raises:
            IndexDamagedError: Its files are not what they were when it was published.
        """
        folder = self.current_folder()
        return paper_hashes(folder) if folder else {}

    def words_keys(self) -> list[int]:
        """Return what the vectors of each paper's words are kept under, of every paper in the current generation.

        Raises:
            IndexDamagedError: Its files are not what they were when it was published.
        """
        folder = self.current_folder()
        return words_keys(folder) if folder else []

    def texts(self) -> dict[str, tuple[str, str, str]]:
        """Return content hash, title and text by paper id of the newest generation that still has them, or nothing."""
        generations = sorted(self._generations(), reverse=True) if self._folder.is_dir() else []
        for folder in generations:
            with suppress(StoreError, OSError):
                return texts(folder)
        return {}

    def newest_version(self) -> int:
        """Return the highest version of the library that any generation says it reflects; 0 where none says."""
        manifests = [Manifest.read(folder) for folder in self._generations()] if self._folder.is_dir() else []
        return max((manifest.library_version for manifest in manifests if manifest), default=0)

    def publish(
        self,
        identity: dict[str, Any],
        library_version: int,
        entries: Iterable[Entry],
        removed: set[str],
        *,
        fresh: bool,
        model: Mapping[str, Any] | None = None,
        look: Callable[[], None] = go_on,
    ) -> Path:
        """Build the next generation, verify it and make it the current one.

        Args:
            identity: What it is built with; see `Manifest`.
            library_version: The library's version that it will reflect.
            entries: Papers to add; one that is in the index must also be in ``removed``.
            removed: Papers to take out first.
            fresh: Start from nothing instead of from the current generation.
            model: What opens its embedding model again, where that is known.
            look: Called several times a second; what it raises ends the building, and the current generation stays.

        Raises:
            OSError: The folder may not be written; the current generation stays, here and below.
            IndexWriteError: The disk is full.
            IndexDamagedError: What was built cannot be opened and searched.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        building = self._folder / f"building-{uuid.uuid4().hex}"
        base = None if fresh else self.current_folder()
        try:
            _copy_tree(base, building) if base else building.mkdir()
            change = write_papers(building, entries, removed, look)
            with GraphProcess(building) as graph:
                graph.start_filling(change)
                write_words(building, change, look)  # beside it
                graph.wait(look)
                files = checksums(building) if change.chunks else {}
                manifest = Manifest(
                    identity, library_version, change.papers, change.chunks, files, model=dict(model or {})
                )
                manifest.write(building)
                graph.start_verifying()
                graph.wait(look)
            sync_tree(building)
            return self._switch(building)
        except (StoreError, OSError) as error:
            if is_full(self._folder):
                raise IndexWriteError("the disk is full") from error
            raise
        finally:
            shutil.rmtree(building, ignore_errors=True)

    def _switch(self, building: Path) -> Path:
        previous = self.current_folder()
        number = max((int(p.name[1:]) for p in self._generations()), default=0) + 1
        folder = building.rename(self._folder / f"g{number:06d}")
        try:
            sync_folder(self._folder)
            write_durably(self._pointer, folder.name.encode())
        finally:
            in_force = self.current_folder()
            for old in self._generations():  # the previous one stays for the readers that have it open
                if old not in (in_force, previous):
                    shutil.rmtree(old, ignore_errors=True)
        return folder

    def _generations(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if _GENERATION.fullmatch(path.name)]

    def _sweep(self) -> None:
        for torn in [*self._folder.glob("building-*"), *self._folder.glob("*.partial")]:
            shutil.rmtree(torn, ignore_errors=True) if torn.is_dir() else torn.unlink(missing_ok=True)


def _copy_tree(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_copy)


def _copy(source: str, target: str) -> str:
    """Copy one file; SQLite copies its own, because another process may be opening it at this moment."""
    if not source.endswith(".sqlite3"):
        return str(shutil.copy2(source, target))
    with (
        mended(Path(target), sqlite3.Error),
        closing(sqlite3.connect(source)) as original,
        closing(sqlite3.connect(target)) as copied,
    ):
        original.backup(copied)
    return target
