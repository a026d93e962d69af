"""``assistant papers``: what is in the library, and the way out of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.commands.common import (
    Subparsers,
    add_filters,
    filters_of,
    note,
    open_assistant,
    print_json,
    print_line,
    progress_note,
    write_whole,
)

if TYPE_CHECKING:
    from assistant.library import Filters, Library

_VENUES = 10  # named in the statistics


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "papers", parents=[home], help="list, show, remove or export papers", description="What is in the library."
    )
    actions = parser.add_subparsers(title="actions", dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", parents=[home], help="one line a paper")
    listing.add_argument("--json", action="store_true", help="print the papers as one JSON document")
    listing.add_argument("--stats", action="store_true", help="count them: what is known, years and venues")
    add_filters(listing)
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", parents=[home], help="one paper with its abstract")
    show.add_argument("paper_id", metavar="ID")
    show.add_argument("--json", action="store_true", help="print the paper as one JSON document")
    show.set_defaults(run=run_show)
    remove = actions.add_parser("remove", parents=[home], help="remove papers")
    remove.add_argument("paper_ids", metavar="ID", nargs="+")
    remove.set_defaults(run=run_remove)
    export = actions.add_parser(
        "export", parents=[home], help="write papers to a file",
        description="Write papers with their abstracts to a file that other programs read, or to stdout.",
    )  # fmt: skip
    export.add_argument("file", metavar="FILE", nargs="?", type=Path, help="default: stdout")
    export.add_argument(
        "--format", choices=("bibtex", "ris", "csl-json", "jsonl"), help="default: as FILE ends, else bibtex"
    )
    export.add_argument("--force", action="store_true", help="write over FILE if it is there")
    add_filters(export)
    export.set_defaults(run=run_export)


def run_list(args: argparse.Namespace) -> int:
    """Print the papers that pass the filters."""
    with open_assistant(args) as assistant:
        if args.stats:
            return _print_statistics(assistant.library, filters_of(args), as_json=args.json)
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
        origins = assistant.library.origins(paper.paper_id)
    if args.json:
        print_json(paper.to_dict() | {"sources": origins})
        return 0
    details = [", ".join(paper.authors), paper.venue, str(paper.year or ""), paper.doi or paper.url]
    print_line("\n".join([paper.title, *(d for d in details if d), "", paper.abstract]))
    if paper.kind == "summary":
        print_line("\n(a summary in other words; add the paper's real abstract to replace it)")
    for source in dict.fromkeys(origins.values()):
        print_line(f"\n({', '.join(field for field, s in origins.items() if s == source)}: from {source})")
    return 0


def run_remove(args: argparse.Namespace) -> int:
    """Remove papers: all that are named, or none."""
    with open_assistant(args) as assistant:
        assistant.remove(*args.paper_ids, progress=progress_note())
        print_line(f"{len(args.paper_ids)} removed; {assistant.library.count()} papers in the library")
    return 0


def run_export(args: argparse.Namespace) -> int:
    """Write the papers that pass the filters; a file is there whole or not at all."""
    from assistant.errors import OutputError
    from assistant.references import EXPORTS, SUFFIXES

    if args.file and args.file.expanduser().exists() and not args.force:
        raise OutputError(f"{args.file} is there already; name another file, or write over it with --force")
    name = args.format or (SUFFIXES.get(args.file.suffix.lower(), "bibtex") if args.file else "bibtex")
    with open_assistant(args) as assistant:
        papers = list(assistant.library.papers(filters_of(args)))
    text = EXPORTS[name](papers)
    if args.file is None:
        sys.stdout.write(text)
        return 0
    write_whole(args.file.expanduser(), text)
    note(f"{len(papers)} papers written to {args.file} as {name}")
    return 0


def _print_statistics(library: Library, filters: Filters, *, as_json: bool) -> int:
    count, known = library.count(filters), library.known(filters)
    years, venues = library.years(filters), library.venues(filters, _VENUES)
    if as_json:
        print_json({"papers": count, "known": known, "years": years, "venues": venues})
        return 0
    print_line(f"{count} papers")
    for name, number in known.items():
        print_line(f"{number}\twith {name}")
    for year, number in years.items():
        print_line(f"{number}\tfrom {year}")
    for venue, number in venues.items():
        print_line(f"{number}\tin {venue}")
    return 0
