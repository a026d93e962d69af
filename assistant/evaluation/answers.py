"""The measures of an answer: what is right about it, and what is not.

An answerable question is answered correctly if a right paper is cited (all of them, for a comparison) and every fact
stands among the first words of the answer; an unanswerable one if the assistant abstains. Labels that a question lacks
are not held against its answer. Knows answer records; does not know who made them.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.evaluation.questions import LabelledQuestion

WORDS, WORDS_COMPARE = 80, 160  # the first words of an answer, in which its facts must stand
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is right about one answer; measures that do not apply are None or empty."""

    question_id: str
    kind: str
    answerable: bool | None
    abstained: bool
    correct: bool | None
    words: int
    cited: bool | None
    facts: bool | None
    missing: tuple[tuple[str, ...], ...]
    precision: tuple[bool, ...]
    quotes: tuple[bool, ...]
    numbers: tuple[bool, ...]


def known_texts(papers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what `judge_answer` checks quotes and numbers against: folded abstracts by folded title.

    Args:
        papers: Title and abstract of each; abstracts of papers that share a title stand below each other.
    """
    known: dict[str, str] = {}
    for title, abstract in papers:
        known[plain(title)] = known.get(plain(title), "") + "\n" + plain(abstract)
    return known


def judge_answer(question: LabelledQuestion, record: Mapping[str, Any], known: Mapping[str, str]) -> Judgement:
    """Return what is right about an answer record.

    Args:
        question: The question with its labels.
        record: The answer record; fields that are missing count as empty.
        known: What `known_texts` made of the papers.
    """
    abstained = record.get("status") == "abstained"
    citations = record.get("citations") or []
    titles = [plain(c["title"]) for c in citations]
    body = prose(record.get("text") or "")
    missing = _missing(question, body)
    asked = bool(question.answerable)
    right = right_titles(question)
    cited = None if not asked or right is None else not abstained and has_enough(question, titles)
    facts = None if not asked or question.facts is None else not abstained and not missing
    return Judgement(
        question_id=question.question_id,
        kind=question.kind,
        answerable=question.answerable,
        abstained=abstained,
        correct=_correct(question, abstained, (cited, facts)),
        words=len(body.split()),
        cited=cited,
        facts=facts,
        missing=missing if asked else (),
        precision=() if abstained or not asked or right is None else tuple(title in right for title in titles),
        quotes=tuple(bool(c.get("quote")) and plain(c["quote"]) in known.get(plain(c["title"]), "") for c in citations),
        numbers=() if abstained else _numbers_known(body, titles, known),
    )


def summarise(judgements: Sequence[Judgement]) -> dict[str, float | int | None]:
    """Return each measure as a share of what it applies to, and the median length of an answer."""
    shares = {name: _share(values) for name, values in counted(judgements).items()}
    lengths = [j.words for j in judgements if j.answerable is not False and not j.abstained]
    return {"n": len(judgements)} | shares | {"words": statistics.median(lengths or [0])}


def counted(judgements: Sequence[Judgement]) -> dict[str, list[bool]]:
    """Return each measure as one truth for each question, citation, quote or number that it applies to."""
    return {
        "correct": [j.correct for j in judgements if j.correct is not None],
        "cited": [j.cited for j in judgements if j.cited is not None],
        "facts": [j.facts for j in judgements if j.facts is not None],
        "precision": [v for j in judgements for v in j.precision],
        "quotes": [v for j in judgements for v in j.quotes],
        "numbers": [v for j in judgements for v in j.numbers],
        "refused": [j.abstained for j in judgements if j.answerable is False],
        "false_refusal": [j.abstained for j in judgements if j.answerable],
    }


def right_titles(question: LabelledQuestion) -> set[str] | None:
    """Return the folded titles of the papers that answer a question; None if they are not known."""
    return None if question.gold_titles is None else {plain(title) for title in question.gold_titles}


def has_enough(question: LabelledQuestion, titles: Collection[str]) -> bool:
    """Say whether a right paper is among folded titles: all of them, for a comparison."""
    right = right_titles(question) or set()
    found = right.intersection(titles)
    return found == right if question.kind == "compare" else bool(found)


def has_fact(text: str, fact: Sequence[str]) -> bool:
    """Say whether a fact stands in a folded text in one of its spellings."""
    return any(plain(spelling) in text for spelling in fact)


def plain(text: str) -> str:
    """Return text as it is compared: NFKC, lower case, plain dashes and quotes, no LaTeX or Markdown escapes."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("\\", "")
    folded = re.sub(r"[‐‑‒–—−]", "-", folded).replace("’", "'").replace("“", '"').replace("”", '"')
    return " ".join(folded.split())


def prose(text: str) -> str:
    """Return an answer's text folded, without its markers and what Markdown adds."""
    unmarked = re.sub(r"\[\d+(?:\s*,\s*\d+)*\]", " ", text)
    return plain(re.sub(r"(?m)^\s*(?:[-*>]|\d+\.)\s+", "", unmarked).replace("*", ""))


def _correct(question: LabelledQuestion, abstained: bool, checks: Iterable[bool | None]) -> bool | None:
    if question.answerable is None:
        return None
    if not question.answerable or abstained:
        return abstained != question.answerable
    known = [check for check in checks if check is not None]
    return all(known) if known else None


def _missing(question: LabelledQuestion, body: str) -> tuple[tuple[str, ...], ...]:
    seen = " ".join(body.split()[: WORDS_COMPARE if question.kind == "compare" else WORDS])
    return tuple(fact for fact in question.facts or () if not has_fact(seen, fact))


def _numbers_known(body: str, titles: Iterable[str], known: Mapping[str, str]) -> tuple[bool, ...]:
    sources = set(_NUMBER.findall(" ".join(f"{title} {known.get(title, '')}" for title in titles)))
    return tuple(number in sources for number in _NUMBER.findall(body))


def _share(values: Sequence[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
