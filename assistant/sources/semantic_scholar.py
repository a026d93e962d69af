"""Papers of Semantic Scholar: its interface (https://api.semanticscholar.org/api-docs), its datasets, and S2ORC."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.papers import Paper, paper_from_record
from assistant.sources.json_records import Record, any_record, json_papers, linewise, listed, mapping, text_of

__all__ = ["linewise"]

NAME = "semantic-scholar"
SUFFIXES = (".jsonl", ".json")

_MARKS = frozenset({"paperId", "externalIds", "externalids", "corpusId", "corpusid", "s2_url"})


def matches(text: str) -> bool:
    """Say whether one of the first records has an id of Semantic Scholar's."""
    return any_record(text, lambda record: bool(_MARKS & record.keys()) or {"paper_id", "s2orc"} <= record.keys())


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each paper and the paper, or why there is none."""
    return json_papers(text, _paper)


def _paper(record: Record) -> Paper:
    ids = {name.lower(): text_of(value) for name, value in mapping(record.get("externalIds")).items()}
    ids |= {name.lower(): text_of(value) for name, value in mapping(record.get("externalids")).items()}
    ids |= {name: text_of(record.get(f"{name}_id")) for name in ("arxiv", "acl") if record.get(f"{name}_id")}
    return paper_from_record(
        {
            "title": record.get("title"),
            "abstract": record.get("abstract"),
            "summary": text_of(mapping(record.get("tldr")).get("text")),
            "authors": [_name(author) for author in map(mapping, listed(record.get("authors")))],
            "year": record.get("year") or record.get("publicationDate") or record.get("publicationdate"),
            "venue": text_of(record.get("venue")) or text_of(mapping(record.get("journal")).get("name")),
            "url": _address(ids) or text_of(record.get("url")) or text_of(record.get("s2_url")),
            "doi": ids.get("doi") or text_of(record.get("doi")),
        }
    )


def _address(ids: dict[str, str]) -> str:
    """Return where the paper can be read, which at the same time says which paper it is."""
    if ids.get("acl"):
        return f"https://aclanthology.org/{ids['acl']}"
    if ids.get("arxiv"):
        return f"https://arxiv.org/abs/{ids['arxiv']}"
    return f"https://pubmed.ncbi.nlm.nih.gov/{ids['pubmed']}/" if ids.get("pubmed") else ""


def _name(author: Record) -> Record:
    if author.get("name"):
        return {"name": author["name"]}
    middle = [part for part in listed(author.get("middle")) if isinstance(part, str)]
    parts = [author.get("first"), *middle, author.get("last"), author.get("suffix")]
    return {"name": " ".join(part for part in parts if isinstance(part, str) and part)}
