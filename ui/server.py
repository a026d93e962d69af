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
from ui import texts
from ui.environment import configure

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

    from assistant.assistant import Assistant

_FOLDER = Path(__file__).parent
_HEADERS = {
    # Gradio's page starts itself with inline scripts and styles; everything else comes from this server alone.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_LARGEST_UPLOAD_BYTES = 1024 * 1024  # nothing on the page takes a file yet; Gradio's route is there all the same
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

    app = FastAPI(title=texts.TITLE, docs_url=None, redoc_url=None)
    install(app, assistant, host=host)
    app.add_middleware(HeadersMiddleware)  # the last one added is the outermost: refusals carry the headers too
    _in_event_loop(lambda: _mount(app, assistant))
    return app


def _mount(app: FastAPI, assistant: Assistant) -> None:
    import gradio as gr

    from ui.page import build_page

    gr.mount_gradio_app(app, build_page(assistant), path="/", **_page_options())


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


def _page_options() -> dict[str, Any]:
    from ui.theme import theme

    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    return {
        "theme": theme(),
        "css_paths": _FOLDER / "style.css",
        "head": f"<script>{script}</script>",
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "pwa": False,
        "ssr_mode": False,
        "mcp_server": False,
        "enable_monitoring": False,
        "max_file_size": _LARGEST_UPLOAD_BYTES,
        "app_kwargs": {"docs_url": None, "redoc_url": None, "openapi_url": None},
    }


class HeadersMiddleware:
    """Adds the security headers to every response, streamed ones included."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on and mark its response."""

        async def send_marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_RAW_HEADERS]
            await send(message)

        await self._app(scope, receive, send_marked)


_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]


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
            raise ServerError(texts.PORT_TAKEN.format(port=port, host=host, other=port + 1)) from error
        raise ServerError(texts.CANNOT_LISTEN.format(host=host, port=port, reason=error)) from error


def serve(
    assistant: Assistant, host: str = "127.0.0.1", port: int = 7860, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve the page and the HTTP interface until interrupted; ``on_ready`` gets the address once it can be opened.

    Raises:
        ServerError: The port is taken or cannot be opened.
        SettingsError: The address can be reached from other machines and no token is set.
    """
    PageServer(assistant, host, port, on_ready).run()
