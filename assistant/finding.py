"""Finding: from what a question may mean to the evidence for its answer, or the reason why there is none.

Retrieval and reading are handed in. Words nothing: what comes out are quotes in the order of the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering import MAX_WORDS, choose_evidence, names_papers, papers_needed
from assistant.conversation import changes_subject
from assistant.evidence import Evidence, Judged, JudgedPaper, Query
from assistant.papers import Paper
from assistant.settings import Settings
from assistant.sufficiency import AUTHORS, Sufficiency, judge_sufficiency
from assistant.survey import READ, CountStating, Survey, is_denied, survey, topic_of

Search = Callable[[Query, int], Judged]
"""Returns the papers nearest to a query, read and ranked: at most so many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What retrieval and judgement came to.

    Attributes:
        judged: The papers that were read.
        needed: Those of them that the answer is about.
        sufficiency: Whether the evidence is enough, and what is missing.
        chosen: The quotes, in order; none where the evidence is not enough.
        named: The answer is to name its papers.
        survey: What a question about several papers found.
    """

    judged: Judged
    needed: tuple[JudgedPaper, ...]
    sufficiency: Sufficiency
    chosen: tuple[Evidence, ...] = ()
    named: bool = False
    survey: Survey | None = None


def find(readings: Sequence[Query], search: Search, count: CountStating, settings: Settings) -> Found:
    """Return the evidence for a question.

    Args:
        readings: What the question may mean; the first leans on the conversation, the last takes it as it stands.
        search: Finds and reads papers.
        count: In how many papers some words stand.
        settings: Thresholds and sizes.
    """
    judged = _likelier([search(query, settings.candidates) for query in readings])
    if is_denied(judged.query.question):
        return Found(judged, tuple(judged.papers[:1]), Sufficiency(1.0, ("what papers do not do",)))
    narrowed = judged.query.papers or judged.query.excluded  # by the conversation: a count of the library says nothing
    if not narrowed and (topic := topic_of(judged.query.question)) is not None:
        several = search(judged.query, READ)
        if (seen := survey(several.query.question, topic, several.papers, count)) is not None:
            return _surveyed(several, seen)
    needed = papers_needed(judged, lambda query: search(query, settings.candidates))
    judged = _with(judged, needed)
    sufficiency = judge_sufficiency(judged, needed)
    if not needed or sufficiency.score < settings.answer_threshold or sufficiency.missing:
        return Found(judged, tuple(needed), sufficiency)
    named = names_papers(judged, needed)
    titles = max(len(n.paper.title.split()) for n in needed) if named else 0
    chosen = choose_evidence(needed, settings.max_sentences, max(MAX_WORDS - titles, MAX_WORDS // 2))
    return Found(judged, tuple(needed), sufficiency, tuple(chosen), named)


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
    return Found(judged, needed, Sufficiency(1.0), seen.shown, named=True, survey=seen)


def _with(judged: Judged, needed: Sequence[JudgedPaper]) -> Judged:
    """Return what was read, the papers of a comparison's sides included."""
    known = {paper.paper.paper_id for paper in judged.papers}
    return replace(judged, papers=(*judged.papers, *(n for n in needed if n.paper.paper_id not in known)))


def reason(found: Found, threshold: float, *, filtered: bool) -> str | None:
    """Return one sentence on why there is no answer, or None where there is one."""
    if found.chosen:
        return None
    if not found.judged.papers and found.judged.query.excluded:
        return "The library has no other paper on this."
    if not found.judged.papers:
        empty = "The library is empty; add papers with: assistant add FILE"
        return "No paper of the library passes these filters." if filtered else empty
    if found.sufficiency.score < threshold:
        return "Nothing in the library is about this."
    nearest = found.judged.papers[0].paper
    if AUTHORS in found.sufficiency.missing and nearest.authors:
        return f"Abstracts do not name their authors; the library says that “{nearest.title}” is by {_listed(nearest)}."
    missing = " or ".join(f"“{what}”" for what in found.sufficiency.missing)
    return f"The nearest paper is “{nearest.title}”, but its {nearest.kind} does not say: it has nothing on {missing}."


def _listed(paper: Paper) -> str:
    *most, last = paper.authors
    return f"{', '.join(most)} and {last}" if most else last
