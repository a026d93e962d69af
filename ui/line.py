"""The line of questions before the assistant: one is answered at a time, the others know their place.

Knows threads; knows no questions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

_LOOK_S = 0.2  # how often somebody who waits looks whether he has gone


class FullError(Exception):
    """So many wait already that another would not be served in reasonable time."""


class Line:
    """A queue that people stand in: first come, first served.

    Args:
        longest: How many may wait.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._waiting: deque[object] = deque()
        self._moved = Condition()

    def __len__(self) -> int:
        """Return how many stand in the line, the one who is served included."""
        return len(self._waiting)

    @contextmanager
    def standing(self) -> Iterator[Callable[[Callable[[], bool]], Iterator[int]]]:
        """Join the line, and leave it at the end.

        Yields:
            What to iterate over before being served: it takes what tells whether one has gone, yields how many stand
            before whenever that changes, and ends when it is one's turn or one has gone.

        Raises:
            FullError: Too many wait already.
        """
        ticket = object()
        with self._moved:
            if len(self._waiting) > self._longest:
                raise FullError
            self._waiting.append(ticket)
        try:
            yield lambda gone: self._places(ticket, gone)
        finally:
            with self._moved:
                self._waiting.remove(ticket)
                self._moved.notify_all()

    def _places(self, ticket: object, gone: Callable[[], bool]) -> Iterator[int]:
        told = 0
        while not gone():
            with self._moved:
                place = self._waiting.index(ticket)
                if place == told:
                    if place == 0:
                        return
                    self._moved.wait(_LOOK_S)
                    continue
            if place == 0:
                return
            told = place
            yield place
