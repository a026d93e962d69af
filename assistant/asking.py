"""Asking: the way of one question through the parts, told in events. Plain steps, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

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
from assistant.answering import cite, titled, write_answer
from assistant.conversation import Recalled, understand
from assistant.evidence import Judged, JudgedPaper, Query
from assistant.filters import Filters, Scope
from assistant.finding import Found, find, reason
from assistant.narrowing import Narrowed, narrow, narrow_further
from assistant.settings import Settings
from assistant.shown_papers import field_asked
from assistant.text import unmarked
from assistant.writing import Stopped, Writer

_NEAREST = 3  # papers named when the assistant abstains
_FIELD_NAMES = {
    "title": "titles", "authors": "authors", "year": "years", "venue": "venues", "doi": "DOIs", "url": "links",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a question needs on its way.

    Attributes:
        judge: Returns the papers nearest to a query, read and ranked: (query, filters, how many).
        writer: Words the sentences.
        count: Returns how many papers pass filters.
        count_stating: Returns how many papers of those that pass filters have all of some words.
        about: Returns what is said of the library or the assistant itself where the question is about them.
        none: Says that no paper passes both the filters that a question names and those of the caller.
        mend: Returns a question with its misspelt words mended.
        recalled: Returns the papers that an earlier answer showed.
        settings: Thresholds and sizes.
        models: Returns names and digests of the models, which may still have to be read.
        version: Of the program.
    """

    judge: Callable[[Query, Filters, int], Judged]
    writer: Writer
    count: Callable[[Filters], int]
    count_stating: Callable[[Sequence[str], Filters], int]
    about: Callable[[str, History, Filters], Remarks]
    none: Callable[[Filters, Filters], str]
    mend: Callable[[str], str]
    recalled: Recalled
    settings: Settings
    models: Callable[[], Mapping[str, str]]
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
    opened: Callable[[], Pipeline], question: str, earlier: History, filters: Filters, stopped: Stopped
) -> Generator[Event, None, None]:
    """Yield the evidence, each checked sentence, and the answer.

    Closing the generator stops the model; so does ``stopped``, also from another thread, and then no answer comes.
    ``opened`` returns what the question needs, once its answer is wanted: an index may have to be opened for it.
    """
    started = time.perf_counter()
    pipeline = opened()
    reply = _reply(pipeline, question, earlier, filters, stopped)
    retrieved = time.perf_counter()
    yield reply.evidence
    ready, first = list[SentenceReady](), 0.0
    for event in _laid_out(reply.remarks):
        first = first or time.perf_counter()
        ready.append(event)
        yield event
    if stopped():
        return
    ended = time.perf_counter()
    yield AnswerReady(
        Answer(
            question=question,
            query=reply.evidence.query,
            status="abstained" if reply.reason else "answered",
            reason=reply.reason,
            text=reply.reason or "".join(event.text for event in ready),
            mode=pipeline.writer.mode,
            sentences=tuple(event.sentence for event in ready),
            citations=tuple(citation for event in ready for citation in event.citations),
            nearest=reply.nearest,
            considered=reply.evidence.considered,
            models=pipeline.models(),
            timings=Timings(*(round(moment - started, 4) for moment in (retrieved, first or ended, ended))),
            version=pipeline.version,
            confidence=reply.confidence,
            missing=reply.missing,
            earlier=earlier,
        )
    )


def _reply(pipeline: Pipeline, question: str, earlier: History, filters: Filters, stopped: Stopped) -> _Reply:
    def known(named: Filters) -> bool:
        return pipeline.count(named) > 0

    mended = pipeline.mend(question)
    narrowed = narrow(mended, known)
    if remarks := pipeline.about(narrowed.whole, earlier, filters):
        return _about_itself(narrowed.whole, remarks, pipeline.count(filters))
    if further := narrow_further(mended, [asked for asked, _ in earlier if field_asked(asked) is None], known):
        narrowed, earlier = further, ()
    among = narrowed.filters & filters
    scope = Scope(pipeline.count(among), narrowed.filters, filters)
    if narrowed.filters and not scope.papers:
        return _none(pipeline, narrowed, filters)
    found = find(
        understand(narrowed.question, earlier, pipeline.recalled),
        lambda query, k: pipeline.judge(query, among, k),
        lambda words: pipeline.count_stating(words, among),
        pipeline.settings,
        scope,
        narrowed.untold,
    )
    return _about_papers(pipeline, found, narrowed, stopped)


def _about_itself(query: str, remarks: Remarks, papers: int) -> _Reply:
    """Return an answer about the library or the assistant itself."""
    citations = tuple(citation for _, citation in remarks if citation)
    return _Reply(EvidenceFound(query, citations, Considered(papers, 0)), remarks)


def _none(pipeline: Pipeline, narrowed: Narrowed, filters: Filters) -> _Reply:
    """Return that no paper is of those that the question asks for; the nearest are of all others."""
    query = Query(narrowed.question, narrowed.question)
    near = _near(pipeline.judge(query, filters, _NEAREST).papers)
    evidence = EvidenceFound(query.text, (), Considered(0, 0), read=near)
    return _Reply(evidence, (), reason=pipeline.none(narrowed.filters, filters), nearest=near, confidence=0.0)


def _about_papers(pipeline: Pipeline, found: Found, narrowed: Narrowed, stopped: Stopped) -> _Reply:
    """Return an answer from the papers of the library, or the reason why there is none."""
    papers = found.judged.papers
    why = reason(found, pipeline.settings.answer_threshold)
    return _Reply(
        evidence=EvidenceFound(
            found.judged.query.text,
            tuple(cite(n, e) for n, e in enumerate(found.chosen, start=1)),
            Considered(found.scope.papers, sum(len(j.evidence) for j in papers)),
            read=_near(papers),
            taken=tuple(n.paper.paper_id for n in found.needed),
        ),
        remarks=_remarks(pipeline.writer, found, narrowed, stopped),
        reason=why,
        nearest=_near(papers[:_NEAREST]) if why else (),
        confidence=found.sufficiency.score,
        missing=found.sufficiency.missing,
    )


def _remarks(
    writer: Writer, found: Found, narrowed: Narrowed, stopped: Stopped
) -> Iterator[tuple[Sentence, Citation | None]]:
    told = [found.survey.opening] if found.survey is not None else []
    told += _unkept(found, narrowed) if found.chosen else []
    for text in told:
        yield Sentence(text, (), "supported", 1.0), None
    heading = partial(titled, details=narrowed.details) if found.named or narrowed.details else None
    yield from write_answer(writer, found.judged.query.question, found.chosen, stopped, heading)


def _unkept(found: Found, narrowed: Narrowed) -> Iterator[str]:
    """Yield what the question wishes for and does not get, a paper that is surely the right one above all."""
    if not found.stands_out:
        yield "No paper stands out for this question; this is the nearest."
    if narrowed.order:
        yield f"They come nearest first; “{unmarked(narrowed.order)}” is not kept to."
    unknown = [_FIELD_NAMES[d] for d in narrowed.details if not any(getattr(e.paper, d) for e in found.chosen)]
    if unknown:
        whose = "its" if len({e.paper.paper_id for e in found.chosen}) == 1 else "their"
        yield f"The library does not know {whose} {' and '.join(unknown)}."


def _laid_out(remarks: Iterable[tuple[Sentence, Citation | None]]) -> Iterator[SentenceReady]:
    """Yield the sentences as they stand in a row, those of each further paper on a line of their own."""
    last, lead = "", ""
    for sentence, citation in remarks:
        paper = citation.paper_id if citation else last
        yield SentenceReady(sentence, (citation,) if citation else (), lead if paper == last else lead and "\n")
        last, lead = paper, " "


def _near(papers: Iterable[JudgedPaper]) -> tuple[NearPaper, ...]:
    return tuple(NearPaper(j.paper.paper_id, j.paper.title, round(j.score, 4)) for j in papers)
