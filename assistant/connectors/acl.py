"""Papers of the ACL Anthology by id, from the BibTeX of each (https://aclanthology.org/faq/bib/)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.connectors.answers import MAX_BYTES, paper_in
from assistant.connectors.client import Client
from assistant.connectors.names import Named
from assistant.errors import FetchError
from assistant.indexing import Progress
from assistant.papers import Paper
from assistant.sources import Skipped

_BASE = "https://aclanthology.org"
_PAUSE_S = 2.0  # no rate is stated: half a minute for fifteen papers; whoever wants a volume adds its file
_NOT_FOUND = 404


def fetch(wanted: Sequence[Named], client: Client, progress: Progress) -> Iterator[Paper | Skipped]:
    """Yield the papers with these ids, in order."""
    for number, name in enumerate(wanted):
        progress("fetching from the ACL Anthology", number, len(wanted))
        try:
            paper = acl_paper(name.id, client)
        except FetchError as error:
            unknown = error.status == _NOT_FOUND
            yield Skipped(name.text, 0, "the ACL Anthology has no such id; check it" if unknown else str(error))
            continue
        yield paper or Skipped(name.text, 0, "the ACL Anthology has no abstract of it; add it from a file that has one")


def acl_paper(acl_id: str, client: Client) -> Paper | None:
    """Return one paper, or None where the Anthology has no abstract of it.

    Raises:
        FetchError: There is no such paper, or it cannot be fetched.
    """
    known = acl_id.lower() if "." in acl_id else acl_id.upper()  # "2020.acl-main.1", but "P19-1001"
    data = client.get(f"{_BASE}/{known}.bib", pause_s=_PAUSE_S, max_bytes=MAX_BYTES)
    paper = paper_in(data, f"{known}.bib", f"ACL Anthology {known}", "bibtex")
    return paper if isinstance(paper, Paper) else None
