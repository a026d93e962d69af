"""The page for everyone: axe-core, the keyboard alone, narrow screens, dark, German, right to left."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest

from ui.german import GERMAN
from ui.texts import ENGLISH, Texts

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
QUESTION = "Does dense retrieval beat BM25 on open questions?"
VIEWS = ("ask", "library", "settings", "help")


@pytest.fixture(scope="module")
def axe():
    """The text of axe-core; Chromium runs it beside the page's own policy."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm install --no-save axe-core@4")
    return AXE.read_text(encoding="utf-8")


def findings(page, axe):
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    return [(v["id"], v["nodes"][0]["target"]) for v in found if v["impact"] in ("serious", "critical")]


def wider_than_window(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 375])
def test_no_view_has_a_serious_finding(shelf, visit, view, ask, axe, dark, width):
    page = visit(shelf[1], dark=dark, width=width)
    page.locator("#pa-header", has_text="113 papers").wait_for()
    page.locator("#pa-chat .examples:not([role])").wait_for()  # the last to come, mended with the next frame
    assert findings(page, axe) == []
    ask(page, "Which papers rely on interviews?")
    ask(page, "How does chocolate taste?", answers=2)
    page.locator("#pa-narrow > button").click()
    page.locator("#pa-delete").click()
    page.locator("#pa-delete-yes").wait_for()
    assert findings(page, axe) == []
    for name in VIEWS[1:]:
        view(page, name)
        if name == "library":
            page.locator(".pa-row .pa-title").first.click()
            page.locator("#pa-paper-open").wait_for()
        if name == "settings":
            page.locator(".pa-status-list").wait_for()
        assert findings(page, axe) == [], name


def test_everything_on_the_way_to_a_quote_works_with_the_keyboard_alone(library, visit):
    page = visit(library[1])
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator("#marker-1-1").wait_for()
    page.locator("#pa-ask-button").wait_for()
    assert page.evaluate("document.activeElement.closest('#pa-question') !== null")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("n")
    assert page.evaluate("document.activeElement.id") == "marker-1-1"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "mark-1-1"
    page.keyboard.press("b")
    assert page.evaluate("document.activeElement.id") == "marker-1-1"
    for key, name in (("2", "library"), ("3", "settings"), ("?", "help"), ("1", "ask")):
        page.keyboard.press(key)
        page.locator(f"#pa-tab-{name}").wait_for()
    page.keyboard.press("c")
    page.locator(".pa-welcome").wait_for()


def test_letters_in_a_text_box_are_letters(library, visit):
    page = visit(library[1])
    page.get_by_label(ENGLISH.question).press_sequentially("n? 2c/b")
    assert page.get_by_label(ENGLISH.question).input_value() == "n? 2c/b"
    assert page.locator("#pa-tab-ask").is_visible()


def test_views_are_changed_with_the_arrow_keys(library, visit):
    page = visit(library[1])
    page.locator("#pa-tab-ask-button").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "pa-tab-library-button"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.locator("#pa-help").wait_for()


def test_escape_stops_an_answer(slow, visit):
    page = visit(slow[1])
    page.get_by_label(ENGLISH.question).fill("Do bees cluster in winter?")
    page.keyboard.press("Enter")
    page.locator("#pa-sources .pa-paper").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text(ENGLISH.stopped).wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_no_view_is_wider_than_a_narrow_phone(shelf, visit, view, ask, dark):
    page = visit(shelf[1], width=320, height=640, dark=dark)
    ask(page, "What do long titles do?")
    for name in VIEWS:
        view(page, name)
        if name == "library":
            page.locator(".pa-row .pa-title").first.click()
            page.locator("#pa-paper-open").wait_for()
        page.wait_for_timeout(200)
        assert not wider_than_window(page), name


def test_on_a_phone_kept_conversations_are_behind_a_button(library, visit, ask):
    page = visit(library[1], width=375, height=700)
    ask(page, QUESTION)
    assert not page.locator("#pa-kept").is_visible()
    page.locator("#pa-history-toggle").click()
    page.locator(".pa-conversation").first.click()
    page.locator("#pa-kept").wait_for(state="hidden")


def test_dark_and_light_can_be_chosen_and_stay(library, visit):
    page = visit(library[1])
    assert page.evaluate("document.body.classList.contains('dark')") is False
    page.locator("button[name=page-theme]").click()
    assert page.evaluate("document.body.classList.contains('dark')") is True
    page.reload()
    page.locator(".pa-welcome").wait_for()
    assert page.evaluate("document.body.classList.contains('dark')") is True
    page.locator("button[name=page-theme]").click()
    page.evaluate("localStorage.clear()")


def test_writing_from_right_to_left_reads_from_the_right(shelf, visit, view):
    page = visit(shelf[1])
    view(page, "library")
    page.locator(".pa-row .pa-title", has_text="דבורים").click()
    abstract = page.locator("#pa-paper-open .pa-abstract")
    abstract.wait_for()
    assert abstract.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_the_page_speaks_german(library, visit, ask, view):
    page = visit(library[1])
    page.get_by_role("link", name="Deutsch").click()
    page.locator("#pa-header", has_text=GERMAN.title).wait_for()
    page.locator(".pa-welcome").wait_for()
    answer = ask(page, QUESTION)
    assert GERMAN.quoted_note in answer.inner_text()
    assert page.evaluate("document.documentElement.lang") == "de"
    answer.get_by_role("button", name=GERMAN.copy_answer).click()
    page.locator("#pa-toast", has_text=GERMAN.copied).wait_for()
    page.reload()
    page.locator("#marker-1-1").wait_for()


def _holes(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("name", [field.name for field in fields(Texts)])
def test_every_text_is_translated_with_the_same_holes_and_markup(name):
    english, german = getattr(ENGLISH, name), getattr(GERMAN, name)
    assert _holes(english) == _holes(german)
    assert english.count("<") == german.count("<") or name == "welcome_html"
    same = {
        "not_translated": ("port_taken", "cannot_listen", "exported_bibtex", "export_markdown", "status_papers",
                           "shelf_table", "scope_venue", "fit_why", "status_version", "shelf_count_one", "add_line", "add_file",
                           "column_year", "status_size", "library_one", "narrow_year_hint", "theme"),
    }  # fmt: skip
    assert english != german or name in same["not_translated"]
