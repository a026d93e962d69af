"""``assistant restore``: a library back from the file that ``assistant backup`` wrote."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.commands.common import Subparsers, print_json, print_line, progress_note


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "restore", parents=[home], help="bring a library back from a backup",
        description="Bring a library back from a backup, checked first. Stop a running `assistant serve` before.",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", type=Path, help="the file that assistant backup wrote")
    parser.add_argument(
        "--replace", action="store_true", help="replace the library that is there; it is kept in a folder beside"
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Restore the library."""
    from assistant.restoring import restore

    report = restore(args.file, args.home, settings=dict(args.set), replace=args.replace, progress=progress_note())
    print_json(report.to_dict()) if args.json else print_line(str(report))
    return 0
