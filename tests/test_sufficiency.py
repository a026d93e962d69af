"""Enough? Questions about nothing in the library, and questions whose paper does not say, each refused for its reason."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from assistant import sufficiency
from assistant.papers import Paper
from assistant.sufficiency import stands_out

PAPERS = [
    Paper(
        title="TideBERT: reading tide gauges with transformers",
        abstract="TideBERT reads handwritten logs of tide gauges. It is pre-trained on image-text pairs from harbour offices. "
        "We tag 1,200 pages from nine harbours. TideBERT reaches an F1 score of 0.87 on logs from Brest, and reads a "
        "page in two seconds. Code is available.",
        authors=("Ada Lovelace", "Alan Turing", "Grace Hopper"),
    ),
    Paper(
        title="How bakeries keep their sourdough alive",
        abstract="Bakers feed sourdough every day. We asked 45 bakers in three towns how they do it. Most keep it in the "
        "fridge on Sundays, and few weigh the flour.",
    ),
    Paper(
        title="Road salt and the trees beside motorways",
        abstract="Road salt harms trees. Over ten winters we measured sodium in 300 lime trees. Trees within five metres of "
        "the road lose a third of their leaves.",
    ),
]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, write_jsonl):
    from assistant import Assistant

    folder = tmp_path_factory.mktemp("sufficiency")
    with Assistant.open(folder / "home", settings={"chat_model": "none"}) as opened:
        opened.add(write_jsonl(folder / "papers.jsonl", PAPERS))
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "How many pages did they tag for TideBERT?", "What F1 score does TideBERT reach?", "How many bakers were asked?",
        "How many trees did the road salt study measure?", "From how many harbours are the pages?",
        "What does road salt do to trees?", "how do bakers keep sourdough alive",
    ],
)  # fmt: skip
def test_what_the_papers_say_is_answered(question, assistant):
    answer = assistant.ask(question)
    assert answer.status == "answered", answer.reason


@pytest.mark.parametrize(
    "question",
    ["explain TideBERT", "TideBERT", "Is TideBERT's code available?", "TideBERT please", "summarize TideBERT"],
)
def test_a_short_question_is_about_what_a_paper_introduces(question, assistant):
    answer = assistant.ask(question)
    assert answer.status == "answered", answer.reason
    assert {c.title for c in answer.citations} == {PAPERS[0].title}


@pytest.mark.parametrize(
    ("question", "missing"), [("Is TideBERT tasty?", "tasty"), ("Is TideBERT married?", "married")]
)
def test_a_short_question_whose_word_the_paper_lacks_is_refused_for_it(question, missing, assistant):
    answer = assistant.ask(question)
    assert (answer.status, answer.missing) == ("abstained", (missing,))
    assert PAPERS[0].title in answer.reason


def test_a_short_common_title_in_a_question_does_not_open_the_gate(tmp_path, write_jsonl):
    from assistant import Assistant

    paper = Paper(
        title="Deep Learning", abstract="Layers of units learn what to look for. They see faces and hear words."
    )
    with Assistant.open(tmp_path / "home", settings={"chat_model": "none"}) as opened:
        opened.add(write_jsonl(tmp_path / "papers.jsonl", [paper]))
        far = opened.ask(
            "Which tax forms must a bakery that sells deep learning courses in Lisbon send to its landlord?"
        )
        assert (far.status, far.confidence < 0.45) == ("abstained", True)
        for question in ("What is “Deep Learning” about?", "deep learning", "What does the paper Deep Learning say?"):
            assert opened.ask(question).status == "answered"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("How many image-text pairs was TideBERT pre-trained on?", "how many image-text pairs"),
        ("How many layers does TideBERT have?", "how many layers"),
        ("What BLEU score does TideBERT reach?", "BLEU"),
        ("Does TideBERT beat HarbourGPT on logs from Brest?", "HarbourGPT"),
        ("What did TideBERT read in Brest yesterday?", "yesterday"),
        ("How many bakers weigh the flour of the sourdough next week?", "next week"),
    ],
)
def test_what_the_nearest_paper_does_not_say_is_named(question, missing, assistant):
    answer = assistant.ask(question)
    assert answer.status == "abstained"
    assert missing in answer.reason
    assert answer.nearest[0].title in answer.reason
    assert missing in " ".join(answer.missing)


@pytest.mark.parametrize(
    "question",
    [
        "Who won the world cup in 1998?", "What is the capital of Mongolia?", "cheap flights to Lisbon in May",
        "How do I get my passport renewed?", "Which phone has the best camera?", "Why did my neighbour sell his car?",
    ],
)  # fmt: skip
def test_what_no_paper_is_about_is_refused_with_the_nearest_papers(question, assistant):
    answer = assistant.ask(question)
    assert answer.status == "abstained"
    assert answer.reason.startswith("Nothing in the library is about this")
    assert len(answer.nearest) == 3
    assert 0.0 <= answer.confidence < assistant.settings.answer_threshold


@pytest.mark.parametrize("question", ["Who wrote TideBERT?", "Who are the authors of the paper on tide gauges?"])
def test_who_wrote_a_paper_is_told_from_the_library_where_it_knows(question, assistant):
    assert "it has nothing on “its authors”" in assistant.ask("Who wrote the paper on sourdough in bakeries?").reason
    answer = assistant.ask(question)
    assert answer.reason.endswith(f"“{PAPERS[0].title}” is by Ada Lovelace, Alan Turing and Grace Hopper.")
    assert not answer.citations


def test_who_introduced_something_is_told_by_the_paper_that_did_and_by_no_other(assistant):
    answer = assistant.ask("Who introduced TideBERT?")
    named = "“TideBERT: reading tide gauges with transformers” (Ada Lovelace, Alan Turing, Grace Hopper): "
    assert answer.text.startswith(named)
    for question in ("Who proposed Brest?", "Who invented the sodium of lime trees?", "who came up with sourdough"):
        answer = assistant.ask(question)
        assert answer.status == "abstained"
        assert "(Ada Lovelace" not in answer.text


@pytest.mark.parametrize(
    ("abstract", "introduced"),
    [
        ("We propose WaveNet, a network for tides.", True),
        ("In this paper, a network is trained. It is called WaveNet.", True),
        ("This work introduces a network of waves (WaveNet) for tides.", True),
        ("We propose a study of networks on WaveNet and others.", False),
        ("We present a survey. WaveNet is among the networks.", False),
        ("Networks such as WaveNet are common.", False),
    ],
)
def test_a_paper_introduces_what_it_proposes_and_not_what_it_works_on(abstract, introduced):
    paper = Paper(title="On tides", abstract=abstract)
    assert sufficiency._introduces(paper, " WaveNet?", ("WaveNet",)) is introduced
    assert sufficiency._introduces(Paper(title="WaveNet: on tides", abstract="Tides come."), " WaveNet?", ("WaveNet",))


def test_the_authors_are_the_reason_only_where_nothing_else_is_missing(assistant):
    answer = assistant.ask("Who are the authors of TideBERT, and what BLEU score does TideBERT reach?")
    assert "BLEU" in answer.reason
    assert "Ada Lovelace" not in answer.reason


def test_the_threshold_is_a_setting(assistant):
    question = "Who won the world cup in 1998?"
    *_, last = assistant.stream(question, answer_threshold=0.0)
    assert last.answer.confidence == assistant.ask(question).confidence
    assert last.answer.status == "answered" or last.answer.missing


def judged(*scores, met=0.5):
    return [SimpleNamespace(score=score, match=SimpleNamespace(paper=met)) for score in scores]


NEAR = (0.62, 0.6, 0.6, 0.59, 0.58, 0.57, 0.1)


def test_a_paper_stands_out_where_it_is_ahead_of_the_next_five():
    assert stands_out(judged(0.7, *NEAR[1:]), 59_000)
    assert not stands_out(judged(*NEAR), 59_000)
    assert not stands_out(judged(*reversed(NEAR)), 59_000), "whatever order something else has put them in"


def test_a_paper_that_has_all_of_the_question_stands_out_however_many_others_do():
    assert stands_out(judged(*NEAR, met=0.8), 59_000)


def test_small_libraries_and_few_papers_tell_nothing_of_it():
    assert stands_out(judged(*NEAR), 81)
    assert stands_out(judged(*NEAR[:5]), 59_000), "too few others"


def test_an_answer_from_a_paper_that_does_not_stand_out_says_so_first(home_of_papers, open_assistant, monkeypatch):
    question = "Do the interviews on honey bees reduce the error?"
    with open_assistant(home_of_papers, answer_threshold=0) as assistant:
        plain = assistant.ask(question)
        monkeypatch.setattr(sufficiency, "_LARGE", 5)
        monkeypatch.setattr(sufficiency, "_ALL_MET", 2)
        monkeypatch.setattr(sufficiency, "_AHEAD", 9)
        doubted = assistant.ask(question)
        (_, said), (_, before) = *doubted.history, *plain.history
        assert assistant.searcher().recalled(said) == assistant.searcher().recalled(before) != ()
    remark = "No paper stands out for this question; this is the nearest."
    assert doubted.text.startswith(remark)
    assert doubted.text.removeprefix(remark).strip() == plain.text
    assert doubted.citations == plain.citations
    assert not doubted.sentences[0].citations
