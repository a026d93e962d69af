"""One visitor's conversation: the turns so far and the question on its way, safe to use from several threads.

Knows threads and turns; knows nothing of Gradio. What the page shows is always drawn from here, so that an update that
arrives late cannot bring back what was stopped or cleared.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import SimpleQueue
from threading import Event as Flag
from threading import RLock, Thread
from typing import Any

from assistant.answer import Event, History
from assistant.errors import AssistantError
from assistant.papers import Paper
from ui import texts
from ui.turns import Turn, Turns, advanced, asked, asked_again, history, paper_ids

Stream = Callable[[str, History, Flag], Iterator[Event]]
"""What answers: takes a question, the earlier turns and a flag that stops it, and yields events."""
Papers = Callable[[tuple[str, ...]], dict[str, Paper]]
"""Where papers are looked up: takes ids, returns the papers that are there."""

_LOG = logging.getLogger(__name__)


class Asking:
    """A question on its way, which can be stopped at any time: before it starts, while it runs, and more than once.

    The events are read in a thread of their own. A generator that is busy cannot be closed from outside; the reader is
    woken all the same, and the flag that the stream was given frees the model at its next token.
    """

    def __init__(self) -> None:
        self._items: SimpleQueue[Event | Exception | None] = SimpleQueue()
        self._stop = Flag()

    @property
    def stopped(self) -> bool:
        """Somebody asked it to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End the reader's loop now, and the work at its next step."""
        self._stop.set()
        self._items.put(None)

    def events(self, start: Callable[[Flag], Iterator[Event]]) -> Iterator[Event]:
        """Yield the events of the stream that ``start`` opens, until it ends or is stopped.

        Raises:
            Exception: Whatever the stream raises, here in the reader's thread.
        """
        Thread(target=self._read, args=(start,), name="asking", daemon=True).start()
        while (item := self._items.get()) is not None and not self.stopped:
            if isinstance(item, Exception):
                raise item
            yield item

    def _read(self, start: Callable[[Flag], Iterator[Event]]) -> None:
        try:
            self._forward(start(self._stop))
        except Exception as error:  # noqa: BLE001 - raised again in the reader's thread, where it can be shown
            self._items.put(error)
        finally:
            self._items.put(None)

    def _forward(self, stream: Iterator[Event]) -> None:
        try:
            for event in stream:
                if self.stopped:
                    return
                self._items.put(event)
        finally:
            if close := getattr(stream, "close", None):
                close()


class Conversation:
    """The turns of one visitor, oldest first; only the last one can be open."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._turns: Turns = ()
        self._asking: Asking | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Conversation:
        """Return a new one: Gradio gives each visitor a copy of a state's initial value."""
        return Conversation()

    @property
    def turns(self) -> Turns:
        """The turns so far."""
        return self._turns

    @property
    def busy(self) -> bool:
        """A question is being answered or waits for its turn."""
        return bool(self._turns) and self._turns[-1].pending

    def ask(self, question: str) -> bool:
        """Put a question and say whether it was taken: not if it is empty, or while another is answered."""
        with self._lock:
            if not question.strip() or self.busy:
                return False
            self._turns = asked(self._turns, question.strip())
            self._asking = Asking()
            return True

    def ask_again(self) -> None:
        """Put the last question once more."""
        with self._lock:
            if self._turns and not self.busy:
                self._turns = asked_again(self._turns)
                self._asking = Asking()

    def fail(self, reason: str) -> None:
        """End the open turn with a reason for the reader."""
        self._settle(self._asking, error=reason)

    def stop(self) -> None:
        """End the open turn; what was checked stays."""
        self._settle(self._asking, stopped=True)

    def clear(self) -> None:
        """Stop what runs and forget all turns."""
        with self._lock:
            self.stop()
            self._turns, self._asking = (), None

    def answer(self, stream: Stream, papers: Papers) -> Iterator[None]:
        """Answer the open question, yielding after each event; does nothing where none is open.

        Afterwards no question is open: it is answered, stopped, or ended by an error.
        """
        with self._lock:
            asking, turns = self._asking, self._turns
        if asking is None or asking.stopped or not (turns and turns[-1].pending):
            return
        try:
            for event in asking.events(lambda stop: stream(turns[-1].question, history(turns[:-1]), stop)):
                self._grow(asking, event, papers(paper_ids(event)))
                yield
        except AssistantError as error:
            self._settle(asking, error=str(error))
        except Exception:  # noqa: BLE001 - the last place where a defect can be shown instead of a dead page
            _LOG.exception("a question was not answered")
            self._settle(asking, error=texts.UNEXPECTED)
        finally:
            self._settle(asking, stopped=True)

    def _grow(self, asking: Asking, event: Event, papers: dict[str, Paper]) -> None:
        with self._lock:
            if asking is self._asking and not asking.stopped:
                turn = advanced(self._turns[-1], event)
                self._replace(replace(turn, papers={**turn.papers, **papers}))

    def _settle(self, asking: Asking | None, *, error: str = "", stopped: bool = False) -> None:
        """Stop ``asking`` and, where its turn is still open, end that turn."""
        if asking is None:
            return
        with self._lock:
            asking.stop()
            if asking is self._asking and self.busy:
                self._replace(replace(self._turns[-1], error=error, stopped=stopped))

    def _replace(self, turn: Turn) -> None:
        self._turns = (*self._turns[:-1], turn)
