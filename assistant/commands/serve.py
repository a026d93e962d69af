"""``assistant serve``: the chat page and the HTTP interface on one port.

The one place below the page that knows the page: what starts everything has to.
"""

from __future__ import annotations

import argparse
import contextlib
import threading
from typing import TYPE_CHECKING

from assistant.commands.common import Subparsers, note, open_assistant, progress_note
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_LAST_PORT = 65535


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "serve", parents=[home], help="open the chat page and the HTTP interface",
        description="Serve the chat page and the HTTP interface on one port. The sample fills an empty library.",
    )  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=7860, help="port to listen on (default: 7860)")
    parser.add_argument("--no-sample", action="store_true", help="leave an empty library empty")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    from ui.server import serve

    with open_assistant(args, background=True) as assistant:
        if not args.no_sample and assistant.library.count() == 0:
            note("The library is empty: filling it with the sample, 81 papers with summaries in our own words.")
            note(str(assistant.add_sample(progress=progress_note())))
        warming = threading.Thread(target=_warm, args=(assistant,), name="warm")
        try:
            serve(assistant, host=args.host, port=args.port, on_ready=lambda url: _ready(url, warming))
        finally:
            if warming.is_alive():
                warming.join()
    return 0


def _ready(url: str, warming: threading.Thread) -> None:
    note(f"The chat page is at {url}")
    warming.start()


def _warm(assistant: Assistant) -> None:
    with contextlib.suppress(AssistantError):  # the first question will say what is wrong to the one who asks it
        assistant.warm()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 0 (any free one) to {_LAST_PORT}")
    return int(text)
