"""What several commands share: opening the assistant, filters, output."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.filters import Filters
    from assistant.indexing import Progress

Subparsers = Any  # argparse keeps the type of add_subparsers() private


def open_assistant(args: argparse.Namespace, *, background: bool = False) -> Assistant:
    """Open the library that the options name, with the settings of ``--set``.

    Args:
        args: The options.
        background: For commands that stay: make the index for another embedding model beside the answers.
    """
    from assistant.assistant import Assistant

    return Assistant.open(args.home, dict(args.set), background=background, progress=progress_note())


def note_old_index(assistant: Assistant, then: str = "; at once: assistant doctor --repair") -> None:
    """Say, where it is so, that answers come from the index of another embedding model; ``then`` says until when."""
    from assistant.models.embeddings import named

    if (old := assistant.reembedding.old()) is not None:
        new = named(assistant.encoder)
        note(f"the index is of {named(old.encoder)}, which answers until it is made for {new}{then}")


def follow_model(assistant: Assistant) -> None:
    """Make the index for another embedding model now, if the settings name one: many answers shall be of one model."""
    if assistant.reembedding.old() is not None:
        assistant.update(progress_note())


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the filters, which are the same everywhere."""
    group = parser.add_argument_group("filters")
    group.add_argument("--year", metavar="YEARS", help="2021, 2019..2023, 2019.. or ..2023")
    group.add_argument("--author", metavar="NAME", action="append", default=[], help="an author; may be repeated")
    group.add_argument("--venue", metavar="NAME", action="append", default=[], help="part of a venue; may be repeated")
    group.add_argument("--paper", metavar="ID", action="append", default=[], help="a paper; may be repeated")


def filters_of(args: argparse.Namespace) -> Filters:
    """Return the filters that the options name."""
    from assistant.filters import filters_from

    return filters_from(args.year, args.author, args.venue, args.paper)


def print_json(value: Any) -> None:
    """Write one JSON document to stdout."""
    readable = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    sys.stdout.write(json.dumps(value, ensure_ascii=not readable, indent=2) + "\n")


def print_line(text: str = "") -> None:
    """Write a line of the result to stdout."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Write a line that is not part of the result to stderr."""
    sys.stderr.write(text + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or, whatever happens, as it was.

    Raises:
        OutputError: It cannot be written.
    """
    from assistant.errors import OutputError

    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written ({error.strerror}); name another file") from error


def progress_note() -> Progress:
    """Return a progress report that writes to stderr: one line that is rewritten on a terminal, else nothing."""
    stage, started = "", time.monotonic()

    def report(what: str, done: int, total: int) -> None:
        nonlocal stage, started
        if not sys.stderr.isatty():
            return
        if what != stage:
            stage, started = what, time.monotonic()
        left = ""
        if total and done and done < total:
            left = f", about {round((time.monotonic() - started) / done * (total - done))} s left"
        end = "\n" if total and done == total else ""
        sys.stderr.write(f"\r\x1b[K{what}: {done}{f' of {total}' if total else ''}{left}{end}")  # [K clears the line
        sys.stderr.flush()

    return report
