"""Polite requests: one at a time, not faster than each server wishes, within limits, tried again where that may help.

Knows HTTP and no server. Nothing is asked for unless a person has named it.
"""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cache
from http.client import HTTPException, HTTPResponse
from importlib import metadata
from time import monotonic, sleep
from urllib.parse import quote, urljoin, urlsplit

from assistant.errors import FetchError

Watch = Callable[[int, int], None]
"""Told how many bytes of an answer have come and of how many; 0 where that is not known."""

_BLOCK = 1 << 16
_SILENCE_S = 30.0  # without a byte
_DEADLINE_S = 600.0  # for one answer, however steadily it comes
_TRIES = 4
_BACKOFF_S = 1.0  # before the second try; doubled before each further one
_PATIENCE_S = 60.0  # the longest wait that a server may ask for
_REDIRECTS = 5
_SCHEMES = ("http", "https")
_MOVED = (301, 302, 303, 307, 308)
_AGAIN = (408, 425, 429, 500, 502, 503, 504)
_SAFE = "%/:=&?~#+!$,;'@()*[]"  # what an address keeps as it is; the rest is written in percent signs


@dataclass(slots=True)
class Client:
    """Asks servers, remembering when each was asked last and which cannot be reached."""

    _asked: dict[str, float] = field(default_factory=dict)
    _away: dict[str, str] = field(default_factory=dict)

    def get(
        self,
        url: str,
        *,
        max_bytes: int,
        accept: str = "*/*",
        pause_s: float = 1.0,
        watch: Watch | None = None,
    ) -> bytes:
        """Return what is at an address, following redirects.

        Args:
            url: An http or https address.
            max_bytes: How much is taken; it is held in memory.
            accept: The media type that is wanted.
            pause_s: The least time between two requests to this server.
            watch: Told how far it is.

        Raises:
            FetchError: There is no network or no such thing, it is too large or too slow, or the server refuses.
        """
        reason = ""
        for attempt in range(_TRIES):
            try:
                return self._followed(url, accept, pause_s, max_bytes, watch)
            except _PassingError as error:
                reason = str(error)
                wait_s = max(error.wait_s, _BACKOFF_S * 2**attempt)
            if wait_s > _PATIENCE_S:
                raise FetchError(f"{_host(url)} {reason} and asks to wait {wait_s:.0f} s; run it again then")
            if attempt < _TRIES - 1:
                sleep(wait_s)
        raise FetchError(f"{_host(url)} {reason}, {_TRIES} times in a row; run it again later")

    def _followed(self, url: str, accept: str, pause_s: float, max_bytes: int, watch: Watch | None) -> bytes:
        for _ in range(_REDIRECTS + 1):
            answer = self._asked_once(_checked(url), accept, pause_s)
            if not isinstance(answer, HTTPResponse):
                url = _next(url, answer)
                continue
            with answer:
                return _received(answer, url, max_bytes, watch)
        raise FetchError(f"{_host(url)} leads on more than {_REDIRECTS} times; check the address")

    def _asked_once(self, url: str, accept: str, pause_s: float) -> HTTPResponse | Message:
        """Return an answer that can be read, or the head of one that leads elsewhere."""
        host = urlsplit(url).netloc
        if reason := self._away.get(host):
            raise FetchError(reason)
        if (wait_s := self._asked.get(host, -pause_s) + pause_s - monotonic()) > 0:
            sleep(wait_s)
        headers = {
            "User-Agent": f"paper-assistant/{metadata.version('paper-assistant')}",
            "Accept": accept,
            "Accept-Encoding": "identity",
        }
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s) only, see _checked
        try:
            response: HTTPResponse = _opener().open(request, timeout=_SILENCE_S)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _MOVED and error.headers.get("Location"):
                    return error.headers
                raise _refused(error, url) from error
        except (TimeoutError, HTTPException, ConnectionResetError, BrokenPipeError) as error:
            raise _PassingError(_told(error)) from error
        except (OSError, ValueError) as error:
            cause: object = getattr(error, "reason", error)
            if isinstance(cause, TimeoutError | ConnectionResetError):
                raise _PassingError(_told(cause)) from error
            self._away[host] = f"{_host(url)} cannot be reached ({_told(cause)}); check the network, then run it again"
            raise FetchError(self._away[host]) from error
        finally:
            self._asked[host] = monotonic()
        return response


class _PassingError(Exception):
    """What may be over in a moment; ``wait_s`` is how long the server says that it takes."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@cache
def _opener() -> urllib.request.OpenerDirector:
    """Return what opens addresses of the web and no others, and follows nothing: where it leads is checked first."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _checked(url: str) -> str:
    """Return an address that can be asked for.

    Raises:
        FetchError: It is none of the web, or holds a password, which would be kept with the papers.
    """
    try:
        parts = urlsplit(url)
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode()
        usable = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0 and ".." not in host
    except ValueError:
        usable = False
    if not usable:
        raise FetchError(f"{url} is no http or https address; check the spelling")
    if parts.username is not None:
        raise FetchError("addresses with a name or password in them are not taken; fetch the file by hand and add it")
    path, query = quote(parts.path, _SAFE), quote(parts.query, _SAFE)
    return parts._replace(netloc=host, path=path, query=query, fragment="").geturl()


def _next(url: str, head: Message) -> str:
    """Return where an answer leads.

    Raises:
        FetchError: Not into the web, or from a connection that nobody can read to one that everybody can.
    """
    target = str(head["Location"])
    try:
        target = urljoin(url, target)
        scheme = urlsplit(target).scheme
    except ValueError:  # such as an unclosed IPv6 bracket
        scheme = ""
    if scheme not in _SCHEMES or (scheme, urlsplit(url).scheme) == ("http", "https"):
        raise FetchError(
            f"{_host(url)} leads to {target}, which is no safe address; check it, fetch it and add the file"
        )
    return target


def _received(response: HTTPResponse, url: str, max_bytes: int, watch: Watch | None) -> bytes:
    stated = response.headers.get("Content-Length", "")
    total = int(stated) if stated.isdecimal() else 0
    parts, done, until = list[bytes](), 0, monotonic() + _DEADLINE_S
    try:
        while total <= max_bytes and (block := response.read1(_BLOCK)):  # returns what is there: a drip cannot hold it
            parts.append(block)
            done += len(block)
            if watch:
                watch(done, total)
            if done > max_bytes:
                break
            if monotonic() > until:
                raise FetchError(f"{url} takes more than {_DEADLINE_S:.0f} s; fetch it by hand and add the file")
    except (OSError, HTTPException) as error:
        raise _PassingError(_told(error)) from error
    if max(total, done) > max_bytes:
        raise FetchError(
            f"{url} is larger than {max_bytes / (1 << 20):g} MiB; fetch it by hand, split it and add the files"
        )
    if done < total:
        raise _PassingError("broke off")
    return b"".join(parts)


def _refused(error: urllib.error.HTTPError, url: str) -> Exception:
    if error.code in _AGAIN:
        return _PassingError(f"answers {error.code}", _wait_s(error.headers.get("Retry-After", "")))
    if error.code in (404, 410):
        return FetchError(f"there is nothing at {url}; check the spelling", error.code)
    if error.code in (401, 403):
        return FetchError(f"{_host(url)} does not give it to programs ({error.code}); fetch it by hand", error.code)
    return FetchError(f"{_host(url)} answers {error.code} to {url}; check the spelling", error.code)


def _wait_s(said: str) -> float:
    """Return the seconds of a Retry-After header, which holds a number or a date (RFC 9110, 10.2.3)."""
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _told(error: object) -> str:
    if isinstance(error, TimeoutError):
        return "does not answer"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ConnectionResetError | BrokenPipeError | HTTPException):
        return "broke off"
    return str(getattr(error, "strerror", "") or error)


def _host(url: str) -> str:
    return urlsplit(url).netloc or url
