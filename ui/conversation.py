"""One visitor's conversation: the turns so far and the question on its way, safe to use from several threads.

Knows threads, turns and where they are kept; knows nothing of Gradio. What the page shows is always drawn from here,
so that an update that arrives late cannot bring back what was stopped or cleared.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from queue import SimpleQueue
from threading import Event as Flag
from threading import RLock, Thread
from typing import Any

from assistant.answer import Event, History
from assistant.conversations import Conversations
from assistant.errors import AssistantError
from assistant.papers import Paper
from ui.line import FullError, Line
from ui.turns import Turn, Turns, advanced, asked, from_record, history, paper_ids, to_record, words

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which papers a conversation is about; empty means all.

    Attributes:
        year: As a filter is written, ``2019..2023``.
        author: A name.
        venue: A part of a name.
        only: Titles by id: these papers alone.
        without: Titles by id: not these papers.
    """

    year: str = ""
    author: str = ""
    venue: str = ""
    only: Mapping[str, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self != Scope()

    def wider(self, which: str, paper_id: str = "") -> Scope:
        """Return the scope without one of its limits; ``paper_id`` says which paper of ``only`` or ``without``."""
        match which:
            case "year":
                return replace(self, year="")
            case "author":
                return replace(self, author="")
            case "venue":
                return replace(self, venue="")
            case "only":
                return replace(self, only={i: title for i, title in self.only.items() if i != paper_id})
            case "without":
                return replace(self, without={i: title for i, title in self.without.items() if i != paper_id})
        return self


Stream = Callable[[str, History, Scope, Flag], Iterator[Event]]
"""What answers: takes a question, the earlier turns, the scope and a flag that stops it, and yields events."""
Papers = Callable[[tuple[str, ...]], dict[str, Paper]]
"""Where papers are looked up: takes ids, returns the papers that are there."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What every conversation of a page needs.

    Attributes:
        stream: What answers.
        papers: Where papers are looked up.
        line: Where questions wait.
        keep: Where conversations are kept; None where they cannot be.
        unexpected: What is shown where a defect of ours ends an answer.
        busy: What is shown where too many questions wait.
    """

    stream: Stream
    papers: Papers
    line: Line
    keep: Conversations | None
    unexpected: str
    busy: str


class Asking:
    """A question on its way, which can be stopped at any time: before it starts, while it runs, and more than once.

    The events are read in a thread of their own. A generator that is busy cannot be closed from outside; the reader is
    woken all the same, and the flag that the stream was given frees the model at its next token.

    Args:
        alone: It is no follow-up to what was said before.
    """

    def __init__(self, *, alone: bool = False) -> None:
        self.alone = alone
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
    """The turns of one visitor, oldest first; only the last one can be open.

    Attributes:
        conversation_id: Where it is kept; empty before the first question.
        title: What it is called.
        scope: Which papers it is about.
        editing: The turn that the next question replaces; 0 for none.
        similar: Papers like one that the panel shows, by (turn, paper id).
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._turns: Turns = ()
        self._asking: Asking | None = None
        self.conversation_id = ""
        self.title = ""
        self.scope = Scope()
        self.editing = 0
        self.similar: dict[tuple[int, str], tuple[Any, ...]] = {}

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

    def turn(self, number: int) -> Turn | None:
        """Return the turn with this number."""
        return self._turns[number - 1] if 0 < number <= len(self._turns) else None

    def ask(self, question: str, desk: Desk, *, alone: bool = False) -> bool:
        """Put a question and say whether it was taken: not if it is empty, or while another is answered.

        Args:
            question: As a person types it.
            desk: What answers it.
            alone: It is no follow-up to what was said before.
        """
        with self._lock:
            if not question.strip() or self.busy:
                return False
            self._turns = asked(self._turns, question.strip(), self.editing)
            self.editing = 0
            self._asking = Asking(alone=alone)
            self._keep(desk)
            return True

    def ask_again(self, number: int, desk: Desk) -> bool:
        """Put a question once more, by default the last one; the turns after it go."""
        with self._lock:
            if self.busy or (turn := self.turn(number or len(self._turns))) is None:
                return False
            self.editing = turn.number
            return self.ask(turn.question, desk)

    def fail(self, reason: str, desk: Desk) -> None:
        """End the open turn with a reason for the reader."""
        self._settle(self._asking, desk, error=reason)

    def stop(self, desk: Desk) -> None:
        """End the open turn; what was checked stays."""
        self._settle(self._asking, desk, stopped=True)

    def clear(self, desk: Desk) -> None:
        """Stop what runs and begin anew; what was kept stays kept."""
        with self._lock:
            self.stop(desk)
            self._turns, self._asking = (), None
            self.conversation_id, self.title, self.scope, self.editing = "", "", Scope(), 0
            self.similar = {}

    def open(self, conversation_id: str, desk: Desk) -> bool:
        """Show a conversation that was kept, exactly as it was, and say whether it is there."""
        if desk.keep is None or (kept := desk.keep.get(conversation_id)) is None:
            return False
        turns = tuple(from_record(n, record) for n, record in enumerate(desk.keep.turns(conversation_id), start=1))
        with self._lock:
            self.clear(desk)
            self._turns, self.conversation_id, self.title = turns, kept.conversation_id, kept.title
            self.scope = Scope(**kept.options)
        return True

    def narrow(self, scope: Scope, desk: Desk) -> None:
        """Choose which papers the next questions are about."""
        self.scope = scope
        if desk.keep and self.conversation_id:
            desk.keep.choose(self.conversation_id, asdict(scope))

    def answer(self, desk: Desk) -> Iterator[None]:
        """Answer the open question, yielding after each event; does nothing where none is open.

        Afterwards no question is open: it is answered, stopped, or ended by an error.
        """
        with self._lock:
            asking, turns = self._asking, self._turns
        if asking is None or asking.stopped or not (turns and turns[-1].pending):
            return
        try:
            yield from self._wait_and_answer(asking, turns, desk)
        except AssistantError as error:
            self._settle(asking, desk, error=str(error))
        except FullError:
            self._settle(asking, desk, error=desk.busy)
        except Exception:  # noqa: BLE001 - the last place where a defect can be shown instead of a dead page
            _LOG.exception("a question was not answered")
            self._settle(asking, desk, error=desk.unexpected)
        finally:
            self._settle(asking, desk, stopped=True)

    def _wait_and_answer(self, asking: Asking, turns: Turns, desk: Desk) -> Iterator[None]:
        question, earlier = turns[-1].question, () if asking.alone else history(turns[:-1])
        with desk.line.standing() as places:
            for place in places(lambda: asking.stopped):
                self._grow(asking, partial(replace, place=place))
                yield
            if asking.stopped:
                return
            self._grow(asking, partial(replace, place=0))
            for event in asking.events(lambda stop: desk.stream(question, earlier, self.scope, stop)):
                self._grow(asking, partial(_with, event=event, papers=desk.papers(paper_ids(event))))
                if self._turns and not self._turns[-1].pending:
                    self._keep(desk)
                yield

    def _grow(self, asking: Asking, change: Callable[[Turn], Turn]) -> None:
        with self._lock:
            if asking is self._asking and not asking.stopped:
                self._replace(change(self._turns[-1]))

    def _settle(self, asking: Asking | None, desk: Desk, *, error: str = "", stopped: bool = False) -> None:
        """Stop ``asking`` and, where its turn is still open, end that turn."""
        if asking is None:
            return
        with self._lock:
            asking.stop()
            if asking is self._asking and self.busy:
                self._replace(replace(self._turns[-1], error=error, stopped=stopped))
                self._keep(desk)

    def _replace(self, turn: Turn) -> None:
        self._turns = (*self._turns[:-1], turn)

    def _keep(self, desk: Desk) -> None:
        """Write the last turn; what cannot be written is still shown."""
        if desk.keep is None:
            return
        turn = self._turns[-1]
        try:
            if not self.conversation_id:
                self.title = turn.question
                self.conversation_id = desk.keep.begin(turn.question, asdict(self.scope))
            desk.keep.keep(self.conversation_id, turn.number, to_record(turn), words(turn))
        except AssistantError:
            _LOG.warning("a turn could not be kept", exc_info=True)


def _with(turn: Turn, event: Event, papers: Mapping[str, Paper]) -> Turn:
    return replace(advanced(turn, event), papers={**turn.papers, **papers})
