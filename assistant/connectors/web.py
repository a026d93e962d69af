"""Files of the web by address: fetched whole, then read as a file would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from assistant.connectors.client import Client, Watch
from assistant.connectors.names import Named
from assistant.errors import FetchError
from assistant.indexing import Progress
from assistant.sources import Skipped
from assistant.sources.files import Document

_MAX_BYTES = 256 << 20  # of one file, which is held in memory; the ACL Anthology with its abstracts packs to 30 MB


def fetch(wanted: Sequence[Named], client: Client, progress: Progress) -> Iterator[Document | Skipped]:
    """Yield what is at these addresses, in order."""
    for name in wanted:
        parts = urlsplit(name.id)
        try:
            data = client.get(name.id, max_bytes=_MAX_BYTES, watch=_watch(progress, parts.netloc))
        except FetchError as error:
            yield Skipped(name.text, 0, str(error))
            continue
        yield Document.held(data, unquote(parts.path).rstrip("/").rpartition("/")[2] or "page.html", name.id)


def _watch(progress: Progress, host: str) -> Watch:
    return lambda done, total: progress(f"fetching from {host}, KB", done // 1000, total // 1000)
