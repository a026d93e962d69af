"""Surveys: questions for every paper that shares something get one line a paper, and counts that are true."""

from __future__ import annotations

import pytest

from assistant import Filters
from assistant.evidence import Query
from assistant.filters import Scope
from assistant.papers import Paper
from assistant.recall import MARKERS, Recall
from assistant.searching import Searcher
from assistant.survey import in_words, is_denied, survey, topic_of


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Which papers use contrastive learning?", "contrastive learning"),
        ("How many papers mention GPT-4?", "GPT-4"),
        ("list all papers on sea ice", "sea ice"),
        ("What studies do you have about honey bees?", "honey bees"),
        ("Are there any articles that deal with β-catenin?", "β-catenin"),
        ("Which of these works apply linear programs?", "linear programs"),
        ("which models are trained on speech codecs", "speech codecs"),
        ("Who else uses field surveys?", "field surveys"),
        ("Are there papers on sea ice, and which data do they use?", "sea ice"),
    ],
)
def test_a_survey_names_its_topic(question, topic):
    assert topic_of(question).of(question) == topic


@pytest.mark.parametrize(
    "question",
    [
        "Which paper uses contrastive learning?", "What methods does it use?", "Which encoders are used?",
        "How many patients took part?", "Which model wins?", "What did the two studies measure?", "papers",
        "Which papers?", "Which papers do not use contrastive learning?", "Which papers don't mention bees?",
    ],
)  # fmt: skip
def test_a_question_about_one_paper_is_no_survey(question):
    assert topic_of(question) is None


@pytest.fixture
def assistant(open_assistant, home_of_papers):
    return open_assistant(home_of_papers)


def test_every_paper_that_states_the_topic_is_counted_and_shown(assistant):
    answer = assistant.ask("Which papers are about dense retrieval?")
    assert answer.status == "answered"
    first, *lines = answer.text.split("\n")
    assert first == "Two papers of the library speak of “dense retrieval”."
    stating = [p.title for p in assistant.library.papers() if "dense retrieval" in p.title]
    assert sorted(citation.title for citation in answer.citations) == sorted(stating)
    assert len(lines) == len(answer.citations) == 2
    for line, citation in zip(lines, answer.citations, strict=True):
        assert line.startswith(f"{citation.title}: ")
        assert line.endswith(f"[{citation.number}]")


def test_more_papers_than_are_shown_are_counted(open_assistant, tmp_path, write_jsonl, make_papers):
    assistant = open_assistant(tmp_path / "home")
    assistant.add(write_jsonl(tmp_path / "papers.jsonl", make_papers(40)))
    answer = assistant.ask("How many papers rely on field surveys?")
    stating = [p for p in assistant.library.papers() if "field surveys" in p.abstract]
    assert len(stating) == 8
    assert answer.text.startswith("Eight papers of the library speak of “field surveys”; here are the five nearest.")
    assert len(answer.citations) == 5


def test_filters_hold_for_the_count(assistant):
    answer = assistant.ask("Which papers are about dense retrieval?", filters=Filters(years=(2007, 2007)))
    assert answer.text.startswith("The one paper that passes the filters speaks of “dense retrieval”.")
    answer = assistant.ask("Which papers are about dense retrieval?", filters=Filters(years=(None, 2010)))
    assert answer.text.startswith("Two of the 11 papers that pass the filters speak of “dense retrieval”.")


def test_words_that_stand_apart_are_said_to(open_assistant, tmp_path, write_jsonl):
    assistant = open_assistant(tmp_path / "home")
    paper = Paper(title="Kites", abstract="Kites need wind. Their frames are wooden.")
    assistant.add(write_jsonl(tmp_path / "papers.jsonl", [paper]))
    answer = assistant.ask("Which papers are about wooden kites?")
    assert answer.text.startswith("One paper of the library has all the words of “wooden kites”.")


def test_a_topic_that_no_paper_has_is_not_answered(assistant):
    answer = assistant.ask("Which papers are about volcanology of Jupiter's moons?")
    assert answer.status == "abstained"


def test_small_numbers_are_words():
    assert [in_words(n) for n in (1, 12, 13, 1234)] == ["one", "twelve", "13", "1,234"]


def test_the_first_paper_of_a_survey_is_found_again(assistant):
    answer = assistant.ask("Which papers are about dense retrieval?")
    follow_up = assistant.ask("What does the first paper rely on?", history=answer.history)
    assert {citation.title for citation in follow_up.citations} == {answer.citations[0].title}


def test_papers_that_lack_something_are_not_told(assistant):
    answer = assistant.ask("Which papers do not use field surveys?")
    assert (answer.status, answer.citations) == ("abstained", ())
    assert answer.reason.startswith("Abstracts tell what a work does and seldom what it does not")


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("Which papers without code are there?", True),
        ("Which papers that are without an evaluation?", True),
        ("List the works that have no limitations", True),
        ("Which works align embeddings without parallel data?", False),
        ("Which papers learn to segment without labels?", False),
    ],
)
def test_without_something_is_a_topic_unless_it_is_said_of_the_papers(question, denied):
    assert is_denied(question) is denied
    assert (topic_of(question) is None) is denied


@pytest.mark.parametrize(
    "question",
    [
        "Which datasets exist for sourdough logs?",
        "Are there any data sets for sourdough logs?",
        "What corpora are available for sourdough logs?",
        "what tools are there for sourdough logs",
    ],
)
def test_data_and_tools_are_listed_by_paper(question, open_assistant, tmp_path):
    kinds = "A dataset of sourdough logs, other data sets and corpora from nine bakeries. Tools for reading are free."
    assistant = open_assistant(tmp_path / "bakery")
    assistant.library.put(
        [
            Paper(title="The log corpus", abstract=kinds),
            Paper(title="A second one", abstract=f"Ovens are hot. {kinds}"),
            Paper(title="Kites", abstract="Kites fly over the sea."),
        ]
    )
    assistant.update()
    answer = assistant.ask(question)
    assert answer.text.startswith("Two papers of the library ")
    assert not {"exist", "available", "there"} & set(answer.text.partition("”")[0].split())
    assert {c.title for c in answer.citations} == {"The log corpus", "A second one"}


@pytest.mark.parametrize("question", ["Which data sets does it use?", "Are there datasets?", "What benchmarks exist?"])
def test_data_that_one_paper_uses_is_no_survey(question):
    assert topic_of(question) is None


def test_papers_that_say_what_they_do_without_come_before_those_that_only_have_the_words(open_assistant, tmp_path):
    papers = [
        ("Kites and pilots", "Kites fly over the sea with trained pilots. Nothing was done without a permit."),
        ("Kites alone", "Kites fly over the sea. They do so without any trained pilots, day and night."),
        ("Boats", "Boats cross the sea. Trained pilots steer them."),
    ]
    assistant = open_assistant(tmp_path / "kites")
    assistant.library.put(Paper(title=title, abstract=abstract) for title, abstract in papers)
    assistant.update()
    answer = assistant.ask("Which papers let kites fly without trained pilots?")
    assert answer.text.startswith("Two papers of the library have all the words of “kites fly without trained pilots”")
    assert [c.title for c in answer.citations] == ["Kites alone"]
    assert answer.citations[0].quote == "They do so without any trained pilots, day and night."


def test_papers_that_were_not_read_are_counted_as_such(assistant):
    question = "Which papers are about dense retrieval volcanoes?"
    judged = assistant.searcher().judge(Query(question, question), Filters(), 24)
    scope = Scope(1000, Filters(), Filters())
    found = survey(question, topic_of(question), judged.papers, lambda phrases: 7 if len(phrases) == 3 else 0, scope, 5)
    assert found.opening == (
        "Seven papers of the library have all the words of “dense retrieval volcanoes”, but none of the 12 that were read; "
        "these come nearest."
    )
    none = survey(question, topic_of(question), judged.papers, lambda _: 0, scope, 5)
    assert none.opening.startswith(
        "No paper of the library has all the words of “dense retrieval volcanoes”; these come"
    )


def test_a_topic_is_repeated_without_markers_and_not_at_any_length(open_assistant, tmp_path, write_jsonl):
    assistant = open_assistant(tmp_path / "home")
    paper = Paper(title="A reply to [2] on kites", abstract="Kites need wind [1]. Their frames are wooden.")
    assistant.add(write_jsonl(tmp_path / "papers.jsonl", [paper]))
    answer = assistant.ask("Which papers reply to [2] on kites?")
    assert answer.citations
    assert MARKERS.sub("", answer.text).count("[") == 0
    assert [marker.strip() for marker in MARKERS.findall(answer.text)] == ["[1]"]
    assert "“reply to (2) on kites”" in answer.text
    listed = assistant.ask("List my papers")
    assert [marker.strip() for marker in MARKERS.findall(listed.text)] == ["[1]"]
    wooden = assistant.ask("Which papers are about " + "wooden kites " * 40 + "?")
    assert all(len(sentence.text) < 250 for sentence in wooden.sentences)
    recall = Recall(assistant.library, assistant.index().lexical.containing)
    assert [shown.title for text in (answer.text, listed.text) for shown in recall(text)] == [paper.title] * 2


def test_a_survey_searches_once_where_as_many_papers_are_read_anyway(open_assistant, home_of_papers, monkeypatch):
    searched = []

    def counted(searcher, query, filters, k):
        searched.append(k)
        return judge(searcher, query, filters, k)

    judge = Searcher.judge
    monkeypatch.setattr(Searcher, "judge", counted)
    for candidates, searches in ((24, [24]), (30, [30]), (5, [5, 24])):
        searched.clear()
        open_assistant(home_of_papers, candidates=candidates).ask("Which papers are about dense retrieval?")
        assert searched == searches
