"""Sources: files on the way to papers. One reader a format; adding a format is adding a module to this folder.

A reader is a module with ``NAME``, ``SUFFIXES``, ``matches(text) -> bool`` and ``read(text)``, which yields the line of
each record and its paper, or the reason why there is none. It knows one format and nothing of the library. It may say
more of itself: ``BINARY`` (it is handed bytes, and yields rows or pages in the place of lines), ``linewise(text)``
(whether each record is a line, so that files of any size are read piece by piece), ``COLUMNS`` (``matches`` and
``read`` take a second argument, the names that the user's columns have) and ``GENERAL`` (tried when no other format
matches, the lowest first).
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from assistant.errors import SettingsError, SourceError
from assistant.papers import Paper
from assistant.sources.files import Document, decoded, files_below, gathered, is_marked_wide, is_utf8, members
from assistant.sources.origins import Origins

Columns = Mapping[str, str]
Results = Iterator[tuple[int, Paper | str]]

_NO_COLUMNS: Columns = MappingProxyType({})
_PACKED_SUFFIXES = (".gz", ".bz2", ".xz")


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a source that could not be used, with the line it starts on (from 1) and the reason."""

    source: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reader:
    """What a module of this folder says of itself; see there."""

    name: str
    suffixes: tuple[str, ...]
    matches: Callable[..., bool]
    read: Callable[..., Results]
    binary: bool = False
    linewise: Callable[[str], bool] = lambda _: False
    columns: bool = False
    general: int = 0

    def with_columns(self, columns: Columns) -> Reader:
        """Return this reader told what the user's columns are called, if it has use for that."""
        if not self.columns:
            return self
        return replace(self, matches=partial(self.matches, columns=columns), read=partial(self.read, columns=columns))


@cache
def readers() -> dict[str, Reader]:
    """Return every reader of this folder by name, in the order in which they are tried."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    known = [
        Reader(
            module.NAME,
            module.SUFFIXES,
            module.matches,
            module.read,
            binary=getattr(module, "BINARY", False),
            linewise=getattr(module, "linewise", lambda _: False),
            columns=getattr(module, "COLUMNS", False),
            general=getattr(module, "GENERAL", 0),
        )
        for module in modules
        if hasattr(module, "NAME")
    ]
    return {reader.name: reader for reader in sorted(known, key=lambda reader: (reader.general, reader.name))}


def read_sources(
    paths: Iterable[Path],
    format_name: str | None = None,
    columns: Columns = _NO_COLUMNS,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[Paper | Skipped]:
    """Return the papers of files and folders in order, and a `Skipped` for what could not be used.

    Args:
        paths: Files, archives and folders.
        format_name: What to read them as; by default each file's own content tells.
        columns: What the columns or fields of tables are called, by the name of the paper's field.
        told: Told how many files have been read, and of how many, where there are several.

    Raises:
        SettingsError: ``format_name`` is no format, or ``columns`` names no field; the error names the nearest one.
        SourceError: A path that was named does not exist. Nothing has been read then.
    """
    known, chosen = _known(format_name, columns)
    files = [file for path in paths for file in files_below(path)]
    return _read_files(files, known, chosen, told)


def read_documents(
    given: Iterable[Document], format_name: str | None = None, columns: Columns = _NO_COLUMNS
) -> Iterator[Paper | Skipped]:
    """Return the papers of documents that are no files on disk, as `read_sources` does.

    Raises:
        SettingsError: ``format_name`` is no format, or ``columns`` names no field. Nothing has been read then.
    """
    known, chosen = _known(format_name, columns)
    origins = Origins()
    return (item for document in given for item in _read_members(document, known, chosen, origins))


def _known(format_name: str | None, columns: Columns) -> tuple[Mapping[str, Reader], Reader | None]:
    known = {name: reader.with_columns(_checked(columns)) for name, reader in readers().items()}
    return known, known[_named(format_name, known)] if format_name else None


def _read_files(
    files: list[Path], known: Mapping[str, Reader], chosen: Reader | None, told: Callable[[int, int], None]
) -> Iterator[Paper | Skipped]:
    origins = Origins()
    for number, file in enumerate(files, start=1):
        if len(files) > 1:
            told(number, len(files))
        try:
            document = Document.of(file)
        except SourceError as error:
            yield Skipped(str(error.path), 0, error.reason)
            continue
        yield from _read_members(document, known, chosen, origins)


def _read_members(
    document: Document, known: Mapping[str, Reader], chosen: Reader | None, origins: Origins
) -> Iterator[Paper | Skipped]:
    try:
        for member in members(document):
            yield from _read_document(member, known, chosen, origins)
    except SourceError as error:
        yield Skipped(document.shown if document.source else str(error.path), 0, error.reason)


def _read_document(
    document: Document, known: Mapping[str, Reader], chosen: Reader | None, origins: Origins
) -> Iterator[Paper | Skipped]:
    try:
        for line, result in _results(document, known, chosen):
            if isinstance(result, Paper):
                yield origins.marked(result, document.origin)
            else:
                yield Skipped(document.shown, line, result)
    except SourceError as error:
        yield Skipped(document.shown, 0, error.reason)


def _results(document: Document, known: Mapping[str, Reader], chosen: Reader | None) -> Results:
    pieces = document.pieces()
    first = next(pieces, b"")
    reader = chosen or _binary(first, known)
    if reader is not None and reader.binary:
        results = reader.read(gathered(document, chain([first], pieces)))
    else:
        if is_marked_wide(first):
            first = gathered(document, chain([first], pieces))
        results = _text_results(document, first, pieces, known, reader)
    found = False
    for found_one in results:
        found = True
        yield found_one
    if not found:
        name = f" (read as {chosen.name})" if chosen else ""
        raise SourceError(document.place, f"no papers found{name}; name another format with: --format NAME")


def _text_results(
    document: Document, first: bytes, pieces: Iterator[bytes], known: Mapping[str, Reader], chosen: Reader | None
) -> Results:
    text = decoded(document.place, first)
    reader = chosen or _detected(document, text, known)
    if reader.linewise(text):
        lines = 0
        for part in _decoded(document.place, first, text, pieces):
            yield from ((lines + line, result) for line, result in reader.read(part))
            lines += part.count("\n")
        return
    rest = gathered(document, pieces)
    yield from reader.read(decoded(document.place, first + rest) if rest else text)


def _decoded(place: Path, first: bytes, text: str, pieces: Iterator[bytes]) -> Iterator[str]:
    """Yield the text of the first piece and of those behind it: a damaged one is UTF-8 where another is."""
    utf8 = is_utf8(first)
    yield text
    for piece in pieces:
        if piece.strip():
            yield decoded(place, piece, utf8=utf8)
            utf8 = utf8 or is_utf8(piece)


def _binary(data: bytes, known: Mapping[str, Reader]) -> Reader | None:
    return next((reader for reader in known.values() if reader.binary and reader.matches(data)), None)


def _detected(document: Document, text: str, known: Mapping[str, Reader]) -> Reader:
    of_text = [reader for reader in known.values() if not reader.binary]
    for reader in of_text:
        if reader.matches(text):
            return reader
    name = document.place.name.lower()
    for packed in _PACKED_SUFFIXES:
        name = name.removesuffix(packed)
    for reader in sorted(of_text, key=lambda reader: -reader.general):  # .json may be many things: the general reader
        if Path(name).suffix in reader.suffixes:  # named like a format but broken: its reader says on which line
            return reader
    formats = ", ".join(known)
    raise SourceError(document.place, f"the format was not recognised; name it with: --format NAME ({formats})")


def _named(name: str, known: Mapping[str, Any], what: str = "format") -> str:
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise SettingsError(f"no {what} {name!r}; {hint}{what}s: {', '.join(known)}")


def _checked(columns: Columns) -> Columns:
    fields = dict.fromkeys(("title", "abstract", "summary", "authors", "year", "venue", "url", "doi"))
    return {_named(field, fields, "field"): column for field, column in columns.items()}
