"""Bytes on disk to text: which files lie below a path, and what they say.

Knows encodings, compression and limits; knows no format.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import SourceError

MAX_BYTES = 1 << 30  # after decompression; a gzip bomb is refused, the ACL anthology (90 MB) is a tenth of this


def files_below(path: Path) -> Iterator[Path]:
    """Yield ``path`` itself if it is a file, else the files below the folder by name, hidden ones left out.

    Raises:
        SourceError: There is nothing at ``path``.
    """
    try:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith("."))
        else:
            raise SourceError(path, "no such file or folder")
    except OSError as error:
        raise SourceError(path, error.strerror or str(error)) from error


def decode(path: Path) -> str:
    """Return the text of a file, decompressed and decoded: UTF-8, else the encoding that its bytes suggest.

    Raises:
        SourceError: The file is unreadable, empty, binary or too large.
    """
    data = _bytes(path)
    if not data.strip():
        raise SourceError(path, "the file is empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:8192]:
        raise SourceError(path, "the file is binary, not text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _guess(path, data)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        opened = gzip.open(path, "rb") if packed else path.open("rb")
        with opened as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(path, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BYTES:
        raise SourceError(path, f"is larger than {MAX_BYTES >> 20} MiB; split it")
    return data


def _guess(path: Path, data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise SourceError(path, "the file is neither UTF-8 nor any encoding that could be recognised; save it as UTF-8")
    return str(best)
