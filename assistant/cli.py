"""The command line: options in, results on stdout, notes on stderr, an exit code.

Each command is a module of `assistant.commands`; this one finds them, parses and turns errors into one line.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from assistant.errors import AssistantError
from assistant.quiet import quiet

DONE, FAILED, ABSTAINED, INTERRUPTED = 0, 1, 3, 130
COMMANDS = ("add", "ask", "chat", "batch", "search", "serve", "papers", "evaluate", "doctor")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="assistant",
        description="Answers questions about your own library of paper abstracts, offline, with the exact words behind "
        "every sentence.",
        epilog="Exit codes: 0 done or answered, 1 an error, 2 wrong usage, 3 abstained.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    home = argparse.ArgumentParser(add_help=False)
    home.add_argument("--home", metavar="DIR", help="the library's folder (default: ASSISTANT_HOME or your data folder)")
    home.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[], help="a setting for this run, e.g. mode=written"
    )
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"assistant.commands.{name}").register(commands, home)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    quiet()
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.version:
        from importlib.metadata import version

        sys.stdout.write(f"assistant {version('paper-assistant')}\n")
        return DONE
    if args.command is None:
        parser.print_help()
        return DONE
    try:
        return int(args.run(args))
    except AssistantError as error:
        if args.debug:
            raise
        sys.stderr.write(f"assistant: {error}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("\nassistant: stopped; what was done is kept\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
