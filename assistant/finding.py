"""Finding: from what a question may mean to the evidence for its answer, or the reason why there is none.

Retrieval and reading are handed in. Words nothing: what comes out are quotes in the order of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering import MAX_WORDS, choose_evidence, names_papers, papers_needed, titled
from assistant.conversation import changes_subject
from assistant.evidence import Evidence, Judged, JudgedPaper, Query
from assistant.filters import Scope
from assistant.papers import Paper
from assistant.settings import Settings
from assistant.sufficiency import AUTHORS, Sufficiency, judge_sufficiency, stands_out
from assistant.survey import PAPERS_READ, CountStating, Survey, is_denied, survey, topic_of
from assistant.text import one_line, unmarked

DENIED = "what papers do not do"

Search = Callable[[Query, int], Judged]
"""Returns the papers nearest to a query, read and ranked: at most so many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval and judgement came to.

    Attributes:
        judged: The papers that were read.
        needed: Those of them that the answer is about.
        sufficiency: Whether the evidence is enough, and what is missing.
        scope: The papers that the question was asked of.
        chosen: The quotes, in order; none where the evidence is not enough.
        named: The answer is to name its papers.
        survey: What a question about several papers found.
        untold: What it wants of papers, which no field of the library tells; then nothing is chosen.
        stands_out: The paper that the answer is about is clearly nearer to the question than others.
    """

    judged: Judged
    needed: tuple[JudgedPaper, ...]
    sufficiency: Sufficiency
    scope: Scope
    chosen: tuple[Evidence, ...] = ()
    named: bool = False
    survey: Survey | None = None
    untold: tuple[str, ...] = ()
    stands_out: bool = True


def find(
    readings: Sequence[Query],
    search: Search,
    count: CountStating,
    settings: Settings,
    scope: Scope,
    untold: tuple[str, ...] = (),
) -> Found:
    """Return the evidence for a question.

    Args:
        readings: What the question may mean; the first leans on the conversation, the last takes it as it stands.
        search: Finds and reads papers.
        count: In how many papers some words stand.
        settings: Thresholds and sizes.
        scope: The papers that ``search`` and ``count`` look at, in words.
        untold: What the question wants of papers and no field of the library tells.
    """
    judged = _likelier([search(query, settings.candidates) for query in readings])
    if untold or is_denied(judged.query.question):
        missing = untold or (DENIED,)
        return Found(judged, tuple(judged.papers[:1]), Sufficiency(1.0, missing), scope, untold=untold)
    narrowed = judged.query.papers or judged.query.excluded  # by the conversation: a count of the library says nothing
    if not narrowed and (topic := topic_of(judged.query.question)) is not None:
        several = judged if settings.candidates >= PAPERS_READ else search(judged.query, PAPERS_READ)
        question, most = several.query.question, settings.max_papers
        if (seen := survey(question, topic, several.papers, count, scope, most)) is not None:
            return _surveyed(several, seen)
    needed = papers_needed(judged, lambda query: search(query, settings.candidates))
    judged = _with(judged, needed)
    sufficiency = judge_sufficiency(judged, needed)
    if not needed or sufficiency.score < settings.answer_threshold or sufficiency.missing:
        return Found(judged, tuple(needed), sufficiency, scope)
    named = names_papers(judged, needed)
    titles = max(len(n.paper.title.split()) for n in needed) if named else 0
    chosen = choose_evidence(needed, settings.max_sentences, max(MAX_WORDS - titles, MAX_WORDS // 2))
    clear = bool(narrowed) or len(needed) > 1 or stands_out(judged.papers, scope.papers)
    return Found(judged, tuple(needed), sufficiency, scope, tuple(chosen), named, stands_out=clear)


def _likelier(readings: Sequence[Judged]) -> Judged:
    """Return the first reading of a question, unless the papers say that it is the last."""
    first, last = readings[0], readings[-1]
    if len(readings) == 1 or not first.papers or not last.papers:
        return first
    focus, likeness = first.papers[0].focus.paper, last.papers[0].dense
    return last if changes_subject(first.query.question, focus, likeness) else first


def _surveyed(judged: Judged, seen: Survey) -> Found:
    shown = {evidence.paper.paper_id for evidence in seen.shown}
    needed = tuple(paper for paper in judged.papers if paper.paper.paper_id in shown)
    return Found(judged, needed, Sufficiency(1.0), seen.scope, seen.shown, named=True, survey=seen)


def _with(judged: Judged, needed: Sequence[JudgedPaper]) -> Judged:
    """Return what was read, the papers of a comparison's sides included."""
    known = {paper.paper.paper_id for paper in judged.papers}
    return replace(judged, papers=(*judged.papers, *(n for n in needed if n.paper.paper_id not in known)))


def reason(found: Found, threshold: float) -> str | None:
    """Return one sentence on why there is no answer, or None where there is one."""
    if found.chosen:
        return None
    if not found.judged.papers and found.judged.query.excluded:
        return "The library has no other paper on this."
    if not found.judged.papers:
        empty = "The library is empty; add papers with: assistant add FILE"
        return "No paper of the library passes these filters." if found.scope.is_part else empty
    missing = unmarked(" or ".join(f"“{one_line(what)}”" for what in found.sufficiency.missing))
    if found.untold:
        return f"What the library knows of its papers does not tell {missing}; ask without that."
    if found.sufficiency.score < threshold:
        return f"Nothing in {found.scope} is about this."
    nearest = found.judged.papers[0].paper
    title = titled(nearest)
    if found.sufficiency.missing == (DENIED,):
        return "Abstracts tell what a work does and seldom what it does not; ask for what it does instead."
    if found.sufficiency.missing == (AUTHORS,) and nearest.authors:
        return f"Abstracts do not name their authors; the library says that “{title}” is by {_listed(nearest)}."
    return f"The nearest paper is “{title}”, but its {nearest.kind} does not say: it has nothing on {missing}."


def _listed(paper: Paper) -> str:
    *most, last = paper.authors
    return f"{', '.join(most)} and {last}" if most else last
