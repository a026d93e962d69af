"""The measures of an answer: what is right about it, and what is not.

An answerable question is answered correctly if a right paper is cited (all of them, for a comparison) and every fact
stands among the first words of the answer; an unanswerable one if the assistant abstains.
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


def judge_answer(question: LabelledQuestion, record: Mapping[str, Any], abstracts: Mapping[str, str]) -> Judgement:
    """Return what is right about an answer record.

    Args:
        question: The question with its labels.
        record: The answer record.
        abstracts: The abstract of every paper by title.
    """
    known = {plain(title): plain(text) for title, text in abstracts.items()}
    abstained = record["status"] == "abstained"
    titles = [plain(c["title"]) for c in record["citations"]]
    body = _prose(record["text"])
    quotes = tuple(plain(c["quote"]) in known.get(plain(c["title"]), "") for c in record["citations"])
    sources = " ".join(f"{title} {known.get(title, '')}" for title in titles)
    numbers = () if abstained else tuple(n in set(_NUMBER.findall(sources)) for n in _NUMBER.findall(body))
    cited, facts, precision, why = None, None, (), ""
    if question.answerable:
        gold = {plain(title) for title in question.gold_titles}
        hits = gold & set(titles)
        cited = not abstained and (hits == gold if question.kind == "compare" else bool(hits))
        missing = _missing(question, body)
        facts = not abstained and not missing
        precision = () if abstained else tuple(title in gold for title in titles)
        why = "abstained" if abstained else "wrong paper" if not cited else f"missing {missing}" if missing else ""
    correct = bool(cited and facts) if question.answerable else abstained
    return Judgement(
        question_id=question.question_id, kind=question.kind, question=question.question,
        answerable=question.answerable, abstained=abstained, correct=correct,
        why=why or ("" if correct else "answered what cannot be answered"), words=len(body.split()),
        cited=cited, facts=facts, precision=precision, quotes=quotes, numbers=numbers,
    )  # fmt: skip


def summarise(judgements: Sequence[Judgement]) -> dict[str, float | int | None]:
    """Return each measure as a share of what it applies to, and the median length of an answer."""
    answerable = [j for j in judgements if j.answerable]
    rest = [j for j in judgements if not j.answerable]
    lengths = [j.words for j in answerable if not j.abstained]
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
        "words": statistics.median(lengths) if lengths else None,
    }


def plain(text: str) -> str:
    """Return text as it is compared: NFKC, lower case, plain dashes and quotes, no LaTeX or Markdown escapes."""
    folded = unicodedata.normalize("NFKC", text).lower().replace("\\", "")
    folded = re.sub(r"[‐‑‒–—−]", "-", folded).replace("’", "'").replace("“", '"').replace("”", '"')
    return " ".join(folded.split())


def _prose(text: str) -> str:
    unmarked = re.sub(r"\[\d+(?:\s*,\s*\d+)*\]", " ", text)
    return plain(re.sub(r"(?m)^\s*(?:[-*>]|\d+\.)\s+", "", unmarked).replace("*", ""))


def _missing(question: LabelledQuestion, body: str) -> list[str]:
    seen = " ".join(body.split()[: WORDS_COMPARE if question.kind == "compare" else WORDS])
    return [fact[0] for fact in question.facts if not any(plain(spelling) in seen for spelling in fact)]


def _share(values: Iterable[bool]) -> float | None:
    found = list(values)
    return round(sum(found) / len(found), 4) if found else None
