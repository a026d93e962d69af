"""Who may speak to the server: host, origin, token and size are checked before any route sees a request.

Pure ASGI, so that the page, which another package mounts on the same app, stands behind the same checks. On loopback
the danger is another site in the user's own browser: it can send requests (hence the origin) or let its name resolve
to this machine (hence the host). Beyond loopback it is everyone, hence the token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.http.problems import problem_response

API_BODY_BYTES = 1 << 20
PAGE_BODY_BYTES = 16 << 20  # the page sends its whole conversation back with every question
COOKIE = "paper_assistant"
_COOKIE_SECONDS = 30 * 24 * 3600
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::\d+)?")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def is_loopback(name: str) -> bool:
    """Say whether only this machine can reach what listens on, or is called, ``name``."""
    try:
        return name.lower() == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Guard:
    """Middleware that lets through what the policy allows and answers the rest itself.

    Attributes:
        app: What is guarded.
        host: The address the server listens on.
        token: The secret of the settings; empty where none is set.
    """

    app: ASGIApp
    host: str
    token: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif reply := self._reply(HTTPConnection(scope)):
            await reply(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            limit = API_BODY_BYTES if _is_api(scope) else PAGE_BODY_BYTES
            await self._pass_on(scope, receive, send, limit)

    def _reply(self, request: HTTPConnection) -> Response | None:
        """Return what is said instead of the app's answer, or nothing when the request may pass."""
        if is_loopback(self.host) and not is_loopback(_host_name(request)):
            return _refusal(request, 403, "this server answers only to localhost; open it by that name")
        if _crosses_origins(request):
            return _refusal(request, 403, "a request from another site; behind a proxy, let it keep the Host header")
        if not self.token or request.scope["path"] == "/healthz" or self._is_known(request):
            return None
        if self._brings_token(request):
            return self._welcome(request)
        return _refusal(request, 401, _TOKEN_NEEDED_API if _is_api(request.scope) else _TOKEN_NEEDED_PAGE)

    def _is_known(self, request: HTTPConnection) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _same(given.strip(), self.token):
            return True
        if _is_api(request.scope):
            return False
        return is_loopback(self.host) or _same(request.cookies.get(COOKIE, ""), self._cookie())

    def _brings_token(self, request: HTTPConnection) -> bool:
        return request.scope["path"] == "/" and _same(request.query_params.get("token", ""), self.token)

    def _cookie(self) -> str:
        """Return what the cookie holds: not the token, because browsers show cookies to every port of a host."""
        return hmac.new(self.token.encode(), COOKIE.encode(), hashlib.sha256).hexdigest()

    def _welcome(self, request: HTTPConnection) -> Response:
        """Set the cookie and go on to the page, by the page's own doing.

        A redirect would not do: after a click on a link elsewhere, browsers count it as coming from there and hold a
        SameSite=Strict cookie back.
        """
        reply = HTMLResponse(_WELCOME, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        secure = request.scope["scheme"] == "https"
        reply.set_cookie(
            COOKIE, self._cookie(), max_age=_COOKIE_SECONDS, httponly=True, samesite="strict", secure=secure
        )
        return reply

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Read the body up to ``limit`` bytes and hand it on in one piece, or say that it is too long."""
        try:
            body = await _read(Request(scope, receive), limit)
        except ClientDisconnect:
            return
        if body is None:
            await problem_response(413, f"the request body is longer than {limit} bytes")(scope, receive, send)
        else:
            await self.app(scope, _replay(body, receive), send)


_TOKEN_NEEDED_API = "this server needs its token: send the header  Authorization: Bearer TOKEN"  # noqa: S105
_TOKEN_NEEDED_PAGE = "This page needs its token: open  /?token=TOKEN  once."  # noqa: S105
_WELCOME = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><title>Paper assistant</title>'


def _is_api(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/v1/") or scope["path"] == "/v1"


def _host_name(request: HTTPConnection) -> str:
    match = _HOST.fullmatch(request.headers.get("host", ""))
    return match["name"].strip("[]") if match else ""


def _crosses_origins(request: HTTPConnection) -> bool:
    """Say whether a browser sent this for another site's page: then ``Origin`` names another host than ``Host``."""
    origin = request.headers.get("origin")
    if origin is None or request.scope.get("method") in _SAFE_METHODS:
        return False
    return origin.lower().partition("://")[2] != request.headers.get("host", "").lower()


def _same(given: str, wanted: str) -> bool:
    """Compare in constant time; headers arrive as Latin-1, whatever the caller's encoding was."""
    return any(
        hmac.compare_digest(given.encode(encoding, "replace"), wanted.encode()) for encoding in ("latin-1", "utf-8")
    )


def _refusal(request: HTTPConnection, status: int, message: str) -> Response:
    if _is_api(request.scope):
        return problem_response(status, message)
    return PlainTextResponse(message, status)


async def _read(request: Request, limit: int) -> bytes | None:
    """Return the body, or nothing when it is too long; then it is read and dropped, or the caller sees no answer."""
    body, size = bytearray(), 0
    async for part in request.stream():
        size += len(part)
        if size <= limit:
            body += part
    return bytes(body) if size <= limit else None


def _replay(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return first.pop() if first else await receive()

    return next_message
