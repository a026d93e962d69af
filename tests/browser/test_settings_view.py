"""Choices and the state of things, in Chromium."""

from __future__ import annotations

import pytest

from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
QUESTION = "Does dense retrieval beat BM25 on open questions?"


def test_length_and_mode_are_chosen_kept_and_in_effect(home, serve, visit, view, ask):
    with serve(home / "choosing") as (assistant, url):
        page = visit(url)
        assert ENGLISH.quoted_note in ask(page, QUESTION).inner_text()
        view(page, "settings")
        page.locator(".pa-status-list").wait_for()
        page.locator("#pa-length input[type=number]").fill("1")
        page.locator("#pa-length input[type=number]").press("Tab")
        page.get_by_text(ENGLISH.settings_saved).wait_for()
        page.get_by_label(ENGLISH.mode_written).check()
        page.wait_for_timeout(500)
        assert assistant.conversations.preferences() == {"max_sentences": 1, "mode": "written"}
        view(page, "ask")
        answer = ask(page, QUESTION, answers=2)
        assert answer.locator(".pa-sentence").count() == 1
        assert ENGLISH.quoted_note not in answer.inner_text()
        assert answer.locator(".pa-tag").inner_text() == ENGLISH.status_checked
        page.reload()
        page.locator("#marker-1-1").wait_for()
        view(page, "settings")
        page.locator(".pa-status-list").wait_for()
        assert page.get_by_label(ENGLISH.mode_written).is_checked()


def test_how_many_papers_an_answer_names_and_reads_is_chosen(home, serve, visit, view, ask):
    papers = [{"title": f"Field {n}", "abstract": f"Honey bees dance in field {n}."} for n in range(7)]
    with serve(home / "sources", papers) as (assistant, url):
        page = visit(url)
        asked = "Which papers are about honey bees?"
        assert ask(page, asked).locator(".pa-cited li").count() == 5
        view(page, "settings")
        for name, value, default in (("cited", "1", "5"), ("read", "8", "16")):
            box = page.locator(f"#pa-{name}-most input[type=number]")
            page.wait_for_function(
                "([name, value]) => document.querySelector(`#pa-${name}-most input[type=number]`).value === value",
                arg=[name, default],
            )
            box.fill(value)
            box.press("Tab")
            page.wait_for_timeout(300)
        page.get_by_text(ENGLISH.settings_saved).wait_for()
        assert assistant.conversations.preferences() == {"max_papers": 1, "candidates": 8}
        view(page, "ask")
        assert ask(page, asked, answers=2).locator(".pa-cited li").count() == 1


def test_what_is_here_is_said_and_checked(library, visit, view, ask):
    page = visit(library[1])
    ask(page, QUESTION)
    view(page, "settings")
    facts = page.locator(".pa-status-list")
    facts.wait_for()
    assert "3 papers in" in facts.inner_text()
    assert ENGLISH.status_network_value in facts.inner_text()
    assert "s to the evidence" in facts.inner_text()
    page.locator("#pa-check").click()
    page.locator(".pa-findings").wait_for(timeout=60_000)
    assert ENGLISH.all_well in page.locator("#pa-found").inner_text()


def test_a_damaged_index_is_said_at_once_and_built_anew(home, serve, visit, view, ask):
    with serve(home / "damaged") as (assistant, _):
        folder = assistant.indexer.store.current_folder()
    largest = max((file for file in folder.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    largest.write_bytes(b"damaged" * 1000)
    with serve(home / "damaged", add=False) as (_, url):
        page = visit(url)
        page.locator("#pa-notice", has_text=ENGLISH.trouble).wait_for()
        view(page, "settings")
        page.locator("#pa-repair").click()
        page.get_by_text(ENGLISH.repaired).wait_for()
        page.locator("#pa-notice").wait_for(state="hidden")
        view(page, "ask")
        assert ask(page, QUESTION).locator(".pa-marker").count() >= 1


def test_a_model_that_is_not_there_is_said_once_and_the_other_is_named(home, visit, view, serve, tmp_path):
    with serve(home / "missing"):
        pass
    with serve(home / "missing", add=False, settings={"chat_model": f"{tmp_path}/none.gguf"}) as (_, url):
        page = visit(url)
        page.locator("#pa-notice", has_text="none.gguf").wait_for()
        assert "none.gguf" not in page.locator("#pa-header").inner_text()
        assert ENGLISH.models_missing in page.locator("#pa-header").inner_text()
        view(page, "settings")
        page.locator(".pa-status-list").wait_for()
        assert page.locator(".pa-status-list").inner_text().count("none.gguf") == 1
