"""``assistant search``: ranked papers without the language model."""

from __future__ import annotations

import argparse

from assistant.commands.common import (
    Subparsers,
    add_filters,
    filters_of,
    note_old_index,
    open_assistant,
    print_json,
    print_line,
)


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "search", parents=[home], help="rank papers for a query", description="Rank papers for a query."
    )
    parser.add_argument("query", metavar="QUERY")
    parser.add_argument("-k", type=_positive, default=10, metavar="N", help="how many papers (default: 10)")
    parser.add_argument("--json", action="store_true", help="print the results as one JSON document")
    add_filters(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the best papers with the sentence of each that fits best."""
    with open_assistant(args) as assistant:
        results = assistant.search(args.query, k=args.k, filters=filters_of(args))
        if args.json:
            print_json([result.to_dict() for result in results])
        for rank, result in enumerate([] if args.json else results, start=1):
            print_line(f"{rank:2}. {result.title}  ({result.paper_id}, {result.score:.2f})\n    “{result.quote}”")
        note_old_index(assistant)
    return 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)
