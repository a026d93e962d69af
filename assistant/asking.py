"""Asking: the way of one question through the parts, told in events. Plain steps, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.about import Remarks
from assistant.answer import (
    Answer,
    AnswerReady,
    Citation,
    Considered,
    Event,
    EvidenceFound,
    History,
    NearPaper,
    Sentence,
    SentenceReady,
    Timings,
)  # fmt: skip
from assistant.answering import cite, write_answer
from assistant.conversation import Recalled, understand
from assistant.evidence import Judged, JudgedPaper, Query
from assistant.finding import Found, find, reason
from assistant.library import Filters
from assistant.settings import Settings
from assistant.writing import Stopped, Writer

_NEAREST = 3  # papers named when the assistant abstains


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a question needs on its way.

    Attributes:
        judge: Returns the papers nearest to a query, read and ranked: (query, filters, how many).
        writer: Words the sentences.
        count: Returns how many papers pass filters.
        count_stating: Returns how many papers of those that pass filters have all of some words.
        about: Returns what is said of the library or the assistant itself where the question is about them.
        mend: Returns a question with its misspelt words mended.
        recalled: Returns the papers that an earlier answer showed.
        settings: Thresholds and sizes.
        models: Names and digests of the models.
        version: Of the program.
    """

    judge: Callable[[Query, Filters, int], Judged]
    writer: Writer
    count: Callable[[Filters], int]
    count_stating: Callable[[Sequence[str], Filters], int]
    about: Callable[[str, History, Filters], Remarks]
    mend: Callable[[str], str]
    recalled: Recalled
    settings: Settings
    models: Mapping[str, str]
    version: str


@dataclass(frozen=True, slots=True)
class _Reply:
    """What is told of one question: the first event, the sentences to come, and what the record says beside them."""

    evidence: EvidenceFound
    remarks: Iterable[tuple[Sentence, Citation | None]]
    reason: str | None = None
    nearest: tuple[NearPaper, ...] = ()
    confidence: float = 1.0
    missing: tuple[str, ...] = ()


def answer_events(
    pipeline: Pipeline, question: str, earlier: History, filters: Filters, stopped: Stopped
) -> Generator[Event, None, None]:
    """Yield the evidence, each checked sentence, and the answer.

    Closing the generator stops the model; so does ``stopped``, also from another thread, and then no answer comes.
    """
    started = time.perf_counter()
    reply = _reply(pipeline, question, earlier, filters, stopped)
    retrieved = time.perf_counter()
    yield reply.evidence
    sentences, citations, first = list[Sentence](), list[Citation](), 0.0
    for sentence, citation in reply.remarks:
        first = first or time.perf_counter()
        sentences.append(sentence)
        new = (citation,) if citation else ()
        citations += new
        yield SentenceReady(sentence, new)
    if stopped():
        return
    ended = time.perf_counter()
    yield AnswerReady(
        Answer(
            question=question,
            query=reply.evidence.query,
            status="abstained" if reply.reason else "answered",
            reason=reply.reason,
            text=reply.reason or _laid_out(sentences, citations),
            mode=pipeline.writer.mode,
            sentences=tuple(sentences),
            citations=tuple(citations),
            nearest=reply.nearest,
            considered=reply.evidence.considered,
            models=pipeline.models,
            timings=Timings(*(round(moment - started, 4) for moment in (retrieved, first or ended, ended))),
            version=pipeline.version,
            confidence=reply.confidence,
            missing=reply.missing,
            earlier=earlier,
        )
    )


def _reply(pipeline: Pipeline, question: str, earlier: History, filters: Filters, stopped: Stopped) -> _Reply:
    mended = pipeline.mend(question)
    if remarks := pipeline.about(mended, earlier, filters):
        return _about_itself(mended, remarks, pipeline.count(filters))
    found = find(
        understand(mended, earlier, pipeline.recalled),
        lambda query, k: pipeline.judge(query, filters, k),
        lambda words: pipeline.count_stating(words, filters),
        pipeline.settings,
    )
    return _about_papers(pipeline, found, filters, stopped)


def _about_itself(query: str, remarks: Remarks, papers: int) -> _Reply:
    """Return an answer about the library or the assistant itself."""
    citations = tuple(citation for _, citation in remarks if citation)
    return _Reply(EvidenceFound(query, citations, Considered(papers, 0)), remarks)


def _about_papers(pipeline: Pipeline, found: Found, filters: Filters, stopped: Stopped) -> _Reply:
    """Return an answer from the papers of the library, or the reason why there is none."""
    papers = found.judged.papers
    why = reason(found, pipeline.settings.answer_threshold, filtered=bool(filters))
    return _Reply(
        evidence=EvidenceFound(
            found.judged.query.text,
            tuple(cite(n, e) for n, e in enumerate(found.chosen, start=1)),
            Considered(pipeline.count(filters), sum(len(j.evidence) for j in papers)),
            read=_near(papers),
            taken=tuple(n.paper.paper_id for n in found.needed),
        ),
        remarks=_remarks(pipeline.writer, found, stopped),
        reason=why,
        nearest=_near(papers[:_NEAREST]) if why else (),
        confidence=found.sufficiency.score,
        missing=found.sufficiency.missing,
    )


def _remarks(writer: Writer, found: Found, stopped: Stopped) -> Iterator[tuple[Sentence, Citation | None]]:
    if found.survey is not None:
        yield Sentence(found.survey.opening, (), "supported", 1.0), None
    yield from write_answer(writer, found.judged.query.question, found.chosen, stopped, name_papers=found.named)


def _laid_out(sentences: Iterable[Sentence], citations: Sequence[Citation]) -> str:
    """Return the sentences in a row, those of each further paper on a line of their own."""
    text, last = "", ""
    for sentence in sentences:
        paper = citations[sentence.citations[0] - 1].paper_id if sentence.citations else last
        text += ("" if not text else " " if paper == last else "\n") + sentence.marked
        last = paper
    return text


def _near(papers: Iterable[JudgedPaper]) -> tuple[NearPaper, ...]:
    return tuple(NearPaper(j.paper.paper_id, j.paper.title, round(j.score, 4)) for j in papers)
