"""Where each record came from, so that the library knows which source may change what it has said before.

Two records of one file that may be the same paper get different origins: were they one source, the second would
overwrite the first each time the file is read.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from assistant.papers import Paper, identifiers, title_key


class Origins:
    """Counts, over one run, how often a file has named each paper."""

    def __init__(self) -> None:
        self._named: Counter[int] = Counter()

    def marked(self, paper: Paper, name: str) -> Paper:
        """Return ``paper`` with its source: the file's name, from its second record there on with a number."""
        keys = {hash((name, key)) for key in (*identifiers(paper), paper.paper_id, title_key(paper.title))}
        number = 1 + max(self._named[key] for key in keys)
        for key in keys:
            self._named[key] = number
        return replace(paper, source=name if number == 1 else f"{name} ({number})")
