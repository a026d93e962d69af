"""``assistant doctor``: what is right, what is not, and what to do about it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.common import Subparsers, open_assistant, print_json, print_line, progress_note
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from assistant.doctor import Finding


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "doctor", parents=[home], help="check environment, models, library and index",
        description="Check environment, models, library and index, and say what to do.",
    )  # fmt: skip
    parser.add_argument("--repair", action="store_true", help="rebuild what can be rebuilt from the library")
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check; 1 when something is wrong."""
    findings = _findings(args)
    if args.json:
        print_json([finding.to_dict() for finding in findings])
    for finding in [] if args.json else findings:
        print_line(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.text}")
    return 0 if all(finding.ok for finding in findings) else 1


def _findings(args: argparse.Namespace) -> list[Finding]:
    from assistant.doctor import Finding, examine, examine_unopened
    from assistant.repair import repair_files
    from assistant.settings import default_home

    home = Path(args.home).expanduser() if args.home else default_home()
    done = [Finding(f"repair: {what}", ok, text) for what, ok, text in repair_files(home)] if args.repair else []
    try:
        assistant = open_assistant(args)
    except AssistantError as error:
        return [*done, *examine_unopened(home, error)]
    with assistant:
        if args.repair:
            try:
                assistant.repair(progress=progress_note())
            except AssistantError as error:
                done.append(Finding("repair: index", False, str(error)))
        return [*done, *examine(assistant)]
