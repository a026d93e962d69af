"""Fields of papers that an answer has shown: read off the table, for the papers that the question points at."""

from __future__ import annotations

import pytest

from assistant import Filters
from assistant.papers import Paper
from assistant.shown_papers import field_asked

PAPERS = [
    Paper(title="Kites at sea", abstract="Kites fly over the sea.", authors=("Ada Lovelace", "Alan Turing"), year=2019,
          venue="Journal of Kites", doi="10.1234/kites"),
    Paper(title="Kites on land", abstract="Kites fly over the sea of grass.", authors=("Grace Hopper",), year=2021),
    Paper(title="Kites in caves", abstract="Kites cannot fly over the sea in caves.", url="https://example.org/caves"),
]  # fmt: skip
LIST = "Which papers are about kites that fly over the sea?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    from assistant import Assistant

    settings = {"embedding_model": "hashing", "chat_model": "none"}
    with Assistant.open(tmp_path_factory.mktemp("shown") / "home", settings=settings) as opened:
        opened.library.put(PAPERS)
        opened.update()
        yield opened


@pytest.fixture(scope="module")
def listed(assistant):
    """The conversation after all three papers were shown."""
    answer = assistant.ask(LIST)
    assert {citation.title for citation in answer.citations} == {paper.title for paper in PAPERS}
    return answer


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("When was it published?", "year"),
        ("And what year is the second one from?", "year"),
        ("in which year were these papers published", "year"),
        ("who wrote it", "authors"),
        ("Who are the authors of the last paper?", "authors"),
        ("Where did it appear?", "venue"),
        ("What journal was it published in?", "venue"),
        ("Do you have its DOI?", "link"),
        ("Where can I read the first one?", "link"),
        ("Which of them is the newest?", "newest"),
        ("Is it open access?", "unknown"),
        ("How often has it been cited?", "unknown"),
        ("Is it free?", None),
        ("what is the earliest of these", "oldest"),
        ("When was the second site added?", None),
        ("Where was it tested?", None),
        ("Who are the authors of FND-CLIP?", None),
        ("Which of them is the fastest?", None),
        ("What year did the experiment begin?", None),
    ],
)
def test_a_question_is_for_a_field_only_if_all_its_words_are(question, field):
    assert field_asked(question) == field


def test_each_field_is_told_of_the_paper_that_is_meant(assistant, listed):
    order = [citation.title for citation in listed.citations]
    place = {title: f"{['first', 'second', 'third'][order.index(title)]} one" for title in order}
    sea, land, caves = (place[paper.title] for paper in PAPERS)
    for question, text in (
        (f"When was the {sea} published?", "“Kites at sea” is from 2019. [1]"),
        (f"Who wrote the {sea}?", "“Kites at sea” is by Ada Lovelace and Alan Turing. [1]"),
        (f"Where was the {sea} published?", "“Kites at sea” appeared in Journal of Kites, 2019. [1]"),
        (f"Where can I read the {sea}?", "“Kites at sea” is at https://doi.org/10.1234/kites. [1]"),
        (f"Where can I read the {caves}?", "“Kites in caves” is at https://example.org/caves. [1]"),
        (f"When was the {caves} published?", "The library does not know the year of “Kites in caves”. [1]"),
        (f"Who wrote the {caves}?", "The library does not know the authors of “Kites in caves”. [1]"),
        (f"Where was the {land} published?", "The library does not know the venue of “Kites on land”. [1]"),
    ):
        answer = assistant.ask(question, history=listed.history)
        assert (answer.status, answer.text) == ("answered", text), question
        assert all(c.quote in {p.title: p.abstract for p in PAPERS}[c.title] for c in answer.citations)


def test_it_is_the_paper_of_the_last_answer_and_an_order_that_of_the_last_list(assistant, listed):
    order = [citation.title for citation in listed.citations]
    second = assistant.ask("Who wrote the second one?", history=listed.history)
    assert order[1] in second.text
    again = assistant.ask("When was it published?", history=second.history)
    assert f"“{order[1]}”" in again.text
    third = assistant.ask("And who wrote the third one?", history=again.history)
    assert f"“{order[2]}”" in third.text


def test_the_newest_and_the_oldest_are_of_those_that_were_shown(assistant, listed):
    newest = assistant.ask("Which of them is the newest?", history=listed.history)
    assert newest.text == "The newest of them whose year is known: “Kites on land” is from 2021. [1]".replace(
        ": ", ":\n"
    )
    oldest = assistant.ask("which of these is the oldest", history=listed.history)
    assert "“Kites at sea” is from 2019" in oldest.text
    cited = assistant.ask("How often was the first one cited?", history=listed.history)
    assert cited.text.startswith(f"The library does not know that of “{listed.citations[0].title}”")
    every = assistant.ask("When were they published?", history=listed.history)
    assert [c.title for c in every.citations] == [c.title for c in listed.citations]


def test_nothing_is_told_without_a_paper_or_of_one_that_the_filters_leave_out(assistant, listed):
    for answer in (
        assistant.ask("When was it published?"),
        assistant.ask("Which of them is the oldest?", history=listed.history, filters=Filters(years=(2021, None))),
    ):
        assert "2019" not in answer.text
