"""The process that writes Chroma's graphs and then checks the whole index, seen from the one that builds the index.

Chroma's binding keeps Python's lock while it inserts, a second for 5,000 vectors, in which a server would answer
nobody; and a torn store can end the process that opens it. So a child fills Chroma, beside the ranking by words.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, cast

from vectorstore import index
from vectorstore.errors import IndexDamagedError, IndexWriteError

WRITE_FAILED = 3
"""The exit status of the child where the disk is full or may not be written."""
_KILLED = -9  # by a signal that Windows does not name
_LOOK_S = 0.1


class GraphProcess:
    """One child, for one index that is being built. A context: leaving it ends the child.

    Args:
        folder: The index.
    """

    def __init__(self, folder: Path) -> None:
        self._said = tempfile.TemporaryFile(dir=folder.parent)  # noqa: SIM115 - closed with the context
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "vectorstore.child", str(folder), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            encoding="utf-8",
            errors="replace",
            # What a graph took goes back to the system when it is closed: with glibc's many arenas it does not.
            env=os.environ | {"MALLOC_ARENA_MAX": "1"},
            process_group=0,  # Ctrl-C is for the process that waits, which ends this one
        )
        self._asks, self._tells = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._listener = Thread(target=self._listen, name="graph process", daemon=True)
        self._listener.start()

    def __enter__(self) -> GraphProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()  # the output has ended with the process
        with suppress(OSError):  # what the child did not read any more
            self._asks.close()
        self._tells.close()
        self._said.close()

    def start_filling(self, change: index.Change) -> None:
        """Have Chroma brought up to the vectors."""
        removed = list(change.removed.items())  # JSON has no numbers for keys
        self._ask({"after": change.after, "first": change.first, "chunks": change.chunks, "removed": removed})

    def start_verifying(self) -> None:
        """Have the index opened, counted and searched."""
        self._ask({})

    def wait(self, look: Callable[[], None]) -> None:
        """Wait until what was asked for is done. ``look`` is called several times a second; what it raises ends it.

        Raises:
            IndexWriteError: The disk is full or the folder may not be written.
            IndexDamagedError: Chroma refuses its files, or the index is not sound; or the child has crashed.
        """
        while True:
            look()
            with suppress(Empty):
                if self._answers.get(timeout=_LOOK_S):
                    return
                raise self._failure()

    def _ask(self, step: dict[str, Any]) -> None:
        with suppress(OSError):  # it has ended: `wait` will say why
            self._asks.write(json.dumps(step) + "\n")
            self._asks.flush()

    def _listen(self) -> None:
        for line in self._tells:
            self._answers.put(line)
        self._answers.put("")

    def _failure(self) -> Exception:
        status = self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").strip().splitlines()
        if status < 0 or not said:
            said = [f"the process that writes Chroma's graph ended with {status}"]
        if status == _KILLED:
            return IndexWriteError(f"{said[-1]}: it was killed, as happens where memory is short")
        return IndexWriteError(said[-1]) if status == WRITE_FAILED else IndexDamagedError(said[-1])
