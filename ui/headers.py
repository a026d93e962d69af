"""Security headers on every response, and the page's inline scripts named one by one.

Gradio's page starts itself with a few inline scripts. Each response of that page gets a number that nobody can guess
(a nonce): scripts that carry it run, whatever else somebody managed to write into the page does not. Pure ASGI, so that
streamed answers stay streamed; only pages of HTML are held until they are whole.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from typing import Any

_SCRIPT = re.compile(rb"<script(?=[\s>])", re.IGNORECASE)
_POLICY = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
}
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]


class HeadersMiddleware:
    """Adds the security headers to every response, streamed ones included.

    Args:
        app: What answers.
        pages: The paths of Gradio's pages, the only ones with scripts in them.
    """

    def __init__(self, app: Any, pages: Iterable[str]) -> None:
        self._app = app
        self._pages = frozenset(path.rstrip("/") for path in pages)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on and mark its response."""
        if scope["type"] == "http":
            send = _Marking(send, is_page=scope["path"].rstrip("/") in self._pages)
        await self._app(scope, receive, send)


class _Marking:
    """One response on its way out."""

    def __init__(self, send: Any, *, is_page: bool) -> None:
        self._send = send
        self._is_page = is_page
        self._start: Any = None
        self._body = b""

    async def __call__(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            if self._is_page and _is_plain_html(message):
                self._start = message
                return
            message["headers"] = [*message.get("headers", ()), *_RAW_HEADERS, _policy("")]
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            message = await self._whole(message)
        await self._send(message)

    async def _whole(self, message: Any) -> Any:
        """Send the head of a page whose body is complete, and return that body with its scripts named."""
        nonce = secrets.token_urlsafe(16)
        body = _SCRIPT.sub(f'<script nonce="{nonce}"'.encode(), self._body)
        kept = [(name, value) for name, value in self._start.get("headers", ()) if name.lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        self._start["headers"] = [*kept, length, *_RAW_HEADERS, _policy(f" 'nonce-{nonce}'")]
        await self._send(self._start)
        self._start = None
        return message | {"body": body}


def _is_plain_html(message: Any) -> bool:
    """Say whether a response is HTML that nothing has compressed."""
    headers = {name.lower(): value for name, value in message.get("headers", ())}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers


def _policy(nonce: str) -> tuple[bytes, bytes]:
    return b"content-security-policy", _POLICY.format(nonce=nonce).encode()
