"""Make the picture of the page: the real program with the sample library, one question, `docs/page.png`.

Run from the checkout, with the test packages and Chromium installed: ``python docs/screenshot.py``.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from playwright.sync_api import Page, sync_playwright

from assistant.assistant import Assistant
from ui.server import PageServer
from ui.texts import ENGLISH

PICTURE = Path(__file__).with_name("page.png")
SIZE = {"width": 1280, "height": 900}
QUESTION = "How does TracksTo4D recover 3D structure from casual videos?"
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


def ask(page: Page, url: str) -> None:
    """Ask the question and wait until the answer is whole; where there is none, there is no picture."""
    page.goto(url)
    page.get_by_label(ENGLISH.question).fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".pa-cited").wait_for(timeout=PATIENCE_MS)
    page.wait_for_timeout(500)  # the page's own scrolling


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder, page_of(Path(folder) / "home") as url, sync_playwright() as driver:
        browser = driver.chromium.launch_persistent_context(
            Path(folder) / "profile", executable_path=CHROMIUM, args=QUIET.split(), viewport=SIZE
        )
        page = browser.new_page()
        ask(page, url)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
