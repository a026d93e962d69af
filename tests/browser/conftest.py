"""Chromium, and real pages over small libraries, each served from a thread of the test process."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.models.scripted import ScriptedChatModel, repeat_evidence
from ui.server import PageServer

CHROMIUM = Path("/usr/bin/chromium")
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
QUIET += "--disable-component-update --disable-sync"
PAYLOAD = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>![i](http://evil.example/i.png) $$x$$'
PAPERS = [
    {
        "title": "Dense Passage Retrieval for Open Questions",
        "abstract": "Search engines match words. We show that dense retrieval beats BM25 on open questions. "
        "Its encoder is trained on pairs of questions and passages.",
        "authors": ["Vladimir Karpukhin", "Barlas Oğuz"],
        "year": 2020,
        "venue": "EMNLP",
        "doi": "10.18653/v1/2020.emnlp-main.550",
    },
    {
        "title": "Late Interaction over Tokens",
        "abstract": "ColBERT keeps one vector for each token. Late interaction makes ranking fast and precise.",
        "authors": ["Omar Khattab"],
        "year": 2021,
        "venue": "SIGIR",
    },
    {
        "title": f"Zebra stripes {PAYLOAD}",
        "abstract": f"Zebra stripes keep flies away from zebras. {PAYLOAD} Zebra stripes are black and white.",
        "authors": [PAYLOAD],
        "year": 1999,
        "venue": PAYLOAD,
        "url": "javascript:window.hacked=1",
    },
]
# Gradio's client warns with this text whenever it closes the stream that tells how far an upload is, once at its end and
# once when the bar goes: its `close` is not written, and no option of its upload leaves the stream out.
GRADIOS_OWN = "Method not implemented."
FORMULA = {
    "title": "Sorting in $O(n \\log n)$ steps",
    "abstract": "Sorting needs $\\mathcal{O}(n)$ memory. It costs $5 here and \\$7 there. "
    "No macro acts: $\\href{javascript:window.hacked=1}{x}$.",
    "authors": ["ליאת כהן"],
    "year": 2018,
    "venue": "Journal of Trees",
}
RIGHT_TO_LEFT = {
    "title": "דבורים בחורף",
    "abstract": "הדבורים מתקבצות בחורף. Bees cluster in winter. הן אוכלות דבש.",
    "year": 2022,
}
LONG = {"title": "On " + "very " * 80 + "long titles", "abstract": "Long titles wrap. " + "x" * 300, "year": 2021}
BEES = {"title": "Bees in Winter", "abstract": "Bees cluster in winter. The colony eats its stored honey."}
SUMMARY = {"title": BEES["title"], "summary": BEES["abstract"]}
FAST = {"chat_model": "scripted", "embedding_model": "hashing", "mode": "quoted", "answer_threshold": 0.0}


@contextmanager
def serving(home, papers, **settings):
    """Yield the assistant of a new library and the address of its page."""
    with Assistant.open(home, settings=FAST | settings) as assistant:
        if papers:
            source = home.with_suffix(".jsonl")
            source.write_text("\n".join(json.dumps(paper) for paper in papers), encoding="utf-8")
            assistant.add(source)
        ready = threading.Event()
        server = PageServer(assistant, "127.0.0.1", 0, on_ready=lambda _: ready.set())
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        assert ready.wait(60)
        try:
            yield assistant, server.url
        finally:
            server.stop()
            thread.join(10)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """A browser with a profile of its own; gone before the next module, because Playwright holds the event loop."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed: apt install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=str(CHROMIUM), args=QUIET.split()
        )
        context.set_default_timeout(15_000)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield context
        context.close()


@pytest.fixture
def visit(chromium):
    """Open pages; afterwards none may have spoken to anybody else, logged an error or shown a dialog."""
    pages, faults, closings = [], [], Counter()

    def requested(page, request, origin):
        if not request.url.startswith((origin, "data:", "blob:")):
            faults.append(f"request {request.url}")
        closings[page] += 2 * request.url.startswith(f"{origin}gradio_api/upload_progress?")

    def logged(page, message, origin):
        """Count as a fault what is logged, but for two warnings of Gradio's own script after each upload of this page."""
        if message.type not in ("error", "warning"):
            return
        whose = message.location["url"]
        known = (message.type, message.text) == ("warning", GRADIOS_OWN) and whose.startswith(f"{origin}assets/index-")
        if known and closings[page] > 0:
            closings[page] -= 1
        else:
            faults.append(f"{message.type} {message.text} ({whose})")

    def open_page(url, *, width=1280, height=900, dark=False, ready=".pa-welcome"):
        page, origin = chromium.new_page(), url[: url.index("/", 8) + 1]
        pages.append(page)
        page.on("request", lambda request: requested(page, request, origin))
        page.on("console", lambda message: logged(page, message, origin))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.goto(url)
        page.locator(ready).first.wait_for()
        return page

    yield open_page
    time.sleep(0.1)  # what a page does on its last event
    for page in pages:
        page.close()
    assert faults == []


def _ask(page, question, *, answers=1):
    """Ask, and wait until the page is ready for the next question; return the answer."""
    page.locator("#pa-question textarea").fill(question)
    page.locator("#pa-ask-button").click()
    page.locator("#pa-chat .bot-row").nth(answers - 1).wait_for()
    page.locator("#pa-ask-button").wait_for()
    return page.locator("#pa-chat .bot-row").nth(answers - 1)


@pytest.fixture(scope="session")
def ask():
    """Return ``ask(page, question, answers=1)``, which asks and waits for the answer."""
    return _ask


@pytest.fixture
def view():
    """Return ``view(page, name)``, which opens a view of the page."""

    def open_view(page, name):
        page.locator(f"#pa-tab-{name}-button").click()
        page.locator(f"#pa-tab-{name}").wait_for()

    return open_view


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="session")
def serve():
    """Return ``serve(home, papers=PAPERS, add=True, settings={})``, a context that serves a library of its own."""
    return lambda home, papers=PAPERS, add=True, settings=(): serving(home, papers if add else [], **dict(settings))


@pytest.fixture(scope="module")
def library(home):
    with serving(home / "library", PAPERS) as served:
        yield served


@pytest.fixture(scope="module")
def shelf(home, make_papers):
    """A library that fills several pages of the table, with formulas, long titles and writing from right to left."""
    papers = [{k: v for k, v in p.to_dict().items() if k != "paper_id"} for p in make_papers(110)]
    with serving(home / "shelf", [*papers, FORMULA, RIGHT_TO_LEFT, LONG]) as served:
        yield served


@pytest.fixture(scope="module")
def abstaining(home):
    with serving(home / "abstaining", PAPERS, answer_threshold=1.0) as served:
        yield served


@pytest.fixture(scope="module")
def empty(home):
    with serving(home / "empty", []) as served:
        yield served


@pytest.fixture(scope="module")
def summaries(home):
    with serving(home / "summaries", [SUMMARY]) as served:
        yield served


@pytest.fixture(scope="module")
def slow_page(home):
    """A page whose language model waits for an event, and that event."""
    go_on = threading.Event()

    def slowly(messages):
        go_on.wait(20)
        return repeat_evidence(messages)

    with serving(home / "slow", [BEES], mode="written") as (assistant, url):
        assistant.chat_model = ScriptedChatModel(script=slowly)
        yield go_on, url


@pytest.fixture
def slow(slow_page):
    """The slow page, its model waiting; it goes on at the latest when the test ends."""
    slow_page[0].clear()
    yield slow_page
    slow_page[0].set()


@pytest.fixture(scope="module")
def payload():
    """What stands in a title, an abstract, an author and a venue of the library, and does nothing."""
    return PAYLOAD
