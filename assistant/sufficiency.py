"""Enough? Whether the evidence answers the question, decided before a word is written.

Two failures are told apart. Nothing in the library is about the question: its best paper meets too little of it. Or a
paper is about it but does not say: a name of the question, what it counts or what it measures stands nowhere in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.evidence import NUMERAL, Judged, JudgedPaper
from assistant.questions import mentions
from assistant.sentences import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = ("all tokens", "dense", "tokens met", "content not met")
# Logistic regression on answerable against far-off development questions; see benchmarks/fit_evidence.py.
_WEIGHTS = np.array([3.090, 3.239, 0.940, -4.133, -0.884])
# A token is met where its best match has this cosine. On the development questions what is counted or measured has
# 0.60 and more where the abstract says it, 0.46 and less where it does not.
_MET = 0.5
_UNMET = 0.3  # a word of the question that nothing in the paper comes near


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """Whether the evidence is enough.

    Attributes:
        score: How sure it is that the library is about the question, 0 to 1.
        missing: What the question asks about and the nearest paper does not mention; empty if nothing.
    """

    score: float
    missing: tuple[str, ...] = ()


def judge_sufficiency(judged: Judged, needed: Sequence[JudgedPaper]) -> Sufficiency:
    """Return how sure it is that the papers ``needed`` for the answer are about the question, and what they lack."""
    if not needed:
        return Sufficiency(0.0)
    logit = float(sufficiency_features(needed[0]) @ _WEIGHTS[:-1] + _WEIGHTS[-1])
    return Sufficiency(1.0 / (1.0 + float(np.exp(-logit))), tuple(_missing(judged, needed)))


def sufficiency_features(best: JudgedPaper) -> NDArray[np.float64]:
    """Return the features of a question's best paper, in the order of ``FEATURES``."""
    tokens = best.match.tokens
    met = min(int((tokens >= _MET).sum()), 12)
    unmet = (tokens[best.match.question.content] < _UNMET).mean() if len(tokens) else 1.0
    return np.array([tokens.mean() if len(tokens) else 0.0, best.dense, np.log1p(met), unmet])


def _missing(judged: Judged, needed: Sequence[JudgedPaper]) -> Iterator[str]:
    text = " . ".join(f"{n.paper.title} . {n.paper.abstract}" for n in needed)
    for name in judged.asked.names:
        if not mentions(text, name):
            yield name
    question = judged.query.question
    if (counted := judged.asked.counted) and not any(_is_counted(counted, n) for n in needed):
        yield f"how many {counted.of(question)}"
    if (measured := judged.asked.measured) and not any(_is_measured(measured, question, n) for n in needed):
        yield measured.of(question)


def _is_counted(counted: Span, judged: JudgedPaper) -> bool:
    """Say whether some sentence with a number speaks of what is counted."""
    tokens = judged.focus.question.tokens_in(counted)
    order = sorted(judged.evidence, key=lambda evidence: evidence.span.start)
    numbered = [bool(NUMERAL.search(evidence.quote)) for evidence in order]
    if not tokens.any() or not any(numbered):
        return not tokens.any()
    return float(judged.focus.by_sentence[tokens][:, numbered].max()) >= _MET


def _is_measured(measured: Span, question: str, judged: JudgedPaper) -> bool:
    """Say whether the paper speaks of the measure, whose last word says what it is."""
    words = measured.of(question).rsplit(None, 1)
    tokens = judged.focus.question.tokens_in(Span(measured.end - len(words[-1]), measured.end))
    return not tokens.any() or float(judged.focus.tokens[tokens].mean()) >= _MET
