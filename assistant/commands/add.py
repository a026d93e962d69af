"""``assistant add``: files, folders and what is named by id or address into the library."""

from __future__ import annotations

import argparse

from assistant.commands.common import Subparsers, note, open_assistant, print_json, print_line, progress_note

_SHOWN = 20  # skipped records named on a terminal; --json names all


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "add", parents=[home], help="read files or folders into the library",
        description="Read files or folders into the library. Unchanged papers cost nothing; stop it and run it again. "
        "The network is used only for what is named as arxiv:ID, doi:DOI, acl:ID or https://ADDRESS.",
    )  # fmt: skip
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="a file, an archive or a folder; or arxiv:ID, doi:DOI, acl:ID, https://…",
    )
    parser.add_argument(
        "--format", metavar="NAME", help="the format, where it is not recognised, e.g. csv, bibtex, ris"
    )
    parser.add_argument(
        "--map", metavar="FIELD=COLUMN", type=_column, action="append", default=[],
        help="what a column of a table is called, e.g. abstract=Zusammenfassung; may be repeated",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    parser.add_argument("--json", action="store_true", help="print the report as one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Add what is named; fail when nothing could be used."""
    with open_assistant(args) as assistant:
        report = assistant.add(
            *args.paths,
            format_name=args.format,
            columns=dict(args.map),
            dry_run=args.dry_run,
            progress=progress_note(),
        )
    if args.json:
        print_json(report.to_dict())
    else:
        for skipped in report.skipped[:_SHOWN]:
            note(f"skipped {skipped.source}{f', line {skipped.line}' if skipped.line else ''}: {skipped.reason}")
        if len(report.skipped) > _SHOWN:
            note(f"and {len(report.skipped) - _SHOWN} more; all of them with --json")
        print_line(f"would be: {report}" if args.dry_run else str(report))
    used = report.added + report.updated + report.unchanged
    return 0 if used or not report.skipped else 1


def _column(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD=COLUMN")
    return field.strip().lower(), column.strip()
