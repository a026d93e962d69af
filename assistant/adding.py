"""Adding: sources into the library and on into the index, with a report of what happened to each record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from assistant.indexing import Indexer, Progress
from assistant.library import Library
from assistant.papers import Paper
from assistant.putting import Change
from assistant.sources import Skipped

_BATCH = 500  # papers a transaction


@dataclass(frozen=True, slots=True)
class AddReport:
    """What adding did.

    Attributes:
        added: Papers that were not in the library.
        updated: Papers whose fields changed, or whose abstract took the place of a summary.
        unchanged: Papers that were there already.
        skipped: What could not be used, and why.
        papers: How many papers the library holds now.
        embedded: How many chunks had to be embedded.
    """

    added: int
    updated: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    papers: int
    embedded: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self) | {"skipped": [asdict(skipped) for skipped in self.skipped]}

    def __str__(self) -> str:
        """Return one line for a person."""
        counts = f"{self.added} added, {self.updated} updated, {self.unchanged} unchanged, {len(self.skipped)} skipped"
        return f"{counts}; {self.papers} papers in the library"


def add_papers(library: Library, indexer: Indexer, sources: Iterable[Paper | Skipped], progress: Progress) -> AddReport:
    """Write what ``sources`` yields into the library, batch by batch, then bring the index up to date.

    A batch that is written stays written, however the rest ends; the next run goes on from there.
    """
    counts, skipped = _read_into(library, sources, progress)
    embedded = indexer.update(progress)
    return AddReport(**counts, skipped=tuple(skipped), papers=library.count(), embedded=embedded)


def rehearse_adding(library: Library, sources: Iterable[Paper | Skipped]) -> AddReport:
    """Return what `add_papers` would report, with ``papers`` as they would be; nothing is written or embedded."""
    counts = {"added": 0, "updated": 0, "unchanged": 0}
    skipped: list[Skipped] = []
    for change in library.rehearse(_papers(sources, skipped)):
        counts[change] += 1
    return AddReport(**counts, skipped=tuple(skipped), papers=library.count() + counts["added"])


def _read_into(
    library: Library, sources: Iterable[Paper | Skipped], progress: Progress
) -> tuple[dict[Change, int], list[Skipped]]:
    counts: dict[Change, int] = {"added": 0, "updated": 0, "unchanged": 0}
    skipped, said = list[Skipped](), set[str]()
    iterator = iter(sources)
    while batch := list(islice(iterator, _BATCH)):
        skipped += [item for item in batch if isinstance(item, Skipped)]
        for _, change in library.put((item for item in batch if isinstance(item, Paper)), said):
            counts[change] += 1
        progress("reading", sum(counts.values()), 0)
    return counts, skipped


def _papers(sources: Iterable[Paper | Skipped], skipped: list[Skipped]) -> Iterator[Paper]:
    for item in sources:
        if isinstance(item, Paper):
            yield item
        else:
            skipped.append(item)
