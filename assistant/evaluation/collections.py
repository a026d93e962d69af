"""Test collections in BEIR's layout: papers, queries, and which papers are relevant to which query.

The layout of https://github.com/beir-cellar/beir: ``corpus.jsonl`` (or ``.gz``), ``queries.jsonl`` and ``qrels.tsv``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import SourceError
from assistant.papers import Paper
from assistant.text import clean, one_line

_LAYOUT = "the folder must hold corpus.jsonl or corpus.jsonl.gz, queries.jsonl and qrels.tsv, as in BEIR"
_NO_TITLE = "-"  # a paper needs a title; this one says nothing


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection.

    Attributes:
        papers: Its papers by id, in order, those without any text left out.
        queries: The queries that something is relevant to, by id, in order.
        relevant: For each of them the grade of each relevant paper, above 0; papers without text included.
        digest: The SHA-256 of the papers' file.
    """

    papers: dict[str, Paper]
    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]
    digest: str

    @property
    def version(self) -> int:
        """A collection never changes; see `assistant.indexing.Papers`."""
        return 1

    def hashes(self) -> dict[str, str]:
        """Return the content hash of every paper by id, in order."""
        return {paper_id: paper.content_hash for paper_id, paper in self.papers.items()}

    def get(self, paper_id: str) -> Paper:
        """Return one paper."""
        return self.papers[paper_id]

    def some(self, paper_ids: Iterable[str]) -> list[Paper]:
        """Return those of these papers that are in the collection, in the order given."""
        return [self.papers[paper_id] for paper_id in paper_ids if paper_id in self.papers]

    def count(self) -> int:
        """Return how many papers there are."""
        return len(self.papers)


def read_collection(folder: Path) -> Collection:
    """Return the test collection in a folder.

    Raises:
        SourceError: A file is missing, or a line cannot be read; the error names file, line and reason.
    """
    corpus = next((p for p in (folder / "corpus.jsonl", folder / "corpus.jsonl.gz") if p.is_file()), None)
    if corpus is None:
        raise SourceError(folder, f"holds no corpus.jsonl; {_LAYOUT}")
    papers = {paper.paper_id: paper for number, record in _records(corpus) if (paper := _paper(corpus, number, record))}
    relevant = _relevant(folder / "qrels.tsv")
    queries = {
        query_id: one_line(_field(folder / "queries.jsonl", number, record, "text"))
        for number, record in _records(folder / "queries.jsonl")
        if (query_id := _field(folder / "queries.jsonl", number, record, "_id")) in relevant
    }
    if not papers or not queries:
        raise SourceError(folder, f"holds no {'query that qrels.tsv judges' if papers else 'paper'}; {_LAYOUT}")
    digest = hashlib.sha256(corpus.read_bytes()).hexdigest()
    return Collection(papers, queries, {query_id: relevant[query_id] for query_id in queries}, digest)


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise SourceError(path, f"line {number} is no JSON ({error}); write one object a line") from error
        if not isinstance(record, Mapping):
            raise SourceError(path, f"line {number} is no JSON object; write one a line")
        yield number, record


def _lines(path: Path) -> Iterator[str]:
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as file
        ):
            yield from file
    except FileNotFoundError as error:
        raise SourceError(path, f"is missing; {_LAYOUT}") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise SourceError(path, f"cannot be read ({error}); {_LAYOUT}") from error


def _field(path: Path, number: int, record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise SourceError(path, f"line {number} has no text in {name!r}")
    return value


def _paper(path: Path, number: int, record: Mapping[str, Any]) -> Paper | None:
    title, text = one_line(str(record.get("title") or "")), clean(str(record.get("text") or "")).strip()
    paper_id = _field(path, number, record, "_id")
    if not title and not text:
        return None
    return Paper(title or _NO_TITLE, text or title, paper_id=paper_id)


def _relevant(path: Path) -> dict[str, dict[str, int]]:
    relevant: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_lines(path), start=1):
        fields = line.rstrip("\r\n").split("\t")
        if number == 1 and not fields[-1].lstrip("-").isdigit():
            continue  # BEIR's heading
        if len(fields) != 3 or not fields[2].lstrip("-").isdigit():
            raise SourceError(path, f"line {number} is not “query <tab> paper <tab> grade”")
        query_id, paper_id, grade = fields
        if int(grade) > 0:
            relevant.setdefault(query_id, {})[paper_id] = int(grade)
    return relevant
