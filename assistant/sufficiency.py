"""Enough? Whether the evidence answers the question, decided before a word is written.

Two failures are told apart: nothing in the library is about this, and a paper is about it but does not say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from assistant.evidence import Judged
from assistant.words import stems

if TYPE_CHECKING:
    from numpy.typing import NDArray

Failure = Literal["nothing", "not said"]

FEATURES = ("paper match", "dense", "best sentence", "words in paper")
# Logistic regression on answerable against unanswerable development questions; see benchmarks/fit_evidence.py.
_WEIGHTS = np.array([5.050, 3.249, 0.007, -0.388, -2.015])
# Below this MaxSim of the best paper it is not even about the question.
_ABOUT = 0.35


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """How sure it is that the evidence answers the question, 0 to 1, and what is missing where it does not."""

    score: float
    failure: Failure


def judge_sufficiency(judged: Judged) -> Sufficiency:
    """Return how sure it is that what was found answers the question."""
    if not judged.papers or not judged.papers[0].evidence:
        return Sufficiency(0.0, "nothing")
    logit = float(sufficiency_features(judged) @ _WEIGHTS[:-1] + _WEIGHTS[-1])
    failure: Failure = "nothing" if judged.papers[0].match < _ABOUT else "not said"
    return Sufficiency(1.0 / (1.0 + float(np.exp(-logit))), failure)


def sufficiency_features(judged: Judged) -> NDArray[np.float64]:
    """Return the features of a question and its best paper, in the order of ``FEATURES``."""
    best = judged.papers[0]
    total = sum(judged.term_weights.values()) or 1.0
    in_paper = stems(f"{best.paper.title} {best.paper.abstract}")
    return np.array(
        [
            best.match,
            best.dense,
            best.evidence[0].score,
            sum(w for t, w in judged.term_weights.items() if t in in_paper) / total,
        ]
    )
