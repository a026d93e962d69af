"""Comparisons: which questions have two sides, and what each side is asked."""

from __future__ import annotations

import pytest

from assistant.comparison import sides, without
from assistant.papers import Paper

SHIPS = Paper(
    title="SailNet: forecasting drift at sea",
    abstract="SailNet forecasts where boats drift. It is trained on buoy records with a ranking loss. Errors fall by 12%.",
)
BIRDS = Paper(
    title="WingFormer: counting birds in flight",
    abstract="WingFormer counts birds in radar images. It is trained on 400 nights with a counting loss. Counts are off by 3%.",
)
BREAD = Paper(
    title="Sourdough microbes over a year",
    abstract="We follow the microbes of sourdough for a year. Two species take over in every bakery we sampled.",
)


@pytest.fixture
def assistant(open_assistant, tmp_path, write_jsonl):
    opened = open_assistant(tmp_path / "home", embedding_model="bundled")
    opened.add(write_jsonl(tmp_path / "papers.jsonl", [SHIPS, BIRDS, BREAD]))
    return opened


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("What is the difference between dense and sparse retrieval?", ("dense", "sparse retrieval")),
        ("Compare pointer networks with sequence models.", ("pointer networks", "sequence models")),
        ("How does SailNet differ from WingFormer?", ("SailNet", "WingFormer")),
        ("sourdough vs. yeast", ("sourdough", "yeast")),
        (
            "One study follows microbes, the other counts birds. How long does each run?",
            ("follows microbes. How long does each run?", "counts birds. How long does each run?"),
        ),
        ("How does one turn a network into one with few parts?", ()),
        ("How do they bring encoders and decoders together?", ()),
        ("What does SailNet forecast?", ()),
    ],
)
def test_a_comparison_has_two_sides_and_another_question_none(question, parts):
    assert sides(question) == parts


@pytest.mark.parametrize(
    ("question", "names", "side"),
    [
        ("Which loss do SailNet and WingFormer use?", ["WingFormer"], "Which loss do SailNet use?"),
        ("Which loss do SailNet and WingFormer use?", ["SailNet"], "Which loss do WingFormer use?"),
        ("SailNet, WingFormer and BreadNet: what are they?", ["WingFormer", "BreadNet"], "SailNet: what are they?"),
        ("Does SailNet beat WingFormer's errors?", ["WingFormer"], "Does SailNet beat errors?"),
    ],
)
def test_the_names_of_the_other_sides_are_left_out(question, names, side):
    assert without(question, names) == side


@pytest.mark.parametrize(
    "question",
    [
        "Which loss are SailNet and WingFormer each trained with?",
        "What is the difference between SailNet and WingFormer?",
        "One work forecasts where boats drift, another counts birds. What was each trained on?",
    ],
)
def test_both_papers_of_a_comparison_are_cited_in_the_order_of_the_question(question, assistant):
    answer = assistant.ask(question)
    titles = list(dict.fromkeys(citation.title for citation in answer.citations))
    assert titles == [SHIPS.title, BIRDS.title]


def test_two_names_of_one_paper_are_no_comparison(assistant):
    answer = assistant.ask("Are the counts of WingFormer from radar or from SailNet?")
    assert answer.citations
    alone = assistant.ask("How far off are the counts of WingFormer in radar images?")
    assert {citation.title for citation in alone.citations} == {BIRDS.title}


def test_a_side_that_the_library_does_not_have_is_named(assistant):
    answer = assistant.ask("Which loss are SailNet and HullBERT each trained with?")
    assert answer.status == "abstained"
    assert "HullBERT" in answer.reason


@pytest.mark.parametrize("words", ["one another ", "one x, another y. ", "compare a with "])
def test_a_long_text_is_no_comparison_and_takes_no_time(words):
    assert sides(words * 1500) == ()
    assert len(sides((words * 50)[:500])) in (0, 2)
