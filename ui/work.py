"""Work that takes its time, with progress and a way to stop it: adding papers, building the index.

The work runs in a thread of its own and tells how far it is; whoever waits reads that here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Any

from assistant.indexing import Progress

Step = tuple[str, int, int]
"""What is being done, how much of it is done, and how much there is (0 where that is not known)."""

_LOOK_S = 0.5


class InterruptedWorkError(Exception):
    """The work was stopped by the one who began it."""


class Work:
    """One piece of work at a time, which can be stopped from another thread."""

    def __init__(self) -> None:
        self._stop = Flag()

    def __deepcopy__(self, memo: dict[int, Any]) -> Work:
        """Return a new one: Gradio gives each visitor a copy of a state's initial value."""
        return Work()

    def stop(self) -> None:
        """Let the work end at its next step; what is written by then stays."""
        self._stop.set()

    def steps(self, do: Callable[[Progress], Any]) -> Iterator[Step | Any]:
        """Yield the steps of ``do`` as it tells them, only the newest where they come fast, and last what it returns.

        Raises:
            InterruptedWorkError: It was stopped.
            Exception: Whatever ``do`` raises.
        """
        self._stop.clear()
        told: SimpleQueue[Step] = SimpleQueue()
        ended: list[Any] = []
        failed: list[BaseException] = []

        def progress(what: str, done: int, total: int) -> None:
            if self._stop.is_set():
                raise InterruptedWorkError
            told.put((what, done, total))

        def run() -> None:
            try:
                ended.append(do(progress))
            except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
                failed.append(error)

        thread = Thread(target=run, name="work", daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_LOOK_S)
            if (newest := _newest(told)) is not None:
                yield newest
        if failed:
            raise failed[0]
        yield ended[0]


def _newest(told: SimpleQueue[Step]) -> Step | None:
    newest = None
    try:
        while True:
            newest = told.get_nowait()
    except Empty:
        return newest
