"""Bytes on disk to text: which files lie below a path, and what they say.

Knows encodings, compression and limits; knows no format.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import SourceError

MAX_BYTES = 1 << 30  # after decompression; a gzip bomb is refused, the ACL anthology (90 MB) is a tenth of this
_SAVE = "save it as UTF-8"
_MARKS = {  # the longer ones first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def files_below(path: Path) -> Iterator[Path]:
    """Yield ``path`` itself if it is a file, else the files below the folder by name, hidden ones left out.

    Raises:
        SourceError: There is no file or folder at ``path``.
    """
    try:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and not _is_hidden(p.relative_to(path)))
        else:
            raise SourceError(path, "no such file or folder; check the spelling")
    except OSError as error:
        raise SourceError(path, f"cannot be read ({error.strerror or error}); check its permissions") from error


def decode(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a file, decompressed and decoded: UTF-8, else the encoding that its bytes suggest.

    Args:
        path: The file; gzip is told by its first bytes, not by its name.
        max_bytes: Size after decompression up to which a file is read.

    Raises:
        SourceError: The file is unreadable, empty, binary or too large.
    """
    data = _bytes(path, max_bytes)
    if not data.strip():
        raise SourceError(path, "the file is empty")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding:
        return data.decode(encoding, errors="replace")
    if b"\x00" in data[:8192]:
        raise SourceError(path, f"the file is binary, not text; if it is text in UTF-16, {_SAVE}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _damaged_utf8(data) or _guess(path, data)


def _bytes(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(path, f"the gzip file is damaged ({error}); get it again") from error
    except OSError as error:
        raise SourceError(path, f"cannot be read ({error.strerror or error}); check its permissions") from error
    if len(data) > max_bytes:
        raise SourceError(path, f"is larger than {max_bytes / (1 << 20):g} MiB; split it")
    return data


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _damaged_utf8(data: bytes) -> str | None:
    """Return the text of UTF-8 with a few broken bytes; None where most of what is not ASCII makes no sense in it."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    sound = sum(1 for character in text if character > "\x7f") - broken
    return text if sound > 10 * broken else None


def _guess(path: Path, data: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(data)
    if not found:
        raise SourceError(path, f"the file is neither UTF-8 nor any encoding that could be recognised; {_SAVE}")
    # Among the code pages of Europe, which few words do not tell apart, the western one is by far the most common.
    western = (match for match in found if {"cp1252", "latin_1"} & {match.encoding, *match.could_be_from_charset})
    return str(next(western, found[0]))
