"""``assistant backup``: a library with everything that belongs to it into one file."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.commands.common import Subparsers, open_assistant, print_json, print_line, progress_note


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "backup", parents=[home], help="write the whole library into one file",
        description="Write papers, conversations, settings and embeddings into one file. It gets its name when it is "
        "whole; a backup of that name is replaced. It may hold your token: keep it like a password.",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", type=Path, help="the file, e.g. library.zip")
    parser.add_argument(
        "--no-embeddings", action="store_true", help="a smaller file; restoring it embeds all papers again"
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the file."""
    with open_assistant(args) as assistant:
        report = assistant.backup(args.file, embeddings=not args.no_embeddings, progress=progress_note())
    print_json(report.to_dict()) if args.json else print_line(str(report))
    return 0
