"""The claim checker that is a model: loaded from a folder, asked beside the rules, clear about what is wrong with it."""

from __future__ import annotations

import json

import pytest

from assistant.errors import ModelError
from assistant.models.entailment import EntailmentChecker
from assistant.models.opening import open_claim_check
from assistant.settings import Settings

LABELS = ("contradiction", "Entailment", "neutral")


@pytest.fixture
def make_model(make_cross_encoder):
    """Return ``make_model(labels)``: the folder of a tiny BERT with weights drawn at random from a seed."""
    return lambda labels=LABELS: make_cross_encoder(labels)


def by_hand(folder, premise, claim):
    """The probability of the second label, computed without sentence-transformers."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(premise, claim, return_tensors="pt")
    with torch.no_grad():
        logits = AutoModelForSequenceClassification.from_pretrained(folder)(**tokens).logits[0]
    return torch.softmax(logits, dim=-1)[1].item()


def test_the_score_is_the_probability_of_entailment_whatever_its_place_among_the_labels(make_model):
    folder = make_model()
    support = EntailmentChecker(folder).check("ants sing", "bees dance", "", "who sings?")
    assert support.score == pytest.approx(by_hand(folder, "bees dance", "ants sing"), abs=1e-5)
    with_title = EntailmentChecker(folder).check("ants sing", "bees dance", "ants", "")
    assert with_title.score == pytest.approx(by_hand(folder, "ants. bees dance", "ants sing"), abs=1e-5)
    assert support.score != pytest.approx(with_title.score)


def test_a_claim_must_pass_the_rules_and_the_model(make_model):
    folder = make_model()
    both = open_claim_check(Settings(claim_checker=str(folder)))
    alone = EntailmentChecker(folder).check("bees dance", "bees dance", "", "").score
    assert alone < 1.0
    assert both("bees dance", "bees dance", "", "").score == alone  # the rules are sure
    assert both("bees do not dance", "bees dance", "", "").score == 0.0  # the rules refuse
    assert open_claim_check(Settings())("bees dance", "bees dance", "", "").score == 1.0


def test_a_long_quote_is_cut_to_what_the_model_reads(make_model):
    support = EntailmentChecker(make_model()).check("bees dance", "bees dance " * 500, "", "")
    assert 0.0 <= support.score <= 1.0


@pytest.mark.parametrize("labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("not_entailment", "other")])
def test_a_model_without_entailment_is_refused_with_its_labels(make_model, labels):
    folder = make_model(labels)
    with pytest.raises(ModelError, match=labels[0]) as raised:
        open_claim_check(Settings(claim_checker=str(folder)))
    assert "'rules'" in str(raised.value)


def test_a_missing_or_damaged_model_is_an_error_that_says_what_to_do(tmp_path, make_model):
    with pytest.raises(ModelError, match=r"no claim checker in .*set claim_checker"):
        open_claim_check(Settings(claim_checker=str(tmp_path / "nowhere")))
    folder = make_model()
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"cannot be loaded .*set claim_checker"):
        EntailmentChecker(folder).check("bees dance", "bees dance", "", "")
    (folder / "config.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(ModelError, match=r"config\.json cannot be read"):
        EntailmentChecker(folder)


def test_a_model_of_embeddings_is_no_claim_checker(make_cross_encoder):
    with pytest.raises(ModelError, match=r"no cross-encoder \(BertModel\).*set claim_checker"):
        EntailmentChecker(make_cross_encoder(LABELS, kind="BertModel"))
