"""Questions about the library and the assistant: known by their wording, answered from the table, never mistaken."""

from __future__ import annotations

import json

import pytest

from assistant import Filters
from assistant.answer import EvidenceFound, SentenceReady
from assistant.filters import described
from assistant.library_questions import read_library_question

NAMES = {"smith", "author1", "ada author1", "emnlp", "journal of trees"}


def known(filters):
    return any(name.lower() in NAMES for name in filters.authors + filters.venues)


ABOUT = {
    "how many papers do you have from 2023?": ("count", Filters(years=(2023, 2023))),
    "How many papers are in the library?": ("count", Filters()),
    "how many papers": ("count", Filters()),
    "How many papers by Smith are in my library?": ("count", Filters(authors=("Smith",))),
    "how many papers by smith since 2019 do you have": ("count", Filters((2019, None), ("smith",))),
    "how many articles were published before 2010?": ("count", Filters(years=(None, 2009))),
    "how many papers between 2019 and 2021?": ("count", Filters(years=(2019, 2021))),
    "how many papers after 2019, before 2021?": ("count", Filters(years=(2020, 2020))),
    "how many papers since 2019 and before 2022": ("count", Filters(years=(2019, 2021))),
    "How many papers by Smith or Author1?": ("count", Filters(authors=("Smith", "Author1"))),
    "How many papers by Smith and Author1?": (
        "count",
        Filters(authors=("Smith",), also=(Filters(authors=("Author1",)),)),
    ),
    "how many papers in EMNLP?": ("count", Filters(venues=("EMNLP",))),
    "How many papers from the Journal of Trees do you have?": ("count", Filters(venues=("Journal of Trees",))),
    "how many papers do you have in NeurIPS?": ("count", Filters(venues=("NeurIPS",))),
    "which years are covered?": ("years", Filters()),
    "What years does your library cover?": ("years", Filters()),
    "list the papers by Ashish Vaswani": ("list", Filters(authors=("Ashish Vaswani",))),
    "Please show me all papers after 2020": ("list", Filters(years=(2021, None))),
    "do you have anything by Karpukhin?": ("list", Filters(authors=("Karpukhin",))),
    "Is there anything from 2021 in the library?": ("list", Filters(years=(2021, 2021))),
    "Papers by Smith": ("list", Filters(authors=("Smith",))),
    "Which papers do you have by Smith in EMNLP from 2020?": ("list", Filters((2020, 2020), ("Smith",), ("EMNLP",))),
    "list my papers": ("list", Filters()),
    "what is the newest paper?": ("newest", Filters()),
    "what's the latest paper you have by Smith?": ("newest", Filters(authors=("Smith",))),
    "Which paper is the oldest?": ("oldest", Filters()),
    "what can you do?": ("assistant", Filters()),
    "Who are you": ("assistant", Filters()),
    "Hi, how can you help me?": ("assistant", Filters()),
    "which model do you use?": ("models", Filters()),
    "What language model are you running on?": ("models", Filters()),
    "are you online?": ("network", Filters()),
    "Do you send my data anywhere?": ("network", Filters()),
    "what topics are in the library?": ("topics", Filters()),
    "What are the papers about?": ("topics", Filters()),
    "Hello!": ("greeting", Filters()),
    "thanks a lot": ("greeting", Filters()),
    "Can you say that more simply?": ("reword", Filters()),
    "please explain it in simple terms": ("reword", Filters()),
    "translate it into German": ("reword", Filters()),
}  # fmt: skip


@pytest.mark.parametrize("question", ABOUT)
def test_a_question_about_the_library_is_known(question):
    asked = read_library_question(question, known)
    assert asked is not None
    assert (asked.kind, asked.filters) == ABOUT[question]


WORLD = [
    "How many papers were published on whales in 2023?", "recommend restaurants", "Who is the newest author?",
    "how many papers does the S2ORC dataset hold?", "How many papers are in the S2ORC corpus?",
    "How many papers about dense retrieval do you have?", "What is the latest paper on fake news?",
    "What is the newest model?", "Which papers use BERT?", "what papers are in English?", "list the papers by topic",
    "How many documents are in the index of MS MARCO?", "How many abstracts were used for training?",
    "Is there anything on detecting fake news?", "Is there anything about whales in the library?",
    "which years were studied?", "Which years does the dataset cover?", "What model do they use?", "What can CLIP do?",
    "Which model is used for retrieval?", "Are you aware of any work on landslides?", "how does it work?",
    "How many studies by the WHO were included?", "How many papers are from China?", "How many studies in Germany?",
    "Which papers by Smith use transformers?", "Is there anything else?", "what about the second paper?",
    "How many papers did ChatGPT write?", "help me understand attention", "Which work is from 2023 and uses CLIP?",
    "find papers in which rewards are used", "what are these papers about?", "which papers?", "What is this about?",
    "What did Smith find in 2020?", "Who are the authors?", "Hello world programs in C", "How old are the patients?",
    "What is the oldest landslide?", "Which topics do the codes represent?", "", "?", "papers", "2023", "by Smith",
]  # fmt: skip


@pytest.mark.parametrize("question", WORLD)
def test_a_question_about_the_world_is_never_taken_for_one(question):
    assert read_library_question(question, known) is None


@pytest.mark.parametrize("source", ["eval/seed_questions_dev.jsonl", "data/pubmedqa/qa.jsonl"])
def test_no_question_of_these_is_about_the_library(source, shared):
    lines = (shared / source).read_text(encoding="utf-8").splitlines()
    taken = [q for line in lines if read_library_question(q := json.loads(line)["question"], lambda _: False)]
    assert taken == []


def test_filters_are_told_in_words():
    assert described(Filters((2019, 2021), ("Smith",), ("EMNLP",))) == "by Smith, in EMNLP, from 2019 to 2021"
    assert described(Filters((None, 2021))) == "from 2021 or earlier"


# -- the answers: 12 papers, one a year from 2000 to 2011 ---------------------------------------------------------------


@pytest.fixture
def assistant(open_assistant, home_of_papers):
    return open_assistant(home_of_papers)


TOLD = {
    "How many papers do you have?": "The library holds 12 papers.",
    "How many papers are from 2005?": "1 of the library's 12 papers is from 2005.",
    "How many papers are from 2023?": "No paper of the library is from 2023; its years are 2000 to 2011.",
    "How many papers by Author1?": "3 of the library's 12 papers are by Author1.",
    "How many papers by emile cote?": "12 of the library's 12 papers are by emile cote.",
    "How many papers in EMNLP?": "4 of the library's 12 papers are in EMNLP.",
    "Do you have anything by Jane Roe?": "No paper of the library is by Jane Roe.",
    "Which years are covered?": "Its papers are from 2000 to 2011.",
    "Are you online?": "I work offline: papers, index and models lie on this machine. Only a remote language model named "
    "in the settings would be sent questions and quotes.",
}  # fmt: skip


@pytest.mark.parametrize("question", TOLD)
def test_the_answer_is_read_off_the_library(question, assistant):
    answer = assistant.ask(question)
    assert (answer.status, answer.text, answer.citations, answer.nearest) == ("answered", TOLD[question], (), ())
    assert {(s.status, s.support) for s in answer.sentences} == {("supported", 1.0)}
    json.dumps(answer.to_dict())


@pytest.mark.parametrize("question", ["What topics are in the library?", "What can you do?", "Hello"])
def test_what_it_says_of_itself_is_short_and_names_the_number_of_papers(question, assistant):
    text = assistant.ask(question).text
    assert "12 papers" in text
    assert len(text.split()) < 80


def test_the_models_are_named(assistant):
    assert "hashing" in assistant.ask("Which model do you use?").text


@pytest.mark.parametrize(
    ("question", "start", "titles"),
    [
        ("What is the newest paper?", "The newest paper is from 2011:", 1),
        ("What is the oldest paper by Author1?", "The oldest paper by Author1 is from 2001:", 1),
        ("List the papers by Author1", "3 papers of the library are by Author1:", 3),
        ("List my papers", "The library holds 12 papers; 5 of them:", 5),
        ("papers since 2009", "3 papers of the library are from 2009 or later:", 3),
    ],
)
def test_papers_are_listed_with_a_quote_of_each(question, start, titles, assistant):
    answer = assistant.ask(question)
    assert answer.text.startswith(start)
    assert [c.number for c in answer.citations] == list(range(1, titles + 1))
    for citation in answer.citations:
        assert citation.quote == assistant.library.get(citation.paper_id).abstract[citation.start : citation.end]
        assert f"“{citation.title}”" in answer.text
        assert f"[{citation.number}]" in answer.text


def test_the_events_are_those_of_any_answer(assistant):
    found, *sentences, last = assistant.stream("List the papers by Author1")
    assert isinstance(found, EvidenceFound)
    assert found.evidence == last.answer.citations
    assert all(isinstance(event, SentenceReady) for event in sentences)
    assert tuple(event.sentence for event in sentences) == last.answer.sentences
    assert sum((event.citations for event in sentences), ()) == last.answer.citations


def test_the_filters_of_the_caller_are_kept_to(assistant):
    seen = Filters(authors=("Author1",))
    assert (
        assistant.ask("How many papers are there?", filters=seen).text
        == "The library holds 3 papers that pass the filters."
    )
    assert assistant.ask("How many papers from 2001?", filters=seen).text.startswith("1 of the 3 papers")
    assert assistant.ask("How many papers from 2002?", filters=seen).text.startswith(
        "No paper of the library that pass"
    )
    assert {c.authors[0] for c in assistant.ask("List my papers", filters=seen).citations} == {"Ada Author1"}
    nothing = assistant.ask("What is the newest paper?", filters=Filters(years=(1900, 1901)))
    assert nothing.text == "No paper of the library passes these filters."


def test_a_follow_up_asks_the_same_of_other_papers(assistant):
    first = assistant.ask("How many papers are from 2005?")
    assert assistant.ask("and from 2023?", history=first.history).text.startswith(
        "No paper of the library is from 2023"
    )


def test_a_follow_up_keeps_what_it_does_not_name(assistant):
    first = assistant.ask("How many papers by Author1?")
    second = assistant.ask("And from 2005?", history=first.history)
    assert second.text == "1 of the library's 12 papers is by Author1, from 2005."
    third = assistant.ask("and from 2006?", history=second.history)
    assert third.text == "No paper of the library is by Author1, from 2006."
    fourth = assistant.ask("And by Author2?", history=third.history)
    assert fourth.text == "1 of the library's 12 papers is by Author2, from 2006."


def test_a_listed_paper_can_be_asked_about(assistant):
    listed = assistant.ask("List the papers by Author1")
    answer = assistant.ask("What does the second paper rely on?", history=listed.history)
    assert {c.title for c in answer.citations} == {listed.citations[1].title}


@pytest.mark.parametrize("question", ["How many papers?", "Which years are covered?", "What is the newest paper?",
                                      "List my papers", "What topics are there?", "papers from 2020"])  # fmt: skip
def test_an_empty_library_and_one_without_years_say_so(question, open_assistant, tmp_path):
    assistant = open_assistant(tmp_path / "home")
    assert assistant.ask(question).text == "The library is empty; add papers with: assistant add FILE"
    source = tmp_path / "papers.jsonl"
    source.write_text('{"title": "Bees", "abstract": "Bees dance. They sing."}\n', encoding="utf-8")
    assistant.add(source)
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert "1 paper" in answer.text or "does not know from which years" in answer.text
