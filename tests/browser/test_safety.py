"""What papers, people and files bring onto the page does nothing, and nothing else gets out of the home folder."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
PAGE = 50


@pytest.fixture(scope="module")
def payloads(shared):
    """Every hostile string that can be the text of a paper."""
    folder: Path = shared / "data" / "adversarial"
    lines = [
        line
        for name in ("xss_payloads.jsonl", "naughty_strings.jsonl")
        for line in (folder / name).read_text(encoding="utf-8").split("\n")
        if line
    ]
    return [json.loads(line)["text"] for line in lines]


@pytest.fixture(scope="module")
def hostile(home, payloads, serve):
    """A library whose papers are made of hostile strings."""
    papers = [
        {
            "title": f"{text} {n}",
            "abstract": f"{text} is number {n}. {text}",
            "authors": [text],
            "venue": text,
            "url": text,
        }
        for n, text in enumerate(payloads)
    ]
    with serve(home / "hostile", papers) as served:
        yield served


def harmless(page):
    """Say whether nothing has acted: no script ran, nothing was loaded, no element came from a paper."""
    return page.evaluate(
        "document.querySelectorAll('#pa-papers img, #pa-papers script, #pa-papers iframe, #pa-papers svg, #pa-papers style,"
        " #pa-papers video, #pa-papers [onerror], #pa-papers [onload], #pa-papers a').length"
    ) == 0 and page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_hostile_string_is_shown_in_the_library_and_does_nothing(hostile, visit, view):
    assistant, url = hostile
    total = assistant.library.count()
    assert total > 2000
    page = visit(url)
    view(page, "library")
    for first in range(0, total, PAGE):
        page.locator(".pa-count", has_text=f"{first + 1:,}–").wait_for()
        page.locator(".pa-row").first.wait_for()
        assert harmless(page), first
        if first + PAGE < total:
            page.locator("#pa-next").click()


def test_hostile_questions_and_sources_do_nothing(hostile, payloads, visit, ask):
    page = visit(hostile[1])
    for number, text in enumerate(payloads[:: len(payloads) // 12][:12], start=1):
        ask(page, f"What is number {number}? {text}"[:900], answers=number)
        assert (
            page.locator("#pa-chat img, #pa-chat script, #pa-chat iframe, #pa-sources img, #pa-sources script").count()
            == 0
        )
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>.txt", "[x](javascript:alert(1)).txt", "$$\\href{a}{b}$$.txt"]
)
def test_a_hostile_file_name_is_only_a_name(library, visit, view, tmp_path, name):
    page = visit(library[1])
    view(page, "library")
    source = tmp_path / name
    source.write_text("nothing that is a paper", encoding="utf-8")
    page.locator("#pa-files input[type=file]").set_input_files(source)
    page.locator("#pa-files", has_text=".txt").wait_for()
    page.locator("#pa-add-go").click()
    page.locator("#pa-report", has_text="1 skipped").wait_for()
    assert page.locator("#pa-report img, #pa-report a, #pa-report .katex").count() == 0


def test_a_file_that_is_too_large_is_refused(library):
    files = {"files": ("large.txt", b"x" * (17 << 20))}
    assert httpx.post(f"{library[1]}gradio_api/upload", files=files).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "pyproject.toml", "../library.sqlite3", "{home}/library.sqlite3", "{home}/conversations.sqlite3"],
)
def test_no_file_but_the_pages_own_is_served(library, path):
    assistant, url = library
    reply = httpx.get(f"{url}gradio_api/file={path.format(home=assistant.home)}")
    assert reply.status_code in (403, 404)


def test_scripts_run_by_a_number_that_nobody_can_guess(library):
    policies = [httpx.get(library[1]).headers["content-security-policy"] for _ in range(2)]
    scripts = [next(p for p in policy.split(";") if "script-src" in p) for policy in policies]
    assert scripts[0] != scripts[1]
    for script in scripts:
        assert "'nonce-" in script
        assert "unsafe" not in script


def test_a_script_that_gets_into_the_page_does_not_run(library, chromium):
    page = chromium.new_page()
    page.goto(library[1])
    page.locator(".pa-welcome").wait_for()
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        " document.body.insertAdjacentHTML('beforeend', '<img src=data: onerror=\"window.hacked = 2\">'); }"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    page.close()


def test_the_pages_own_script_is_small(library):
    assert len(httpx.get(f"{library[1]}page/page.js").content) < 50_000
    assert ENGLISH.title in httpx.get(library[1]).text
