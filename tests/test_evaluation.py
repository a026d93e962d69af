"""The measures of answers: the same numbers as the shared scorer, on ordinary and on adversarial answers."""

from __future__ import annotations

import importlib.util
import json
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import SourceError
from assistant.evaluation.answers import judge_answer, known_texts, summarise
from assistant.evaluation.questions import read_questions

PAPERS = [
    ("Bees in Winter", "Honey bees don’t sleep. In 1,234 hives the loss fell by 5.6\\% — to 12,5."),
    ("Bees  in winter", "A second paper with the same title, of 2001."),
    ("ＢＥＥＳ — & “Wasps”", "Half of \u00bd the wasps.\u2028A new line ﬁnds 7 nests."),
    ("", "A paper without a title."),
]
QUESTIONS = [
    {"id": "0", "kind": "fact", "answerable": True, "gold_titles": ["Bees in winter"], "facts": [["5.6%", "5.6 %"]]},
    {"id": "1", "kind": "compare", "answerable": True, "gold_titles": [PAPERS[0][0], PAPERS[2][0]], "facts": []},
    {"id": "2", "kind": "compare", "answerable": True, "gold_titles": [], "facts": [["finds 7"], ["half", "HALF"]]},
    {"id": "3", "kind": "far", "answerable": False, "gold_titles": [], "facts": []},
    {"id": "4", "kind": "fact", "answerable": True, "gold_titles": [], "facts": [[]]},
]


@pytest.fixture(scope="module")
def score(shared):
    """The shared scorer as a module."""
    path = shared / "eval" / "score.py"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    spec = importlib.util.spec_from_file_location("score", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours(tmp_path, questions, answers, papers):
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps({"question": "?", **q}) for q in questions), encoding="utf-8")
    known = known_texts(papers)
    return summarise([judge_answer(q, answers[q.question_id], known) for q in read_questions(path)])


def theirs(score, questions, answers, papers):
    abstracts = defaultdict(str)
    for title, abstract in papers:
        abstracts[score.plain(title)] += "\n" + score.plain(abstract)
    return score.summary([score.judge(q, answers[q["id"]], abstracts) for q in questions])


def answer(text, *citations, status="answered"):
    return {"status": status, "text": text, "citations": [{"title": t, "quote": q} for t, q in citations]}


WINTER, SECOND, WASPS, _ = PAPERS
CASES = [
    [answer("It fell by 5.6% [1].", (WINTER[0], "the loss fell by 5.6\\%")), answer("", status="abstained")],
    [answer("**Fell** by\n\n- 5.6\u00a0% [1, 2][3]", (SECOND[0], WINTER[1]), (SECOND[0], SECOND[1]))],
    [answer("1. In 1,234 hives\n2. 5.6%", ("bees in winter", ""), ("Unknown", "of 2001"), ("", "without a title"))],
    [answer("> quoted 12,5 and 2001 and 99", ('BEES — & "wasps"', "wasps. A new line finds 7"))],
    [answer(" ".join(["word"] * 79) + " 5.6%", (WINTER[0], "Honey bees don't sleep."))],
    [answer(" ".join(["word"] * 80) + " 5.6%", (WINTER[0], "HONEY BEES DON’T SLEEP."))],
    [{"status": "abstained"}, {}, {"text": None, "citations": None, "status": None}],
    [{"status": "abstained", "text": "It is 5.6%.", "citations": [{"title": WINTER[0], "quote": "of 2001"}]}],
]


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_question_gets_the_scorers_numbers(case, score, tmp_path):
    answers = {q["id"]: case[number % len(case)] for number, q in enumerate(QUESTIONS)}
    assert ours(tmp_path, QUESTIONS, answers, PAPERS) == theirs(score, QUESTIONS, answers, PAPERS)


PIECES = st.sampled_from([
    *(word for title, abstract in PAPERS for word in (title, abstract, *abstract.split())),
    "[1]", "[1,  2]", "- ", "2. ", "\n", "*", "\\", "½", "１２", "5,6.7", "\u2011", "\ud800", "0", "’",
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=8).map(" ".join)
CITATIONS = st.lists(st.tuples(st.sampled_from([title for title, _ in PAPERS]) | TEXTS, TEXTS), max_size=3)
ANSWERS = st.builds(
    lambda text, citations, status: answer(text, *citations, status=status),
    TEXTS,
    CITATIONS,
    st.sampled_from(["answered", "abstained"]),
)


@given(case=st.lists(ANSWERS, min_size=len(QUESTIONS), max_size=len(QUESTIONS)))
def test_random_answers_get_the_scorers_numbers(case, score, tmp_path_factory):
    answers = {q["id"]: given for q, given in zip(QUESTIONS, case, strict=True)}
    folder = tmp_path_factory.getbasetemp()
    assert ours(folder, QUESTIONS, answers, PAPERS) == theirs(score, QUESTIONS, answers, PAPERS)


def test_no_questions_get_the_scorers_numbers(score, tmp_path):
    assert ours(tmp_path, [], {}, PAPERS) == theirs(score, [], {}, PAPERS)


def judged(tmp_path, record, given):
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"id": "q", "question": "?", **record}), encoding="utf-8")
    return judge_answer(read_questions(path)[0], given, known_texts(PAPERS))


RIGHT, ABSTAINED = answer("It fell by 5.6%.", (WINTER[0], "")), answer("", status="abstained")


@pytest.mark.parametrize(
    ("labels", "given", "correct", "cited", "facts"),
    [
        ({"gold_titles": [WINTER[0]]}, RIGHT, True, True, None),
        ({"gold_titles": [WASPS[0]]}, RIGHT, False, False, None),
        ({"gold_titles": [WINTER[0]]}, ABSTAINED, False, False, None),
        ({"facts": ["5.6%"]}, RIGHT, True, None, True),
        ({"facts": [["7.8%"]]}, RIGHT, False, None, False),
        ({"answerable": True}, RIGHT, None, None, None),
        ({"answerable": True}, ABSTAINED, False, None, None),
        ({"answerable": False}, RIGHT, False, None, None),
        ({}, RIGHT, None, None, None),
        ({}, ABSTAINED, None, None, None),
    ],
)
def test_labels_that_are_not_given_are_not_held_against_an_answer(labels, given, correct, cited, facts, tmp_path):
    judgement = judged(tmp_path, labels, given)
    assert (judgement.correct, judgement.cited, judgement.facts) == (correct, cited, facts)


def test_measures_that_apply_to_no_question_are_none(tmp_path):
    measures = summarise([judged(tmp_path, {}, RIGHT)])
    assert {name for name, value in measures.items() if value is None} == {
        "correct", "cited", "facts", "precision", "refused", "false_refusal",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "b", "question": "?", "facts": "5.6%"}', "facts is a list of facts"),
        ('{"id": "b", "question": "?", "facts": [7]}', "a fact is a list of texts, not 7"),
        ('{"id": "b", "question": "?", "gold_titles": "Bees"}', "gold_titles is a list of texts, not 'Bees'"),
        ('{"id": "b", "question": "?", "answerable": "no"}', "answerable is true or false, not 'no'"),
        ('{"id": "b"}', "has no 'question'"),
        ("[]", "is no question"),
    ],
)
def test_a_line_whose_labels_cannot_be_read_is_named(line, reason, tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": "a", "question": "?"}\n' + line, encoding="utf-8")
    with pytest.raises(SourceError) as error:
        read_questions(path)
    assert "line 2 " in str(error.value)
    assert reason in str(error.value)
