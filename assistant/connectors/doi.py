"""Papers by DOI, from the registers that keep what a DOI stands for.

First Crossref, which has most papers (https://www.crossref.org/documentation/retrieve-metadata/rest-api/), then
whichever agency doi.org names, such as DataCite (https://citation.doi.org/docs.html). Crossref has the DOIs of the ACL
Anthology without their abstracts, so that these are asked of the Anthology first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from assistant.connectors.acl import acl_paper
from assistant.connectors.answers import MAX_BYTES, paper_in
from assistant.connectors.client import Client
from assistant.connectors.names import Named
from assistant.errors import FetchError
from assistant.indexing import Progress
from assistant.papers import Paper
from assistant.sources import Skipped

_CROSSREF = "https://api.crossref.org/v1/works"
_RESOLVER = "https://doi.org"
_PAUSE_S = (
    1.0  # both allow some requests a second, https://www.crossref.org/blog/announcing-changes-to-rest-api-rate-limits/
)
_CSL = "application/vnd.citationstyles.csl+json"
_OF_ACL = re.compile(r"10\.18653/v1/(.+)", re.IGNORECASE)
_UNKNOWN = (404, 410, 400, 406)


def fetch(wanted: Sequence[Named], client: Client, progress: Progress) -> Iterator[Paper | Skipped]:
    """Yield the papers with these DOIs, in order."""
    for number, name in enumerate(wanted):
        progress("fetching DOIs", number, len(wanted))
        found = _one(name.id, client)
        yield Skipped(name.text, 0, found) if isinstance(found, str) else found


def _one(doi: str, client: Client) -> Paper | str:
    """Return a paper from the first register that has an abstract of it, or why none has."""
    failed, known = "", False
    for ask in _REGISTERS:
        try:
            found = ask(doi, client)
        except FetchError as error:
            failed = failed or ("" if error.status in _UNKNOWN else str(error))
            continue
        if isinstance(found, Paper):
            return found
        known |= found
    if failed:
        return failed
    if known:
        return "no abstract of it is known at Crossref or doi.org; add it from a file that has one"
    return "neither Crossref nor doi.org knows this DOI; check it"


def _from_acl(doi: str, client: Client) -> Paper | bool:
    match = _OF_ACL.fullmatch(doi)
    return (acl_paper(match[1], client) or True) if match else False


def _from_crossref(doi: str, client: Client) -> Paper | bool:
    data = client.get(f"{_CROSSREF}/{quote(doi, safe='')}", pause_s=_PAUSE_S, max_bytes=MAX_BYTES)
    found = paper_in(data, "work.json", f"Crossref {doi}", "crossref")
    return found if isinstance(found, Paper) else True


def _from_agency(doi: str, client: Client) -> Paper | bool:
    """Ask for CSL-JSON; an agency that does not make it leads to the paper's own page, which may tell as much."""
    data = client.get(f"{_RESOLVER}/{quote(doi)}", accept=_CSL, pause_s=_PAUSE_S, max_bytes=MAX_BYTES)
    found = paper_in(data, "work.json", f"doi.org {doi}")
    return found if isinstance(found, Paper) else True


# Each returns the paper, or whether it has a record of it, or raises `FetchError`.
_REGISTERS: tuple[Callable[[str, Client], Paper | bool], ...] = (_from_acl, _from_crossref, _from_agency)
