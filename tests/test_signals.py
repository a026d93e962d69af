"""Signals of sentences: what the question's own words vote for, and what is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.interaction import LateInteraction
from assistant.models.hashing import HashingEmbeddings
from assistant.papers import Paper
from assistant.questions import read_question
from assistant.signals import SIGNALS, sentence_signals

PAPER = Paper(
    title="SailNet: forecasting drift at sea",
    abstract="SailNet forecasts drift at sea. It is trained with a ranking loss. Errors of SailNet fall by 12%. "
    "The code of SailNet is released on a public site.",
)


def signals(question: str, paper: Paper = PAPER) -> dict[str, np.ndarray]:
    interaction = LateInteraction(HashingEmbeddings())
    (read,) = interaction.read([paper])
    [match] = interaction.match(interaction.question(question), [read])
    rows = sentence_signals(read, match, read_question(question))
    assert rows.shape == (len(read.sentences), len(SIGNALS))
    assert np.isfinite(rows).all()
    return dict(zip(SIGNALS, rows.T, strict=True))


def test_votes_are_shares_that_the_sentences_win():
    votes = signals("Which loss is SailNet trained with?")["votes"]
    assert votes.sum() == pytest.approx(1.0)
    assert votes.argmax() == 1


def test_the_name_in_the_title_votes_for_no_sentence():
    question = "Is the code of SailNet released?"
    found = signals(question)
    assert found["new votes"].argmax() == 3
    assert found["new votes"][3] > found["votes"][3]


def test_what_is_asked_for_is_met_where_it_stands():
    assert signals("Which loss does it use?")["asked for"].argmax() == 1
    assert not signals("Is it good?")["asked for"].any()


def test_what_is_below_the_best_is_never_above_zero():
    found = signals("By how much do the errors of SailNet fall?")
    for name in SIGNALS:
        if name.endswith("below best"):
            assert found[name].max() == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("question", "signal", "sentence"),
    [
        ("By how much do errors fall?", "number asked and given", 2),
        ("Where is the code?", "code asked and given", 3),
    ],
)
def test_cues_count_only_where_they_are_asked_for(question, signal, sentence):
    assert signals(question)[signal].tolist() == [number == sentence for number in range(4)]
    assert not signals("What drifts?")[signal].any()


@pytest.mark.parametrize("question", ["?", "the of and", "SailNet", "🙂"])
def test_any_question_and_any_paper_have_signals(question):
    signals(question)
    signals(question, Paper(title="x", abstract="One."))
