"""What a person may name in the place of a file: ``arxiv:``, ``doi:`` or ``acl:`` with an id, or an address.

Knows how registers write their ids; asks nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from assistant.errors import FetchError

Register = Literal["arxiv", "doi", "acl", "url"]

_NAMED = re.compile(r"(arxiv|doi|acl|https?):\s*(.*)", re.IGNORECASE | re.DOTALL)
# https://info.arxiv.org/help/arxiv_identifier.html; the ids before April 2007 hold their archive
_ARXIV = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z]{2})?/\d{7})(?:v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")  # https://www.doi.org/doi-handbook/HTML/index.html
# https://aclanthology.org/info/ids/: volume and number, and the letters and years before 2020
_ACL = re.compile(r"(?:[a-z]\d{2}-\d{4,5}|\d{4}\.[a-z0-9_]+-[a-z0-9]+\.\d+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_EXAMPLES = {"arxiv": "arxiv:2004.12832", "doi": "doi:10.18653/v1/2020.acl-main.1", "acl": "acl:2020.acl-main.1"}


@dataclass(frozen=True, slots=True)
class Named:
    """Something to be fetched.

    Attributes:
        register: Who knows it; ``"url"`` for an address.
        id: What the register calls it, or the address.
        text: As it was typed.
    """

    register: Register
    id: str
    text: str


def named(text: str) -> Named | None:
    """Return what a text names, or None where it is none of these names and may be the path of a file.

    >>> named("https://arxiv.org/abs/2004.12832v2").id
    '2004.12832v2'

    Raises:
        FetchError: It begins like one and is none.
    """
    match = _NAMED.fullmatch(text.strip())
    if match is None:
        return None
    prefix, rest = match[1].lower(), match[2]
    if prefix.startswith("http"):
        return _of_address(text.strip())
    known = _of_register(prefix, rest, text)
    if known is None:
        raise FetchError(f"{text!r} is no such id; write it like {_EXAMPLES[prefix]}, or a file as ./{text}")
    return known


def _of_register(register: str, rest: str, text: str) -> Named | None:
    if register == "arxiv" and _ARXIV.fullmatch(rest):
        return Named("arxiv", rest, text)
    if register == "acl" and _ACL.fullmatch(rest):
        return Named("acl", rest, text)
    if register == "doi" and _DOI.fullmatch(rest):
        own = _ARXIV_DOI.fullmatch(rest)  # arXiv's own DOIs
        return Named("arxiv", own[1], text) if own and _ARXIV.fullmatch(own[1]) else Named("doi", rest, text)
    return None


def _of_address(url: str) -> Named:
    """Return what an address names: of a page about a paper the register is asked, a file is fetched."""
    try:
        parts = urlsplit(url)
        host, path = (parts.hostname or "").removeprefix("www."), unquote(parts.path).strip("/")
    except ValueError as error:  # such as an unclosed IPv6 bracket
        raise FetchError(f"{url} is no http or https address; check the spelling") from error
    known = None
    if host == "arxiv.org" and path.startswith(("abs/", "pdf/")):
        known = _of_register("arxiv", path[4:].removesuffix(".pdf"), url)
    elif host in ("doi.org", "dx.doi.org"):
        known = _of_register("doi", path, url)
    elif host == "aclanthology.org":
        known = _of_register("acl", path.removesuffix(".pdf").removesuffix(".bib"), url)
    return known or Named("url", url, url)
