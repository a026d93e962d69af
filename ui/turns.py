"""A conversation as the page keeps it: one turn a question, grown event by event.

Values and pure functions; what a turn looks like is written in `ui.messages` and `ui.panel`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from assistant.answer import Answer, AnswerReady, Citation, Event, EvidenceFound, History, Sentence, SentenceReady
from assistant.papers import Paper
from assistant.records import answer_from, citation_from, evidence_from, paper_from, sentence_from


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what is known of its answer.

    Attributes:
        number: From 1; part of every anchor, so that a marker of an earlier answer leads to that answer's sources.
        question: As asked.
        place: How many questions are answered before this one; 0 once it is its turn.
        found: The first event, once it is there.
        sentences: The checked sentences so far.
        citations: The citations so far, in order of their numbers.
        answer: The whole answer, once it is there.
        papers: The papers of evidence and nearest papers as they were when answered, by id.
        error: What went wrong, for the reader.
        stopped: The reader stopped it.
    """

    number: int
    question: str
    place: int = 0
    found: EvidenceFound | None = None
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    answer: Answer | None = None
    papers: Mapping[str, Paper] = field(default_factory=dict)
    error: str = ""
    stopped: bool = False

    @property
    def pending(self) -> bool:
        """The answer is still to come."""
        return not (self.answer or self.error or self.stopped)

    @property
    def abstained(self) -> bool:
        """The library has no answer."""
        return self.answer is not None and self.answer.status == "abstained"


Turns = tuple[Turn, ...]


def asked(turns: Turns, question: str, number: int = 0) -> Turns:
    """Return the conversation with one more question, or with it in the place of turn ``number`` and all later ones."""
    earlier = turns[: number - 1] if number else turns
    return (*earlier, Turn(number=len(earlier) + 1, question=question))


def advanced(turn: Turn, event: Event) -> Turn:
    """Return the turn after one more event."""
    match event:
        case EvidenceFound():
            return replace(turn, found=event)
        case SentenceReady():
            return replace(
                turn, sentences=(*turn.sentences, event.sentence), citations=(*turn.citations, *event.citations)
            )
        case AnswerReady():
            return replace(
                turn, answer=event.answer, sentences=event.answer.sentences, citations=event.answer.citations
            )


def paper_ids(event: Event) -> tuple[str, ...]:
    """Return the ids of the papers whose abstracts an event brings onto the page, each once."""
    match event:
        case EvidenceFound():
            ids = [citation.paper_id for citation in event.evidence]
        case SentenceReady():
            ids = [citation.paper_id for citation in event.citations]
        case AnswerReady():
            ids = [citation.paper_id for citation in event.answer.citations]
            ids += [paper.paper_id for paper in event.answer.nearest]
    return tuple(dict.fromkeys(ids))


def history(turns: Turns) -> History:
    """Return the earlier turns as a follow-up question needs them."""
    return tuple((turn.question, turn.answer.text) for turn in turns if turn.answer)


def cited_papers(turns: Iterable[Turn]) -> list[Paper]:
    """Return the papers that answers cite, each once, in order; one that the library had lost has its quote alone."""
    papers: dict[str, Paper] = {}
    for turn in turns:
        for citation in turn.citations:
            papers.setdefault(citation.paper_id, turn.papers.get(citation.paper_id) or _quoted(citation))
    return list(papers.values())


def _quoted(citation: Citation) -> Paper:
    return Paper(
        title=citation.title,
        abstract=citation.quote,
        authors=citation.authors,
        year=citation.year,
        venue=citation.venue,
        url=citation.url,
        doi=citation.doi,
        kind="summary",
        paper_id=citation.paper_id,
    )


def to_record(turn: Turn) -> dict[str, Any]:
    """Return a turn as JSON values, everything in it that is shown."""
    return {
        "question": turn.question,
        "found": asdict(turn.found) if turn.found else None,
        "sentences": [asdict(spoken) for spoken in turn.sentences],
        "citations": [asdict(citation) for citation in turn.citations],
        "answer": turn.answer.to_dict() if turn.answer else None,
        "papers": {paper_id: paper.to_dict() for paper_id, paper in turn.papers.items()},
        "error": turn.error,
    }


def from_record(number: int, record: Mapping[str, Any]) -> Turn:
    """Return a turn as it was; one that was never finished counts as stopped."""
    answer = answer_from(record["answer"]) if record["answer"] else None
    return Turn(
        number=number,
        question=record["question"],
        found=evidence_from(record["found"]) if record["found"] else None,
        sentences=tuple(map(sentence_from, record["sentences"])),
        citations=tuple(map(citation_from, record["citations"])),
        answer=answer,
        papers={paper_id: paper_from(paper) for paper_id, paper in record["papers"].items()},
        error=record["error"],
        stopped=not (answer or record["error"]),
    )


def words(turn: Turn) -> str:
    """Return what a turn is found by: its question, its answer and the titles that it cites."""
    titles = dict.fromkeys(citation.title for citation in turn.citations)
    return " ".join([turn.question, *(spoken.text for spoken in turn.sentences), *titles])
