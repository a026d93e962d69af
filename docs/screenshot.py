"""Make the pictures of the page: the real program with the sample library, every view, light, dark and on a phone.

Run from the checkout, with the test packages and Chromium installed: ``python docs/screenshot.py``.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from playwright.sync_api import BrowserContext, Page, sync_playwright

from assistant.assistant import Assistant
from ui.server import PageServer

FOLDER = Path(__file__).parent
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 780}
QUESTION = "How does TracksTo4D recover 3D structure from casual videos?"
FOLLOW_UP = "And what does it need for training?"
FAR = "How does chocolate taste on Mars?"
CHROMIUM = "/usr/bin/chromium"
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
PATIENCE_MS = 120_000  # the models are loaded for the first question


@contextmanager
def page_of(home: Path) -> Iterator[str]:
    """Serve a new sample library in ``home`` and yield the page's address."""
    ready: SimpleQueue[str] = SimpleQueue()
    with Assistant.open(home) as assistant:
        assistant.add_sample()
        server = PageServer(assistant, "127.0.0.1", 0, on_ready=ready.put)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield ready.get(timeout=60)
        finally:
            server.stop()
            thread.join()


def ask(page: Page, question: str, number: int) -> None:
    """Ask and wait until the answer is whole; where there is none, there is no picture."""
    page.locator("#pa-question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(f"#question-{number}").wait_for()
    page.locator("#pa-ask-button").wait_for(timeout=PATIENCE_MS)
    page.locator("#pa-chat .bot-row").nth(number - 1).locator(".pa-actions").wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)  # the page's own scrolling


def pictures(context: BrowserContext, url: str, name: str) -> None:
    """Take a picture of every view; ``name`` is put behind each view's own."""
    page = context.new_page()

    def take(view: str) -> None:
        page.wait_for_timeout(400)
        page.screenshot(path=FOLDER / f"{view}{name}.png")

    page.goto(url)
    page.locator(".pa-welcome").wait_for()
    page.locator("#pa-header", has_text="SmolLM2").wait_for(timeout=PATIENCE_MS)
    page.locator(".example").first.wait_for(timeout=PATIENCE_MS)
    take("page_welcome")
    ask(page, QUESTION, 1)
    page.locator("#marker-1-1").click()
    take("page")
    ask(page, FOLLOW_UP, 2)
    ask(page, FAR, 3)
    take("page_abstained")
    for view in ("library", "settings", "help"):
        page.locator(f"#pa-tab-{view}-button").click()
        page.locator(f"#pa-tab-{view}").wait_for()
        if view == "library":
            page.locator(".pa-row .pa-title").first.click()
            page.locator("#pa-paper-open").wait_for()
        if view == "settings":
            page.locator(".pa-status-list").wait_for()
        take(f"page_{view}")
    page.close()


def main() -> None:
    """Write the pictures."""
    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder) / "home") as url, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET.split())
        for name, size, scheme in (("", DESK, "light"), ("_dark", DESK, "dark"), ("_phone", PHONE, "light")):
            context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
            pictures(context, url, name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
