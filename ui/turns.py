"""A conversation as the page keeps it: one turn a question, grown event by event.

Values and pure functions; what a turn looks like is written in `ui.messages` and `ui.panel`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from assistant.answer import Answer, AnswerReady, Citation, Event, EvidenceFound, History, Sentence, SentenceReady
from assistant.papers import Paper


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what is known of its answer.

    Attributes:
        number: From 1; part of every anchor, so that a marker of an earlier answer leads to that answer's sources.
        question: As asked.
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


Turns = tuple[Turn, ...]


def asked(turns: Turns, question: str) -> Turns:
    """Return the conversation with one more question."""
    return (*turns, Turn(number=len(turns) + 1, question=question))


def asked_again(turns: Turns) -> Turns:
    """Return the conversation with its last question unanswered."""
    return (*turns[:-1], Turn(number=turns[-1].number, question=turns[-1].question)) if turns else turns


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


def by_paper(citations: Iterable[Citation]) -> list[list[Citation]]:
    """Return citations grouped by their papers, in order of the papers' first numbers."""
    papers: dict[str, list[Citation]] = {}
    for citation in citations:
        papers.setdefault(citation.paper_id, []).append(citation)
    return list(papers.values())
