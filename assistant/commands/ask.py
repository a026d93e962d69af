"""``assistant ask``: one answer, sentence by sentence, then its sources."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from assistant.commands.common import (
    Subparsers,
    add_filters,
    filters_of,
    note,
    note_old_index,
    open_assistant,
    print_json,
    print_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assistant.answer import Answer, Event

ABSTAINED = 3


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser("ask", parents=[home], help="answer one question", description="Answer one question.")
    parser.add_argument("question", metavar="QUESTION")
    parser.add_argument("--json", action="store_true", help="print the answer record as one JSON document")
    add_filters(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Answer; 3 when the assistant abstains."""
    with open_assistant(args) as assistant:
        if args.json:
            answer = assistant.ask(args.question, filters=filters_of(args))
            print_json(answer.to_dict())
        else:
            answer = show(assistant.stream(args.question, filters=filters_of(args)))
        note_old_index(assistant)
    return ABSTAINED if answer.status == "abstained" else 0


def show(events: Iterable[Event]) -> Answer:
    """Print an answer as it comes and return it."""
    from assistant.answer import AnswerReady, EvidenceFound, SentenceReady

    for event in events:
        match event:
            case EvidenceFound(considered=considered):
                note(f"read {considered.passages} sentences of the nearest of {considered.papers} papers")
            case SentenceReady(sentence=sentence):
                print_line(sentence.marked)
            case AnswerReady(answer=answer):
                _show_sources(answer)
                return answer
    raise AssertionError("a stream of events ends with the answer")


def _show_sources(answer: Answer) -> None:
    from assistant.answer import by_paper, source_line

    if answer.status == "abstained":
        print_line(answer.text)
        if answer.nearest:
            print_line("\nNearest papers:")
        for paper in answer.nearest:
            print_line(f"  - {paper.title}")
        return
    print_line("\nSources:")
    for citations in by_paper(answer.citations):
        print_line(f"{' '.join(f'[{c.number}]' for c in citations)} {source_line(citations[0])}")
        if answer.mode == "written":  # in quoted mode the quotes have just been read
            for citation in citations:
                print_line(f"    [{citation.number}] “{citation.quote}”")
