"""Papers of arXiv by id, from its interface in Atom (https://info.arxiv.org/help/api/user-manual.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from assistant.connectors.client import Client
from assistant.connectors.names import Named
from assistant.errors import FetchError
from assistant.indexing import Progress
from assistant.papers import Paper, identifiers
from assistant.sources import Skipped, read_documents
from assistant.sources.files import Document

_BASE = "https://export.arxiv.org/api/query"
_PAUSE_S = 3.0  # https://info.arxiv.org/help/api/tou.html: one request in three seconds, over one connection
_BATCH = 100  # ids a request
_MAX_BYTES = 32 << 20
_BAD_REQUEST = 400


def fetch(wanted: Sequence[Named], client: Client, progress: Progress) -> Iterator[Paper | Skipped]:
    """Yield the papers with these ids, in order; of several versions of one paper the one that arXiv lists last."""
    for start in range(0, len(wanted), _BATCH):
        progress("fetching from arXiv", start, len(wanted))
        yield from _batch(wanted[start : start + _BATCH], client)


def _batch(wanted: Sequence[Named], client: Client) -> Iterator[Paper | Skipped]:
    try:
        papers = _entries(wanted, client)
    except FetchError as error:
        if error.status == _BAD_REQUEST and len(wanted) > 1:  # one id that arXiv cannot read spoils the request
            middle = len(wanted) // 2
            yield from _batch(wanted[:middle], client)
            yield from _batch(wanted[middle:], client)
            return
        reason = _UNKNOWN if error.status == _BAD_REQUEST else str(error)
        yield from (Skipped(name.text, 0, reason) for name in wanted)
        return
    for name in wanted:
        paper = papers.get(f"arxiv:{_bare(name.id)}")
        yield replace(paper, source=f"arXiv {_bare(name.id)}") if paper else Skipped(name.text, 0, _UNKNOWN)


_UNKNOWN = "arXiv has no paper with this id; check it"


def _entries(wanted: Sequence[Named], client: Client) -> dict[str, Paper]:
    """Return the papers of one answer by their ids; what arXiv says of ids that it does not know is no paper."""
    query = urlencode({"id_list": ",".join(name.id for name in wanted), "max_results": len(wanted)}, safe=",/")
    data = client.get(f"{_BASE}?{query}", pause_s=_PAUSE_S, max_bytes=_MAX_BYTES)
    if b"<feed" not in data[:4096]:
        raise FetchError("what answers for arXiv is not arXiv; a page to log in may stand before the network")
    found = read_documents([Document.held(data, "arxiv.atom", "arXiv")], "arxiv-atom")
    papers = [paper for paper in found if isinstance(paper, Paper)]
    return {identifier: paper for paper in papers for identifier in identifiers(paper)}


def _bare(arxiv_id: str) -> str:
    """Return an id without its version and, before 2007, the subject class, as arXiv's addresses have it.

    >>> _bare("math.GT/0309136v2")
    'math/0309136'
    """
    return re.sub(r"\.[a-z]{2}(?=/)", "", re.sub(r"v\d+$", "", arxiv_id.lower()))
