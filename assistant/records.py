"""The answer record read back: the values of `assistant.answer` from the JSON that `dataclasses.asdict` makes of them.

Fields that a later version added and this one does not know are left out; those that an older one did not have yet
take their defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

from assistant.answer import Answer, Citation, Considered, EvidenceFound, NearPaper, Sentence, Timings
from assistant.papers import Paper

Record = Mapping[str, Any]
_T = TypeVar("_T")


def _flat(kind: Callable[..., _T], record: Record) -> _T:
    known = {f.name for f in fields(cast("Any", kind))}
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in record.items() if k in known})


def citation_from(record: Record) -> Citation:
    """Return a citation."""
    return _flat(Citation, record)


def sentence_from(record: Record) -> Sentence:
    """Return a sentence."""
    return _flat(Sentence, record)


def paper_from(record: Record) -> Paper:
    """Return a paper as it was, its id included."""
    return _flat(Paper, record)


def evidence_from(record: Record) -> EvidenceFound:
    """Return the first event of an answer."""
    return EvidenceFound(
        query=record["query"],
        evidence=tuple(map(citation_from, record["evidence"])),
        considered=_flat(Considered, record["considered"]),
        read=tuple(_flat(NearPaper, near) for near in record.get("read", ())),
        taken=tuple(record.get("taken", ())),
    )


def answer_from(record: Record) -> Answer:
    """Return an answer; what was said before it is not part of its record."""
    known = {f.name for f in fields(Answer)} - {"earlier"}
    parts = {
        "sentences": tuple(map(sentence_from, record["sentences"])),
        "citations": tuple(map(citation_from, record["citations"])),
        "nearest": tuple(_flat(NearPaper, near) for near in record["nearest"]),
        "considered": _flat(Considered, record["considered"]),
        "timings": _flat(Timings, record["timings"]),
        "missing": tuple(record.get("missing", ())),
    }
    return Answer(**{name: value for name, value in record.items() if name in known} | parts)
