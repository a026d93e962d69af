"""What can be done with a question, its answer and its sources, in Chromium."""

from __future__ import annotations

import re

import pytest

from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
QUESTION = "Does dense retrieval beat BM25 on open questions?"
QUOTE = "We show that dense retrieval beats BM25 on open questions."
TITLE = "Dense Passage Retrieval for Open Questions"


def clipboard(page):
    page.locator("#pa-toast", has_text=ENGLISH.copied).wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def test_resting_on_a_marker_shows_title_and_quote(library, visit, ask):
    page = visit(library[1])
    marker = ask(page, QUESTION).locator(".pa-sentence", has_text=QUOTE).locator(".pa-marker")
    marker.hover()
    assert page.locator("#pa-hint.pa-shown").inner_text().split("\n")[0] == TITLE
    assert f"“{QUOTE}”" in page.locator("#pa-hint").inner_text()
    page.mouse.move(0, 0)
    page.locator("#pa-hint.pa-shown").wait_for(state="detached")
    marker.focus()
    assert marker.get_attribute("aria-describedby") == "pa-hint"


def test_a_sentence_says_how_far_it_can_be_trusted(library, visit, ask):
    answer = ask(visit(library[1]), QUESTION)
    assert answer.locator(".pa-sentence", has_text=QUOTE).locator(".pa-tag").inner_text() == ENGLISH.status_quoted


def test_a_follow_up_shows_what_was_searched_and_it_can_be_changed(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    answer = ask(page, "And how is its encoder trained?", answers=2)
    assert ENGLISH.searched_for in answer.locator(".pa-searched").inner_text()
    answer.get_by_role("button", name=ENGLISH.change_query).click()
    page.locator("#pa-editing p").wait_for()
    assert QUESTION in page.get_by_label(ENGLISH.question).input_value()
    ask(page, "How is the encoder of dense retrieval trained?", answers=2)
    page.locator("#question-2", has_text="How is the encoder of dense retrieval trained?").wait_for()
    assert page.locator("#pa-chat .user-row").count() == 2


def test_a_question_is_edited_and_sent_again(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    ask(page, "What does late interaction make fast?", answers=2)
    page.get_by_role("button", name=f"{ENGLISH.edit_question} question 1").click()
    page.locator("#pa-editing p").wait_for()
    assert page.get_by_label(ENGLISH.question).input_value() == QUESTION
    assert page.evaluate("document.activeElement.closest('#pa-question') !== null")
    page.get_by_role("button", name=ENGLISH.cancel).click()
    page.locator("#pa-editing p").wait_for(state="detached")
    page.get_by_role("button", name=f"{ENGLISH.edit_question} question 1").click()
    page.locator("#pa-editing p").wait_for()
    page.get_by_label(ENGLISH.question).fill("What does ColBERT keep for each token?")
    page.keyboard.press("Enter")
    page.locator("#question-1", has_text="ColBERT").wait_for()
    page.locator("#marker-1-1").wait_for()
    assert page.locator("#pa-chat .user-row").count() == 1


def test_an_answer_is_copied_with_its_sources(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION).get_by_role("button", name=ENGLISH.copy_answer).click()
    copied = clipboard(page)
    assert f"{QUOTE} [" in copied
    assert f"{TITLE} (Vladimir Karpukhin, Barlas Oğuz, EMNLP, 2020): “" in copied


@pytest.mark.parametrize(
    ("form", "start"),
    [("bib", "@inproceedings{karpukhin2020dense,"), ("ris", "TY  - CPAPER"), ("txt", "Vladimir Karpukhin and Barlas")],
)
def test_a_source_is_copied_as_a_reference(library, visit, ask, form, start):
    page = visit(library[1])
    ask(page, QUESTION)
    card = page.locator("#sources-1 .pa-paper", has_text=TITLE)
    card.get_by_text(ENGLISH.cite, exact=True).click()
    card.locator(f"button[name=copy-{form}]").click()
    assert clipboard(page).startswith(start)


def test_papers_like_a_source_are_named_and_lead_to_the_library(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    page.locator("#sources-1 button[name=talk-similar]").first.click()
    alike = page.locator("#sources-1 .pa-alike button")
    alike.first.wait_for()
    assert TITLE not in alike.all_inner_texts()
    name = alike.first.inner_text()
    alike.first.click()
    page.locator("#pa-paper-open h2", has_text=name[:20]).wait_for()


def test_a_conversation_keeps_to_a_paper_leaves_another_out_and_all_count_again(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    page.locator("#sources-1 .pa-paper", has_text=TITLE).locator("button[name=talk-only]").first.click()
    page.locator(".pa-chips li", has_text=TITLE).wait_for()
    ask(page, "What is late interaction?", answers=2)
    assert "Late Interaction" not in page.locator("#sources-2").inner_text()
    page.locator(".pa-chips button").click()
    page.locator(".pa-chips").wait_for(state="detached")
    page.locator("#marker-1-1").click()
    page.locator("#sources-1 .pa-paper", has_text=TITLE).locator("button[name=talk-without]").first.click()
    page.locator(".pa-chips li", has_text="without").wait_for()
    answer = ask(page, f"What is “{TITLE}” about?", answers=3)
    assert TITLE not in answer.locator(".pa-cited").all_inner_texts()
    assert answer.locator(".pa-sentence", has_text=QUOTE).count() == 0


def test_years_narrow_a_question_and_wrong_ones_say_so(library, visit, ask):
    page = visit(library[1])
    page.locator("#pa-narrow > button").click()
    years = page.locator("#pa-narrow").get_by_label(ENGLISH.narrow_year)
    years.fill("20x")
    page.get_by_role("button", name=ENGLISH.narrow_apply).click()
    assert "cannot be read" in page.locator("#pa-scope [role=alert]").inner_text()
    years.fill("2021..")
    page.get_by_role("button", name=ENGLISH.narrow_apply).click()
    page.locator(".pa-chips li", has_text="2021..").wait_for()
    ask(page, QUESTION)
    assert re.search(r"(of|in) 1 papers", page.locator("#sources-1").inner_text())


def test_a_question_that_waits_says_its_place(slow, visit):
    go_on, url = slow
    first, second = visit(url), visit(url)
    first.get_by_label(ENGLISH.question).fill("Do bees cluster in winter?")
    first.keyboard.press("Enter")
    first.locator("#pa-sources .pa-paper").wait_for()
    second.get_by_label(ENGLISH.question).fill("What does the colony eat?")
    second.keyboard.press("Enter")
    second.get_by_text(ENGLISH.waiting_one).wait_for()
    go_on.set()
    second.locator(".pa-cited").wait_for()
