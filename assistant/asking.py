"""Asking: the way of one question through the parts, told in events. Plain steps, one after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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
from assistant.answering import (
    MAX_WORDS,
    choose_evidence,
    cite,
    names_papers,
    papers_needed,
    write_answer,
)  # fmt: skip
from assistant.conversation import Recalled, changes_subject, understand
from assistant.evidence import Evidence, Judged, JudgedPaper, Query
from assistant.library import Filters
from assistant.settings import Settings
from assistant.sufficiency import Sufficiency, judge_sufficiency
from assistant.writing import Stopped, Writer

_NEAREST = 3  # papers named when the assistant abstains


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a question needs on its way.

    Attributes:
        judge: Returns the papers nearest to a query, read and ranked: (query, filters, how many).
        writer: Words the sentences.
        count: Returns how many papers pass filters.
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
    about: Callable[[str, History, Filters], Remarks]
    mend: Callable[[str], str]
    recalled: Recalled
    settings: Settings
    models: Mapping[str, str]
    version: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What retrieval and judgement came to."""

    judged: Judged
    needed: list[JudgedPaper]
    sufficiency: Sufficiency
    enough: bool
    chosen: list[Evidence]


@dataclass(slots=True)
class _Clock:
    """Seconds since the question came in."""

    started: float = field(default_factory=time.perf_counter)

    def read(self) -> float:
        return round(time.perf_counter() - self.started, 4)


def answer_events(
    pipeline: Pipeline, question: str, earlier: History, filters: Filters, stopped: Stopped
) -> Generator[Event, None, None]:
    """Yield the evidence, each checked sentence, and the answer.

    Closing the generator stops the model; so does ``stopped``, also from another thread, and then no answer comes.
    """
    clock = _Clock()
    mended = pipeline.mend(question)
    if remarks := pipeline.about(mended, earlier, filters):
        yield from _told(pipeline, remarks, question, mended, earlier, filters, clock)
        return
    found = _find(pipeline, understand(mended, earlier, pipeline.recalled), filters)
    query = found.judged.query
    considered = Considered(pipeline.count(filters), sum(len(j.evidence) for j in found.judged.papers))
    retrieved = clock.read()
    yield EvidenceFound(
        query.text,
        tuple(cite(n, e) for n, e in enumerate(found.chosen, start=1)),
        considered,
        read=_near(found.judged.papers),
        taken=tuple(n.paper.paper_id for n in found.needed),
    )
    sentences, citations, first = list[Sentence](), list[Citation](), None
    named = names_papers(found.judged, found.needed)
    for sentence, citation in write_answer(pipeline.writer, query.question, found.chosen, stopped, name_papers=named):
        first = clock.read() if first is None else first
        sentences.append(sentence)
        citations.append(citation)
        yield SentenceReady(sentence, (citation,))
    if stopped():
        return
    reason = None if found.enough else _reason(found, filters, pipeline.settings.answer_threshold)
    total = clock.read()
    yield AnswerReady(
        Answer(
            question=question,
            query=query.text,
            status="answered" if found.enough else "abstained",
            reason=reason,
            text=reason or " ".join(s.marked for s in sentences),
            mode=pipeline.writer.mode,
            sentences=tuple(sentences),
            citations=tuple(citations),
            nearest=() if found.enough else _near(found.judged.papers[:_NEAREST]),
            considered=considered,
            models=pipeline.models,
            timings=Timings(retrieved, total if first is None else first, total),
            version=pipeline.version,
            confidence=found.sufficiency.score,
            missing=found.sufficiency.missing,
            earlier=earlier,
        )
    )


def _told(
    pipeline: Pipeline, remarks: Remarks, question: str, query: str, earlier: History, filters: Filters, clock: _Clock
) -> Iterator[Event]:
    """Yield the events of an answer about the library or the assistant itself."""
    citations = tuple(citation for _, citation in remarks if citation)
    considered = Considered(pipeline.count(filters), 0)
    seconds = clock.read()
    yield EvidenceFound(query, citations, considered)
    for sentence, citation in remarks:
        yield SentenceReady(sentence, (citation,) if citation else ())
    yield AnswerReady(
        Answer(
            question=question,
            query=query,
            status="answered",
            reason=None,
            text=" ".join(sentence.marked for sentence, _ in remarks),
            mode=pipeline.writer.mode,
            sentences=tuple(sentence for sentence, _ in remarks),
            citations=citations,
            nearest=(),
            considered=considered,
            models=pipeline.models,
            timings=Timings(seconds, seconds, clock.read()),
            version=pipeline.version,
            confidence=1.0,
            earlier=earlier,
        )
    )


def _find(pipeline: Pipeline, readings: Sequence[Query], filters: Filters) -> _Found:
    settings = pipeline.settings
    judged = _likelier([pipeline.judge(query, filters, settings.candidates) for query in readings])
    needed = papers_needed(judged)
    sufficiency = judge_sufficiency(judged, needed)
    enough = bool(needed) and sufficiency.score >= settings.answer_threshold and not sufficiency.missing
    if not enough:
        return _Found(judged, needed, sufficiency, enough, [])
    titles = max(len(n.paper.title.split()) for n in needed) if names_papers(judged, needed) else 0
    chosen = choose_evidence(needed, settings.max_sentences, max(MAX_WORDS - titles, MAX_WORDS // 2))
    return _Found(judged, needed, sufficiency, enough, chosen)


def _likelier(readings: Sequence[Judged]) -> Judged:
    """Return the first reading of a question, unless the papers say that it is the last."""
    first, last = readings[0], readings[-1]
    if len(readings) == 1 or not first.papers or not last.papers:
        return first
    leaning, alone = first.papers[0], last.papers[0]
    gain = alone.focus.paper - leaning.focus.paper
    return last if changes_subject(first.query.question, gain, alone.dense) else first


def _near(papers: Iterable[JudgedPaper]) -> tuple[NearPaper, ...]:
    return tuple(NearPaper(j.paper.paper_id, j.paper.title, round(j.score, 4)) for j in papers)


def _reason(found: _Found, filters: Filters, threshold: float) -> str:
    """Return one sentence on why there is no answer."""
    if not found.judged.papers:
        empty = "The library is empty; add papers with: assistant add FILE"
        return "No paper of the library passes these filters." if filters else empty
    if found.sufficiency.score < threshold:
        return "Nothing in the library is about this."
    nearest = found.judged.papers[0].paper
    missing = " or ".join(f"“{what}”" for what in found.sufficiency.missing)
    return f"The nearest paper is “{nearest.title}”, but its {nearest.kind} does not say: it has nothing on {missing}."
