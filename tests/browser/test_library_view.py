"""The library in Chromium: found, filtered, sorted, read, added to, removed from, exported."""

from __future__ import annotations

import json
import threading
import zipfile

import httpx
import pytest

from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
TOTAL = 113


@pytest.fixture
def page(shelf, visit, view):
    """The library's view, filled."""
    opened = visit(shelf[1])
    view(opened, "library")
    opened.locator(".pa-row").first.wait_for()
    return opened


def counted(page, text):
    page.locator(".pa-count", has_text=text).wait_for()


def field(page, name):
    return page.locator(f"#pa-shelf-{name} textarea, #pa-shelf-{name} input").first


def test_the_table_is_read_page_by_page(page):
    counted(page, f"1–50 of {TOTAL} papers")
    first = page.locator(".pa-row").first.inner_text()
    assert not page.locator("#pa-previous").is_enabled()
    page.locator("#pa-next").click()
    counted(page, f"51–100 of {TOTAL} papers")
    page.locator("#pa-next").click()
    counted(page, f"101–{TOTAL} of {TOTAL} papers")
    assert not page.locator("#pa-next").is_enabled()
    assert page.locator(".pa-row").count() == TOTAL - 100
    page.locator("#pa-previous").click()
    counted(page, f"51–100 of {TOTAL} papers")
    page.locator("#pa-previous").click()
    counted(page, "1–50")
    assert page.locator(".pa-row").first.inner_text() == first


def test_papers_are_searched_and_filtered(page):
    field(page, "words").fill("protein interviews")
    counted(page, "of 3 papers")
    assert all("protein folding with interviews" in row for row in page.locator(".pa-row").all_inner_texts())
    field(page, "words").fill("")
    counted(page, f"of {TOTAL}")
    field(page, "year").fill("2018")
    counted(page, "of 5 papers")
    field(page, "author").fill("Cohen")
    counted(page, ENGLISH.shelf_none)
    field(page, "author").fill("Author2")
    counted(page, ENGLISH.shelf_count_one)
    field(page, "year").fill("no year")
    page.locator("#pa-count [role=alert]", has_text="cannot be read").wait_for()


def test_papers_are_sorted(page):
    page.locator("#pa-shelf-order input").click()
    page.get_by_role("option", name=ENGLISH.order_title, exact=True).click()
    page.locator(".pa-row").first.get_by_text("On dense retrieval").wait_for()
    titles = page.locator(".pa-row .pa-title").all_inner_texts()
    assert titles == sorted(titles, key=str.lower)


def test_papers_by_year_can_be_seen_and_heard(page):
    plot = page.locator(".pa-plot")
    assert plot.locator("li").count() == 25
    assert (
        "5 from 2018" in plot.inner_text().replace("\n", "")
        or "5 from 2018" in plot.locator("li").nth(18).text_content()
    )
    assert plot.locator("li > span").first.bounding_box()["height"] > 5


def test_a_paper_is_read_and_asked_about(page):
    title = page.locator(".pa-row .pa-title").nth(4)
    name = title.inner_text()
    title.click()
    opened = page.locator("#pa-paper-open")
    opened.get_by_role("heading", name=name).wait_for()
    assert "experiments the error falls" in opened.inner_text()
    opened.locator("button[name=shelf-similar]").click()
    opened.locator(".pa-alike li").first.wait_for()
    opened.locator("button[name=talk-about]").click()
    page.locator(".pa-chips li", has_text=name[:30]).wait_for()
    page.locator("#pa-question").wait_for()


def test_on_a_phone_a_paper_that_is_chosen_comes_into_sight(shelf, visit, view):
    page = visit(shelf[1], width=375, height=700)
    view(page, "library")
    page.locator(".pa-row .pa-title").nth(3).click()
    page.wait_for_function(
        "() => { const b = document.querySelector('#pa-paper-open h2')?.getBoundingClientRect();"
        " return b && b.top >= 0 && b.bottom <= innerHeight }",
        timeout=5000,
    )


def test_the_papers_that_are_shown_are_exported(page):
    field(page, "words").fill("protein interviews")
    counted(page, "of 3 papers")
    for name, sign in (("BibTeX", "@"), ("RIS", "TY  - "), ("JSONL", '"paper_id"')):
        with page.expect_download() as download:
            page.locator(".pa-exports").get_by_role("link", name=name).click()
        assert download.value.path().read_text(encoding="utf-8").count(sign) == 3


def test_an_export_of_everything_has_every_paper(shelf):
    lines = httpx.get(f"{shelf[1]}page/papers.jsonl").text.splitlines()
    assert len({json.loads(line)["paper_id"] for line in lines}) == TOTAL
    assert httpx.get(f"{shelf[1]}page/papers.exe").status_code == 404
    assert httpx.get(f"{shelf[1]}page/papers.bib?year=x").status_code == 400
    assert httpx.get(f"{shelf[1]}page/papers.bib?order=rowid;drop").status_code == 400


def test_formulas_are_set_and_macros_are_not(page):
    field(page, "words").fill("sorting memory")
    counted(page, ENGLISH.shelf_count_one)
    page.locator(".pa-row .katex").wait_for()
    page.locator(".pa-row .pa-title").click()
    opened = page.locator("#pa-paper-open")
    opened.locator(".pa-abstract .katex").wait_for()
    assert opened.locator(".katex").count() == 2
    assert "$5 here and" in opened.inner_text()
    assert r"\href{javascript" in opened.inner_text()
    assert opened.locator("a").count() == 0


def test_a_file_is_added_with_a_report_of_what_was_skipped(home, serve, visit, view, ask, tmp_path):
    with serve(home / "adding") as (_, url):
        page = visit(url)
        view(page, "library")
        source = tmp_path / "new <b>papers.jsonl"
        new = {"title": "Walruses and Ice", "abstract": "Walruses rest on sea ice. They dive for clams."}
        source.write_text(json.dumps(new) + '\n{"title": "No abstract"}\nnot json\n', encoding="utf-8")
        page.locator("#pa-files input[type=file]").set_input_files(source)
        page.locator("#pa-files", has_text=".jsonl").wait_for()
        page.locator("#pa-add-go").click()
        report = page.locator("#pa-report", has_text="1 added")
        report.wait_for()
        assert "2 skipped" in report.inner_text()
        assert "line 2: no abstract" in report.inner_text()
        page.locator(".pa-row", has_text="Walruses and Ice").wait_for()
        page.locator("#pa-header", has_text="4 papers").wait_for()
        view(page, "ask")
        assert "Walruses rest on sea ice." in ask(page, "Where do walruses rest?").inner_text()


def test_pasted_text_is_added_and_dois_alone_are_explained(home, serve, visit, view):
    with serve(home / "pasting") as (_, url):
        page = visit(url)
        view(page, "library")
        page.locator("#pa-add-go").click()
        page.get_by_text(ENGLISH.add_nothing).wait_for()
        page.locator("#pa-pasted textarea").fill("10.1000/182\nhttps://doi.org/10.1000/183")
        page.locator("#pa-add-go").click()
        page.get_by_text(ENGLISH.add_only_dois).wait_for()
        page.locator("#pa-pasted textarea").fill("Seals in Spring\n\n" + "Seals give birth on the ice in spring. " * 8)
        page.locator("#pa-add-go").click()
        page.locator("#pa-report", has_text="1 added").wait_for()
        assert page.locator("#pa-pasted textarea").input_value() == ""


def test_adding_is_stopped_and_goes_on(home, serve, visit, view, make_papers, write_jsonl, tmp_path):
    with serve(home / "stopping") as (assistant, url):
        page = visit(url)
        view(page, "library")
        encode, page_waits = assistant.encoder.encode_and_read, threading.Event()

        def slowly(*given):
            page_waits.wait(0.3)
            return encode(*given)

        assistant.encoder.encode_and_read = slowly
        page.locator("#pa-files input[type=file]").set_input_files(write_jsonl(tmp_path / "p.jsonl", make_papers(600)))
        page.locator("#pa-files", has_text="p.jsonl").wait_for()
        page.locator("#pa-add-go").click()
        page.locator("#pa-report", has_text="Indexing").wait_for()
        page.locator("#pa-add-stop").click()
        page.get_by_text(ENGLISH.add_stopped).wait_for()
        assert assistant.library.count() == 603
        page_waits.set()
        page.locator("#pa-add-go").click()
        page.locator("#pa-report", has_text="600 unchanged").wait_for(timeout=60_000)


def test_a_paper_is_removed_after_a_question(home, serve, visit, view):
    with serve(home / "removing") as (assistant, url):
        page = visit(url)
        view(page, "library")
        page.locator(".pa-row .pa-title", has_text="Late Interaction").click()
        page.locator("#pa-paper-open button[name=shelf-remove]").click()
        page.get_by_role("button", name=ENGLISH.keep_it).click()
        page.locator("#pa-paper-open button[name=shelf-remove]").click()
        page.get_by_role("button", name=ENGLISH.remove_yes).click()
        page.locator("#pa-open-paper", has_text="“Late Interaction over Tokens” was removed.").wait_for()
        page.locator(".pa-row", has_text="Late Interaction").wait_for(state="detached")
        assert assistant.library.count() == 2


def test_a_page_that_was_empty_says_so_no_more_once_papers_are_added(home, serve, visit, view):
    with serve(home / "filling", add=False) as (_, url):
        page = visit(url)
        page.get_by_text(ENGLISH.empty_title, exact=True).wait_for()
        view(page, "library")
        page.locator("#pa-pasted textarea").fill("Seals in Spring\n\n" + "Seals give birth on the ice in spring. " * 8)
        page.locator("#pa-add-go").click()
        page.locator("#pa-report", has_text="1 added").wait_for()
        page.locator("#pa-header", has_text="1 paper").wait_for()
        view(page, "ask")
        page.locator(".example", has_text="Seals in Spring").wait_for()
        assert page.get_by_text(ENGLISH.empty_title, exact=True).count() == 0


def test_what_was_skipped_is_named_as_a_person_knows_it(home, serve, visit, view, tmp_path):
    packed = tmp_path / "mine.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("notes/today.txt", "nothing that is a paper")
        archive.writestr("papers.jsonl", '{"title": "No abstract"}')
    with serve(home / "naming") as (_, url):
        page = visit(url)
        view(page, "library")
        page.locator("#pa-files input[type=file]").set_input_files(packed)
        page.get_by_role("button", name=ENGLISH.add_more_files).first.wait_for()
        page.locator("#pa-add-go").click()
        page.locator("#pa-report li").first.wait_for()
        first, second = page.locator("#pa-report li").all_inner_texts()
        assert first.startswith("mine.zip/notes/today.txt: ")
        assert second == "mine.zip/papers.jsonl, line 1: no abstract"


def test_an_empty_library_says_so(empty, visit, view):
    page = visit(empty[1])
    view(page, "library")
    page.get_by_text(ENGLISH.shelf_empty).wait_for()
