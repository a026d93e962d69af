"""``assistant doctor``: what is right, what is not, and what to do about it."""

from __future__ import annotations

import argparse

from assistant.commands.common import Subparsers, open_assistant, print_json, print_line, progress_note


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
    from assistant.doctor import examine

    with open_assistant(args) as assistant:
        if args.repair:
            assistant.repair(progress=progress_note())
        findings = examine(assistant)
    if args.json:
        print_json([finding.to_dict() for finding in findings])
    for finding in [] if args.json else findings:
        print_line(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.text}")
    return 0 if all(finding.ok for finding in findings) else 1
