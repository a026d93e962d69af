"""Causes of wrong answers: each part that can lose an answer is named, the first one first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.evaluation.answers import judge_answer, known_texts
from assistant.evaluation.causes import MEANINGS, find_cause
from assistant.evaluation.questions import LabelledQuestion
from assistant.evaluation.records import Seen

BEES, WASPS, ANTS = "Bees in Winter", "On Wasps", "The Ant"
LOSS, SLEEP = "The loss fell by 5.6\\%.", "Bees don’t sleep."
KNOWN = known_texts([(BEES, f"{SLEEP} {LOSS}"), (WASPS, "Wasps build 7 nests."), (ANTS, "Ants walk.")])
FACT = LabelledQuestion("q", "How far did the loss fall?", answerable=True, gold_titles=(BEES,), facts=(("5.6%",),))
BOTH = replace(FACT, kind="compare", gold_titles=(BEES, WASPS), facts=(("5.6%",), ("7 nests",)))
ALL_READ = (WASPS, BEES, ANTS)


def record(text="", *citations, **fields):
    cited = [{"title": title, "quote": quote} for title, quote in citations]
    given = {"query": FACT.question, "status": "answered", "mode": "quoted", "text": text, "citations": cited}
    return given | {"confidence": 0.9, "missing": [], "reason": None} | fields


def cause(question, given, read=ALL_READ, taken=(BEES,), **known):
    seen = Seen(given, read, taken, **known)
    return find_cause(question, judge_answer(question, given, KNOWN), seen, KNOWN)


REFUSED = {"status": "abstained", "confidence": 0.734, "reason": "Nothing in the library is about this."}
WRONG = record("Bees don’t sleep.", (BEES, SLEEP))
CASES = {
    "understanding": cause(FACT, record("The library holds 3 papers."), read=(), taken=()),
    "library": cause(replace(FACT, gold_titles=("On Moths",)), WRONG),
    "labels": cause(replace(FACT, facts=(("9.9%", "9.9 %"),)), WRONG),
    "retrieval": cause(FACT, record("Ants walk.", (ANTS, "Ants walk.")), read=(ANTS, WASPS), taken=(ANTS,)),
    "ranking": cause(FACT, record("Ants walk.", (ANTS, "Ants walk.")), taken=(ANTS,)),
    "gate_about": cause(FACT, record(**REFUSED)),
    "gate_says": cause(FACT, record(**REFUSED | {"missing": ["Politifact"]})),
    "gate_answered": cause(replace(FACT, answerable=False), WRONG),
    "evidence": cause(FACT, WRONG),
    "writing": cause(FACT, record("The loss fell.", (BEES, LOSS), mode="written")),
    "length": cause(FACT, record(" ".join(["word"] * 80) + " 5.6%", (BEES, LOSS))),
}


@pytest.mark.parametrize("name", CASES)
def test_the_part_that_lost_the_answer_is_named(name):
    assert CASES[name].name == name


def test_every_cause_has_a_meaning_and_every_meaning_a_case():
    assert {*CASES, "not_asked"} == set(MEANINGS)


@pytest.mark.parametrize(
    ("name", "detail", "remedy"),
    [
        ("understanding", "The library holds 3 papers.", "in other words"),
        ("library", "“On Moths”", "assistant add FILE"),
        ("labels", "“9.9%/9.9 %”", "facts or gold_titles"),
        (
            "retrieval",
            "“Bees in Winter”",
            '--set candidates=4; see: assistant search -k 50 "How far did the loss fall?"',
        ),
        ("ranking", "“The Ant”", 'see: assistant search "How far did the loss fall?"'),
        ("gate_about", "0.734", "--set answer_threshold=0.73"),
        ("gate_says", "“Politifact”", "in the abstract's words"),
        ("gate_answered", "0.900", "--set answer_threshold=0.91"),
        ("evidence", "“5.6%”", "in the sentence's words"),
        ("writing", "“5.6%”", "--set mode=quoted"),
        ("length", "“5.6%”", "--set max_sentences=1"),
    ],
)
def test_a_cause_says_what_was_lost_and_what_helps(name, detail, remedy):
    assert detail in CASES[name].detail
    assert remedy in CASES[name].remedy


def test_an_answer_that_is_right_or_cannot_be_judged_has_no_cause():
    assert cause(FACT, record("It fell by 5.6 %, i.e. 5.6%.", (BEES, LOSS))) is None
    assert cause(LabelledQuestion("q", "?"), WRONG) is None
    assert cause(replace(FACT, answerable=False), record(**REFUSED)) is None


def test_a_question_that_could_not_be_asked_says_so():
    found = cause(FACT, record(status="abstained", reason="the question is empty; type one"), (), (), asked=False)
    assert (found.name, found.detail) == ("not_asked", "the question is empty; type one")


def test_an_answer_with_room_for_no_further_sentence_is_told_to_make_room():
    full = record("Bees don’t sleep.", *[(BEES, SLEEP)] * 3)
    assert "--set max_sentences=4" in cause(FACT, full).remedy


def test_a_comparison_needs_every_right_paper_to_be_read_and_taken():
    only_wasps = record("Wasps build 7 nests.", (WASPS, "Wasps build 7 nests."))
    assert cause(BOTH, only_wasps, read=(WASPS, ANTS), taken=(WASPS, ANTS)).detail == "“Bees in Winter”"
    assert cause(BOTH, only_wasps, taken=(WASPS, ANTS)).name == "ranking"
    assert cause(BOTH, only_wasps, taken=(WASPS, BEES)).name == "evidence"
    assert cause(replace(BOTH, facts=()), only_wasps, taken=(WASPS, BEES)).detail == "no quote of “Bees in Winter”"


def test_without_known_papers_those_that_hold_the_facts_are_the_right_ones():
    unnamed = replace(FACT, gold_titles=None)
    assert cause(unnamed, record("Ants walk.", (ANTS, "Ants walk.")), taken=(ANTS,)).name == "ranking"
    assert cause(unnamed, record("Ants walk.", (ANTS, "Ants walk.")), read=(ANTS,), taken=(ANTS,)).name == "retrieval"
    assert cause(unnamed, WRONG).name == "evidence"
    assert cause(replace(unnamed, facts=(("9.9%",),)), WRONG).name == "labels"


def test_a_query_is_quoted_so_that_a_shell_reads_it_as_it_stands():
    given = record("Ants walk.", (ANTS, "Ants walk."), query='What does "$HOME" cost?')
    assert cause(FACT, given, taken=(ANTS,)).remedy.endswith("""assistant search 'What does "$HOME" cost?'""")
