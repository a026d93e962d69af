"""Example questions: made of the papers, and offered only where they are answered."""

from __future__ import annotations

from types import SimpleNamespace

from assistant.examples import example_questions, shared_topics
from assistant.papers import Paper

PAPERS = [
    Paper(f"{name} for {topic}", "Bees dance.", paper_id=name.lower())
    for name, topic in [
        ("Maps", "honey bees"), ("Songs", "honey bees"), ("Dances", "Honey Bees"), ("Walks", "bumble bees"),
        ("Flights", "the honey: bees"), ("Nests", "wasps"),
    ]
]  # fmt: skip


def answers(refused=lambda question: False):
    """Return what answers from the papers whose title, or the end of it, a question names, and what it was asked."""
    asked = []

    def ask(question):
        asked.append(question)
        named = [p for p in PAPERS if p.title.lower() in question.lower() or question.endswith("honey bees?")]
        found = [] if refused(question) else named
        return SimpleNamespace(citations=[SimpleNamespace(paper_id=p.paper_id) for p in found])

    return ask, asked


def test_a_topic_is_a_pair_of_neighbouring_words_that_several_titles_share():
    assert shared_topics(PAPERS) == ["honey bees"]


def test_the_first_question_is_for_several_papers_and_the_others_for_one_each():
    ask, _ = answers()
    first, *others = example_questions(PAPERS, ask, 3)
    assert first == "Which papers are about honey bees?"
    assert others == ["What is “Maps for honey bees” about?", "What is “Songs for honey bees” about?"]


def test_a_question_that_is_refused_is_not_offered():
    ask, asked = answers(refused=lambda question: "Maps" in question or "Which" in question)
    questions = example_questions(PAPERS, ask, 2)
    assert questions == ["What is “Songs for honey bees” about?", "What is “Dances for Honey Bees” about?"]
    assert "What is “Maps for honey bees” about?" in asked


def test_a_question_that_another_paper_answers_is_not_offered():
    wrong = SimpleNamespace(citations=[SimpleNamespace(paper_id="another")])
    assert example_questions(PAPERS, lambda question: wrong, 3) == []


def test_few_questions_are_tried_in_a_large_library():
    ask, asked = answers(refused=lambda question: True)
    assert example_questions(PAPERS * 50, ask, 3) == []
    assert len(asked) <= 13
