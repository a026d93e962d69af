"""Filters as people and programs write them, turned into the library's; the same for command line and HTTP.

Knows the written forms; does not know where they were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.errors import QuestionError
from assistant.library import Filters
from assistant.text import one_line

_YEARS = re.compile(r"(?P<first>\d{4})?(?P<dots>\.\.)?(?P<last>\d{4})?", re.ASCII)
_FORMS = "write 2021, 2019..2023, 2019.. or ..2023"


def filters_from(
    year: str | None = None,
    authors: Iterable[str] = (),
    venues: Iterable[str] = (),
    papers: Iterable[str] = (),
) -> Filters:
    """Return the filters that these words describe; nothing given means every paper.

    >>> filters_from("2019..").years
    (2019, None)

    Args:
        year: One year, or two with ``..`` between them, of which one may be left out.
        authors: Names, of which one must occur among a paper's authors.
        venues: Parts of names, of which one must occur in a paper's venue.
        papers: Ids of the papers that are meant.

    Raises:
        QuestionError: The years cannot be read or end before they begin, or a name is blank.
    """
    return Filters(
        years=(None, None) if year is None else _years(year),
        authors=_names("author", authors),
        venues=_names("venue", venues),
        paper_ids=_names("paper", papers),
    )


def _years(text: str) -> tuple[int | None, int | None]:
    match = _YEARS.fullmatch(text.strip())
    if match is None or not (match["first"] or match["last"]) or (match["last"] and not match["dots"]):
        raise QuestionError(f"the year filter {text!r} cannot be read; {_FORMS}")
    first = int(match["first"]) if match["first"] else None
    last = int(match["last"]) if match["last"] else None
    if match["dots"] is None:
        return first, first
    if first is not None and last is not None and first > last:
        raise QuestionError(f"the year filter {text!r} ends before it begins; write {last}..{first}")
    return first, last


def _names(filter_name: str, values: Iterable[str]) -> tuple[str, ...]:
    names = tuple(one_line(value) for value in values)
    if not all(names):
        raise QuestionError(f"the {filter_name} filter is empty; give a value or leave the filter out")
    return names
