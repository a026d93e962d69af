"""The command line: options in, results on stdout, notes on stderr, an exit code.

Each command is a module of `assistant.commands`; this one finds them, parses and turns errors into one line.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from assistant.errors import AssistantError
from assistant.quiet import quiet

DONE, FAILED, ABSTAINED, INTERRUPTED = 0, 1, 3, 130
COMMANDS = (
    "add", "ask", "chat", "batch", "search", "serve", "papers", "models", "evaluate", "doctor", "backup", "restore",
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    everywhere = _options_of_every_command()
    parser = argparse.ArgumentParser(
        prog="assistant",
        parents=[everywhere],
        description="Answers questions about your own library of paper abstracts, offline, with the exact words behind "
        "every sentence.",
        epilog="Exit codes: 0 done or answered, 1 an error, 2 wrong usage, 3 abstained.",
    )
    parser.add_argument("--version", action="store_true", help="print the version and end")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for name in COMMANDS:
        import_module(f"assistant.commands.{name}").register(commands, everywhere)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    quiet()
    _write_anything()
    parser = build_parser()
    args = parser.parse_args(argv, argparse.Namespace(home=None, set=[]))
    try:
        code = _run(parser, args)
        sys.stdout.flush()  # here, where a closed pipe is expected, not when the interpreter ends
    except AssistantError as error:
        if args.debug:
            raise
        sys.stderr.write(f"assistant: {' '.join(str(error).split())}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("\nassistant: stopped; what was done is kept\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return code


def _run(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    if args.version:
        from importlib.metadata import version

        sys.stdout.write(f"assistant {version('paper-assistant')}\n")
        return DONE
    if args.command is None:
        parser.print_help()
        return DONE
    return int(args.run(args))


def _options_of_every_command() -> argparse.ArgumentParser:
    """Return the options that may stand before a command and after it; of two homes the last one counts."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    parser.add_argument(
        "--home", metavar="DIR", help="the library's folder (default: ASSISTANT_HOME or your data folder)"
    )
    parser.add_argument(
        "--set", metavar="KEY=VALUE", type=_setting, action=_Gather, help="a setting for this run, e.g. mode=written"
    )
    return parser


class _Gather(argparse.Action):
    """Appends like ``append``, but over the program and its commands, each of which fills a namespace of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._gathered: list[Any] = []

    def __call__(self, _parser: Any, namespace: argparse.Namespace, value: Any, _option: str | None = None) -> None:
        self._gathered.append(value)
        setattr(namespace, self.dest, self._gathered)


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip().replace("-", "_"), value.strip()


def _write_anything() -> None:
    """Let the standard streams replace what their encoding cannot express; a title must not end the program."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
