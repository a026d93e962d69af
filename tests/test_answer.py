"""The answer record: its fields, and how it reads in a terminal and a notebook."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace

import pytest

from assistant.answer import Answer, AnswerReady, Citation, Considered, NearPaper, Sentence, Timings, source_line
from assistant.commands.ask import show

FIELDS = {
    "question", "query", "status", "reason", "text", "mode", "sentences", "citations", "nearest", "considered",
    "models", "timings", "version",
}  # fmt: skip
EXTRA_FIELDS = {"confidence", "missing"}
CITATION_FIELDS = {
    "number", "paper_id", "title", "authors", "year", "venue", "url", "doi", "quote", "start", "end", "score",
}  # fmt: skip
EXTRA_CITATION_FIELDS = {"kind"}

CITATION = Citation(
    number=1,
    paper_id="p1",
    title="Bees in Winter",
    authors=("Ada Apis", "Émile Côté", "Li Wei", "Max Muster"),
    year=1999,
    venue="Journal of Apiculture",
    url="",
    doi="10.1/x",
    quote="Bees cluster.",
    start=0,
    end=13,
    score=0.9,
)
ANSWERED = Answer(
    question="What do bees do?",
    query="What do bees do?",
    status="answered",
    reason=None,
    text="Bees cluster. [1]",
    mode="quoted",
    sentences=(Sentence("Bees cluster.", (1,), "quoted", 1.0),),
    citations=(CITATION,),
    nearest=(),
    considered=Considered(1, 1),
    models={"chat": "none", "embeddings": "hashing"},
    timings=Timings(0.1, 0.1, 0.2),
    version="0",
    earlier=(("Hi", "Hello"),),
)
ABSTAINED = replace(
    ANSWERED,
    status="abstained",
    reason="Nothing in the library is about this.",
    text="Nothing in the library is about this.",
    sentences=(),
    citations=(),
    nearest=(NearPaper("p1", "Bees in Winter", 0.1),),
)


@pytest.mark.parametrize("answer", [ANSWERED, ABSTAINED])
def test_the_record_has_the_fields_of_the_contract_as_plain_json(answer):
    record = answer.to_dict()
    assert set(record) == FIELDS | EXTRA_FIELDS
    assert json.loads(json.dumps(record)) == json.loads(json.dumps(record, default=str))


def test_the_parts_of_the_record_have_the_fields_of_the_contract():
    record = json.loads(json.dumps(ANSWERED.to_dict()))
    assert set(record["citations"][0]) == CITATION_FIELDS | EXTRA_CITATION_FIELDS
    assert set(record["sentences"][0]) == {"text", "citations", "status", "support"}
    assert record["sentences"][0]["citations"] == [1]
    assert set(record["considered"]) == {"papers", "passages"}
    assert set(record["timings"]) == {"retrieve", "first_token", "total"}
    assert set(ABSTAINED.to_dict()["nearest"][0]) == {"paper_id", "title", "score"}


def test_an_answer_is_a_value_that_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        ANSWERED.text = "other"
    assert replace(ANSWERED) == ANSWERED


def test_the_history_ends_with_this_turn():
    assert ANSWERED.history == (("Hi", "Hello"), ("What do bees do?", "Bees cluster. [1]"))


def test_printing_an_answer_shows_text_source_and_quote():
    assert str(ANSWERED) == (
        "Bees cluster. [1]\n\n"
        "[1] Bees in Winter (Ada Apis, Émile Côté, Li Wei et al., Journal of Apiculture, 1999)\n"
        "    “Bees cluster.”"
    )


def test_printing_an_abstention_shows_the_reason_and_the_nearest_papers():
    assert str(ABSTAINED) == "Nothing in the library is about this.\n\nNearest papers:\n  - Bees in Winter"


def test_a_source_says_only_what_is_known_and_names_a_summary_as_one():
    bare = replace(CITATION, authors=(), year=None, venue="", kind="summary")
    assert source_line(bare) == "Bees in Winter [summary]"


ATTACK = "<script>alert(1)</script> ![x](http://evil/x.png) [l](javascript:x) *b* _i_ `c` $$x$$ # h | t \\ ~s~ <b>&amp;"


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWERED, text=ATTACK),
        replace(ANSWERED, citations=(replace(CITATION, title=ATTACK, quote=ATTACK, venue=ATTACK, authors=(ATTACK,)),)),
        replace(ABSTAINED, text=ATTACK, nearest=(NearPaper("p1", ATTACK, 0.1),)),
    ],
)
def test_a_notebook_shows_what_papers_say_as_text_never_as_markup(answer):
    shown = answer._repr_markdown_()
    assert "<script" not in shown
    assert "<b>" not in shown
    for markup in ("![x](", "[l](", "*b*", "_i_", "`c`", "$$x$$", "~s~"):
        assert markup not in shown


def test_a_line_of_a_paper_starts_no_block_in_a_notebook():
    shown = replace(ANSWERED, text="# no heading\n\n- no list\n1. none\n> none")._repr_markdown_()
    assert not [line for line in shown.splitlines() if line.lstrip().startswith(("# ", "- no", "1. none", "> "))]


def test_a_notebook_shows_markers_sources_and_quotes():
    shown = ANSWERED._repr_markdown_()
    assert "Bees cluster" in shown
    assert "**Bees in Winter" in shown
    assert "“Bees cluster" in shown


@pytest.mark.parametrize("mode", ["quoted", "written"])
def test_a_paper_that_is_cited_twice_is_named_once_with_both_numbers(capsys, mode):
    citations = tuple(
        Citation(n, paper, title, (), None, "", "", "", quote, 0, len(quote), 0.9)
        for n, (paper, title, quote) in enumerate(
            [("a", "On bees", "Bees eat."), ("b", "On ice", "Ice melts."), ("a", "On bees", "Bees fly.")], start=1
        )
    )
    show([AnswerReady(replace(ANSWERED, mode=mode, citations=citations))])
    sources = capsys.readouterr().out.partition("Sources:\n")[2].splitlines()
    written = ["[1] [3] On bees", "    [1] “Bees eat.”", "    [3] “Bees fly.”", "[2] On ice", "    [2] “Ice melts.”"]
    assert sources == (written if mode == "written" else ["[1] [3] On bees", "[2] On ice"])
