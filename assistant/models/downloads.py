"""Downloads: one GGUF file from an address into the folder of models, only when a person asks for it.

What has come so far lies in ``NAME.partial`` and is gone on with, also after a crash: the file gets its name when it is
whole, checked and on the disk. Its SHA-256 is kept beside it, in the form that ``sha256sum -c`` reads.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from io import BufferedRandom
from pathlib import Path
from urllib.parse import unquote, urlsplit

from assistant.errors import DownloadError
from assistant.models.files import digest
from assistant.models.recommended import HUB, recommended
from vectorstore.files import sync_folder

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many bytes of it are done, and of how many; 0 where that is not known."""

MAGIC = b"GGUF"  # https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
SUFFIX = ".gguf"
_BLOCK = 1 << 20
_TIMEOUT = 60.0  # seconds without a byte
_TRIES = 4  # connections in a row that bring nothing
_PAUSE = 0.5  # seconds between them
_NAME = re.compile(r"[\w][\w.\-+]*\.gguf", re.IGNORECASE)
_IN_REPOSITORY = re.compile(r"(?P<repository>[\w.\-]+/[\w.\-]+)/(?P<file>[\w.\-/+]+\.gguf)", re.IGNORECASE)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_SCHEMES = ("http", "https")
_PARTIAL, _NOTHING_THERE = 206, 416
_BUSY = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be fetched.

    Attributes:
        url: From where.
        name: The file's name here.
        sha256: Its digest, or nothing where it is not known.
    """

    url: str
    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is here.

    Attributes:
        path: The file.
        size: Bytes.
        sha256: Its digest.
        verified: The digest is the one that was known before.
        fetched: It was fetched now; else it was here already.
    """

    path: Path
    size: int
    sha256: str
    verified: bool
    fetched: bool


def source_of(wanted: str) -> Source:
    """Return what a recommended name, an address or ``owner/repository/file.gguf`` stands for.

    >>> source_of("someone/some-model-GGUF/some-model.gguf").url
    'https://huggingface.co/someone/some-model-GGUF/resolve/main/some-model.gguf'

    Raises:
        DownloadError: It is none of these, or no GGUF file.
    """
    if model := recommended(wanted):
        return Source(model.url, model.file, model.sha256)
    if match := _IN_REPOSITORY.fullmatch(wanted):
        url = f"{HUB}/{match['repository']}/resolve/main/{match['file']}"
    elif urlsplit(wanted).scheme in _SCHEMES:
        url = wanted
    else:
        raise DownloadError(
            f"{wanted!r} is no recommended model, no http address and no owner/repository/file.gguf; "
            "see the names with: assistant models list"
        )
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    if not _NAME.fullmatch(name):
        raise DownloadError(f"{url} names no .gguf file; copy other models into the folder “models” of the library")
    return Source(url, name)


def fetch(source: Source, folder: Path, progress: Progress) -> Download:
    """Return the file of a source, fetched into ``folder`` if it is not there.

    Args:
        source: What to fetch.
        folder: Where to; made if it is missing.
        progress: Told how far it is.

    Raises:
        DownloadError: There is no network, no such file, no space, or the file is another one than it should be. What
            has come so far is kept, except where it is wrong.
    """
    path, partial = folder / source.name, folder / f"{source.name}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            return _present(path, source.sha256)
        with _owned(partial) as file:
            _receive(source, file, partial, progress)
            found = _checked(source, file, partial)
            os.fsync(file.fileno())
            record_of(path).write_text(f"{found}  {path.name}\n", encoding="utf-8")
            partial.replace(path)
            _etag_of(partial).unlink(missing_ok=True)
            sync_folder(folder)
    except OSError as error:
        raise DownloadError(_told(error, folder)) from error
    return Download(path, path.stat().st_size, found, verified=bool(source.sha256), fetched=True)


def record_of(path: Path) -> Path:
    """Return the file that keeps the digest of a model file."""
    return path.with_name(f"{path.name}.sha256")


def _present(path: Path, wanted: str) -> Download:
    found = digest(path)
    if wanted and found != wanted:
        raise DownloadError(f"{path} is there, but is another file (sha256 {found}); move it away and pull again")
    return Download(path, path.stat().st_size, found, verified=bool(wanted), fetched=False)


@contextmanager
def _owned(partial: Path) -> Iterator[BufferedRandom]:
    """Open what has come so far, for one process at a time."""
    with partial.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadError(f"another process is fetching {partial.stem}; wait for it") from error
        yield file


# -- the bytes ---------------------------------------------------------------------------------------------------------


def _receive(source: Source, file: BufferedRandom, partial: Path, progress: Progress) -> None:
    """Append what is missing, over as many connections as it takes."""
    left, reason = _TRIES, ""
    while left:
        before = _length(file)
        try:
            if _continue(source, file, partial, progress):
                return
            reason = "the connection broke"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code < 500 and error.code not in _BUSY:
                raise DownloadError(_refused(error.code, source.url)) from error
            reason = f"the server answers {error.code}"
        except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
            reason = str(getattr(error, "reason", "") or error or type(error).__name__)
        if _length(file) > before:
            left = _TRIES
        elif left := left - 1:
            time.sleep(_PAUSE)
    here = _length(file)
    kept = f"; the {here:,} bytes that have come are kept" if here else ""
    raise DownloadError(f"{source.url} cannot be fetched ({reason}){kept}; check the network, then run it again")


def _continue(source: Source, file: BufferedRandom, partial: Path, progress: Progress) -> bool:
    """Read one connection to its end; return whether the file is whole."""
    start = _length(file)
    try:
        response = urllib.request.urlopen(_request(source, start, partial), timeout=_TIMEOUT)  # noqa: S310 - http(s)
    except urllib.error.HTTPError as error:
        if error.code != _NOTHING_THERE or not start:
            raise
        error.close()
        if error.headers.get("Content-Range", "") == f"bytes */{start}":
            return True
        file.truncate(0)  # longer than the file is now, so that it is not the start of it
        return False
    with response:
        if urlsplit(response.url).scheme not in _SCHEMES:
            raise DownloadError(f"{source.url} leads to {response.url}, which is no http address")
        begins, total = _place(response)
        if begins not in (0, start):
            file.truncate(0)
            return False
        file.truncate(begins)  # a server that cannot go on, or whose file has changed, begins anew
        _etag_of(partial).write_text(response.headers.get("ETag", ""), encoding="utf-8")
        _make_room(partial.parent, total - begins)
        done = begins
        while block := response.read(_BLOCK):
            file.write(block)
            done += len(block)
            progress(f"{source.name}, MB", done // 1_000_000, total // 1_000_000)
    return done >= total


def _request(source: Source, start: int, partial: Path) -> urllib.request.Request:
    """Return the request for what is missing: what there is must be the start of the file as it is now."""
    headers = {"User-Agent": "paper-assistant", "Accept-Encoding": "identity"}
    etag = _etag_of(partial).read_text(encoding="utf-8") if _etag_of(partial).exists() else ""
    if start and etag.startswith('"'):  # a weak one says nothing about bytes
        headers |= {"Range": f"bytes={start}-", "If-Range": etag}
    elif start and source.sha256:
        headers["Range"] = f"bytes={start}-"
    return urllib.request.Request(source.url, headers=headers)  # noqa: S310 - http(s) only, see source_of


def _place(response: HTTPResponse) -> tuple[int, int]:
    """Return where in the file a response begins, and how long the file is; 0 where that is not said."""
    stated = response.headers.get("Content-Length", "")
    length = int(stated) if stated.isdecimal() else 0
    if response.status != _PARTIAL:
        return 0, length
    match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if match is None:
        raise DownloadError(f"{response.url} sends a part of the file without saying which; fetch it by hand")
    begins = int(match[1])
    return begins, int(match[2]) if match[2] != "*" else begins + length if length else 0


def _checked(source: Source, file: BufferedRandom, partial: Path) -> str:
    """Return the digest of what has come; throw it away if it is not what was asked for."""
    file.flush()
    file.seek(0)
    begins = file.read(len(MAGIC))
    file.seek(0)
    found = hashlib.file_digest(file, "sha256").hexdigest()
    if begins == MAGIC and source.sha256 in ("", found):
        return found
    for path in (partial, _etag_of(partial)):
        path.unlink(missing_ok=True)
    if begins != MAGIC:
        raise DownloadError(f"{source.url} is no GGUF file; it was thrown away: check the address")
    raise DownloadError(
        f"{source.url} has the SHA-256 {found}, not {source.sha256}; it was thrown away: pull it again, and if that "
        "does not help, it is not the file it should be"
    )


def _length(file: BufferedRandom) -> int:
    file.flush()
    return os.fstat(file.fileno()).st_size


def _etag_of(partial: Path) -> Path:
    return partial.with_name(f"{partial.name}.etag")


def _make_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DownloadError(
            f"{needed / 1e9:.1f} GB are needed in {folder} and {free / 1e9:.1f} GB are free; free some space and "
            "run it again"
        )


def _refused(code: int, url: str) -> str:
    if code in (401, 403):
        return f"{url} is not given to everybody ({code}); fetch it with a browser and copy it into the models folder"
    return f"there is no such file at {url} ({code}); check the name"


def _told(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"the disk is full; free some space for {folder} and run it again: what has come is kept"
    return f"{folder} cannot be written ({error.strerror or error}); check its permissions"
