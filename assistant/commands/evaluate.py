"""``assistant evaluate``: how good answers are on a person's own questions, and retrieval on a test collection."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.commands.common import Subparsers, follow_model, open_assistant, print_json, print_line, progress_note
from assistant.errors import SourceError


def register(commands: Subparsers, home: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser = commands.add_parser(
        "evaluate", parents=[home], help="measure answers and rankings", description="Measure the assistant."
    )
    kinds = parser.add_subparsers(title="what", dest="what", metavar="WHAT", required=True)
    answers = kinds.add_parser(
        "answers", parents=[home], help="answers to questions with known facts and papers",
        description="Answer questions whose facts and papers are known, over the current library, and say what was "
        "right, what went wrong in which part, and which threshold would do better. One JSON object a line: "
        '{"id", "kind", "question", "history", "answerable", "gold_titles", "facts"}; labels may be left out.',
    )  # fmt: skip
    answers.add_argument("questions", metavar="QUESTIONS.jsonl", type=Path)
    answers.add_argument("--json", action="store_true", help="print measures, causes and questions as one document")
    answers.add_argument("--failures", action="store_true", help="show every question that went wrong, and why")
    answers.add_argument("--report", metavar="FILE.md", type=Path, help="write the whole report as Markdown as well")
    answers.set_defaults(run=run_answers)
    retrieval = kinds.add_parser(
        "retrieval", parents=[home], help="rankings on a test collection",
        description="Rank the papers of a test collection for each of its queries and say how many relevant ones come "
        "first. The collection is in BEIR's layout: corpus.jsonl or corpus.jsonl.gz, queries.jsonl, qrels.tsv. Its "
        "index is kept in the home folder; the library is not touched.",
    )  # fmt: skip
    retrieval.add_argument("collection", metavar="DIR", type=Path)
    retrieval.add_argument("--run", dest="run_file", metavar="FILE", type=Path, help="write the rankings as a TREC run")
    retrieval.add_argument(
        "--against", metavar="FILE", type=Path, help="compare with the TREC run of another configuration"
    )
    retrieval.add_argument("--json", action="store_true", help="print the measures as one JSON document")
    retrieval.set_defaults(run=run_retrieval)


def run_answers(args: argparse.Namespace) -> int:
    """Answer, judge and print the measures, the causes of what went wrong and what other thresholds would give."""
    from assistant.evaluation.questions import read_questions
    from assistant.evaluation.report import as_markdown, as_text
    from assistant.evaluation.results import evaluate

    questions = read_questions(args.questions)
    if not questions:
        raise SourceError(args.questions, 'holds no question; write {"id": "q1", "question": "…"}, one a line')
    with open_assistant(args) as assistant:
        follow_model(assistant)
        evaluation = evaluate(assistant, questions, progress_note())
    if args.json:
        print_json(evaluation.to_dict())
    else:
        print_line(as_text(evaluation, failures=args.failures))
    if args.report:
        _write(args.report, as_markdown(evaluation))
    return 0


def run_retrieval(args: argparse.Namespace) -> int:
    """Rank, measure and print."""
    from assistant.evaluation.collections import read_collection
    from assistant.evaluation.retrieval import measure, rank_all, read_run, reranked_by, retriever_of, write_run

    collection = read_collection(args.collection)
    other = read_run(args.against) if args.against else None
    with open_assistant(args) as assistant:
        folder, weight = assistant.home / "collections", assistant.settings.dense_weight
        with retriever_of(collection, folder, assistant.encoder, weight, progress_note()) as retriever:
            again = reranked_by(assistant.reranker, collection)
            run = rank_all(retriever, collection.queries, progress_note(), again)
    if args.run_file:
        write_run(args.run_file, run)
    measures = measure(collection, run, other)
    if args.json:
        print_json(measures.to_dict())
        return 0
    print_line(f"{measures.queries} queries over {measures.papers} papers")
    print_line(
        f"nDCG@10 {measures.ndcg_at_10:.4f}   MRR@10 {measures.mrr_at_10:.4f}   "
        f"recall@10 {measures.recall_at_10:.4f}   recall@100 {measures.recall_at_100:.4f}   "
        f"first right {measures.first:.4f}"
    )
    if than := measures.comparison:
        print_line(
            f"against {args.against}: nDCG@10 {than.ndcg_at_10:.4f}, difference {than.difference:+.4f} "
            f"(better on {than.better} queries, worse on {than.worse}; p = {than.p:.3f}, paired randomisation test)"
        )
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise SourceError(path, f"cannot be written ({error.strerror}); name another file with --report") from error
