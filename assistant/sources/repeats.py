"""Papers that the sources of one run name more than once.

Were the second record to overwrite the first, adding the same files again would change the library each time.
"""

from __future__ import annotations

from typing import NamedTuple

from assistant.papers import Kind, Paper


class _First(NamedTuple):
    content_hash: str
    kind: Kind
    place: str


class Repeats:
    """Remembers which papers were named, with which contents, and where first."""

    def __init__(self) -> None:
        self._first: dict[str, _First] = {}

    def reason(self, paper: Paper, place: str) -> str:
        """Return why ``paper`` is not to be taken, or an empty string.

        It is not where another record of it came first with other contents; but an abstract goes before a summary.
        """
        first = self._first.get(paper.paper_id)
        if first is None or (first.kind == "summary" and paper.kind == "abstract"):
            self._first[paper.paper_id] = _First(paper.content_hash, paper.kind, place)
            return ""
        if paper.content_hash == first.content_hash or paper.kind != first.kind:
            return ""
        return f"the same paper ({paper.paper_id}) stands in {first.place} with other contents, which were kept"
