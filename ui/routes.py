"""Addresses beside the page that give files: exports of conversations and papers, and the page's script.

They stand behind the same checks as everything else of the server. Nothing is read from disk by a name that a caller
gives: conversations and papers are looked up in their databases.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, Response, StreamingResponse

from assistant.assistant import VERSION
from assistant.errors import AssistantError
from assistant.filters import filters_from
from assistant.library import ORDERS
from assistant.papers import Paper
from assistant.references import WRITERS, Writer
from ui.exports import answer_with_sources, markdown, printable
from ui.texts import Texts
from ui.turns import Turns, cited_papers, from_record

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_SCRIPT = Path(__file__).with_name("page.js")
_EXPORTED_AT_ONCE = 500


def page_routes(assistant: Assistant, t: Texts) -> APIRouter:
    """Return the routes of the page in one language."""
    routes = _Routes(assistant, t)
    router = APIRouter(prefix=f"{t.path}page", include_in_schema=False)
    router.add_api_route("/page.js", routes.script)
    router.add_api_route("/conversations/{conversation_id}.{form}", routes.conversation)
    router.add_api_route("/conversations/{conversation_id}/{number}.txt", routes.answer)
    router.add_api_route("/papers.{form}", routes.papers)
    router.add_api_route("/paper.{form}", routes.paper)
    return router


class _Routes:
    """The routes' functions. They block, so none is ``async``: the server runs each in a worker thread."""

    def __init__(self, assistant: Assistant, t: Texts) -> None:
        self._assistant = assistant
        self._t = t

    def script(self) -> Response:
        return FileResponse(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    def conversation(self, conversation_id: str, form: str) -> Response:
        """Give a conversation as Markdown or a page to print, or its sources as references."""
        title, turns = self._turns(conversation_id)
        if form in WRITERS:
            media, write = WRITERS[form]
            return _file(write(cited_papers(turns)), media, f"{title}.{form}")
        note = self._t.exported.format(version=VERSION, date=f"{datetime.now().astimezone():%Y-%m-%d}")
        if form == "md":
            return _file(markdown(title, turns, note, self._t), "text/markdown", f"{title}.md")
        if form == "html":
            return Response(printable(title, turns, note, self._t), media_type="text/html; charset=utf-8")
        raise HTTPException(404)

    def answer(self, conversation_id: str, number: int) -> Response:
        """Give one answer as text with its sources."""
        _, turns = self._turns(conversation_id)
        if not 0 < number <= len(turns):
            raise HTTPException(404)
        return Response(answer_with_sources(turns[number - 1], self._t), media_type="text/plain; charset=utf-8")

    def papers(
        self, form: str, words: str = "", year: str = "", author: str = "", venue: str = "", order: str = "-added"
    ) -> Response:
        """Give the papers that pass the filters, page by page, so that a large library needs no memory."""
        if order.removeprefix("-") not in ORDERS:
            raise HTTPException(400)
        try:
            filters = filters_from(year or None, [author] if author else [], [venue] if venue else [])
        except AssistantError as error:
            raise HTTPException(400, str(error)) from error
        library = self._assistant.library
        library_pages = _pages(lambda first: library.shelf(filters, words, order, first=first, k=_EXPORTED_AT_ONCE)[0])
        media, write = ("application/jsonl", _jsonl) if form == "jsonl" else _writer(form)
        if form == "bib":  # keys must differ over all of them
            return _file(write(paper for page in library_pages for paper in page), media, "papers.bib")
        return StreamingResponse(map(write, library_pages), media_type=media, headers=_attachment(f"papers.{form}"))

    def paper(self, form: str, id: str) -> Response:  # noqa: A002 - the query's own name
        """Give one paper as a reference; one that is gone from the library is no longer here."""
        media, write = _writer(form)
        try:
            return Response(write([self._assistant.library.get(id)]), media_type=f"{media}; charset=utf-8")
        except AssistantError as error:
            raise HTTPException(404, str(error)) from error

    def _turns(self, conversation_id: str) -> tuple[str, Turns]:
        keep = self._assistant.conversations
        if (kept := keep.get(conversation_id)) is None:
            raise HTTPException(404, self._t.gone)
        records = keep.turns(conversation_id)
        return kept.title, tuple(from_record(n, record) for n, record in enumerate(records, start=1))


def _pages(page_from: Callable[[int], list[Paper]]) -> Iterator[list[Paper]]:
    first = 0
    while papers := page_from(first):
        yield papers
        first += len(papers)


def _writer(form: str) -> tuple[str, Writer]:
    if form not in WRITERS:
        raise HTTPException(404)
    return WRITERS[form]


def _jsonl(papers: Iterable[Paper]) -> str:
    return "".join(json.dumps(paper.to_dict(), ensure_ascii=False) + "\n" for paper in papers)


def _file(text: str, media: str, name: str) -> Response:
    return Response(text, media_type=f"{media}; charset=utf-8", headers=_attachment(name))


def _attachment(name: str) -> dict[str, str]:
    """Return the header that has a browser save what it gets, under a name without anything that means something."""
    safe = "".join(c if c.isalnum() or c in " -_." else " " for c in name)
    stem, _, form = safe.rpartition(".")
    plain = " ".join(stem.split())[:80].encode("ascii", "ignore").decode().strip(" .") or "conversation"
    return {"Content-Disposition": f'attachment; filename="{plain}.{form}"'}
