"""arXiv's metadata as JSON lines, the snapshot at https://www.kaggle.com/datasets/Cornell-University/arxiv."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.markup import from_latex
from assistant.papers import Paper, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, listed, mapping, text_of
from assistant.text import one_line

__all__ = ["linewise"]

NAME = "arxiv-json"
SUFFIXES = (".json", ".jsonl")


def matches(text: str) -> bool:
    """Say whether one of the first records has parsed authors or versions besides an id."""
    return any_record(text, lambda record: "id" in record and bool({"authors_parsed", "versions"} & record.keys()))


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each paper and the paper, or why there is none."""
    return json_papers(text, _paper)


def _paper(record: Record) -> Paper:
    first = mapping(next(iter(listed(record.get("versions"))), None))
    parsed = [name for name in listed(record.get("authors_parsed")) if isinstance(name, list)]
    return paper_from_record(
        {
            "title": from_latex(one_line(text_of(record.get("title")))),
            "abstract": from_latex(one_line(text_of(record.get("abstract")))),
            "authors": [_name(parts) for parts in parsed] or from_latex(text_of(record.get("authors"))),
            "year": first.get("created") or record.get("update_date"),
            "venue": from_latex(text_of(record.get("journal-ref"))) or "arXiv",
            "url": f"https://arxiv.org/abs/{text_of(record.get('id'))}",
            "doi": text_of(record.get("doi")),
        }
    )


def _name(parts: list[str]) -> Record:
    """Return a name that arXiv has taken apart: family, given, suffix, affiliations."""
    family, given, suffix = [from_latex(part) if isinstance(part, str) else "" for part in [*parts, "", "", ""][:3]]
    return {"given": given, "family": family, "suffix": suffix}
