"""The page and the HTTP interface on one port: the application, its headers, and the server that runs it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ServerError
from ui.environment import configure
from ui.languages import LANGUAGES
from ui.texts import ENGLISH, Texts

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from assistant.assistant import Assistant

_FOLDER = Path(__file__).parent
_GOODBYE_S = 1  # how long open pages are waited for at the end


def create_app(assistant: Assistant, *, host: str = "127.0.0.1") -> tuple[FastAPI, OpeningPage]:
    """Return the application, the HTTP interface and its checks, and on every other path the page, which opens later.

    Args:
        assistant: Who answers.
        host: The address it will be served on; beyond this machine a token is needed.

    Raises:
        SettingsError: ``host`` can be reached from other machines and no token is set.
    """
    from fastapi import FastAPI

    from assistant.http import install
    from ui.headers import HeadersMiddleware

    app, page = FastAPI(title=ENGLISH.title, docs_url=None, redoc_url=None), OpeningPage(assistant)
    install(app, assistant, host=host)
    paths = [t.path for t in LANGUAGES]
    # The last one added is the outermost: refusals carry the headers too.
    app.add_middleware(HeadersMiddleware, pages=paths)
    app.mount("/", page)
    return app, page


class OpeningPage:
    """The page as an ASGI application. Until it is open, which takes some seconds, it says so and looks again.

    Args:
        assistant: Who answers.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._app: FastAPI | None = None
        self._opened = AsyncExitStack()

    async def open(self) -> None:
        """Build the page beside the running server, and start it."""
        app = await asyncio.to_thread(_built, self._assistant)
        await self._opened.enter_async_context(app.router.lifespan_context(app))
        self._app = app

    async def close(self) -> None:
        """End what the page runs."""
        await self._opened.aclose()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            from starlette.responses import HTMLResponse

            t = max((t for t in LANGUAGES if scope["path"].startswith(t.path)), key=lambda t: len(t.path))
            await HTMLResponse(t.starting_html, 503, {"Retry-After": "1"})(scope, receive, send)


def _built(assistant: Assistant) -> FastAPI:
    """Return the page in every language and what belongs to it. Called in a thread without an event loop.

    Without one running, Gradio makes one for each of its locks and leaks it, so it gets one.
    """
    configure(assistant.home)
    from fastapi import FastAPI

    from assistant.http import add_handlers

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_handlers(app)

    async def mount() -> None:
        _mount(app, assistant)

    asyncio.run(mount())
    return app


def _mount(app: FastAPI, assistant: Assistant) -> None:
    import gradio as gr

    from ui.line import Line
    from ui.page import build_page
    from ui.routes import page_routes
    from ui.talk import LONGEST_LINE

    line = Line(LONGEST_LINE)
    for t in LANGUAGES:
        app.include_router(page_routes(assistant, t))
    for t in sorted(LANGUAGES, key=lambda t: -len(t.path)):  # what is mounted at the root takes every other path
        page = build_page(assistant, line, t, LANGUAGES)
        gr.mount_gradio_app(app, page, path=t.path.rstrip("/") or "/", **_page_options(t))


def _page_options(t: Texts) -> dict[str, Any]:
    from ui.library_view import UPLOAD_BYTES
    from ui.theme import theme

    return {
        "theme": theme(),
        "css_paths": _FOLDER / "style.css",
        "head": f'<script src="{t.path}page/page.js" defer></script>',
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "pwa": False,
        "ssr_mode": False,
        "mcp_server": False,
        "enable_monitoring": False,
        "max_file_size": UPLOAD_BYTES,
        "app_kwargs": {"docs_url": None, "redoc_url": None, "openapi_url": None},
    }


class PageServer:
    """A server that owns its port from the moment it exists.

    Args:
        assistant: Who answers.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        on_ready: Called with the page's address once it can be opened.

    Raises:
        ServerError: The port is taken or cannot be opened.
        SettingsError: The address can be reached from other machines and no token is set.
    """

    def __init__(
        self, assistant: Assistant, host: str, port: int, on_ready: Callable[[str], None] | None = None
    ) -> None:
        self._socket = listen(host, port)
        try:
            self._server = _quiet_server(*create_app(assistant, host=host), self._tell)
        except BaseException:
            self._socket.close()
            raise
        self._on_ready = on_ready

    @property
    def url(self) -> str:
        """The page's address."""
        host, port = self._socket.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def _tell(self) -> None:
        if self._on_ready:
            self._on_ready(self.url)

    def run(self) -> None:
        """Serve until `stop` is called or the process is interrupted."""
        with self._socket, suppress(KeyboardInterrupt):
            self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End `run`, from any thread."""
        self._server.should_exit = True


def _quiet_server(app: FastAPI, page: OpeningPage, on_ready: Callable[[], None]) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self._opening = asyncio.create_task(self._open())

        async def _open(self) -> None:
            try:
                await page.open()
            except BaseException:
                self.should_exit = True
                raise
            on_ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await super().shutdown(sockets)
            try:
                await self._opening  # what failed there is raised here
            finally:
                await page.close()

    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=_GOODBYE_S)
    return Server(config)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host`` and ``port``.

    Raises:
        ServerError: The port is taken or cannot be opened.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise ServerError(ENGLISH.port_taken.format(port=port, host=host, other=port + 1)) from error
        raise ServerError(ENGLISH.cannot_listen.format(host=host, port=port, reason=error)) from error


def serve(
    assistant: Assistant, host: str = "127.0.0.1", port: int = 7860, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve the page and the HTTP interface until interrupted; ``on_ready`` gets the address once it can be opened.

    Raises:
        ServerError: The port is taken or cannot be opened.
        SettingsError: The address can be reached from other machines and no token is set.
    """
    PageServer(assistant, host, port, on_ready).run()
