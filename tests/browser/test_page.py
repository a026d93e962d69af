"""The page in Chromium, over real libraries and small models."""

from __future__ import annotations

import re
import time

import httpx
import pytest

from assistant.errors import ServerError
from ui.server import listen
from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
QUESTION = "Does dense retrieval beat BM25 on open questions?"
QUOTE = "We show that dense retrieval beats BM25 on open questions."


def in_view(page, selector):
    return page.locator(selector).evaluate(
        "e => { const b = e.getBoundingClientRect(), seen = document.elementFromPoint(b.left + 3, b.top + 3);"
        " return b.top >= 0 && b.bottom <= innerHeight && e.contains(seen) }"
    )


def wider_than_window(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_question_is_answered_with_quotes_and_the_papers_behind_them(library, visit, ask):
    page = visit(library[1])
    answer = ask(page, QUESTION)
    assert QUOTE in answer.inner_text()
    assert "Vladimir Karpukhin, Barlas Oğuz · EMNLP · 2020" in answer.locator(".pa-cited").inner_text().replace(
        "\N{NO-BREAK SPACE}", " "
    )
    sources = page.locator("#pa-sources")
    assert re.search(r"Evidence found in [1-3] of 3 papers\.", sources.inner_text())
    assert "Search engines match words." in sources.inner_text()
    assert page.get_by_label(ENGLISH.question).input_value() == ""
    assert page.locator('[role="log"][aria-live="polite"] .pa-sentence').count() >= 1


def test_evidence_is_shown_while_the_sentences_are_being_written(slow, visit):
    go_on, url = slow
    page = visit(url)
    page.get_by_label(ENGLISH.question).fill("Do bees cluster in winter?")
    page.keyboard.press("Enter")
    page.locator("#pa-sources .pa-paper").wait_for()
    assert "Evidence found in 1 of 1 papers." in page.locator("#pa-chat .bot-row").inner_text()
    assert page.locator(".pa-sentence").count() == 0
    go_on.set()
    page.locator(".pa-cited").wait_for()


def test_stop_works_at_once_and_the_next_question_is_answered(slow, visit):
    go_on, url = slow
    page = visit(url)
    page.get_by_label(ENGLISH.question).fill("Do bees cluster in winter?")
    page.keyboard.press("Enter")
    page.locator("#pa-sources .pa-paper").wait_for()
    begun = time.perf_counter()
    page.get_by_role("button", name=ENGLISH.stop).click()
    page.get_by_text(ENGLISH.stopped).wait_for()
    page.get_by_role("button", name=ENGLISH.ask, exact=True).wait_for()
    assert time.perf_counter() - begun < 1
    go_on.set()
    page.get_by_role("button", name=ENGLISH.retry).first.click()
    page.locator(".pa-cited").wait_for()
    assert page.get_by_text(ENGLISH.stopped).count() == 0


def test_a_marker_leads_to_its_sentence_in_the_abstract_and_back(library, visit, ask):
    page = visit(library[1], height=500)
    answer = ask(page, QUESTION)
    marker = answer.locator(".pa-sentence", has_text=QUOTE).locator(".pa-marker")
    number = marker.get_attribute("id").removeprefix("marker-")
    marker.click()
    assert page.locator(f"#mark-{number}").inner_text() == QUOTE
    assert page.evaluate("document.activeElement.id") == f"mark-{number}"
    assert in_view(page, f"#mark-{number}")
    page.locator(f'#pa-sources a[href="#marker-{number}"]').click()
    assert page.evaluate("document.activeElement.id") == f"marker-{number}"
    assert in_view(page, f"#marker-{number}")


def test_a_marker_of_an_earlier_answer_shows_that_answers_sources(library, visit, ask):
    page = visit(library[1])
    first = ask(page, QUESTION)
    ask(page, "What does late interaction make fast?", answers=2)
    assert page.locator("#sources-2").is_visible()
    assert not page.locator("#sources-1").is_visible()
    first.locator(".pa-marker").first.click()
    assert page.locator("#sources-1").is_visible()
    assert not page.locator("#sources-2").is_visible()
    assert page.evaluate("document.activeElement.id") == "mark-1-1"


def test_markers_work_with_the_keyboard(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    page.locator("#marker-1-1").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "mark-1-1"


def test_every_example_question_is_answered(library, visit):
    page = visit(library[1])
    page.locator(".example").first.wait_for()
    count = page.locator(".example").count()
    assert count >= 2
    for number in range(count):
        page.locator(".example").nth(number).click()
        page.locator(".pa-cited").wait_for()
        page.get_by_role("button", name=ENGLISH.clear).click()
        page.locator(".example").first.wait_for()


@pytest.mark.parametrize(("width", "height"), [(1280, 500), (375, 500)])
def test_a_new_question_stays_in_sight_with_the_beginning_of_its_answer(library, visit, ask, width, height):
    page = visit(library[1], width=width, height=height)
    ask(page, QUESTION)
    for number in (2, 3):
        ask(page, "What does late interaction make fast?", answers=number)
        page.locator("#pa-chat .bot-row").nth(number - 1).locator(".pa-actions").wait_for()
        page.wait_for_timeout(200)
        assert in_view(page, f"#question-{number}")
    page.reload()
    page.locator("#question-3").wait_for()
    page.wait_for_timeout(500)
    assert in_view(page, "#question-3")


def test_a_new_conversation_forgets_the_old_one(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    page.get_by_role("button", name=ENGLISH.clear).click()
    page.locator(".pa-welcome").wait_for()
    assert page.locator(".pa-sentence").count() == 0
    assert ENGLISH.sources_empty in page.locator("#pa-sources").inner_text()
    ask(page, QUESTION)
    assert page.locator("#marker-1-1").count() == 1


def test_abstaining_is_a_helpful_answer_with_the_nearest_papers(abstaining, visit, ask):
    page = visit(abstaining[1])
    answer = ask(page, "How does dense retrieval taste?")
    assert answer.locator(".pa-nearest li").count() >= 1
    assert ENGLISH.abstain_tip in answer.inner_text()
    assert answer.locator(".pa-marker").count() == 0
    near = page.locator("#pa-sources .pa-near").first
    answer.locator(".pa-nearest a").first.click()
    assert near.locator("p").last.is_visible()
    assert page.evaluate("document.activeElement.id") == "near-1-1"
    proposed = answer.locator(".pa-instead button")
    assert "What is “Dense Passage Retrieval for Open Questions” about?" in proposed.inner_text()
    proposed.click()
    page.locator("#question-2").wait_for()


def test_an_empty_library_says_what_to_do(empty, visit, ask):
    page = visit(empty[1])
    shown = page.locator("#pa-chat").inner_text()
    assert "assistant add FILE" in shown
    assert "make chat" in shown
    assert page.locator(".example").count() == 0
    assert "assistant add FILE" in ask(page, QUESTION).inner_text()


def test_a_library_of_summaries_says_so(summaries, visit, ask):
    page = visit(summaries[1])
    assert "Only summaries so far." in page.locator("#pa-notice").inner_text()
    ask(page, "Do bees cluster in winter?")
    assert ENGLISH.summary_note in page.locator("#pa-sources").inner_text()


def test_a_library_of_abstracts_has_no_note(library, visit):
    assert not visit(library[1]).locator("#pa-notice").is_visible()


def test_an_empty_question_does_nothing_and_a_long_one_is_an_error_in_the_conversation(library, visit, ask):
    page = visit(library[1])
    page.get_by_label(ENGLISH.question).fill("   ")
    page.keyboard.press("Enter")
    answer = ask(page, "why " * 6000)
    assert "more than the 20,000" in answer.locator('[role="alert"]').inner_text()
    assert page.locator("#pa-chat .user-row").count() == 1


@pytest.mark.parametrize("dark", [False, True])
def test_hostile_titles_abstracts_and_questions_are_only_text(library, visit, payload, dark, ask):
    page = visit(library[1], dark=dark)
    ask(page, f"What do zebra stripes keep away? {payload}")
    page.locator("#marker-1-1").click()
    assert payload in page.locator("#sources-1 .pa-paper h3").inner_text()
    assert payload in page.locator(".pa-question").inner_text()
    assert page.locator("#pa-chat img, #pa-sources img, #pa-sources script, .katex, a[href^=javascript]").count() == 0
    assert page.evaluate("window.hacked") is None


def test_a_phone_needs_no_sideways_scrolling(library, visit, ask):
    page = visit(library[1], width=320, height=640)
    assert not wider_than_window(page)
    ask(page, f"What do zebra stripes keep away? {'x' * 200}")
    assert not wider_than_window(page)
    page.locator("#marker-1-1").click()
    assert in_view(page, "#mark-1-1") or page.locator("#mark-1-1").bounding_box()["height"] > 640
    assert not wider_than_window(page)


def test_two_visitors_have_conversations_of_their_own(library, visit, ask):
    first, second = visit(library[1]), visit(library[1])
    ask(first, QUESTION)
    ask(second, "What does late interaction make fast?")
    assert first.locator(".bot-row").count() == second.locator(".bot-row").count() == 1
    assert QUOTE not in second.locator("#pa-chat").inner_text()


def test_nothing_is_written_outside_the_home_folder(library):
    import gradio.utils

    assert str(gradio.utils.get_upload_folder()).endswith("page-cache")


def test_the_page_and_the_interface_share_a_port_and_its_headers(library):
    page, health, listed = (httpx.get(f"{library[1]}{path}") for path in ("", "healthz", "v1/models"))
    assert page.status_code == health.status_code == listed.status_code == 200
    for response in (page, health, httpx.get(library[1], headers={"Host": "evil.example"})):
        policy = response.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-eval" not in policy
        assert "frame-ancestors 'none'" in policy
    for path in ("docs", "redoc", "openapi.json", "gradio_api/info"):
        assert "https://" not in httpx.get(f"{library[1]}{path}").text.replace("https://doi.org", "")


def test_gradios_own_interface_offers_no_call(library):
    info = httpx.get(f"{library[1]}gradio_api/info").json()
    assert info["named_endpoints"] == info["unnamed_endpoints"] == {}


def test_a_taken_port_is_an_error_that_names_another(library):
    port = httpx.URL(library[1]).port
    with pytest.raises(ServerError, match=f"port {port} .* assistant serve --port {port + 1}"):
        listen("127.0.0.1", port)
