"""The page and the HTTP interface on one port: the application, its headers, and the server that runs it."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress
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


def create_app(assistant: Assistant, *, host: str = "127.0.0.1") -> FastAPI:
    """Return the application: the HTTP interface and its checks, and the page on every other path.

    Args:
        assistant: Who answers.
        host: The address it will be served on; beyond this machine a token is needed.

    Raises:
        SettingsError: ``host`` can be reached from other machines and no token is set.
    """
    configure(assistant.home)
    from fastapi import FastAPI

    from assistant.http import install
    from ui.headers import HeadersMiddleware

    app = FastAPI(title=ENGLISH.title, docs_url=None, redoc_url=None)
    install(app, assistant, host=host)
    pages = [t.path for t in LANGUAGES]
    app.add_middleware(
        HeadersMiddleware, pages=pages
    )  # the last one added is the outermost: refusals carry the headers too
    _in_event_loop(lambda: _mount(app, assistant))
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


def _in_event_loop(build: Callable[[], None]) -> None:
    """Call ``build`` with an event loop running: without one Gradio makes one for each of its locks and leaks it."""

    async def run() -> None:
        build()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(run())
    else:
        build()


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
            self._server = _quiet_server(create_app(assistant, host=host), self._tell)
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


def _quiet_server(app: FastAPI, on_ready: Callable[[], None]) -> uvicorn.Server:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_ready()

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
