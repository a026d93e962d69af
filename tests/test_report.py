"""The report of an evaluation: counts in words, causes, thresholds, failures; on a person's own questions as well."""

from __future__ import annotations

import re

import pytest

from assistant.evaluation.questions import LabelledQuestion
from assistant.evaluation.report import as_markdown, as_text
from assistant.evaluation.results import evaluate

ICE = "On sea ice with linear programs, part 3"
QUESTION = "What does part 3 on sea ice rely on?"
RIGHT = LabelledQuestion("right", QUESTION, (), "fact", True, (ICE,), (("linear programs",),))
WRONG = LabelledQuestion("wrong", QUESTION, (), "fact", True, (ICE,), (("rubber",),))
REFUSED = LabelledQuestion("refused", "Who *won* the <b>cup</b>?", (), "far", True, (ICE,), ())
HOPELESS = LabelledQuestion("hopeless", "Who sang first?", (), "far", False, (), ())
LONG = LabelledQuestion("long", "x" * 5000, (), "", True, (ICE,), ())


@pytest.fixture
def evaluated(open_assistant, home_of_papers):
    def run(*questions, **settings):
        assistant = open_assistant(home_of_papers, **settings)
        return evaluate(assistant, questions, lambda what, done, total: None)

    return run


def test_measures_are_counted_in_words(evaluated):
    text = as_text(evaluated(RIGHT, WRONG, HOPELESS, answer_threshold=0.2), failures=False)
    assert re.search(r"answerable questions that cite a right paper +2 of 2 +1\.000", text)
    assert re.search(r"answerable questions with every fact in the first 80 words .* 1 of 2 +0\.500", text)
    assert re.search(r"labels +1 +a fact stands in no right paper's abstract", text)


def test_failures_say_what_was_expected_what_came_why_and_what_helps(evaluated):
    text = as_text(evaluated(WRONG, answer_threshold=0), failures=True)
    failure = text.split("\n\n")[-1]
    assert failure.startswith("wrong · fact · labels\n")
    assert f"asked:    {QUESTION}" in failure
    assert f"expected: “{ICE}” with rubber" in failure
    assert f"cited:    “{ICE}”" in failure
    assert "cause:    a fact stands in no right paper's abstract: look at the question's labels: “rubber”" in failure
    assert "helps:    correct the question's facts" in failure
    assert "came:     " in failure


def test_questions_without_labels_get_the_measures_that_need_none(evaluated):
    text = as_text(evaluated(LabelledQuestion("own", QUESTION), answer_threshold=0), failures=True)
    assert re.search(r"questions that are answered right +- +-", text)
    assert re.search(r"quotes that stand word for word in their abstract +(\d) of \1 +1\.000", text)
    assert "wrong" not in text.split("By kind")[1].split("refused wrongly")[1]


def test_the_thresholds_tell_what_was_refused_as_if_it_had_been_answered(evaluated):
    evaluation = evaluated(RIGHT, HOPELESS, answer_threshold=1)
    assert [result.judgement.abstained for result in evaluation.results] == [True, True]
    rows = {row.threshold: row for row in evaluation.thresholds()}
    assert (rows[0.0].right, rows[0.0].false_refusals) == (1, 0)
    assert (rows[1].right, rows[1].refused, rows[1].false_refusals) == (0, 1, 1)
    assert "it is 1 now" in as_text(evaluation, failures=False)


def test_each_row_ends_as_the_questions_do_at_that_threshold(evaluated):
    for threshold in (0.0, 0.5, 0.9):
        evaluation = evaluated(RIGHT, WRONG, REFUSED, HOPELESS, answer_threshold=threshold)
        row = next(row for row in evaluation.thresholds() if row.threshold == threshold)
        judgements = evaluation.judgements
        assert row.right + row.refused == sum(j.correct for j in judgements)
        assert row.false_refusals == sum(j.abstained for j in judgements if j.answerable)


def test_a_question_that_cannot_be_asked_is_reported_as_such(evaluated):
    evaluation = evaluated(LONG, max_question_characters=1000)
    assert evaluation.causes() == {"not_asked": 1}
    assert evaluation.attempts[0].answered is False


def test_in_markdown_nothing_that_was_asked_or_cited_acts(evaluated):
    markdown = as_markdown(evaluated(REFUSED, answer_threshold=1))
    assert markdown.startswith("# Answers\n\n## 1 question\n\n| measure | count | share |\n|---|---:|---:|\n")
    assert "- asked:    Who \\*won\\* the \\<b\\>cup\\</b\\>?" in markdown
    assert "<b>" not in markdown


def test_the_document_for_programs_has_measures_causes_thresholds_and_questions(evaluated):
    document = evaluated(RIGHT, WRONG, HOPELESS, answer_threshold=1).to_dict()
    assert set(document) == {
        "n", "correct", "cited", "facts", "precision", "quotes", "numbers", "refused", "false_refusal", "words",
        "kinds", "causes", "thresholds", "risk_coverage_area", "questions",
    }  # fmt: skip
    assert document["causes"] == {"labels": 1, "gate_about": 1}
    assert [row["id"] for row in document["questions"]] == ["right", "wrong", "hopeless"]
    assert document["questions"][1]["cause"] == "labels"
    assert document["questions"][2]["cause"] is None
