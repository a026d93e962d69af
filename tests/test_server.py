"""The server: it answers at once, says that the page is starting, and ends when the page cannot be built."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import httpx
from fastapi import FastAPI

from ui import server
from ui.server import PageServer


@contextmanager
def running(assistant, on_ready=None):
    page_server = PageServer(assistant, "127.0.0.1", 0, on_ready=on_ready)
    outcome = []

    def run():
        try:
            page_server.run()
        except RuntimeError as error:
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield page_server.url.rstrip("/"), thread, outcome
    finally:
        page_server.stop()
        thread.join(20)
        assert not thread.is_alive()


def test_programs_are_answered_while_the_page_starts_and_people_are_told(home_of_papers, open_assistant, monkeypatch):
    go_on, ready = threading.Event(), threading.Event()

    def built(_):
        assert go_on.wait(20)
        page = FastAPI()
        page.add_api_route("/", lambda: "the page")
        return page

    monkeypatch.setattr(server, "_built", built)
    with running(open_assistant(home_of_papers), lambda _: ready.set()) as (url, _, _):
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert httpx.post(f"{url}/v1/search", json={"query": "honey bees"}).json()
        english, german = httpx.get(url), httpx.get(f"{url}/de/")
        for answer, word in ((english, "starting"), (german, "startet")):
            assert answer.status_code == 503
            assert word in answer.text
            assert 'http-equiv="refresh"' in answer.text  # it opens by itself, without a script
            assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert not ready.is_set()
        go_on.set()
        assert ready.wait(20)
        assert httpx.get(url).text == '"the page"'


def test_a_page_that_cannot_be_built_ends_the_server_with_the_reason(home_of_papers, open_assistant, monkeypatch):
    def built(_):
        raise RuntimeError("no page")

    monkeypatch.setattr(server, "_built", built)
    with running(open_assistant(home_of_papers)) as (_, thread, outcome):
        thread.join(20)
        assert [str(error) for error in outcome] == ["no page"]
