"""The assistant over HTTP: the chat completions of the OpenAI API, search, the list of papers, and who may call.

Knows the assistant's facade and FastAPI. Does not know the page, which is mounted on the same app behind the same
checks. Only the server imports this package, so FastAPI is loaded by nobody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.assistant import VERSION, Assistant
from assistant.errors import SettingsError
from assistant.http.api import api_router
from assistant.http.guard import Guard, is_loopback
from assistant.http.problems import add_handlers

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["add_handlers", "api_router", "install"]


def install(app: FastAPI, assistant: Assistant, *, host: str) -> None:
    """Put the HTTP interface and its checks on ``app``; call it before the page is mounted at ``/``.

    FastAPI's own documentation pages are taken off, because they load scripts from elsewhere; ``/openapi.json`` stays.

    Args:
        app: The server's application.
        assistant: What answers; its settings hold the token.
        host: The address the server listens on. It decides whether a token is needed.

    Raises:
        SettingsError: ``host`` can be reached from other machines and no token is set.
    """
    token = assistant.settings.token.strip()
    if not token and not is_loopback(host):
        raise SettingsError(
            f"listening on {host or 'every address'} opens the library to other machines and needs a token; "
            'set one with: export ASSISTANT_TOKEN="$(openssl rand -hex 24)"'
        )
    app.version = VERSION
    _remove_documentation_pages(app)
    app.include_router(api_router(assistant))
    add_handlers(app)
    app.add_middleware(Guard, host=host, token=token)


def _remove_documentation_pages(app: FastAPI) -> None:
    pages = {app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url} - {None}
    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", None) not in pages]
    app.docs_url = app.redoc_url = None
