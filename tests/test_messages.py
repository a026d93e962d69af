"""What the page shows, without a browser: numbering, escaping, endings, and a conversation that can be stopped."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assistant.answer import (
    Answer,
    AnswerReady,
    Citation,
    Considered,
    EvidenceFound,
    NearPaper,
    Sentence,
    SentenceReady,
    Timings,
)
from assistant.errors import QuestionError
from assistant.papers import Paper
from assistant.text import one_line
from ui.conversation import Conversation, Desk
from ui.line import Line
from ui.markup import data, paper_link
from ui.messages import messages, reply
from ui.panel import panel
from ui.texts import ENGLISH
from ui.turns import Turn, advanced, asked, from_record, history, paper_ids, to_record

ADVERSARIAL = Path(__file__).parents[2] / "shared" / "data" / "adversarial"
OWN_PAYLOADS = [
    '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "![image](http://evil.example/x.png) [link](javascript:alert(1)) <http://evil.example> https://evil.example",
    "$$\\href{javascript:alert(1)}{x}$$ \\(x\\) `code` ```mermaid\ngraph TD\n``` %%%LATEX_BLOCK_0%%%",
    "# heading\n\n- list\n\n> quote\n\n| a | b |\n|---|---|\n\n***\n\n    code",
]
TURKISH = Paper(
    title="Encoders for Turkish",
    abstract="Turkish is rich. Tuned encoders win on four tasks. Models are released.",
    authors=("Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra"),
    year=2024,
    venue="ACL",
    doi="10.1/abc",
)
SUMMARY = Paper(title="Bees in Winter", abstract="Bees cluster. They eat honey.", kind="summary")
WIN, RELEASED, CLUSTER = "Tuned encoders win on four tasks.", "Models are released.", "Bees cluster."
CONSIDERED = Considered(papers=1234, passages=9)


def citation(number: int, paper: Paper, quote: str) -> Citation:
    start = paper.abstract.index(quote)
    return Citation(
        number=number,
        paper_id=paper.paper_id,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        venue=paper.venue,
        url=paper.url,
        doi=paper.doi,
        quote=quote,
        start=start,
        end=start + len(quote),
        score=0.9,
        kind=paper.kind,
    )


FIRST, SECOND, THIRD = citation(1, TURKISH, RELEASED), citation(2, SUMMARY, CLUSTER), citation(3, TURKISH, WIN)
QUOTED = Sentence(RELEASED, (1,), "quoted", 1.0)
WRITTEN = Sentence("Bees stay together.", (2,), "supported", 0.9)
COUNTED = Sentence("Two papers of the library speak of “bees”.", (), "supported", 1.0)
BOTH = Sentence("Tuned encoders win.", (3, 1), "supported", 0.8)
EVIDENCE = EvidenceFound("Do they win?", (THIRD, FIRST, SECOND), CONSIDERED)


def answer(*sentences: Sentence, citations=(), **fields) -> Answer:
    values = {
        "question": "Do they win?",
        "query": "Do they win?",
        "status": "answered",
        "reason": None,
        "text": " ".join(s.marked for s in sentences),
        "mode": "written",
        "sentences": sentences,
        "citations": tuple(citations),
        "nearest": (),
        "considered": CONSIDERED,
        "models": {},
        "timings": Timings(0.1, 0.2, 0.3),
        "version": "1",
    }
    return Answer(**(values | fields))


WHOLE = answer(QUOTED, WRITTEN, BOTH, citations=(FIRST, SECOND, THIRD))
EVENTS = [
    EVIDENCE,
    SentenceReady(QUOTED, (FIRST,)),
    SentenceReady(WRITTEN, (SECOND,)),
    SentenceReady(BOTH, (THIRD,)),
    AnswerReady(WHOLE),
]
ABSTAINED = answer(
    status="abstained",
    reason="Nothing here is about bread.",
    text="Nothing here is about bread.",
    nearest=(NearPaper(SUMMARY.paper_id, SUMMARY.title, 0.2),),
)
PAPERS = {paper.paper_id: paper for paper in (TURKISH, SUMMARY)}


def turn_after(count: int, number: int = 1) -> Turn:
    turn = Turn(number=number, question="Do they win?", papers=PAPERS)
    for event in EVENTS[:count]:
        turn = advanced(turn, event)
    return turn


class Seen(HTMLParser):
    """Collects the tags, attributes and text of a piece of HTML."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, text):
        self.text += text


def ids(markup: str) -> list[str]:
    return [value for name, value in Seen(markup).attributes if name == "id"]


def targets(markup: str) -> list[str]:
    return [value[1:] for name, value in Seen(markup).attributes if name == "href" and value.startswith("#")]


# -- an answer as it grows ----------------------------------------------------------------------------------------


def test_evidence_is_shown_before_any_word_of_the_answer():
    turn = turn_after(1)
    assert "Evidence found in 2 of 1,234 papers." in reply(turn, ENGLISH)
    shown = Seen(panel((turn,), ENGLISH)).text
    assert WIN in shown
    assert CLUSTER in shown


def test_sentences_stream_into_the_reply_and_stand_as_blocks_of_their_own():
    earlier, later = reply(turn_after(2), ENGLISH).split("\n\n"), reply(turn_after(3), ENGLISH).split("\n\n")
    assert later[0] == earlier[0]
    assert "Bees stay together" in Seen(later[1]).text


def test_the_whole_answer_shows_what_the_stream_showed():
    assert turn_after(4).sentences == WHOLE.sentences
    assert turn_after(4).citations == WHOLE.citations
    assert not turn_after(5).pending


def test_each_sentence_carries_the_numbers_it_rests_on_and_only_quotes_stand_in_quotation_marks():
    text = re.sub(r"\s+", " ", Seen(reply(turn_after(5), ENGLISH)).text)
    assert "“Models are released.” [source 1]" in text
    assert "Bees stay together. [source 2]" in text
    assert "Tuned encoders win. [source 1] [source 3]" in text
    assert "“Tuned encoders win.”" not in text


def test_a_title_before_a_quoted_sentence_stays_outside_the_quotation_marks():
    named = Sentence(f"{TURKISH.title}: {RELEASED}", (1,), "quoted", 1.0)
    turn = advanced(Turn(1, "Which?"), AnswerReady(answer(named, citations=(FIRST,))))
    assert f"{TURKISH.title}: “{RELEASED}”" in Seen(reply(turn, ENGLISH)).text


def test_a_sentence_without_support_says_so():
    turn = advanced(Turn(1, "?"), SentenceReady(replace(WRITTEN, status="unsupported"), (SECOND,)))
    assert ENGLISH.unsupported in reply(turn, ENGLISH)


@pytest.mark.parametrize(
    ("sentences", "note"),
    [
        ((QUOTED,), ENGLISH.quoted_note),
        ((WRITTEN,), ENGLISH.written_note),
        ((QUOTED, WRITTEN), ENGLISH.mixed_note),
        ((COUNTED,), ENGLISH.library_note),
        ((COUNTED, QUOTED), f"{ENGLISH.library_note} {ENGLISH.quoted_note}"),
    ],
)
def test_the_answer_says_whose_words_it_is_in(sentences, note):
    turn = advanced(Turn(1, "?"), AnswerReady(answer(*sentences, citations=(FIRST, SECOND))))
    assert f">{note}<" in reply(turn, ENGLISH)


def test_what_the_table_says_of_a_paper_is_not_called_a_model_s_words():
    told = replace(answer(WRITTEN, citations=(FIRST, SECOND)), considered=Considered(papers=12, passages=0))
    shown = reply(advanced(Turn(1, "When was it published?"), AnswerReady(told)), ENGLISH)
    assert ENGLISH.table_note in shown
    assert f">{ENGLISH.status_table}<" in shown
    assert ENGLISH.written_note not in shown
    assert f">{ENGLISH.status_checked}<" not in shown


def test_cited_papers_stand_under_the_answer_with_authors_year_and_venue():
    text = Seen(reply(turn_after(5), ENGLISH)).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Encoders for Turkish Ada Lovelace, Alan Turing, Grace Hopper et al. · ACL · 2024" in text
    assert "Bees in Winter summary" in text


def test_a_quote_stands_under_the_answer_where_the_answer_uses_other_words():
    text = Seen(reply(turn_after(5), ENGLISH)).text
    assert f"“{CLUSTER}”" in text
    assert text.count(RELEASED) == 1  # the sentence itself is the quote


# -- numbers and where they lead ----------------------------------------------------------------------------------


def test_every_marker_of_every_answer_leads_to_its_own_quote_and_back():
    turns = (turn_after(5, number=1), turn_after(5, number=2))
    chat = "".join(reply(turn, ENGLISH) for turn in turns)
    sources = panel(turns, ENGLISH)
    assert set(targets(chat)) <= set(ids(sources))
    assert {t for t in targets(chat) if t.startswith("mark-1")} == {"mark-1-1", "mark-1-2", "mark-1-3"}
    assert set(targets(sources)) <= set(ids(chat))


def test_no_id_occurs_twice_but_that_of_a_number_used_twice():
    assert len(ids(panel((turn_after(5),), ENGLISH))) == len(set(ids(panel((turn_after(5),), ENGLISH))))


def test_the_panel_shows_the_latest_answer_and_keeps_the_others_hidden():
    sections = panel((turn_after(5, number=1), turn_after(5, number=2)), ENGLISH).split("\n\n")
    assert 'id="sources-1" hidden' in sections[0]
    assert 'id="sources-2">' in sections[1]


def test_the_panel_marks_exactly_the_quotes_in_the_whole_abstract():
    sources = panel((turn_after(5),), ENGLISH)
    marked = [html.unescape(m) for m in re.findall(r"<mark[^>]*>(.*?)</mark>", sources)]
    assert marked == [WIN, RELEASED, CLUSTER]
    shown = re.sub(r"\u2060\[\d\] Back to the answer", "", Seen(sources).text)
    assert TURKISH.abstract in shown
    assert ENGLISH.summary_note in shown


def test_overlapping_quotes_of_one_abstract_show_each_word_once():
    wide = citation(1, TURKISH, f"{WIN} {RELEASED}")
    inner = citation(2, TURKISH, RELEASED)
    turn = replace(turn_after(0), citations=(wide, inner), papers=PAPERS)
    sources = panel((turn,), ENGLISH)
    assert {"mark-1-1", "mark-1-2"} <= set(ids(sources))
    assert Seen(sources).text.count(RELEASED) == 1


def test_a_paper_that_changed_since_shows_its_quotes_alone():
    changed = replace(turn_after(5), papers={TURKISH.paper_id: replace(TURKISH, abstract="Something else now.")})
    sources = panel((changed,), ENGLISH)
    assert "Something else" not in Seen(sources).text
    assert RELEASED in Seen(sources).text


def test_the_query_is_shown_where_it_differs_from_the_question():
    found = replace(EVIDENCE, query="Do Turkish encoders win?")
    assert data("Do Turkish encoders win?") in reply(advanced(Turn(1, "And they?"), found), ENGLISH)
    assert ENGLISH.searched_for not in reply(turn_after(1), ENGLISH)


# -- other endings --------------------------------------------------------------------------------------------------


def test_abstaining_names_the_nearest_papers_and_what_may_help():
    turn = advanced(Turn(1, "Bread?", papers=PAPERS), EvidenceFound("Bread?", (), CONSIDERED))
    turn = advanced(turn, AnswerReady(ABSTAINED))
    text = Seen(reply(turn, ENGLISH)).text
    assert text.count("Nothing here is about bread.") == 1
    assert SUMMARY.title in text
    assert ENGLISH.abstain_tip in text
    sources = Seen(panel((turn,), ENGLISH)).text
    assert "Nothing in 1,234 papers answers this." in sources
    assert SUMMARY.abstract in sources


def test_an_answer_about_the_library_itself_says_nothing_of_evidence():
    found = EvidenceFound("How many papers?", (), Considered(papers=1234, passages=0))
    turns = (advanced(asked((), "How many papers?")[-1], found),)
    assert "1,234" not in panel(turns, ENGLISH)


def test_a_reason_that_the_text_does_not_give_is_added():
    turn = advanced(Turn(1, "?"), AnswerReady(replace(ABSTAINED, text="No answer.", reason="The abstract is silent.")))
    assert "The abstract is silent." in Seen(reply(turn, ENGLISH)).text


def test_a_stopped_answer_keeps_what_was_checked():
    text = Seen(reply(replace(turn_after(2), stopped=True), ENGLISH)).text
    assert RELEASED in text
    assert ENGLISH.stopped_note in text
    assert TURKISH.title in text


def test_an_error_is_shown_as_a_message():
    text = Seen(reply(replace(turn_after(0), error="the question has <4,001> characters"), ENGLISH)).text
    assert "the question has <4,001> characters" in text


def test_history_holds_what_was_answered():
    turns = (turn_after(5, number=1), replace(turn_after(0, number=2), error="no"))
    assert history(turns) == (("Do they win?", WHOLE.text),)


def test_asking_in_the_place_of_a_turn_takes_it_and_all_later_ones_away():
    turns = asked(asked((turn_after(5, number=1),), "And bees?"), "And wasps?")
    again = asked(turns, "And ants?", number=2)
    assert [(turn.number, turn.question) for turn in again] == [(1, "Do they win?"), (2, "And ants?")]


def test_a_turn_comes_back_from_its_record_as_it_was():
    for turn in (turn_after(5), replace(turn_after(2), stopped=True), replace(turn_after(0), error="no", papers={})):
        kept = from_record(1, json.loads(json.dumps(to_record(turn))))
        assert kept == turn
        assert reply(kept, ENGLISH) == reply(turn, ENGLISH)
        assert panel((kept,), ENGLISH) == panel((turn,), ENGLISH)


def test_a_turn_that_was_never_finished_comes_back_as_stopped():
    assert from_record(1, to_record(turn_after(2))).stopped


def test_papers_are_looked_up_once_for_each_event():
    assert paper_ids(EVIDENCE) == (TURKISH.paper_id, SUMMARY.paper_id)
    assert paper_ids(EVENTS[2]) == (SUMMARY.paper_id,)
    assert paper_ids(AnswerReady(ABSTAINED)) == (SUMMARY.paper_id,)


# -- nothing that is shown can act ------------------------------------------------------------------------------------


def payloads() -> list[str]:
    names = ("xss_payloads.jsonl", "naughty_strings.jsonl")
    files = [ADVERSARIAL / name for name in names if (ADVERSARIAL / name).exists()]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").split("\n") if line]
    return OWN_PAYLOADS + [json.loads(line)["text"] for line in lines]


def hostile_turn(text: str) -> Turn:
    paper = Paper(title=text, abstract=f"{text} Fact.", authors=(text,), venue=text, url=text, doi="")
    cited = citation(1, paper, f"{text} Fact.")
    near = (NearPaper(paper.paper_id, text, 0.1),)
    turn = Turn(1, text, papers={paper.paper_id: paper}, error=text)
    turn = advanced(turn, EvidenceFound(text + "?", (cited, replace(cited, start=1)), CONSIDERED))
    spoken = Sentence(text, (1,), "supported", 0.5)
    return advanced(turn, AnswerReady(answer(spoken, citations=(cited,), nearest=near, text=text)))


def skeleton(turn: Turn) -> list[str]:
    return Seen("".join(m["content"][0]["text"] for m in messages((turn,), ENGLISH)) + panel((turn,), ENGLISH)).tags


def test_no_payload_changes_the_markup_around_it():
    harmless = skeleton(hostile_turn("harmless"))
    for payload in payloads():
        text = one_line(payload) or "x"  # as the readers of source files leave it
        tags = [tag for tag in skeleton(hostile_turn(text)) if tag != "br"]
        if not paper_link(Paper(title="t", abstract="a", url=text), ENGLISH):
            assert tags == harmless, payload


def test_no_payload_leaves_a_character_that_markdown_or_latex_reads():
    for payload in payloads():
        shown = data(payload)
        assert re.fullmatch(r"(?:[^!-/:-@\[-`{-~\n]|&#\d+;)*", shown), payload


def test_text_is_shown_as_it_is():
    assert html.unescape(data("50% of *x* <b> $y$ — é 漢字")) == "50% of *x* <b> $y$ — é 漢字"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil", "http://[x"]
)
def test_only_web_addresses_become_links(url):
    assert paper_link(replace(SUMMARY, url=url), ENGLISH) == ""


def test_a_paper_with_a_doi_links_to_it():
    assert "https://doi.org/10.1/abc" in html.unescape(paper_link(TURKISH, ENGLISH))
    assert '"' not in html.unescape(
        re.search('href="([^"]*)"', paper_link(replace(TURKISH, doi='10.1/"><b>'), ENGLISH))[1]
    )


# -- a conversation on its way ----------------------------------------------------------------------------------------


def desk(stream=None, line=None):
    return Desk(
        stream=stream or (lambda *_: iter(EVENTS)),
        papers=lambda _: {},
        line=Line(4) if line is None else line,
        keep=None,
        unexpected=ENGLISH.unexpected,
        busy=ENGLISH.busy,
    )


def test_a_conversation_takes_one_question_at_a_time_and_no_empty_one():
    conversation = Conversation()
    assert not conversation.ask("  ", desk())
    assert conversation.turns == ()
    assert conversation.ask(" Do they win? ", desk())
    assert not conversation.ask("And bees?", desk())
    assert [turn.question for turn in conversation.turns] == ["Do they win?"]


def test_answering_yields_once_for_every_event():
    conversation = Conversation()
    conversation.ask("Do they win?", desk())
    shown = [len(conversation.turns[-1].sentences) for _ in conversation.answer(desk())]
    assert shown == [0, 1, 2, 3, 3]
    assert conversation.turns[-1].answer == WHOLE
    assert list(conversation.answer(desk())) == []


def test_a_follow_up_gets_the_history():
    conversation = Conversation()
    seen = []

    def stream(question, earlier, *_):
        seen.append((question, earlier))
        return iter(EVENTS)

    for question in ("Do they win?", "And bees?"):
        conversation.ask(question, desk())
        list(conversation.answer(desk(stream)))
    assert seen[1] == ("And bees?", (("Do they win?", WHOLE.text),))


class Slow:
    """A stream that waits for ever after its second event, and says when it was closed."""

    def __init__(self) -> None:
        self.waiting, self.go_on, self.closed = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, *_):
        try:
            yield from EVENTS[:2]
            self.waiting.set()
            self.go_on.wait(10)
            yield from EVENTS[2:]
        finally:
            self.closed.set()


@pytest.mark.parametrize("end", ["stop", "clear"])
def test_stopping_ends_the_answer_at_once_and_closes_the_stream(end):
    conversation, slow = Conversation(), Slow()
    conversation.ask("Do they win?", desk())
    reader = threading.Thread(target=lambda: list(conversation.answer(desk(slow))))
    reader.start()
    assert slow.waiting.wait(5)
    begun = time.perf_counter()
    getattr(conversation, end)(desk())
    reader.join(1)
    assert not reader.is_alive()
    assert time.perf_counter() - begun < 0.5
    slow.go_on.set()
    assert slow.closed.wait(5)
    assert [turn.stopped for turn in conversation.turns] == ([True] if end == "stop" else [])


def test_a_question_stopped_before_its_turn_in_the_queue_is_never_answered():
    conversation = Conversation()
    conversation.ask("Do they win?", desk())
    conversation.stop(desk())
    assert list(conversation.answer(desk())) == []
    assert conversation.turns[-1].stopped


def test_a_reader_that_goes_away_stops_the_stream():
    conversation, slow = Conversation(), Slow()
    conversation.ask("Do they win?", desk())
    reader = conversation.answer(desk(slow))
    next(reader)
    reader.close()
    slow.go_on.set()
    assert slow.closed.wait(5)
    assert not conversation.busy


def test_asking_again_after_a_stop_answers():
    conversation = Conversation()
    conversation.ask("Do they win?", desk())
    conversation.stop(desk())
    assert conversation.ask_again(0, desk())
    list(conversation.answer(desk()))
    assert conversation.turns[-1].answer == WHOLE


def test_a_question_waits_for_the_one_before_it_and_knows_its_place():
    first, second, slow, line = Conversation(), Conversation(), Slow(), Line(4)
    first.ask("Do they win?", desk())
    second.ask("And bees?", desk())
    reader = threading.Thread(target=lambda: list(first.answer(desk(slow, line))))
    reader.start()
    assert slow.waiting.wait(5)
    answers = second.answer(desk(line=line))
    next(answers)
    assert second.turns[-1].place == 1
    assert ENGLISH.waiting_one in reply(second.turns[-1], ENGLISH)
    slow.go_on.set()
    reader.join(5)
    list(answers)
    assert second.turns[-1].answer == WHOLE
    assert len(line) == 0


def test_where_too_many_wait_the_next_one_is_told():
    conversation, line = Conversation(), Line(0)
    conversation.ask("Do they win?", desk())
    with line.standing():
        list(conversation.answer(desk(line=line)))
    assert conversation.turns[-1].error == ENGLISH.busy


def test_a_question_that_waits_can_be_stopped():
    conversation, line = Conversation(), Line(4)
    conversation.ask("Do they win?", desk())
    with line.standing():
        answers = conversation.answer(desk(line=line))
        next(answers)
        conversation.stop(desk())
        assert list(answers) == []
    assert len(line) == 0
    assert conversation.turns[-1].stopped


def test_an_edited_question_takes_the_place_of_what_it_was():
    conversation = Conversation()
    for question in ("Do they win?", "And bees?"):
        conversation.ask(question, desk())
        list(conversation.answer(desk()))
    conversation.editing = 1
    conversation.ask("Do they lose?", desk())
    assert [turn.question for turn in conversation.turns] == ["Do they lose?"]
    assert conversation.editing == 0


def test_a_question_that_stands_alone_gets_no_history():
    conversation, seen = Conversation(), []

    def stream(_question, earlier, *_):
        seen.append(earlier)
        return iter(EVENTS)

    conversation.ask("Do they win?", desk())
    list(conversation.answer(desk()))
    conversation.ask("What is it about?", desk(), alone=True)
    list(conversation.answer(desk(stream)))
    assert seen == [()]


def test_an_error_of_the_assistant_ends_the_turn_with_its_text():
    conversation = Conversation()
    conversation.ask("Do they win?", desk())

    def stream(*_):
        raise QuestionError("the question is too long")

    list(conversation.answer(desk(stream)))
    assert conversation.turns[-1].error == "the question is too long"


def test_a_defect_ends_the_turn_without_its_details(caplog):
    conversation = Conversation()
    conversation.ask("Do they win?", desk())

    def stream(*_):
        yield EVIDENCE
        raise RuntimeError("/secret/path")

    list(conversation.answer(desk(stream)))
    assert conversation.turns[-1].error == ENGLISH.unexpected
    assert "/secret/path" in caplog.text
