"""Filters: which papers a question is about, and how people and programs write that on a command line or over HTTP.

Knows the written forms; does not know where they were read, nor how the library finds the papers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.errors import QuestionError
from assistant.text import one_line, unmarked

_YEARS = re.compile(r"(?P<first>\d{4})?(?P<dots>\.\.)?(?P<last>\d{4})?", re.ASCII)
_FORMS = "write 2021, 2019..2023, 2019.. or ..2023"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which papers a question is about; empty means all.

    Attributes:
        years: First and last year, both included; either may be open.
        authors: Names of which one must occur among the authors, in any order, without regard to accents or case.
        venues: Parts of names of which one must occur in the venue.
        paper_ids: The papers themselves.
        also: Further filters that a paper must pass as well, where one of each kind does not say it.
    """

    years: tuple[int | None, int | None] = (None, None)
    authors: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    paper_ids: tuple[str, ...] = ()
    also: tuple[Filters, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def __and__(self, other: Filters) -> Filters:
        """Return the filters that let through what both let through.

        >>> (Filters(years=(2020, None)) & Filters(years=(None, 2022), authors=("Smith",))).years
        (2020, 2022)
        """
        both = replace(self, years=_common_years(self.years, other.years), also=(*self.also, *other.also))
        for kind in _KINDS[1:]:
            mine, theirs = getattr(both, kind), getattr(other, kind)
            if not mine:
                both = replace(both, **{kind: theirs})
            elif theirs and theirs != mine:
                both = replace(both, also=(*both.also, Filters(**{kind: theirs})))
        return both

    def replaced_by(self, other: Filters) -> Filters:
        """Return these filters with each kind that ``other`` names in the place of what they name of it.

        >>> Filters(years=(2020, 2020), authors=("Smith",)).replaced_by(Filters(years=(2021, 2021)))
        Filters(years=(2021, 2021), authors=('Smith',), venues=(), paper_ids=(), also=())
        """
        nothing = Filters()
        named = {k for k in _KINDS if any(getattr(part, k) != getattr(nothing, k) for part in other.parts())}
        kept = nothing
        for part in self.parts():
            kept &= replace(part, also=(), **{kind: getattr(nothing, kind) for kind in named})
        return kept & other

    def parts(self) -> Iterator[Filters]:
        """Yield these filters and those that a paper must pass as well."""
        yield self
        for further in self.also:
            yield from further.parts()

    def among(self, paper_ids: Sequence[str]) -> Filters:
        """Return these filters for some of the papers; if they let none of them pass, or none is named, themselves."""
        wanted = tuple(p for p in paper_ids if not self.paper_ids or p in self.paper_ids)
        return replace(self, paper_ids=wanted) if wanted else self


_KINDS = ("years", "authors", "venues", "paper_ids")
_Years = tuple[int | None, int | None]


def _common_years(one: _Years, other: _Years) -> _Years:
    firsts = [first for first, _ in (one, other) if first is not None]
    lasts = [last for _, last in (one, other) if last is not None]
    return max(firsts, default=None), min(lasts, default=None)


@dataclass(frozen=True, slots=True)
class Scope:
    """The papers that a question is asked of.

    Attributes:
        papers: How many they are.
        asked: What the question says of them, as filters.
        given: The filters of the caller.
    """

    papers: int
    asked: Filters
    given: Filters

    @property
    def is_part(self) -> bool:
        """Whether they are not all of the library."""
        return bool(self.asked or self.given)

    def __str__(self) -> str:
        """Return them in words.

        >>> str(Scope(5, Filters(years=(2020, 2020)), Filters())), str(Scope(1, Filters(), Filters(authors=("Smith",))))
        ('the 5 papers from 2020', 'the one paper that passes the filters')
        """
        if not self.is_part:
            return "the library"
        passing = f"that {'passes' if self.papers == 1 else 'pass'} the filters"
        papers = "the one paper" if self.papers == 1 else f"the {self.papers:,} papers"
        return " ".join([papers, *[described(self.asked)] * bool(self.asked), *[passing] * bool(self.given)])


def described(filters: Filters) -> str:
    """Return filters in words.

    >>> described(Filters(years=(2019, None), authors=("Smith", "Jones"), venues=("EMNLP",)))
    'by Smith or Jones, in EMNLP, from 2019 or later'
    """
    return ", ".join(phrase for part in filters.parts() for phrase in _phrases(part))


def _phrases(filters: Filters) -> Iterator[str]:
    first, last = filters.years
    if filters.authors:
        yield f"by {' or '.join(map(unmarked, filters.authors))}"
    if filters.venues:
        yield f"in {' or '.join(map(unmarked, filters.venues))}"
    if first is not None and last is not None:
        yield f"from {first}" if first == last else f"from {first} to {last}"
    elif first is not None:
        yield f"from {first} or later"
    elif last is not None:
        yield f"from {last} or earlier"


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
