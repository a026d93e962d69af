"""The claim checker: what a quote says passes, what it does not say does not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.grounding import Support, check_claim, check_with_both

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


TRUE = [
    ("The tool reads 2 million pages.", "Our tool reads two million pages in an hour."),
    ("It needs 40 percent less memory.", "It needs 40% less memory than before."),
    ("It is 3x faster.", "It is three times faster than its rival."),
    ("Bees are outnumbered by ants.", "Ants outnumber bees."),
    ("The authors present Hive, a tool for bees.", "We introduce Hive, a tool for bees."),
    ("Hive reveals where bees go.", "Hive shows where bees go and when they rest."),
    ("It builds a map by following bees.", "By following bees, it builds a map."),
    ("BeeNet beats AntNet on Hive-1.", "BeeNet outperforms AntNet on Hive-1 and Hive-2."),
    ("AntNet is outperformed by BeeNet.", "BeeNet outperforms AntNet."),
    ("It may help farmers.", "It may help farmers in spring."),
    ("Accuracy rises to 7.2%.", "Accuracy rises from 3.5% to 7.2%."),
]
FALSE = [
    ("The tool reads 2 billion pages.", "Our tool reads two million pages in an hour.", "number"),
    ("It needs 40 ms.", "It needs 40 s.", "number"),
    ("It saves 5 hours.", "It saves 5 minutes.", "number"),
    ("It has 5 tasks.", "It has 5 layers and is trained on many tasks.", "belongs"),
    ("It saves 95% of the time.", "It saves up to 95% of the time.", "bounds"),
    ("It saves at most 95% of the time.", "It saves at least 95% of the time.", "bounds"),
    ("It rises to 3.5% from 7.2%.", "It rises from 3.5% to 7.2%.", "belongs"),
    ("Recall falls by 2 points.", "Precision falls by 2 points and recall by 7 points.", "place"),
    ("Wax is at 1%.", "Hive, Comb and Wax are at 1%, 2% and 3%, respectively.", "belong"),
    ("AntNet outperforms BeeNet.", "BeeNet outperforms AntNet.", "other way"),
    ("Dense search outperforms sparse search.", "Sparse search outperforms dense search.", ""),
    ("BeeNet is outperformed by AntNet.", "BeeNet outperforms AntNet.", "exchanges"),
    ("Bees are outnumbered by ants.", "Bees outnumber ants.", "exchanges"),
    ("Older models outperform our model.", "Our model outperforms older models.", "exchanges"),
    ("Ants outnumber bees.", "Bees outnumber ants.", "exchanges"),
    ("It translates Zulu from Xhosa.", "It translates Xhosa from Zulu.", "exchanges"),
    ("It fails to find bees.", "It finds bees.", "denies"),
    ("It hardly finds bees.", "It finds bees.", "denies"),
    ("Nobody finds bees.", "We find bees.", "denies"),
    ("It is not unable to fly.", "It is unable to fly.", "denies"),
    ("It is able to fly.", "It is unable to fly.", ""),
    ("Bees rest after a flight.", "Bees rest before a flight.", "after"),
    ("All bees dance.", "Some bees dance.", "all"),
    ("It always helps.", "It often helps.", "always"),
    ("It helps farmers.", "It may help farmers.", "may"),
    ("The loss of bees is large.", "The gain of bees is large.", "place"),
    ("It labels images by hand.", "It labels texts by hand.", "place"),
    ("Supervised training finds bees.", "Unsupervised training finds bees.", "place"),
]


@pytest.mark.parametrize(("claim", "quote"), TRUE)
def test_the_same_in_other_words_passes(claim, quote):
    assert check_claim(claim, quote).score >= 0.7, check_claim(claim, quote)


@pytest.mark.parametrize(("claim", "quote", "reason"), FALSE)
def test_another_number_unit_owner_role_or_polarity_fails_with_its_reason(claim, quote, reason):
    assert check_claim(claim, quote).score < 0.7
    assert reason in check_claim(claim, quote).reason


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_judged(claim, quote):
    assert 0.0 <= check_claim(claim, quote, claim, quote).score <= 1.0


@given(st.sampled_from([quote for _, quote in TRUE] + [QUOTE]))
def test_a_quote_supports_itself(quote):
    assert check_claim(quote, quote) == Support(1.0, "")


def test_two_checks_are_as_sure_as_the_less_sure_and_the_second_is_spared_what_the_first_refuses():
    asked = []

    def second(*claim):
        asked.append(claim)
        return Support(0.4, "the second doubts it")

    both = check_with_both(check_claim, second)
    assert both("Bees dance.", "Bees dance.", "", "") == Support(0.4, "the second doubts it")
    assert both("Bees do not dance.", "Bees dance.", "", "").score == 0.0
    assert len(asked) == 1


def judged(shared, make):
    """Return whether each broken and each true claim made from the seed papers passes."""
    verdicts = {"broken": [], "unrelated": [], "true": []}
    for kind, claim, quote, title in make(shared / "data/seed_papers.jsonl"):
        verdicts[kind.split(":")[0]].append(check_claim(claim, quote, title).score >= 0.7)
    return verdicts


@pytest.fixture
def benchmark_cases(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[1] / "benchmarks"))
    import grounding

    return grounding


def test_at_most_two_percent_of_broken_claims_pass_and_most_true_ones(shared, benchmark_cases):
    verdicts = judged(shared, lambda path: benchmark_cases.cases(benchmark_cases.read_papers(path), random.Random(0)))
    assert len(verdicts["broken"]) >= 400
    assert sum(verdicts["broken"]) / len(verdicts["broken"]) <= 0.02
    assert sum(verdicts["true"]) / len(verdicts["true"]) >= 0.85


def test_the_same_of_claims_that_are_harder_to_judge(shared, benchmark_cases):
    def make(path):
        papers = benchmark_cases.read_papers(path)[:40]
        return benchmark_cases.harder_cases(papers, benchmark_cases.sentences, random.Random(0))

    verdicts = judged(shared, make)
    assert len(verdicts["broken"]) >= 400
    assert sum(verdicts["broken"]) / len(verdicts["broken"]) <= 0.02
    assert sum(verdicts["unrelated"]) / len(verdicts["unrelated"]) <= 0.02
    assert sum(verdicts["true"]) / len(verdicts["true"]) >= 0.85
