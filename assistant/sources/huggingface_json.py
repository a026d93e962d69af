"""Papers as Hugging Face's interface and pages hold them (https://huggingface.co/docs/hub/api).

What they call a summary is arXiv's abstract, word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markup import from_latex
from assistant.papers import Paper, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, listed, mapping, text_of
from assistant.text import one_line

__all__ = ["linewise"]

NAME = "huggingface-json"
SUFFIXES = (".json",)

_ID = re.compile(r"\d{4}\.\d{4,5}")


def matches(text: str) -> bool:
    """Say whether one of the first records has an arXiv id, a summary and the marks of Hugging Face."""
    return any_record(text, is_paper)


def is_paper(record: Record) -> bool:
    """Say whether an object is one of these papers."""
    return bool(_ID.fullmatch(text_of(record.get("id")))) and "summary" in record and "title" in record


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each paper and the paper, or why there is none."""
    return json_papers(text, paper_of)


def paper_of(record: Record) -> Paper:
    """Return the paper that an object describes.

    Raises:
        RecordError: It describes none.
    """
    return paper_from_record(
        {
            "title": from_latex(one_line(text_of(record.get("title")))),
            "abstract": from_latex(one_line(text_of(record.get("summary")))),
            "authors": [{"name": a.get("name")} for a in map(mapping, listed(record.get("authors")))],
            "year": text_of(record.get("publishedAt")),
            "venue": "arXiv",
            "url": f"https://arxiv.org/abs/{text_of(record.get('id'))}",
        }
    )
