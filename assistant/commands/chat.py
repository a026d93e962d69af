"""``assistant chat``: a conversation in the terminal."""

from __future__ import annotations

import argparse
import contextlib

from assistant.commands.ask import show
from assistant.commands.common import Subparsers, add_filters, filters_of, note, open_assistant, print_line
from assistant.errors import QuestionError


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
    with open_assistant(args) as assistant:
        count = assistant.library.count()
        note(f"{count} papers. Ask; an empty line or Ctrl-D ends the conversation, /new starts another.")
        history: tuple[tuple[str, str], ...] = ()
        while question := _next():
            if question == "/new":
                history = ()
                continue
            try:
                history = show(assistant.stream(question, history=history, filters=filters_of(args))).history
            except QuestionError as error:
                note(str(error))
            except KeyboardInterrupt:
                note("\nstopped")
            print_line()
    return 0


def _next() -> str:
    try:
        return input("> ").strip()
    except EOFError:
        return ""
