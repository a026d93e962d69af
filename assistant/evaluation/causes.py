"""The cause of a wrong answer: the first part on a question's way that lost it, and what helps there.

A right paper must be in the library, hold the facts, be read, be taken, pass the gate, have its sentence chosen, have
the fact kept in what is written, and have it early enough. What the model wrote before a check threw it out is not in
the record, so that an answer which lost a fact to the check counts as writing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from shlex import quote as quoted

from assistant.evaluation.answers import Judgement, has_enough, has_fact, plain, prose, right_titles
from assistant.evaluation.questions import LabelledQuestion
from assistant.evaluation.records import Seen
from assistant.text import shorten

MEANINGS = {
    "not_asked": "the question could not be asked",
    "understanding": "taken for a question about the library or the assistant itself",
    "library": "a right paper is not in the library",
    "labels": "a fact stands in no right paper's abstract: look at the question's labels",
    "retrieval": "a right paper was not among the papers read",
    "ranking": "a right paper was read, but another one was taken",
    "gate_about": "refused: nothing was found to be about the question, though a right paper was taken",
    "gate_says": "refused: the right paper was found not to say it, though it does",
    "gate_answered": "answered, though the library does not answer it",
    "evidence": "the right paper was taken, but not the sentence with the fact",
    "writing": "what was chosen holds the fact, what was written does not",
    "length": "the fact comes after the words that are counted",
}
"""Every cause, in the order in which they are looked for, with what it means."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an answer is wrong.

    Attributes:
        name: One of ``MEANINGS``.
        detail: What exactly was lost.
        remedy: The setting, command or module that helps.
    """

    name: str
    detail: str
    remedy: str


def find_cause(
    question: LabelledQuestion, judgement: Judgement, seen: Seen, known: Mapping[str, str], max_sentences: int = 3
) -> Cause | None:
    """Return why an answer is wrong; None if it is right or nobody can tell.

    Args:
        question: The question with its labels.
        judgement: What is wrong about the answer.
        seen: The answer and what was looked at.
        known: Folded abstracts by folded title.
        max_sentences: The setting it was answered with.
    """
    if judgement.correct is not False:
        return None
    if not seen.asked:
        return Cause("not_asked", str(seen.record["reason"]), "ask it shorter, or --set max_question_characters=N")
    if not seen.read and not judgement.abstained:
        return Cause("understanding", shorten(str(seen.record["text"]), 80), "ask it in other words")
    if not question.answerable:
        return _answered(seen)
    if question.gold_titles is None:
        question = _with_likely_titles(question, known)
    return next(_losses(question, judgement, seen, known, max_sentences))


def _with_likely_titles(question: LabelledQuestion, known: Mapping[str, str]) -> LabelledQuestion:
    """Return the question with the papers that hold its facts, or else some of them, as the right ones."""
    texts = {title: f"{title} {abstract}" for title, abstract in known.items()}
    facts = question.facts or ()
    whole = tuple(title for title, text in texts.items() if all(has_fact(text, fact) for fact in facts))
    some = tuple(title for title, text in texts.items() if any(has_fact(text, fact) for fact in facts))
    return replace(question, kind="", gold_titles=whole or some)


def _losses(
    question: LabelledQuestion, judgement: Judgement, seen: Seen, known: Mapping[str, str], max_sentences: int
) -> Iterator[Cause]:
    """Yield what lost the answer, the first part first."""
    yield from _not_there(question, known)
    query = _argument(seen.record["query"])
    if not has_enough(question, _folded(seen.read)):
        remedy = f"--set candidates={2 * max(len(seen.read), 1)}; see: assistant search -k 50 {query}"
        yield Cause("retrieval", _names(_without(question, seen.read)), remedy)
    if not has_enough(question, _folded(seen.taken)):
        remedy = f"name the paper in the question; see: assistant search {query}"
        yield Cause("ranking", _names(seen.taken), remedy)
    if judgement.abstained:
        yield _refused(seen)
    yield _lost_fact(question, judgement, seen, known, max_sentences)


def _not_there(question: LabelledQuestion, known: Mapping[str, str]) -> Iterator[Cause]:
    """Yield what no part could have found: papers that the library lacks, facts that their abstracts lack."""
    right = right_titles(question) or set()
    if not known or (right and not has_enough(question, known)):
        yield Cause("library", _names(_without(question, known)), "assistant add FILE")
    texts = " ".join(f"{title} {known.get(title, '')}" for title in right)
    if lost := [fact for fact in question.facts or () if not has_fact(texts, fact)]:
        yield Cause("labels", _facts(lost), "correct the question's facts or gold_titles")
    if not right and question.kind != "compare":
        yield Cause("labels", "no right paper is named", "correct the question's gold_titles")


def _answered(seen: Seen) -> Cause:
    confidence = float(seen.record["confidence"])
    above = math.floor(confidence * 100 + 1) / 100
    remedy = f"--set answer_threshold={above:.2f} refuses it; see what else it would refuse"
    if above >= _REFUSES_ALL:
        remedy = "no threshold; what the paper lacks must be found missing: assistant/sufficiency.py"
    return Cause("gate_answered", f"confidence {confidence:.3f}, nothing found missing", remedy)


_REFUSES_ALL = 0.99  # a threshold that few answers would pass


def _refused(seen: Seen) -> Cause:
    confidence, missing = float(seen.record["confidence"]), seen.record["missing"]
    if missing:  # also beside too low a confidence, because then another threshold alone does not help
        detail = f"not found: {_names(missing)}; confidence {confidence:.3f}"
        return Cause("gate_says", detail, "ask in the abstract's words; see assistant/sufficiency.py")
    below = math.floor(confidence * 100) / 100
    return Cause("gate_about", f"confidence {confidence:.3f}", f"--set answer_threshold={below:.2f} answers it")


def _lost_fact(
    question: LabelledQuestion, judgement: Judgement, seen: Seen, known: Mapping[str, str], max_sentences: int
) -> Cause:
    """Return where a fact was lost between the abstract and the answer's first words."""
    citations, body = seen.record["citations"], prose(seen.record["text"])
    late = [fact for fact in judgement.missing if has_fact(body, fact)]
    gone = [fact for fact in judgement.missing if fact not in late]
    quotes = plain(" ".join(citation["quote"] for citation in citations))
    abstracts = " ".join(known.get(title, "") for title in right_titles(question) or ())
    if unchosen := [fact for fact in gone if has_fact(abstracts, fact) and not has_fact(quotes, fact)]:
        return Cause("evidence", _facts(unchosen), _more_evidence(seen, max_sentences))
    if gone:
        return Cause("writing", _facts(gone), _WRITING[seen.record["mode"]])
    if late:
        return Cause("length", _facts(late), f"--set max_sentences={max(len(citations) - 1, 1)}")
    unquoted = _without(question, [citation["title"] for citation in citations])
    return Cause("evidence", f"no quote of {_names(unquoted)}", _more_evidence(seen, max_sentences))


def _more_evidence(seen: Seen, max_sentences: int) -> str:
    """Return what brings further sentences into an answer, where there is room for any."""
    most = max_sentences if len(seen.taken) < 2 else len(seen.taken) * max(1, max_sentences - 1)
    if len(seen.record["citations"]) >= most:
        return f"--set max_sentences={max_sentences + 1} has room for another"
    return "ask in the sentence's words; it was taken for unlikely or too long: assistant/evidence.py"


_WRITING = {
    "quoted": "the title holds it: ask which paper it is",
    "written": "--set mode=quoted, or a larger chat_model",
}


def _without(question: LabelledQuestion, titles: Iterable[str]) -> list[str]:
    """Return the right papers that are not among titles."""
    return [title for title in question.gold_titles or () if plain(title) not in _folded(titles)]


def _folded(titles: Iterable[str]) -> set[str]:
    return {plain(title) for title in titles}


def _facts(facts: Iterable[tuple[str, ...]]) -> str:
    return _names("/".join(fact) for fact in facts)


def _argument(text: str) -> str:
    """Return a text as an argument in a shell, in the quotation marks that people read best."""
    return quoted(text) if set(text) & set('"$`\\!') else f'"{text}"'


def _names(texts: Iterable[str]) -> str:
    return ", ".join(f"“{text}”" for text in texts)
