"""Watching folders: which files are new or changed, once they have stopped changing.

Knows nothing of papers. What a file was is told by its size and time of change, so that an event that the system loses
(network drives have none) is made up for by looking again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from assistant.errors import SourceError
from assistant.sources.files import files_below

_SETTLED_S = 1.0  # without a change: the file is written
_LOOK_AGAIN_S = 30.0  # whatever the system tells
_WAKE_MS = 500  # between two looks at files that are still being written

Signature = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the folders found: files to read, and files that were there before and are gone."""

    ready: tuple[Path, ...]
    gone: tuple[Path, ...]


@dataclass(slots=True)
class FolderWatch:
    """The files below some folders as they were when they were read last.

    Args:
        folders: What to watch. All files that are there at the start count as read.
    """

    folders: Sequence[Path]
    _read: dict[Path, Signature] = field(init=False)
    _changing: dict[Path, tuple[Signature, float]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._read = self._look()

    def changes(self) -> Iterator[Seen]:
        """Yield, for ever, what has changed since the last time; what is yielded counts as read, see `again`."""
        from watchfiles import watch

        looked = 0.0
        events = watch(
            *self.folders,
            watch_filter=None,
            rust_timeout=_WAKE_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        for event in events:
            if not event and not self._changing and monotonic() - looked < _LOOK_AGAIN_S:
                continue
            looked = monotonic()
            seen = self._compare(self._look(), looked)
            if seen.ready or seen.gone:
                yield seen

    def again(self, paths: Sequence[Path]) -> None:
        """Take files for unread that could not be read now."""
        for path in paths:
            self._read.pop(path, None)
        self._changing |= {path: ((0, 0), monotonic()) for path in paths}

    def _compare(self, found: dict[Path, Signature], now: float) -> Seen:
        gone = tuple(path for path in self._read if path not in found)
        for path in gone:
            del self._read[path]
        changed = {path: signature for path, signature in found.items() if self._read.get(path) != signature}
        since = {
            path: before[1] if (before := self._changing.get(path)) and before[0] == signature else now
            for path, signature in changed.items()
        }
        ready = tuple(path for path in changed if now - since[path] >= _SETTLED_S)
        self._read |= {path: changed[path] for path in ready}
        self._changing = {path: (changed[path], since[path]) for path in changed if path not in ready}
        return Seen(ready, gone)

    def _look(self) -> dict[Path, Signature]:
        found = dict[Path, Signature]()
        for folder in self.folders:
            with suppress(SourceError):  # the folder is gone, or being moved: the next look may find it
                for path in files_below(folder):
                    with suppress(OSError):
                        status = path.stat()
                        found[path] = status.st_size, status.st_mtime_ns
        return found
