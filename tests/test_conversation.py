"""Follow-ups: what a question leaves out is put back, papers of earlier answers are found again and pointed at."""

from __future__ import annotations

import json

import pytest

from assistant.answer import Answer
from assistant.conversation import changes_subject, corrects, leans, points_back, understand
from assistant.errors import QuestionError
from assistant.filters import Filters
from assistant.questions import read_question
from assistant.recall import Shown

A, B, C = Shown("a", "Apples and Pears", (1, 3)), Shown("b", "On Bees", (2,)), Shown("c", "Of Cats", (4,))
ANSWERS = {"two": (A, B), "one": (A,), "other": (C,), "none": ()}
ASKED = "Which sugar do apples hold most of?"


def read(question, *turns):
    """Return the first reading of a question after these turns, whose answers are keys of ``ANSWERS``."""
    return understand(question, turns, lambda answer: ANSWERS.get(answer, ()))[0]


# -- whether it leans -------------------------------------------------------------------------------------------------

LEANING = [
    "Which encoders does it use?", "And on Gossipcop?", "on MedProcNER?", "What about its limits?", "Why?", "Code?",
    "How does that work compare to the usual way of fusing features?", "What did they train on?", "Who wrote this?",
    "Is it trained on data with labels from several annotators and domains?", "Are these models released to everybody?",
    "What is the latter evaluated on when there is no benchmark data?", "And what about the weather data they had?",
]  # fmt: skip
STANDING = [
    "What tasks was the universal animal perception model UniAP evaluated on?",
    "Is it possible to predict stock prices of large companies with convolutional networks alone?",
    "Is there anything that recovers the shape and texture of a head from one portrait photo?",
    "Which methods that detect fake news look at pictures and text together?",
    "Does it help to fine-tune the text encoder of diffusion models with rewards?",
]


@pytest.mark.parametrize("question", LEANING)
def test_a_follow_up_leans_on_what_was_said(question):
    assert leans(question)
    assert "Apples and Pears" in read(question, (ASKED, "one")).text


@pytest.mark.parametrize("question", STANDING)
def test_a_question_that_stands_alone_carries_nothing_along(question):
    assert not points_back(question)
    assert [q.text for q in understand(question, ((ASKED, "one"),), lambda _: (A,))] == [question]


def test_without_a_conversation_nothing_is_changed():
    assert read("And on Gossipcop?").text == "And on Gossipcop?"


def test_a_short_question_may_stand_alone_when_the_papers_say_so():
    readings = understand("What is LSLM?", ((ASKED, "one"),), lambda _: (A,))
    assert readings[-1].text == "What is LSLM?"
    assert changes_subject("What is LSLM?", focus=0.1, likeness=0.6)
    assert not changes_subject("What is LSLM?", focus=0.9, likeness=0.3)


# -- what is put back -------------------------------------------------------------------------------------------------


def test_the_question_comes_first_then_what_it_refers_to():
    assert read("And pears?", (ASKED, "one")).text == f"And pears? (Apples and Pears · {ASKED})"


def test_an_answer_in_other_words_is_put_back_itself_without_its_markers():
    text = read("How sweet is it?", (ASKED, "Fructose, mostly. [1] [2]")).text
    assert text == f"How sweet is it? ({ASKED} · Fructose, mostly.)"


def test_a_chain_of_follow_ups_is_followed_back_to_the_question_that_stood_alone():
    start = "Which sugars do the oldest kinds of apples from Kazakhstan hold?"
    text = read("And what else?", ("Something else before?", "Salt."), (start, "Two."), ("Which are they?", "Guess."))
    assert start in text.text
    assert "Salt" not in text.text


def test_a_long_conversation_pushes_no_question_out():
    long = "Once upon a time there was an apple. " * 500
    for turns in [((long, long),), ((ASKED, "none"), *((f"And {n}?", "Fine.") for n in range(200)))]:
        text = read("How sweet is it?", *turns).text
        assert text.startswith("How sweet is it? (")
        assert len(text.split()) < 100


def test_no_more_of_the_conversation_is_looked_up_than_is_put_back():
    looked_up = []

    def recalled(answer):
        looked_up.append(answer)
        return (Shown(answer, f"A title of {answer} " + "with many words " * 20),)

    understand("And pears?", tuple((f"And what of tree {n}?", f"answer {n}") for n in range(19)), recalled)
    assert len(set(looked_up)) <= 5


@pytest.mark.parametrize("other", ["\u3042" * 3000, "😀" * 3000, "", " ", "[1] [2]"])
def test_odd_turns_do_no_harm(other):
    assert len(read("How sweet is it?", (other, other)).text) < 1200


# -- papers of the last answer ----------------------------------------------------------------------------------------

NTH = {
    "What about the second paper?": "b", "What does the first paper rely on?": "a", "and the second one?": "b",
    "How large is the effect in the latter?": "b", "What does the former measure?": "a", "What is paper 2 about?": "b",
    "What does [3] say?": "a", "What does [2] say about honey?": "b", "Who wrote the last paper?": "b",
    "What does the 2nd study find?": "b",
}  # fmt: skip


@pytest.mark.parametrize("question", NTH)
def test_a_paper_is_pointed_at_by_its_order(question):
    query = read(question, (ASKED, "two"))
    assert query.papers == (NTH[question],)
    assert {"a": A, "b": B}[NTH[question]].title in query.text


@pytest.mark.parametrize("question", ["Which was the first paper to use honey?", "What is the second experiment?"])
def test_not_every_first_and_second_is_a_paper_of_the_answer(question):
    assert read(question, (ASKED, "two")).papers == ()


def test_the_second_of_one_paper_is_nothing_to_point_at():
    assert read("What about the second one?", (ASKED, "one")).papers == ()
    assert read("What does [9] say?", (ASKED, "two")).papers == ()


def test_pointing_alone_asks_the_last_question_again():
    assert read("What about the second paper?", (ASKED, "two")).question == ASKED
    question = "How many trees does the second paper count?"
    assert read(question, (ASKED, "two")).question == question


def test_both_papers_can_be_meant():
    assert read("Which of them is newer?", (ASKED, "two")).papers == ("a", "b")


# -- corrections ------------------------------------------------------------------------------------------------------

CORRECTIONS = [
    "no, the other one", "No, I meant the other paper.", "not that one", "Not this paper", "that's the wrong paper",
    "that's not what I meant", "another paper?", "Is there another one?",
]  # fmt: skip


@pytest.mark.parametrize("question", CORRECTIONS)
def test_a_correction_asks_again_without_the_paper_shown_first(question):
    query = read(question, (ASKED, "one"))
    assert (query.question, query.excluded) == (ASKED, ("a",))


def test_corrections_add_up():
    assert read("not that one either", (ASKED, "one"), ("no, the other one", "other")).excluded == ("a", "c")


def test_the_other_of_two_is_the_second():
    assert read("no, the other one", (ASKED, "two")).papers == ("b",)
    assert read("and the other one?", (ASKED, "two"), ("What about the second paper?", "x")).papers == ("a",)


@pytest.mark.parametrize(
    "question",
    ["Does it beat other methods?", "How is it different from another model?", "No, on Gossipcop", "not yet?"],
)
def test_what_only_sounds_like_a_correction_is_none(question):
    assert not corrects(question)
    assert read(question, (ASKED, "one")).excluded == ()


def test_a_correction_in_other_words_leaves_the_title_out():
    assert read("I meant pears", (ASKED, "one")).text == f"I meant pears ({ASKED})"


# -- another subject --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", ["And RPO?", "What about RPO?", "how about RPO"])
def test_a_name_alone_takes_the_place_of_the_last_one(question):
    assert read(question, ("What does TexForce fine-tune?", "x")).text == "What does RPO fine-tune?"


def test_a_name_of_the_last_answer_takes_no_place():
    assert "(" in read("And RPO?", ("What does TexForce fine-tune?", "Something like RPO does.")).text


def test_a_subject_alone_takes_the_place_of_the_last_one_if_the_papers_say_so():
    history = (("How sweet do apples grow?", "one"),)
    readings = understand("And bees?", history, lambda _: (A,))
    assert [query.text for query in readings] == [
        "And bees? (Apples and Pears · How sweet do apples grow?)", "How sweet do bees grow?"
    ]  # fmt: skip
    assert understand("And bees?", history, lambda _: ())[-1].text == "And bees? (How sweet do apples grow?)"


# -- with a library ---------------------------------------------------------------------------------------------------


@pytest.fixture
def assistant(open_assistant, home_of_papers):
    """An assistant over 12 papers that answers every question, in quotes."""
    return open_assistant(home_of_papers, answer_threshold=0)


def recalled(assistant: object, answer: str | Answer) -> list[tuple[str, tuple[int, ...]]]:
    text = answer if isinstance(answer, str) else answer.text
    return [(shown.title, shown.markers) for shown in assistant.searcher().recalled(text)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "question",
    ["What does part 3 on sea ice rely on?", "Which work is about honey bees with field surveys?", "How do sea ice and "
     "honey bees differ in both papers?"],
)  # fmt: skip
def test_the_papers_of_an_answer_are_found_again_in_its_text(question, assistant):
    answer = assistant.ask(question)
    cited = {}
    for citation in answer.citations:
        cited.setdefault(citation.title, []).append(citation.number)
    assert recalled(assistant, answer) == [(title, tuple(numbers)) for title, numbers in cited.items()]


def test_a_paper_named_in_an_abstention_is_found_again(assistant):
    text = "The nearest paper is “On sea ice with linear programs, part 3”, but its abstract does not say."
    assert recalled(assistant, text) == [("On sea ice with linear programs, part 3", ())]


@pytest.mark.parametrize(
    "text",
    ["", "It relies on linear programs.", "We study. [1]", "[1] [2]", "“” [1]", "x: y [1]", '"quoted" OR NEAR( [1]',
     "Our approach relies on known tools and more. [1]", "[" * 5000, "“" * 5000, ": " * 5000, "a [1] " * 5000],
)  # fmt: skip
def test_other_texts_name_no_paper(text, assistant):
    assert recalled(assistant, text) == []


def test_a_pointed_paper_is_the_only_one_that_is_searched(assistant):
    first = assistant.ask("Which work is about sea ice? And which about honey bees?", filters=None)
    quotes = {c.title: c.quote for c in first.citations}
    other = next(p for p in assistant.library.papers() if p.title not in quotes)
    sentence = other.abstract.split(". ")[0] + "."
    history = (("Which two papers?", f"{next(iter(quotes.values()))} [1] {sentence} [2]"),)
    answer = assistant.ask("How much does the error fall in the second paper?", history=history)
    assert {c.title for c in answer.citations} == {other.title}
    assert other.title in answer.query


def test_a_correction_shows_another_paper(assistant):
    first = assistant.ask("What does the work on sea ice rely on?")
    second = assistant.ask("no, the other one", history=first.history)
    third = assistant.ask("not that one either", history=second.history)
    assert len({answer.citations[0].paper_id for answer in (first, second, third)}) == 3
    assert third.question == "not that one either"


def test_the_filters_of_the_caller_go_before_the_papers_of_the_conversation(assistant):
    first = assistant.ask("What does part 3 on sea ice rely on?")
    other = next(p for p in assistant.library.papers() if p.paper_id != first.citations[0].paper_id)
    answer = assistant.ask("What does [1] say?", history=first.history, filters=Filters(paper_ids=(other.paper_id,)))
    assert {c.paper_id for c in answer.citations} == {other.paper_id}


def test_the_history_may_come_from_json(assistant):
    first = assistant.ask("What does part 3 on sea ice rely on?")
    lists = json.loads(json.dumps(first.history))
    assert assistant.ask("Which error does it have?", history=lists).citations[0].title == first.citations[0].title


def test_a_conversation_over_an_empty_library_is_no_error(open_assistant, tmp_path):
    answer = open_assistant(tmp_path / "empty").ask("And the second paper?", history=(("Hello", "Hi [1]"),))
    assert answer.status == "abstained"
    with pytest.raises(QuestionError):
        open_assistant(tmp_path / "empty").ask(" ", history=(("Hello", "Hi [1]"),))


@pytest.mark.parametrize(
    ("asked", "question", "meant"),
    [
        ("What corpora exist for Swahili?", "And for Amharic?", "What corpora exist for Amharic?"),
        ("How is sarcasm detected in Arabic?", "what about in Hindi?", "How is sarcasm detected in Hindi?"),
        ("Which work on New Zealand compares it with South Africa?", "and with West Timor?",
         "Which work on New Zealand compares it with West Timor?"),
        ("How large is the gain on Politifact?", "And on Gossipcop?", "How large is the gain on Gossipcop?"),
    ],
)  # fmt: skip
def test_a_name_takes_the_place_of_another_behind_the_same_word(asked, question, meant):
    [query] = understand(question, ((asked, "An answer."),), lambda _: ())
    assert (query.text, query.papers) == (meant, ())
    later = ((asked, "An answer."), (question, "Another answer."))
    [again] = understand(question.replace(question.split()[-1], "Peru?"), later, lambda _: ())
    assert again.text.endswith("Peru?")


@pytest.mark.parametrize(
    "question", ["And on the weather data?", "and for Amharic speakers of Eritrea in cities?", "In Hindi"]
)
def test_other_words_take_no_name_s_place(question):
    first, *_ = understand(question, (("How large is the gain on Politifact?", "An answer."),), lambda _: ())
    assert first.text.startswith(question.removeprefix("what about "))


def test_the_first_two_of_a_list_are_compared():
    shown = [Shown(str(n), f"Paper {n}") for n in range(4)]
    history = (("Which papers are there?", "Four."),)
    for question, meant in (("compare the first two", ("0", "1")), ("Compare the last two of them", ("2", "3"))):
        [query] = understand(question, history, lambda _: shown)
        assert query.papers == meant
        assert read_question(query.question).two_works


def test_another_of_a_list_is_meant_after_one_of_it_was_asked_for():
    shown = [Shown(str(n), f"Paper {n}") for n in range(4)]
    answers = {"Four.": shown, "One.": shown[1:2], "Alone.": shown[:1]}
    history = (("Which papers are there?", "Four."), ("Tell me more about the second one", "One."))
    for question, meant in (("And the third one?", ("2",)), ("compare the first two", ("0", "1"))):
        [query] = understand(question, history, answers.__getitem__)
        assert query.papers == meant
    turned = (*history, ("How do bees dance in the dark of their hives?", "Alone."))
    assert all(
        not query.papers for query in understand("What does the third one measure?", turned, answers.__getitem__)
    )
