"""The claim checker: what a quote says passes, what it does not say does not."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from assistant.grounding import check_claim

QUOTE = (
    "The proposed FND-CLIP can achieve better performances than previous works, i.e., 0.7%, 6.8% and 1.3% improvements in "
    "overall accuracy on Weibo, Politifact and Gossipcop, respectively."
)


def passes(claim, quote=QUOTE):
    return check_claim(claim, quote, "Multimodal Fake News Detection via CLIP-Guided Learning").score >= 0.7


@pytest.mark.parametrize(
    "claim",
    [
        QUOTE,
        "FND-CLIP improves overall accuracy by 6.8% on Politifact.",
        "The improvement in overall accuracy on Gossipcop is 1.3%.",
        "FND-CLIP achieves better performances than previous works.",
    ],
)
def test_what_the_quote_says_passes(claim):
    assert passes(claim)


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("FND-CLIP improves accuracy by 9.9% on Politifact.", "number"),
        ("FND-CLIP improves accuracy by 0.7% on Politifact.", "belong"),
        ("ALBEF improves accuracy by 6.8% on Politifact.", "name"),
        ("FND-CLIP does not improve accuracy on Politifact.", "denies"),
        ("FND-CLIP lowers accuracy by 6.8% on Politifact.", "less"),
        ("The capital of Mongolia is Ulaanbaatar.", ""),
        ("", ""),
    ],
)
def test_what_the_quote_does_not_say_fails_with_its_reason(claim, reason):
    assert not passes(claim)
    assert reason in check_claim(claim, QUOTE).reason


def test_dropping_a_denial_fails():
    quote = "Our method does not require bounding box annotations."
    assert not passes("The method requires bounding box annotations.", quote)
    assert passes("The method does not require bounding box annotations.", quote)


def test_at_most_two_percent_of_broken_claims_pass_and_most_true_ones(shared):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
    try:
        import grounding
    finally:
        sys.path.pop(0)
    papers = [json.loads(line) for line in (shared / "data/seed_papers.jsonl").read_text(encoding="utf-8").splitlines()]
    verdicts = {"broken": [], "true": []}
    for kind, claim, quote, title in grounding.cases(papers, random.Random(0)):
        verdicts[kind.split(":")[0]].append(check_claim(claim, quote, title).score >= 0.7)
    assert len(verdicts["broken"]) >= 400
    assert sum(verdicts["broken"]) / len(verdicts["broken"]) <= 0.02
    assert sum(verdicts["true"]) / len(verdicts["true"]) >= 0.85
