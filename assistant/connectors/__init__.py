"""Connectors: papers that a person names by id or address, fetched from where they are known.

The one part of the program that asks the network for papers, and only for what was named. One connector a register:
each takes what was named and returns papers as the readers of `assistant.sources` read them, or the reason for none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assistant.connectors import acl, arxiv, doi, web
from assistant.connectors.client import Client
from assistant.connectors.names import Named, named
from assistant.indexing import Progress
from assistant.papers import Paper
from assistant.sources import Columns, Skipped, read_documents
from assistant.sources.files import Document

Fetched = Paper | Skipped | Document

_CONNECTORS = {"arxiv": arxiv.fetch, "doi": doi.fetch, "acl": acl.fetch, "url": web.fetch}


def told_apart(given: Iterable[Path | str]) -> tuple[list[Path], list[Named]]:
    """Return the paths among what was given, and what is to be fetched, each once.

    Raises:
        FetchError: Something begins like a name and is none; nothing has been asked then.
    """
    paths, wanted = list[Path](), dict[tuple[str, str], Named]()
    for item in given:
        if isinstance(item, str) and (found := named(item)):
            wanted.setdefault((found.register, found.id.lower()), found)
        else:
            paths.append(Path(item).expanduser())
    return paths, list(wanted.values())


def fetch(wanted: Sequence[Named], progress: Progress) -> Iterator[Fetched]:
    """Yield what was named: papers of registers, documents of the web, and a `Skipped` for what cannot be fetched."""
    client = Client()
    for register, connector in _CONNECTORS.items():
        yield from connector([name for name in wanted if name.register == register], client, progress)


def read_fetched(fetched: Iterable[Fetched], format_name: str | None, columns: Columns) -> Iterator[Paper | Skipped]:
    """Yield the papers in what was fetched; files of the web are read as ``format_name`` or what they look like."""
    for item in fetched:
        if isinstance(item, Document):
            yield from read_documents([item], format_name, columns)
        else:
            yield item
