"""``assistant chat``: a conversation in the terminal."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from assistant.commands.ask import show
from assistant.commands.common import (
    Subparsers,
    add_filters,
    filters_of,
    note,
    note_old_index,
    open_assistant,
    print_line,
)
from assistant.errors import QuestionError

if TYPE_CHECKING:
    from assistant.answer import History
    from assistant.assistant import Assistant
    from assistant.filters import Filters

_PROMPT = "> "


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "chat", parents=[home], help="hold a conversation in the terminal",
        description="Hold a conversation in the terminal. An empty line or Ctrl-D ends it, /new starts another.",
    )  # fmt: skip
    add_filters(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Answer until the person has had enough."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() its line editing
    with open_assistant(args, background=True) as assistant:
        filters = filters_of(args)
        note(f"{assistant.library.count()} papers. An empty line or Ctrl-D ends the conversation, /new starts another.")
        note_old_index(assistant, ", which goes on beside the conversation")
        history: History = ()
        while question := _next():
            history = () if question == "/new" else _turn(assistant, question, history, filters)
    return 0


def _turn(assistant: Assistant, question: str, history: History, filters: Filters) -> History:
    """Answer one question and return the conversation so far; Ctrl-C stops the answer, not the conversation."""
    try:
        with contextlib.closing(assistant.stream(question, history=history, filters=filters)) as events:
            history = show(events).history
    except QuestionError as error:
        note(str(error))
    except KeyboardInterrupt:
        note("\nstopped")
    print_line()
    return history


def _next() -> str:
    """Return the next question, or nothing at the end of the conversation."""
    try:  # a prompt is no result: beside a redirected stdout it goes to stderr
        if sys.stdin.isatty() and not sys.stdout.isatty():
            sys.stderr.write(_PROMPT)
            sys.stderr.flush()
        return input(_PROMPT if sys.stdin.isatty() and sys.stdout.isatty() else "").strip()
    except (EOFError, KeyboardInterrupt):
        return ""
