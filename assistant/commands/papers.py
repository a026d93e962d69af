"""``assistant papers``: what is in the library."""

from __future__ import annotations

import argparse

from assistant.commands.common import (
    Subparsers,
    add_filters,
    filters_of,
    open_assistant,
    print_json,
    print_line,
    progress_note,
)


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "papers", parents=[home], help="list, show or remove papers", description="What is in the library."
    )
    actions = parser.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[home], help="one line a paper")
    listing.add_argument("--json", action="store_true", help="print the papers as one JSON document")
    add_filters(listing)
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", parents=[home], help="one paper with its abstract")
    show.add_argument("paper_id", metavar="ID")
    show.add_argument("--json", action="store_true", help="print the paper as one JSON document")
    show.set_defaults(run=run_show)
    remove = actions.add_parser("remove", parents=[home], help="remove papers")
    remove.add_argument("paper_ids", metavar="ID", nargs="+")
    remove.set_defaults(run=run_remove)


def run_list(args: argparse.Namespace) -> int:
    """Print the papers that pass the filters."""
    with open_assistant(args) as assistant:
        papers = assistant.library.papers(filters_of(args))
        if args.json:
            print_json([paper.to_dict() for paper in papers])
            return 0
        for paper in papers:
            kind = "  [summary]" if paper.kind == "summary" else ""
            print_line(f"{paper.paper_id}\t{paper.year or ''}\t{paper.title}{kind}")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """Print one paper."""
    with open_assistant(args) as assistant:
        paper = assistant.library.get(args.paper_id)
    if args.json:
        print_json(paper.to_dict())
        return 0
    details = [", ".join(paper.authors), paper.venue, str(paper.year or ""), paper.doi or paper.url]
    print_line("\n".join([paper.title, *(d for d in details if d), "", paper.abstract]))
    if paper.kind == "summary":
        print_line("\n(a summary in other words; add the paper's real abstract to replace it)")
    return 0


def run_remove(args: argparse.Namespace) -> int:
    """Remove papers: all that are named, or none."""
    with open_assistant(args) as assistant:
        assistant.remove(*args.paper_ids, progress=progress_note())
        print_line(f"{len(args.paper_ids)} removed; {assistant.library.count()} papers in the library")
    return 0
