"""The measures of an answer: what is right about it, and what is not.

An answerable question is answered correctly if a right paper is cited (all of them, for a comparison) and every fact
stands among the first words of the answer; an unanswerable one if the assistant abstains. Knows answer records; does
not know who made them.
"""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
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
    question: str
    answerable: bool
    abstained: bool
    correct: bool
    why: str
    words: int
    cited: bool | None
    facts: bool | None
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
    body = _prose(record.get("text") or "")
    missing = _missing(question, body)
    cited = not abstained and _cites(question, set(titles))
    correct = cited and not missing if question.answerable else abstained
    return Judgement(
        question_id=question.question_id,
        kind=question.kind,
        question=question.question,
        answerable=question.answerable,
        abstained=abstained,
        correct=correct,
        why="" if correct else _why(question, abstained, cited, missing),
        words=len(body.split()),
        cited=cited if question.answerable else None,
        facts=not abstained and not missing if question.answerable else None,
        precision=() if abstained or not question.answerable else tuple(t in _gold(question) for t in titles),
        quotes=tuple(bool(c.get("quote")) and plain(c["quote"]) in known.get(plain(c["title"]), "") for c in citations),
        numbers=() if abstained else _numbers_known(body, titles, known),
    )


def summarise(judgements: Sequence[Judgement]) -> dict[str, float | int | None]:
    """Return each measure as a share of what it applies to, and the median length of an answer."""
    answerable = [j for j in judgements if j.answerable]
    rest = [j for j in judgements if not j.answerable]
    return {
        "n": len(judgements),
        "correct": _share(j.correct for j in judgements),
        "cited": _share(bool(j.cited) for j in answerable),
        "facts": _share(bool(j.facts) for j in answerable),
        "precision": _share(v for j in answerable for v in j.precision),
        "quotes": _share(v for j in judgements for v in j.quotes),
        "numbers": _share(v for j in judgements for v in j.numbers),
        "refused": _share(j.abstained for j in rest),
        "false_refusal": _share(j.abstained for j in answerable),
        "words": statistics.median([j.words for j in answerable if not j.abstained] or [0]),
    }


def plain(text: str) -> str:
    """Return text as it is compared: NFKC, lower case, plain dashes and quotes, no LaTeX or Markdown escapes."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("\\", "")
    folded = re.sub(r"[‐‑‒–—−]", "-", folded).replace("’", "'").replace("“", '"').replace("”", '"')
    return " ".join(folded.split())


def _prose(text: str) -> str:
    unmarked = re.sub(r"\[\d+(?:\s*,\s*\d+)*\]", " ", text)
    return plain(re.sub(r"(?m)^\s*(?:[-*>]|\d+\.)\s+", "", unmarked).replace("*", ""))


def _gold(question: LabelledQuestion) -> set[str]:
    return {plain(title) for title in question.gold_titles}


def _cites(question: LabelledQuestion, titles: set[str]) -> bool:
    found = _gold(question) & titles
    return found == _gold(question) if question.kind == "compare" else bool(found)


def _missing(question: LabelledQuestion, body: str) -> list[str]:
    seen = " ".join(body.split()[: WORDS_COMPARE if question.kind == "compare" else WORDS])
    return ["/".join(fact) for fact in question.facts if not any(plain(spelling) in seen for spelling in fact)]


def _numbers_known(body: str, titles: Iterable[str], known: Mapping[str, str]) -> tuple[bool, ...]:
    sources = set(_NUMBER.findall(" ".join(f"{title} {known.get(title, '')}" for title in titles)))
    return tuple(number in sources for number in _NUMBER.findall(body))


def _why(question: LabelledQuestion, abstained: bool, cited: bool, missing: Sequence[str]) -> str:
    if not question.answerable:
        return "answered what cannot be answered"
    if abstained:
        return "abstained"
    return f"missing {', '.join(missing)}" if cited else "wrong paper"


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None
