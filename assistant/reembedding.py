"""Re-embedding: what answers while the index is made for another embedding model, and the thread that makes it.

The index in force says which model it was built for. Where that is another than the settings name, and can still be
opened, it goes on answering; nothing is remembered that the files do not say. Knows no settings and no questions.
"""

from __future__ import annotations

import atexit
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event as Flag
from threading import RLock, Thread
from typing import Any

from assistant.errors import AssistantError, LibraryBusyError
from assistant.indexing import Indexer, Papers
from assistant.locking import writing
from assistant.models.embeddings import Encoder
from vectorstore import IndexStore, Manifest

_BUSY_S = 2.0  # until it is tried again whether another process is still changing the library
_AGAIN_S = 60.0  # until what failed is tried again, at the next question
_GOODBYE_S = 30.0  # what is waited for at most: a model that is being compiled cannot be stopped


@dataclass(frozen=True, slots=True)
class Work:
    """How far the index is that is made beside the answers.

    Attributes:
        model: The name of the embedding model that it is made for.
        done: Papers that are embedded.
        papers: How many there are.
        failure: What went wrong, after which it is tried again a minute later; empty where nothing did.
    """

    model: str
    done: int
    papers: int
    failure: str = ""

    def __str__(self) -> str:
        """Return one line for a person."""
        if self.failure:
            return f"re-embedding for {self.model} failed: {self.failure}"
        return f"re-embedding for {self.model}: {self.done:,} of {self.papers:,} papers"


class _StoppedError(Exception):
    """The work was stopped; what is embedded stays."""


class Reembedding:
    """Follows a change of the embedding model beside the answers.

    Args:
        home: The home folder.
        papers: The truth.
        wanted: Returns the embedding model that the settings name.
        indexer: Returns what makes the index for it; the model is loaded then.
        reopen: Returns an embedding model from what the manifest says of it.
        background: Whether `start` starts anything.
    """

    def __init__(
        self,
        home: Path,
        papers: Papers,
        wanted: Callable[[], Encoder],
        indexer: Callable[[], Indexer],
        reopen: Callable[[Mapping[str, Any]], Encoder],
        *,
        background: bool,
    ) -> None:
        self._home, self._papers = home, papers
        self._store = IndexStore(home / "index")
        self._wanted, self._indexer, self._reopen = wanted, indexer, reopen
        self._background = background
        self._lock = RLock()
        self._known: tuple[dict[str, Any], Indexer | None] | None = None
        self._thread: Thread | None = None
        self._stop = Flag()
        self._pauses = 0
        self._again_at = 0.0
        self._work: Work | None = None

    @property
    def work(self) -> Work | None:
        """How far it is; None where nothing is being made. Costs nothing."""
        return self._work

    def old(self) -> Indexer | None:
        """Return what belongs to the index in force, where it was built for another model that can still be opened.

        None where the settings' own model answers, or where its index has to be waited for.
        """
        manifest = self._store.current_manifest()
        if manifest is None or manifest.identity.get("embeddings") == self._wanted().digest:
            with self._lock:
                self._known = None  # the old model is let go
            return None
        with self._lock:
            if self._known is None or self._known[0] != manifest.identity:
                self._known = manifest.identity, self._opened(manifest)
            return self._known[1]

    def encoder(self) -> Encoder:
        """Return the embedding model that answers now."""
        old = self.old()
        return old.encoder if old else self._wanted()

    def _opened(self, manifest: Manifest) -> Indexer | None:
        try:
            encoder = self._reopen(manifest.model)
            if encoder.digest != manifest.identity["embeddings"]:
                return None  # another model has taken its place
            indexer = Indexer.at(self._home, self._papers, encoder, manifest.model)
        except (AssistantError, OSError, LookupError, TypeError, ValueError):
            return None
        return indexer if indexer.identity == manifest.identity else None

    def start(self) -> None:
        """Make the index for the settings' model in a thread, unless that is under way, unwanted or has just failed."""
        with self._lock:
            running = self._thread is not None and self._thread.is_alive()
            if not self._background or self._pauses or running or time.monotonic() < self._again_at:
                return
            if self._thread is None:
                atexit.register(self.stop)  # a thread that computes while Python ends could end it badly
            self._stop = Flag()
            self._work = Work(self._wanted().name, 0, self._papers.count())
            self._thread = Thread(target=self._run, args=(self._stop,), name="re-embedding", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread at the next text; what is embedded stays, and the next `start` goes on from there."""
        with self._lock:
            thread = self._thread
            self._stop.set()
        if thread is not None:
            thread.join(_GOODBYE_S)

    def close(self) -> None:
        """Stop for good."""
        self._background = False
        self.stop()
        atexit.unregister(self.stop)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the library to another writer of this process, and go on afterwards."""
        with self._lock:
            self._pauses += 1
            running = self._thread is not None and self._thread.is_alive()
        try:
            self.stop()
            yield
        finally:
            with self._lock:
                self._pauses -= 1
            with suppress(AssistantError):  # the next question will tell what is wrong
                if running and self.old() is not None:
                    self.start()

    def _run(self, stop: Flag) -> None:
        def look() -> None:
            if stop.is_set():
                raise _StoppedError

        def progress(_: str, done: int, papers: int) -> None:
            look()
            self._tell(done=done, papers=papers)

        try:
            while not self._made(progress, look):
                stop.wait(_BUSY_S)
                look()
            self._work = None
        except _StoppedError:
            self._work = None
        except Exception as error:  # noqa: BLE001 - told to whoever asks how far it is; answers go on
            self._again_at = time.monotonic() + _AGAIN_S
            self._tell(failure=str(error) or type(error).__name__)

    def _made(self, progress: Callable[[str, int, int], None], look: Callable[[], None]) -> bool:
        """Make the index; say whether that could be done, or another process is changing the library."""
        try:
            with writing(self._home):
                self._indexer().update(progress, look=look)
        except LibraryBusyError:
            return False
        return True

    def _tell(self, **changes: Any) -> None:
        if self._work is not None:
            self._work = replace(self._work, **changes)
