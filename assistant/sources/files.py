"""Bytes on disk to text: which files lie below a path, what is packed in them, and what they say.

Knows encodings, compression and limits; knows no format. Nothing is ever unpacked to disk, so that no name in an
archive can point anywhere.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from assistant.errors import SourceError

MAX_BYTES = 1 << 30  # of one text held in memory, unpacked; the ACL anthology (90 MB) is a tenth of this
PIECE_BYTES = 1 << 21  # what is read at a time of files whose records are lines; parsed, it takes ten times as much
_RATIO = 200  # the ACL anthology packs to a fourth, BibTeX to a tenth; a bomb to a thousandth
_UNSUSPICIOUS_BYTES = 1 << 26  # up to here any ratio is believed
_MEMBERS = 100_000
_DEPTH = 3  # an archive in an archive in an archive
_SAVE = "save it as UTF-8"
_MARKS = {  # the longer ones first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECLARED = re.compile(rb"<\?xml[^>]{0,99}encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
_PACKED: dict[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
}
_ZIP = b"PK\x03\x04"
_DAMAGED = (
    gzip.BadGzipFile, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, ValueError,
    MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """One file, or one member of an archive, whose bytes are unpacked as they are read.

    Attributes:
        path: The file on disk.
        inner: The way to the member inside the archive, empty for a file of its own.
        packed_bytes: Its size before unpacking.
        open: Opens the packed bytes.
        source: What it is called where it came from, such as an address; empty for a file on disk.
    """

    path: Path
    inner: str
    packed_bytes: int
    open: Callable[[], IO[bytes]]
    source: str = ""

    @classmethod
    def of(cls, path: Path) -> Document:
        """Return the document that a file on disk is."""
        try:
            size = path.stat().st_size
        except OSError as error:
            raise _unreadable(path, error) from error
        return cls(path, "", size, lambda: path.open("rb"))

    @classmethod
    def held(cls, data: bytes, name: str, source: str) -> Document:
        """Return the document of bytes in memory that ``source`` gave under ``name``."""
        return cls(Path(name), "", len(data), lambda: io.BytesIO(data), source)

    @property
    def place(self) -> Path:
        """Where it lies, the archive included."""
        return self.path / self.inner if self.inner else self.path

    @property
    def shown(self) -> str:
        """What a person knows it by."""
        if not self.source:
            return str(self.place)
        return f"{self.source}/{self.inner}" if self.inner else self.source

    @property
    def origin(self) -> str:
        """What its papers say they are from."""
        return self.shown if self.source else self.place.name

    def pieces(self, size: int = PIECE_BYTES, max_bytes: int = MAX_BYTES) -> Iterator[bytes]:
        """Yield the unpacked bytes, cut after line ends into pieces of about ``size``; a long line stays whole.

        Raises:
            SourceError: It cannot be read, is damaged, is a bomb, or has a line longer than ``max_bytes``.
        """
        budget = max(_RATIO * self.packed_bytes, _UNSUSPICIOUS_BYTES)
        rest, waiting, total = list[bytes](), 0, 0
        for block in self._blocks(size):
            total += len(block)
            if total > budget:
                raise SourceError(self.place, f"unpacks to more than {_RATIO} times its size, as only a bomb does")
            waiting += len(block)
            if waiting > max_bytes:
                raise _too_large(self.place, max_bytes)
            if cut := block.rfind(b"\n") + 1:
                yield b"".join([*rest, block[:cut]])
                rest, waiting = [], len(block) - cut
            rest.append(block[cut:])
        if waiting:
            yield b"".join(rest)

    def _blocks(self, size: int) -> Iterator[bytes]:
        packings = ["packed"]  # by the archive around it, at least
        try:
            with closing(self.open()) as raw:
                stream = _unpacked(raw, packings)
                while block := stream.read(size):
                    yield block
        except _DAMAGED as error:
            raise SourceError(self.place, f"the {packings[-1]} file is damaged ({error}); get it again") from error
        except (OSError, RuntimeError, NotImplementedError) as error:  # zipfile: encrypted, or an unknown compression
            raise _unreadable(self.place, error) from error


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
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def members(document: Document) -> Iterator[Document]:
    """Yield the documents in a document: itself, or the members of a zip or tar archive, hidden ones left out.

    Each has to be read before the next one is taken.

    Raises:
        SourceError: The archive is damaged, or holds more than anyone packs.
    """
    yield from _members(document, _DEPTH)


def decode(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a file, unpacked and decoded: UTF-8, else the encoding that its bytes suggest.

    Args:
        path: The file; packing is told by its first bytes, not by its name.
        max_bytes: Size after unpacking up to which a file is read.

    Raises:
        SourceError: The file is unreadable, empty, binary or too large.
    """
    return decoded(path, whole(Document.of(path), max_bytes))


def whole(document: Document, max_bytes: int = MAX_BYTES) -> bytes:
    """Return all bytes of a document, unpacked.

    Raises:
        SourceError: It cannot be read, is damaged or too large.
    """
    return gathered(document, document.pieces(max_bytes=max_bytes), max_bytes)


def gathered(document: Document, pieces: Iterator[bytes], max_bytes: int = MAX_BYTES) -> bytes:
    """Return the pieces of a document as one.

    Raises:
        SourceError: They are too large together, or cannot be read.
    """
    parts, total = list[bytes](), 0
    for piece in pieces:
        total += len(piece)
        if total > max_bytes:
            raise _too_large(document.place, max_bytes)
        parts.append(piece)
    return b"".join(parts)


def decoded(place: Path, data: bytes, *, utf8: bool = False) -> str:
    """Return bytes as text: by their mark, as UTF-8, as their XML declares, else as they suggest.

    Args:
        place: Where they are from.
        data: The bytes.
        utf8: Whether they are known to be UTF-8, however damaged.

    Raises:
        SourceError: They are no text.
    """
    if not data.strip():
        raise SourceError(place, "the file is empty")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    if encoding:
        return data.decode(encoding, errors="replace")
    if b"\x00" in data[:8192]:
        raise SourceError(place, f"the file is binary, not text; if it is text in UTF-16, {_SAVE}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        if utf8:
            return data.decode("utf-8", errors="replace")
        return _damaged_utf8(data) or _as_declared(data) or _guess(place, data)


def is_utf8(data: bytes) -> bool:
    """Say whether bytes are UTF-8 and not merely ASCII."""
    try:
        return not data.decode("utf-8").isascii()
    except UnicodeDecodeError:
        return _damaged_utf8(data) is not None


def is_marked_wide(data: bytes) -> bool:
    """Say whether the bytes are marked as UTF-16 or UTF-32, in which a byte 10 need not end a line."""
    return any(data.startswith(mark) for mark, name in _MARKS.items() if name != "utf-8-sig")


def _members(document: Document, depth: int) -> Iterator[Document]:
    if _is_zip(document):
        inside = _in_zip(document, depth)
    elif _is_tar(document):
        inside = _in_tar(document, depth)
    else:
        yield document
        return
    for member in inside:
        yield from [member] if member is document else _members(member, depth - 1)


def _in_zip(document: Document, depth: int) -> Iterator[Document]:
    """Yield the members of a zip archive by name, or an Office document itself."""
    with closing(_held(document) if document.inner else document.open()) as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except (*_DAMAGED, OSError, NotImplementedError) as error:
            raise SourceError(document.place, f"the zip file is damaged ({error}); get it again") from error
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if any(info.filename == "[Content_Types].xml" for info in infos):  # an Office document, not an archive
            yield document
            return
        _check(document, depth, len(infos))
        for info in sorted(infos, key=lambda info: info.filename):
            if name := _shown_name(info.filename):
                yield _member(document, name, info.compress_size, partial(archive.open, info))


def _in_tar(document: Document, depth: int) -> Iterator[Document]:
    """Yield the regular files of a tar archive in its order, in which packed ones can be read without going back."""
    budget = max(_RATIO * document.packed_bytes, _UNSUSPICIOUS_BYTES)
    try:
        with closing(document.open()) as raw:
            stream = cast("IO[bytes]", _Metered(_unpacked(raw), budget, document.place))
            with tarfile.open(fileobj=stream, mode="r:") as archive:
                for count, info in enumerate(archive):
                    _check(document, depth, count)
                    name = _shown_name(info.name)
                    if name and info.isreg() and not info.issparse():  # a link may point anywhere
                        size = min(info.size, document.packed_bytes)
                        yield _member(document, name, size, partial(_extracted, archive, info))
    except _DAMAGED as error:
        raise SourceError(document.place, f"the tar file is damaged ({error}); get it again") from error
    except OSError as error:
        raise _unreadable(document.place, error) from error


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    if file is None:
        raise tarfile.ReadError(f"{info.name} is no file")
    return file


class _Metered:
    """A stream that goes no further than its budget, so that a packed archive cannot be read without end."""

    def __init__(self, stream: IO[bytes], budget: int, place: Path) -> None:
        self._stream, self._budget, self._place = stream, budget, place

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _UNSUSPICIOUS_BYTES:  # members are read in pieces: this is a header that claims too much
            raise SourceError(self._place, f"has a header of {size:,} bytes, as only a bomb does")
        data = self._stream.read(size)
        self._check(self._stream.tell())
        return data

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        self._check(position)
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def _check(self, position: int) -> None:
        if position > self._budget:
            raise SourceError(self._place, f"unpacks to more than {_RATIO} times its size, as only a bomb does")


def _check(document: Document, depth: int, files: int) -> None:
    if files > _MEMBERS or depth == 0:
        limit = f"more than {_MEMBERS:,} files" if depth else f"archives more than {_DEPTH} deep"
        raise SourceError(document.place, f"holds {limit}, as only a bomb does")


def _is_zip(document: Document) -> bool:
    return _head(document, lambda raw: raw.read(6)).startswith(_ZIP)


def _is_tar(document: Document) -> bool:
    head = _head(document, lambda raw: _unpacked(raw).read(tarfile.BLOCKSIZE))
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")  # checks the sum that each header has
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def _head(document: Document, read: Callable[[IO[bytes]], bytes]) -> bytes:
    """Return the first bytes of a document, none where it is damaged: reading it will say how, and where."""
    try:
        with closing(document.open()) as file:
            return read(file)
    except (*_DAMAGED, OSError, RuntimeError, NotImplementedError):
        return b""


def _unpacked(raw: IO[bytes], packings: list[str] | None = None) -> IO[bytes]:
    """Return the stream below up to `_DEPTH` layers of compression, whose names are added to ``packings``."""
    stream = raw
    for _ in range(_DEPTH):
        head = _peek(stream)
        packing = next((p for mark, p in _PACKED.items() if head.startswith(mark)), None)
        if packing is None:
            break
        if packings is not None:
            packings.append(packing[0])
        stream = cast("IO[bytes]", packing[1](stream, "rb"))
    return stream


def _shown_name(name: str) -> str:
    """Return the name of a member, which is only shown, without what could lead elsewhere; empty for hidden ones."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return "" if any(part.startswith((".", "__MACOSX")) for part in parts) else "/".join(parts)


def _member(document: Document, name: str, size: int, opener: Callable[[], IO[bytes]]) -> Document:
    inner = f"{document.inner}/{name}" if document.inner else name
    return replace(document, inner=inner, packed_bytes=min(size, document.packed_bytes), open=opener)


def _held(document: Document) -> IO[bytes]:
    return io.BytesIO(whole(document))


def _peek(stream: IO[bytes]) -> bytes:
    head = stream.read(6)
    stream.seek(0)
    return head


def _too_large(place: Path, max_bytes: int) -> SourceError:
    return SourceError(place, f"is larger than {max_bytes / (1 << 20):g} MiB; split it")


def _unreadable(place: Path, error: Exception) -> SourceError:
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return SourceError(place, f"cannot be read ({reason}); check its permissions")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _damaged_utf8(data: bytes) -> str | None:
    """Return the text of UTF-8 with a few broken bytes; None where most of what is not ASCII makes no sense in it."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    sound = sum(1 for character in text if character > "\x7f") - broken
    return text if sound > 10 * broken else None


def _as_declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:200])
    try:
        return data.decode(match[1].decode("ascii")) if match else None
    except (LookupError, UnicodeDecodeError):
        return None


def _guess(place: Path, data: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(data)
    if not found:
        raise SourceError(place, f"the file is neither UTF-8 nor any encoding that could be recognised; {_SAVE}")
    # Among the code pages of Europe, which few words do not tell apart, the western one is by far the most common.
    western = (match for match in found if {"cp1252", "latin_1"} & {match.encoding, *match.could_be_from_charset})
    return str(next(western, found[0]))
