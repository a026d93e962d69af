"""``assistant add``: files, folders and what is named by id or address into the library."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.common import Subparsers, note, open_assistant, print_json, print_line, progress_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from assistant.adding import AddReport
    from assistant.assistant import Assistant

_SHOWN = 20  # skipped records named on a terminal; --json names all


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "add", parents=[home], help="read files or folders into the library",
        description="Read files or folders into the library. Unchanged papers cost nothing; stop it and run it again. "
        "The network is used only for what is named as arxiv:ID, doi:DOI, acl:ID or https://ADDRESS.",
    )  # fmt: skip
    parser.add_argument(
        "paths", metavar="PATH", nargs="+",
        help="a file, an archive or a folder; or arxiv:ID, doi:DOI, acl:ID, https://…",
    )  # fmt: skip
    parser.add_argument(
        "--format", metavar="NAME", help="the format, where it is not recognised, e.g. csv, bibtex, ris"
    )
    parser.add_argument(
        "--map", metavar="FIELD=COLUMN", type=_column, action="append", default=[],
        help="what a column of a table is called, e.g. abstract=Zusammenfassung; may be repeated",
    )  # fmt: skip
    once = parser.add_mutually_exclusive_group()
    once.add_argument("--dry-run", action="store_true", help="say what would be done and do nothing")
    once.add_argument(
        "--watch", action="store_true", help="go on with what is new or changed in the folders, until Ctrl-C"
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Add what is named; fail when nothing could be used."""
    if args.watch:
        return _watch(args)
    with open_assistant(args) as assistant:
        report = _add(assistant, args, args.paths)
    if args.json:
        print_json(report.to_dict())
    else:
        _tell_skipped(report)
        print_line(f"would be: {report}" if args.dry_run else str(report))
    used = report.added + report.updated + report.unchanged
    return 0 if used or not report.skipped else 1


def _add(assistant: Assistant, args: argparse.Namespace, paths: Sequence[Path | str]) -> AddReport:
    return assistant.add(
        *paths,
        format_name=args.format,
        columns=dict(args.map),
        dry_run=args.dry_run,
        progress=progress_note(),
    )


def _tell_skipped(report: AddReport) -> None:
    for skipped in report.skipped[:_SHOWN]:
        note(f"skipped {skipped.source}{f', line {skipped.line}' if skipped.line else ''}: {skipped.reason}")
    if len(report.skipped) > _SHOWN:
        note(f"and {len(report.skipped) - _SHOWN} more; all of them with --json")


def _watch(args: argparse.Namespace) -> int:
    """Add what is there, then what is new or changed, until Ctrl-C."""
    from assistant.errors import SettingsError
    from assistant.watching import FolderWatch

    folders = [path for name in args.paths if (path := Path(name).expanduser()).is_dir()]
    if args.json or not folders:
        raise SettingsError("--watch prints as it goes; leave out --json" if args.json else "--watch needs a folder")
    done = Counter[str]()
    with open_assistant(args) as assistant:
        watch = FolderWatch(folders)  # before the reading, so that nothing that changes meanwhile is missed
        try:
            _add_round(assistant, args, args.paths, done)
            note(f"watching {', '.join(map(str, folders))}: Ctrl-C ends it")
            for seen in watch.changes():
                _tell_gone(seen.gone)
                if not _add_changed(assistant, args, seen.ready, done):
                    watch.again(seen.ready)
        except KeyboardInterrupt:
            counts = ", ".join(f"{done[name]} {name}" for name in ("added", "updated", "skipped"))
            print_line(f"watched: {counts}; {assistant.library.count()} papers in the library")
    return 0


def _add_changed(assistant: Assistant, args: argparse.Namespace, paths: Sequence[Path], done: Counter[str]) -> bool:
    """Add files that have changed; say whether that could be done, or has to be tried again."""
    from assistant.errors import LibraryBusyError, SourceError

    try:
        if paths:
            _add_round(assistant, args, paths, done)
    except LibraryBusyError as error:
        if not done["busy"]:
            note(f"{error}: trying until then")
        done["busy"] = 1
        return False
    except SourceError:  # one of them has gone since
        return False
    done["busy"] = 0
    return True


def _add_round(assistant: Assistant, args: argparse.Namespace, paths: Sequence[Path | str], done: Counter[str]) -> None:
    report = _add(assistant, args, paths)
    done.update(added=report.added, updated=report.updated, skipped=len(report.skipped))
    _tell_skipped(report)
    print_line(str(report))


def _tell_gone(paths: Sequence[Path]) -> None:
    for path in paths[:_SHOWN]:
        note(f"{path} is gone; its papers stay (remove them with: assistant papers remove ID)")
    if len(paths) > _SHOWN:
        note(f"and {len(paths) - _SHOWN} more are gone")


def _column(text: str) -> tuple[str, str]:
    field, equals, column = text.partition("=")
    if not equals or not column.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD=COLUMN")
    return field.strip().lower(), column.strip()
