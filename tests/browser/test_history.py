"""Conversations that are kept, in Chromium: reopened as they were, found, renamed, exported, deleted."""

from __future__ import annotations

import re

import httpx
import pytest

from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
QUESTION = "Does dense retrieval beat BM25 on open questions?"
TITLE = "Dense Passage Retrieval for Open Questions"


def shown(page):
    """Return what the conversation and its sources show, as text."""
    return page.locator("#pa-chat").inner_text(), page.locator("#pa-sources").inner_text()


def opened(page):
    """Wait until the address names the conversation, and return its id."""
    page.wait_for_url(re.compile(r"\?c=[0-9a-f]{16}"))
    return page.url.rpartition("=")[2]


def test_a_reload_finds_the_same_conversation_with_the_same_numbers_and_quotes(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    ask(page, "How is its encoder trained?", answers=2)
    opened(page)
    before = shown(page)
    page.reload()
    page.locator("#marker-2-1, #marker-1-1").first.wait_for()
    assert shown(page) == before
    page.locator("#marker-1-1").click()
    assert page.evaluate("document.activeElement.id") == "mark-1-1"


def test_a_kept_conversation_is_opened_from_the_list_and_goes_on(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    before = shown(page)
    key = opened(page)
    page.get_by_role("button", name=ENGLISH.clear).click()
    page.locator(".pa-welcome").wait_for()
    page.locator(f"a.pa-conversation[href$='{key}']").click()
    page.locator("#marker-1-1").wait_for()
    assert shown(page) == before
    ask(page, "What does late interaction make fast?", answers=2)
    assert opened(page) == key


def test_a_conversation_keeps_its_quotes_when_its_paper_is_gone(home, visit, ask, serve):
    with serve(home / "losing") as (assistant, url):
        page = visit(url)
        ask(page, QUESTION)
        opened(page)
        before = shown(page)
        paper_id = next(paper.paper_id for paper in assistant.library.papers() if paper.title == TITLE)
        assistant.remove(paper_id)
        page.reload()
        page.locator("#marker-1-1").wait_for()
        assert shown(page) == before


def test_conversations_are_found_renamed_and_deleted(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    key = opened(page)
    name = page.locator("#pa-name textarea, #pa-name input")
    name.fill("A name of my own")
    name.press("Enter")
    mine = page.locator(".pa-conversation", has_text="A name of my own")
    mine.wait_for()
    page.locator("#pa-find textarea, #pa-find input").fill("own name karpukhin")
    page.get_by_text(ENGLISH.history_none).wait_for()
    page.locator("#pa-find textarea, #pa-find input").fill("own bm25")
    mine.wait_for()
    page.locator("#pa-delete").click()
    page.locator("#pa-delete-no").click()
    page.locator("#pa-delete-yes").wait_for(state="hidden")
    page.locator("#pa-delete").click()
    page.locator("#pa-delete-yes").click()
    page.locator(".pa-welcome").wait_for()
    assert page.locator(f"a.pa-conversation[href$='{key}']").count() == 0
    assert httpx.get(f"{library[1]}page/conversations/{key}.md").status_code == 404


def test_a_conversation_is_exported_with_its_sources_and_bibtex(library, visit, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    key = opened(page)
    page.locator("#pa-exports summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=ENGLISH.export_markdown).click()
    assert download.value.suggested_filename.endswith(".md")
    text = download.value.path().read_text(encoding="utf-8")
    assert f"# {QUESTION}" in text
    assert "We show that dense retrieval beats BM25 on open questions" in text
    assert "@inproceedings{karpukhin2020dense," in text
    printed = httpx.get(f"{library[1]}page/conversations/{key}.html")
    assert "<blockquote" in printed.text
    assert "nonce" not in printed.headers["content-security-policy"]
    assert httpx.get(f"{library[1]}page/conversations/{key}.bib").text.startswith("@")
    assert httpx.get(f"{library[1]}page/conversations/{key}.ris").text.startswith("TY  - ")


@pytest.mark.parametrize("key", ["0" * 16, "..%2f..%2flibrary", "x", "%00"])
def test_what_is_no_conversation_is_not_found(library, visit, key):
    assert httpx.get(f"{library[1]}page/conversations/{key}.md").status_code == 404
    assert httpx.get(f"{library[1]}page/conversations/{key}/1.txt").status_code == 404


def test_an_address_of_a_conversation_that_is_gone_begins_a_new_one(library, visit):
    page = visit(f"{library[1]}?c={'0' * 16}")
    assert page.locator(".pa-welcome").is_visible()


def test_an_export_of_hostile_text_does_nothing(library, visit, ask, payload):
    page = visit(library[1])
    ask(page, f"What do zebra stripes keep away? {payload}")
    key = opened(page)
    exported = visit(f"{library[1]}page/conversations/{key}.html", ready="h1")
    assert payload in exported.locator("h2").first.inner_text()
    assert exported.locator("img, script").count() == 0
    assert exported.evaluate("window.hacked") is None
