"""Generations of an index: each is built aside, verified in a child process, synced, and then named the current one.

A published generation never changes, so readers go on while the next one is built, and a killed process leaves at
worst a folder to sweep away. Chroma is never opened on files that a crash may have torn: about 5 % of killed stores
cannot be opened again, some only by a segmentation fault (chroma issue 7238).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vectorstore.dense import DenseIndex
from vectorstore.files import replace_text, sync_folder, sync_tree
from vectorstore.lexical import LexicalIndex
from vectorstore.manifest import Manifest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 5_000  # papers a transaction


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper as it is indexed: a vector a chunk, shape (chunks, dimension)."""

    paper_id: str
    content_hash: str
    title: str
    text: str
    vectors: NDArray[np.float32]


class Index:
    """One generation, open for searching.

    Args:
        folder: The generation's folder, which holds a manifest.

    Raises:
        IndexDamagedError: The files are not what they were when they were published, or Chroma or SQLite refuse them.
        IndexWriteError: The folder cannot be written, without which Chroma opens nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = _checked_manifest(folder)
        with ExitStack() as opened:
            self.lexical = _opened(opened, LexicalIndex(folder / _LEXICAL))
            self._chunk_counts = {paper_id: chunks for paper_id, (_, chunks) in self.lexical.papers().items()}
            self.dense = DenseIndex(folder / _DENSE)
            opened.pop_all()

    def search_dense(
        self, vector: NDArray[np.float32], k: int, among: frozenset[str] | None = None
    ) -> list[tuple[str, int, float]]:
        """Return the ``k`` nearest chunks as (paper id, number of the chunk, cosine similarity), best first."""
        hits = self.dense.search(vector, k, None if among is None else list(self._chunk_ids(among)))
        return [(paper_id, int(chunk_id.rpartition("#")[2]), score) for chunk_id, paper_id, score in hits]

    def search_lexical(self, query: str, k: int, among: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Return the ``k`` best papers as (paper id, BM25 score), best first."""
        return self.lexical.search(query, k, among)

    def close(self) -> None:
        """Let go of the files."""
        self.dense.close()
        self.lexical.close()

    def _chunk_ids(self, paper_ids: Iterable[str]) -> Iterator[str]:
        for paper_id in sorted(paper_ids):
            yield from (f"{paper_id}#{n}" for n in range(self._chunk_counts.get(paper_id, 0)))


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
        except OSError:
            return None
        folder = self._folder / name
        return folder if name and folder.is_dir() else None

    def current_manifest(self) -> Manifest | None:
        """Return the manifest of the current generation; None where there is none that can be read."""
        folder = self.current_folder()
        return Manifest.read(folder) if folder else None

    def open(self) -> Index | None:
        """Open the current generation.

        Raises:
            IndexDamagedError: Its files are not what they were when it was published.
        """
        folder = self.current_folder()
        return Index(folder) if folder else None

    def indexed(self) -> dict[str, str]:
        """Return the content hash of every paper in the current generation by id."""
        folder = self.current_folder()
        if folder is None:
            return {}
        lexical = LexicalIndex(folder / "lexical.sqlite3")
        try:
            return {paper_id: content_hash for paper_id, (content_hash, _) in lexical.papers().items()}
        finally:
            lexical.close()

    def publish(
        self, identity: dict[str, Any], library_version: int, entries: Iterable[Entry], removed: set[str], *, fresh: bool
    ) -> Path:
        """Build the next generation, verify it and make it the current one.

        Args:
            identity: What it is built with; see `Manifest`.
            library_version: The library's version that it will reflect.
            entries: Papers to add; one that is in the index must also be in ``removed``.
            removed: Papers to take out first.
            fresh: Start from nothing instead of from the current generation.

        Raises:
            OSError: The disk is full or may not be written; the current generation stays.
            IndexDamagedError: What was built cannot be opened and searched; the current generation stays.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sweep()
        building = self._folder / f"building-{uuid.uuid4().hex}"
        base = None if fresh else self.current_folder()
        try:
            shutil.copytree(base, building) if base else building.mkdir()
            papers, chunks = _fill(building, entries, removed)
            Manifest(identity, library_version, papers, chunks).write(building)
            _verify_in_child(building)
            sync_tree(building)
            return self._switch(building)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise

    def _switch(self, building: Path) -> Path:
        previous = self.current_folder()
        number = max((int(p.name[1:]) for p in self._folder.glob("g*") if p.name[1:].isdigit()), default=0) + 1
        folder = building.rename(self._folder / f"g{number:06d}")
        sync_folder(self._folder)
        replace_text(self._pointer, folder.name)
        for old in self._folder.glob("g*"):  # the previous one stays for the readers that have it open
            if old not in (folder, previous):
                shutil.rmtree(old, ignore_errors=True)
        return folder

    def _sweep(self) -> None:
        for torn in self._folder.glob("building-*"):
            shutil.rmtree(torn, ignore_errors=True)


def verify(folder: Path) -> None:
    """Open an index, count it and find some of its vectors by themselves.

    Raises:
        IndexDamagedError: Something is missing. A torn file can end the process instead, so call this in a child.
    """
    index = Index(folder)
    try:
        papers = index.lexical.papers()
        found = (len(papers), sum(chunks for _, chunks in papers.values()), index.dense.count())
        wanted = (index.manifest.papers, index.manifest.chunks, index.manifest.chunks)
        if found != wanted:
            raise IndexDamagedError(f"{folder}: papers, chunks and vectors are {found}, the manifest says {wanted}")
        step = max(1, len(papers) // 20)
        for paper_id in islice(papers, 0, None, step):
            _find_by_itself(index, paper_id)
    finally:
        index.close()


def _find_by_itself(index: Index, paper_id: str) -> None:
    stored = index.dense.vectors([f"{paper_id}#0"])
    if not len(stored) or not np.isfinite(stored).all() or abs(float(np.linalg.norm(stored[0])) - 1) > 1e-3:
        raise IndexDamagedError(f"{index.folder}: the vector of {paper_id} is missing or no unit vector")
    if not index.dense.search(stored[0], 1):
        raise IndexDamagedError(f"{index.folder}: a search finds nothing")


def _fill(folder: Path, entries: Iterable[Entry], removed: set[str]) -> tuple[int, int]:
    """Apply the changes to the files in ``folder`` and return how many papers and chunks it holds then."""
    dense, lexical = _open(folder)
    try:
        known = lexical.papers()
        gone = sorted(removed & known.keys())
        dense.remove([f"{p}#{n}" for p in gone for n in range(known[p][1])])
        lexical.remove(gone)
        iterator = iter(entries)
        while batch := list(islice(iterator, _BATCH)):
            lexical.add((e.paper_id, e.content_hash, e.title, e.text, len(e.vectors)) for e in batch)
            ids = [f"{e.paper_id}#{n}" for e in batch for n in range(len(e.vectors))]
            owners = [e.paper_id for e in batch for _ in range(len(e.vectors))]
            dense.add(ids, np.concatenate([e.vectors for e in batch]), owners)
        papers = lexical.papers()
        return len(papers), sum(chunks for _, chunks in papers.values())
    finally:
        dense.close()
        lexical.close()


def _open(folder: Path) -> tuple[DenseIndex, LexicalIndex]:
    try:
        return DenseIndex(folder / "chroma"), LexicalIndex(folder / "lexical.sqlite3")
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - Chroma's Rust core raises whatever it meets
        raise IndexDamagedError(f"{folder} cannot be opened: {error}") from error


def _verify_in_child(folder: Path) -> None:
    command = [sys.executable, "-m", "vectorstore.verify", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        reason = result.stderr.strip().splitlines()[-1:] or [f"the checking process ended with {result.returncode}"]
        raise IndexDamagedError(reason[0])
