"""Risk and coverage: the curve, its area and the thresholds, against independent computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from assistant.evaluation.selective import (
    Attempt,
    CurvePoint,
    ThresholdRow,
    area_under,
    at_threshold,
    best_threshold,
    risk_coverage,
)

ANSWERS = st.lists(st.tuples(st.integers(0, 6).map(lambda n: n / 6), st.booleans()), min_size=1, max_size=30)


def test_surer_answers_come_first_and_equal_ones_together():
    assert risk_coverage([0.5, 0.9, 0.5, 0.7], [False, True, True, False], asked=8) == [
        CurvePoint(0.9, 1 / 8, 0.0),
        CurvePoint(0.7, 2 / 8, 1 / 2),
        CurvePoint(0.5, 4 / 8, 1 / 2),
    ]


@given(answers=ANSWERS.filter(lambda answers: any(right for _, right in answers)))
def test_risk_is_one_less_the_precision_of_scikit_learn(answers):
    confidence, correct = zip(*answers, strict=True)
    precision, _, thresholds = precision_recall_curve(correct, confidence)
    expected = dict(zip(thresholds.tolist(), precision[:-1].tolist(), strict=True))
    points = risk_coverage(confidence, correct)
    assert {p.threshold for p in points} >= set(expected)  # it stops where every right answer is given
    for point in points:
        if point.threshold in expected:
            assert point.risk == pytest.approx(1 - expected[point.threshold])


@given(answers=ANSWERS, unanswered=st.integers(0, 5))
def test_the_area_is_the_mean_of_the_risks_at_which_each_answer_is_given(answers, unanswered):
    confidence, correct = map(np.array, zip(*answers, strict=True))
    risks = [1 - correct[confidence >= one].mean() for one in confidence]
    points = risk_coverage(confidence.tolist(), correct.tolist(), len(answers) + unanswered)
    assert area_under(points) == pytest.approx(np.mean(risks))


def test_without_ties_the_area_is_the_textbook_mean_of_running_risks():
    correct = [True, True, False, True, False]
    running = np.cumsum(np.logical_not(correct)) / np.arange(1, 6)
    assert area_under(risk_coverage([0.9, 0.8, 0.7, 0.6, 0.5], correct)) == pytest.approx(running.mean())


def test_no_answers_have_an_empty_curve_without_an_area():
    assert risk_coverage([], [], asked=3) == []
    assert area_under([]) is None


ATTEMPTS = [
    Attempt(answerable=True, confidence=0.9, answered=True, correct=True),
    Attempt(answerable=True, confidence=0.4, answered=True, correct=True),
    Attempt(answerable=True, confidence=0.8, answered=True, correct=False),
    Attempt(answerable=True, confidence=0.9, answered=False, correct=False),
    Attempt(answerable=False, confidence=0.3, answered=True, correct=False),
    Attempt(answerable=False, confidence=0.9, answered=False, correct=False),
]


@pytest.mark.parametrize(
    ("threshold", "row"),
    [
        (0.0, ThresholdRow(0.0, right=2, wrong=2, refused=1, false_refusals=1)),
        (0.4, ThresholdRow(0.4, right=2, wrong=1, refused=2, false_refusals=1)),
        (0.85, ThresholdRow(0.85, right=1, wrong=0, refused=2, false_refusals=3)),
    ],
)
def test_a_threshold_refuses_what_is_less_sure(threshold, row):
    assert at_threshold(ATTEMPTS, threshold) == row


def test_the_best_threshold_is_the_lowest_at_which_most_questions_end_right():
    assert best_threshold(ATTEMPTS) == 0.31
