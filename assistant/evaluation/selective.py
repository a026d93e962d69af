"""Risk and coverage: how often answers are wrong, depending on how sure the assistant must be to give them.

Knows confidences and whether answers were right; does not know questions. The curve and its area are those of selective
prediction (Geifman & El-Yaniv 2017, https://arxiv.org/abs/1705.08500).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What happens at one threshold.

    Attributes:
        threshold: Answers at least this sure are given.
        coverage: Share of the questions that get an answer.
        risk: Share of the given answers that are wrong.
    """

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """A question and what would be answered if nothing were refused for lack of confidence.

    Attributes:
        answerable: Whether it can be answered.
        confidence: How sure the assistant is.
        answered: False if it abstains for another reason.
        correct: Whether the answer is right; of no meaning where there is none.
    """

    answerable: bool
    confidence: float
    answered: bool
    correct: bool


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """How many questions of a set end in which way at one threshold."""

    threshold: float
    right: int
    wrong: int
    refused: int
    false_refusals: int


def risk_coverage(confidence: Sequence[float], correct: Sequence[bool], asked: int | None = None) -> list[CurvePoint]:
    """Return the curve, one point for each confidence that occurs, from the surest to the least sure.

    Args:
        confidence: Of each answer.
        correct: Whether it is right, in the same order.
        asked: How many questions there were, if some get no answer at any threshold; by default one for each answer.
    """
    total = len(confidence) if asked is None else asked
    pairs = sorted(zip(confidence, correct, strict=True), key=lambda pair: -pair[0])
    points, given, wrong = list[CurvePoint](), 0, 0
    for threshold, group in groupby(pairs, key=lambda pair: pair[0]):
        truths = [right for _, right in group]
        given += len(truths)
        wrong += len(truths) - sum(truths)
        points.append(CurvePoint(threshold, given / total, wrong / given))
    return points


def area_under(points: Sequence[CurvePoint]) -> float | None:
    """Return the mean risk over the coverage that the curve reaches (AURC): 0 is best; None without points.

    Between two points the risk is that of the wider one, because a threshold can only take all answers of a confidence.
    """
    if not points:
        return None
    before = [0.0, *(point.coverage for point in points[:-1])]
    area = sum(p.risk * (p.coverage - b) for p, b in zip(points, before, strict=True))
    return area / points[-1].coverage


def at_threshold(attempts: Iterable[Attempt], threshold: float) -> ThresholdRow:
    """Return how the attempts would end if ``answer_threshold`` were ``threshold``."""
    right = wrong = refused = false_refusals = 0
    for attempt in attempts:
        if attempt.answered and attempt.confidence >= threshold:
            right += attempt.answerable and attempt.correct
            wrong += not (attempt.answerable and attempt.correct)
        elif attempt.answerable:
            false_refusals += 1
        else:
            refused += 1
    return ThresholdRow(threshold, right, wrong, refused, false_refusals)


def best_threshold(attempts: Sequence[Attempt]) -> float:
    """Return the lowest two-digit threshold at which most questions end right: answered rightly, or rightly refused."""

    def ends_right(hundredths: int) -> int:
        row = at_threshold(attempts, hundredths / 100)
        return row.right + row.refused

    return max(range(101), key=ends_right) / 100
