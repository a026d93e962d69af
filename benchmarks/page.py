"""What the page costs in a browser: until it is painted, for each letter that is typed, and in bytes of scripts.

    python benchmarks/page.py HOME QUESTIONS.jsonl [--turns 200] [--letters 120]

Starts `assistant serve` over the library in HOME, has a conversation of so many turns (kept in HOME, and deleted at the
end), and drives the page in Debian's Chromium. A letter's time is from the key's own timestamp to after the frame that
shows it, so it holds everything that kept the page from drawing. QUESTIONS are those of `evaluate answers`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from assistant import Assistant
from ui.conversation import Conversation
from ui.line import Line
from ui.talk import Talk
from ui.texts import ENGLISH

PROGRAM = shutil.which("assistant", path=str(Path(sys.executable).parent))
CHROMIUM = "/usr/bin/chromium"
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
PATIENCE_MS = 120_000
BETWEEN_KEYS_MS = 80
LETTERS_MEANWHILE = 12  # while an answer comes in, which takes about a second
TEXT = "how well does dense retrieval carry over to other domains and what do the authors say about rare words "
WATCH = """() => {
  window.painted = [];
  const shown = new MessageChannel();
  let keys = [];
  shown.port1.onmessage = () => { const now = performance.now(); for (const key of keys) painted.push(now - key); keys = []; };
  addEventListener("keydown", (event) => {
    keys.push(event.timeStamp);
    requestAnimationFrame(() => shown.port2.postMessage(0));
  }, true);
}"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
SCRIPTS = "performance.getEntriesByType('resource').filter(e => /\\.m?js(\\?|$)/.test(e.name)).map(e => e.name)"


@contextmanager
def conversation_of(home, questions, turns):
    """Keep a conversation of so many turns in ``home`` while the page is looked at; yield its id."""
    with Assistant.open(home) as assistant:
        desk = Talk(assistant, None, ENGLISH, assistant.conversations, Line(1)).desk
        held = Conversation()
        for question in islice(cycle(questions), turns):
            held.ask(question, desk, alone=True)
            for _ in held.answer(desk):
                pass
    try:
        yield held.conversation_id
    finally:
        with Assistant.open(home) as assistant:
            assistant.conversations.delete(held.conversation_id)


@contextmanager
def served(home):
    """Serve ``home`` in a process of its own and yield the page's address once it opens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    port = url.rsplit(":", 1)[1].strip("/")
    process = subprocess.Popen([PROGRAM, "serve", "--home", str(home), "--port", port], stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(url, timeout=5).read()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


def milliseconds(values):
    """Return the median, the 95th percentile and the highest."""
    return f"{np.median(values):6.0f} / {np.percentile(values, 95):.0f} / {max(values):.0f} ms"


def typed(page, box, letters):
    """Return how long each letter took to be shown, in milliseconds."""
    page.locator(box).click()
    page.evaluate("painted.length = 0")
    page.keyboard.type("".join(islice(cycle(TEXT), letters)), delay=BETWEEN_KEYS_MS)
    page.wait_for_timeout(1000)
    times = page.evaluate("painted")
    assert len(times) == letters, f"{len(times)} of {letters} letters were seen"
    return times


def opened(context, url, ready):
    """Open the page; return it, its first paint and how long until ``ready`` is there, in milliseconds."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    started = time.perf_counter()
    page.goto(url)
    page.locator(ready).first.wait_for()
    whole = (time.perf_counter() - started) * 1000
    page.evaluate(WATCH)
    return page, page.evaluate(PAINT), whole


def openings(context, url, ready, label, times=5):
    paints, wholes = [], []
    for _ in range(times):
        page, paint, whole = opened(context, url, ready)
        paints.append(paint)
        wholes.append(whole)
        page.close()
    print(f"{label}, first paint      {milliseconds(paints)}")
    print(f"{label}, all there        {milliseconds(wholes)}", flush=True)


def own_scripts(context, url):
    """Return the bytes of the page's scripts that are not Gradio's, and of those that are."""
    page, _, _ = opened(context, url, ".pa-welcome")
    sizes = {name: len(context.request.get(name).body()) for name in page.evaluate(SCRIPTS)}
    page.close()
    own = sum(size for name, size in sizes.items() if "/page/" in name)
    return own, sum(sizes.values()) - own


def in_conversation(context, url, turns, question, letters):
    """Print what typing costs with a long conversation open, at rest and while an answer comes in."""
    page, _, _ = opened(context, url, f"#question-{turns}")
    box = "#pa-question textarea"
    page.wait_for_timeout(2000)
    print(f"typing a question          {milliseconds(typed(page, box, letters))}", flush=True)
    page.locator(box).fill(question)
    started = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(f"#question-{turns + 1}").wait_for()
    print(f"asked, question shown      {(time.perf_counter() - started) * 1000:6.0f} ms")
    times = typed(page, box, LETTERS_MEANWHILE)
    page.locator(f"#sources-{turns + 1} .pa-status").wait_for()
    print(f"typing while it is answered{milliseconds(times)}", flush=True)
    page.close()


def in_library(context, url, letters):
    """Print what typing into the library's search costs, how soon its result is there, and paging."""
    page, _, _ = opened(context, url, ".pa-welcome")
    page.wait_for_timeout(2000)
    started = time.perf_counter()
    page.locator("#pa-tab-library-button").click()
    page.locator(".pa-row").first.wait_for()
    print(f"library opened             {(time.perf_counter() - started) * 1000:6.0f} ms")
    box, count = "#pa-shelf-words textarea, #pa-shelf-words input", page.locator(".pa-count")
    print(f"typing a search            {milliseconds(typed(page, box, letters))}", flush=True)
    waits = []
    for words in ("retrieval", "translation low resource", "neural", "parsing", ""):
        before = count.inner_text()
        started = time.perf_counter()
        page.locator(box).fill(words)
        page.wait_for_function("before => document.querySelector('.pa-count').innerText !== before", arg=before)
        waits.append((time.perf_counter() - started) * 1000)
    print(f"search, result shown       {milliseconds(waits)}")
    waits = []
    for _ in range(10):
        before = count.inner_text()
        started = time.perf_counter()
        page.locator("#pa-next").click()
        page.wait_for_function("before => document.querySelector('.pa-count').innerText !== before", arg=before)
        waits.append((time.perf_counter() - started) * 1000)
    print(f"next page                  {milliseconds(waits)}", flush=True)
    page.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--letters", type=int, default=120)
    args = parser.parse_args()
    questions = [json.loads(line)["question"] for line in args.questions.read_text(encoding="utf-8").splitlines()]
    with (
        conversation_of(args.home, questions, args.turns) as kept,
        served(args.home) as url,
        tempfile.TemporaryDirectory() as profile,
        sync_playwright() as driver,
    ):
        context = driver.chromium.launch_persistent_context(profile, executable_path=CHROMIUM, args=QUIET.split())
        opened(context, url, ".pa-welcome")[0].close()  # warms the server and the browser's cache
        own, gradios = own_scripts(context, url)
        print(f"scripts of our own         {own:,} bytes; Gradio's {gradios:,}")
        print("times: median / 95th percentile / highest")
        openings(context, url, ".pa-welcome", "new page ")
        talk = f"{url}?c={kept}"
        openings(context, talk, f"#question-{args.turns}", f"{args.turns} turns")
        in_conversation(context, talk, args.turns, questions[0], args.letters)
        in_library(context, url, args.letters)
        context.close()


if __name__ == "__main__":
    main()
