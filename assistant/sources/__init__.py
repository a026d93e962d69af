"""Sources: files on the way to papers. One reader a format; adding a format is adding a module to this folder.

A reader is a module with ``NAME``, ``SUFFIXES``, ``matches(text) -> bool`` and ``read(text)``, which yields the line of
each record and its paper, or the reason why there is none. It knows one format and nothing of the library.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from assistant.errors import SettingsError, SourceError
from assistant.papers import Paper
from assistant.sources.files import decode, files_below
from assistant.sources.repeats import Repeats


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a source that could not be used, with the line it starts on (from 1) and the reason."""

    source: str
    line: int
    reason: str


class Reader(Protocol):
    """A module that reads one format."""

    NAME: str
    SUFFIXES: tuple[str, ...]

    def matches(self, text: str) -> bool:
        """Say whether ``text`` looks like this format."""
        ...

    def read(self, text: str) -> Iterator[tuple[int, Paper | str]]:
        """Yield, in order, the line of each record and its paper, or the reason why there is none."""
        ...


def readers() -> dict[str, Reader]:
    """Return every reader of this folder by name."""
    modules = (importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
    return {m.NAME: cast("Reader", m) for m in sorted(modules, key=lambda m: m.__name__) if hasattr(m, "NAME")}


def read_sources(paths: Iterable[Path], format_name: str | None = None) -> Iterator[Paper | Skipped]:
    """Return the papers of files and folders in order, and a `Skipped` for what could not be used.

    A paper that is named twice with different contents is taken once, or adding the same files again would change the
    library again: the first is kept, but an abstract goes before a summary.

    Raises:
        SettingsError: ``format_name`` is no format; the error names the nearest one.
        SourceError: A path that was named does not exist. Nothing has been read then.
    """
    reader = _named(format_name) if format_name else None
    files = [file for path in paths for file in files_below(path)]
    return _read_files(files, reader)


def _read_files(files: list[Path], reader: Reader | None) -> Iterator[Paper | Skipped]:
    repeats = Repeats()
    for file in files:
        try:
            for line, result in _read_file(file, reader):
                reason = result if isinstance(result, str) else repeats.reason(result, f"{file.name}, line {line}")
                yield Skipped(str(file), line, reason) if reason else cast("Paper", result)
        except SourceError as error:
            yield Skipped(str(file), 0, error.reason)


def _read_file(path: Path, reader: Reader | None) -> Iterator[tuple[int, Paper | str]]:
    text = decode(path)
    chosen = reader or _detect(path, text)
    found = False
    for found_one in chosen.read(text):
        found = True
        yield found_one
    if not found:
        raise SourceError(path, f"no papers found (read as {chosen.NAME}); name another format with: --format NAME")


def _detect(path: Path, text: str) -> Reader:
    known = readers().values()
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    by_suffix = [r for r in known if suffix in r.SUFFIXES]
    for reader in [*by_suffix, *known]:
        if reader.matches(text):
            return reader
    if by_suffix:  # named like a format but broken: its reader says on which line
        return by_suffix[0]
    raise SourceError(path, f"the format was not recognised; name it with: --format {'|'.join(readers())}")


def _named(name: str) -> Reader:
    known = readers()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise SettingsError(f"no format {name!r}; {hint}formats: {', '.join(known)}")
