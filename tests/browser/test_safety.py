"""What papers, people and files bring onto the page does nothing, and nothing else gets out of the home folder."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import httpx
import pytest

from assistant.text import clean
from ui.conversation import Conversation
from ui.line import Line
from ui.talk import Talk
from ui.texts import ENGLISH

pytestmark = pytest.mark.filterwarnings("ignore:::gradio.queueing")  # it uses what pandas will drop
PAGE = 50
TURNS = 400  # of a conversation that is drawn at once
REPORTED = 500  # things that were skipped, in one report
UPLOADED = 100  # files at once


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


ACTIVE = """() => {
  const active = "img, script, iframe, style, link, meta, base, form, input, video, audio, object, embed, [style*=url]";
  const ours = ".pa-question, #pa-chat .bot-row .md, #pa-sources .md, #pa-kept, #pa-papers, #pa-open-paper, #pa-report, #pa-scope";
  const found = [];
  for (const place of document.querySelectorAll(ours)) for (const element of place.querySelectorAll("*")) {
    const acts = [...element.attributes].some((a) => a.name.startsWith("on"));
    const target = element.matches("a") ? element.getAttribute("href") : "#";
    if (acts || element.matches(active) || !/^(#|\\?c=|https?:)/.test(target)) found.push(element.outerHTML.slice(0, 200));
  }
  return found;
}"""


def harmless(page):
    """Check that nothing came alive: no element that acts, no script that ran, nothing out of its place."""
    assert page.evaluate(ACTIVE) == []
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def in_place(page):
    """Check that the question box stands where it stood, and that no question is wider than the conversation."""
    box = page.locator("#pa-ask-button").bounding_box()
    assert box["x"] + box["width"] <= 1280
    assert box["y"] + box["height"] <= 900
    assert page.evaluate(
        "Math.max(...[...document.querySelectorAll('.pa-question')].map(e => e.getBoundingClientRect().right))"
        " <= document.querySelector('#pa-chat').getBoundingClientRect().right"
    )


def words(text):
    """Return a text as a page shows it, every space alike."""
    return " ".join(clean(text).split())


def kept(assistant, questions):
    """Ask all questions in one conversation, every tenth one to its end, the others stopped; return it."""
    desk = Talk(assistant, None, ENGLISH, assistant.conversations, Line(1)).desk
    held = Conversation()
    for number, question in enumerate(questions):
        if held.ask(question, desk, alone=True):
            if number % 10:
                held.stop(desk)
            for _ in held.answer(desk):
                pass
    return held


def test_every_hostile_string_is_shown_in_the_library_and_does_nothing(hostile, visit, view):
    assistant, url = hostile
    total = assistant.library.count()
    assert total > 2000
    page = visit(url)
    view(page, "library")
    for first in range(0, total, PAGE):
        page.locator(".pa-count", has_text=f"{first + 1:,}–").wait_for()
        page.locator(".pa-row").first.wait_for()
        harmless(page)
        if first + PAGE < total:
            page.locator("#pa-next").click()


def test_every_hostile_string_is_shown_as_a_question_and_does_nothing(hostile, payloads, visit):
    assistant, url = hostile
    shown = 0
    for first in range(0, len(payloads), TURNS):
        conversation = kept(assistant, payloads[first : first + TURNS])
        page = visit(f"{url}?c={conversation.conversation_id}", ready=f"#question-{len(conversation.turns)}")
        asked = page.locator(".pa-question").evaluate_all("all => all.map(e => e.innerText)")
        assert [words(text) for text in asked] == [words(turn.question) for turn in conversation.turns]
        harmless(page)
        in_place(page)
        shown += len(asked)
        page.close()
    assert shown > 0.99 * len(payloads)  # all that are not empty


def test_hostile_questions_are_typed_and_they_and_their_sources_do_nothing(hostile, payloads, visit):
    page = visit(hostile[1])
    chosen = payloads[:: len(payloads) // 40][:40]
    for number, text in enumerate(chosen, start=1):
        page.locator("#pa-question textarea").focus()
        page.keyboard.insert_text(f"What is number {number}? {text}"[:900])
        page.keyboard.press("Enter")
        page.locator("#pa-chat .bot-row").nth(number - 1).locator(".pa-actions").wait_for()
        harmless(page)
    in_place(page)


def test_every_hostile_string_in_an_archive_is_only_a_name(home, payloads, serve, visit, view, tmp_path):
    names = [name for name in dict.fromkeys(payloads) if _can_be_packed(name)]
    assert len(names) > 5000
    with serve(home / "archives") as (_, url):
        page = visit(url)
        view(page, "library")
        for number, first in enumerate(range(0, len(names), REPORTED)):
            batch = names[first : first + REPORTED]
            packed = tmp_path / f"names {number}.zip"
            with zipfile.ZipFile(packed, "w") as archive:
                for name in batch:
                    archive.writestr(f"{name}.txt", "nothing that is a paper")
            _add(page, [packed])
            page.locator("#pa-report", has_text=f"{len(batch)} skipped").wait_for()
            assert page.locator("#pa-report li").count() == len(batch)
            harmless(page)


def test_every_hostile_string_that_can_name_a_file_is_only_a_name(home, payloads, serve, visit, view, tmp_path):
    named = list(_files_named(payloads, tmp_path / "hostile"))
    assert len(named) > 500
    with serve(home / "names") as (assistant, url):
        page = visit(url)
        view(page, "library")
        for first in range(0, len(named), UPLOADED):
            _add(page, named[first : first + UPLOADED])
            page.locator("#pa-report", has_text=re.compile(r"[1-9]\d* skipped")).wait_for()
            harmless(page)
        report = assistant.add(tmp_path / "hostile")
        assert {Path(skipped.source).name for skipped in report.skipped} >= {
            file.name for file in named if not file.name.startswith(".")
        }


def _can_be_packed(name):
    """Say whether a file of this name in an archive is no hidden one, which is left out."""
    parts = [part for part in f"{name}.txt".split("/") if part not in ("", ".", "..")]
    return "\0" not in name and not any(part.startswith((".", "__MACOSX")) for part in parts)


def _files_named(names, folder):
    """Yield a file of each name that the file system takes."""
    folder.mkdir()
    for name in dict.fromkeys(names):
        file = folder / f"{name}.txt"
        if name and "/" not in name and "\0" not in name and len(file.name.encode()) <= 255:
            file.write_text("nothing that is a paper", encoding="utf-8")
            yield file


def _add(page, files):
    page.locator("#pa-files input[type=file]").set_input_files(files)
    page.locator("#pa-files .file-preview tr.file, #pa-files .file").nth(len(files) - 1).wait_for()
    assert page.locator("#pa-files img, #pa-files script, #pa-files iframe").count() == 0
    page.locator("#pa-add-go").click()
    page.locator("#pa-files .file").first.wait_for(state="detached")


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
