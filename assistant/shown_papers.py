"""What the table knows of papers that an answer has shown: "When was it published?", "Who wrote the second one?".

No abstract tells these, so they are read off the table. A question is taken for one only if every word of it is
accounted for, and only where an earlier answer showed a paper.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.about import Remarks, Told, in_a_row, numbered
from assistant.answer import History
from assistant.conversation import Recalled, pointed_back_at
from assistant.filters import Filters
from assistant.library import Library
from assistant.library_questions import POLITE
from assistant.papers import Paper
from assistant.restrictions import END
from assistant.text import one_line, unmarked

Field = Literal["year", "authors", "venue", "link", "newest", "oldest", "unknown"]

_NOUN = r"(?:one|paper|work|study|article|publication|source)"
_ORDER = r"(?:first|second|third|fourth|fifth|sixth|last|1st|2nd|3rd|[4-6]th)"
_ONE = (
    rf"(?:it|this|that|(?:the|this|that) {_NOUN}|(?:the )?{_NOUN} \d|the {_ORDER} {_NOUN}|the former|the latter|"
    r"\[\d{1,3}\])"
)
_SEVERAL = (
    r"(?:they|them|these|those|(?:all|both|each) of (?:them|these|those)|"
    r"(?:these|those|the|both|all)(?: (?:two|three|four|five))? (?:papers|works|studies|articles|ones))"
)
_THING = rf"(?:{_ONE}|{_SEVERAL})"
_BE, _OUT = r"(?:is|was|are|were)", r"(?:published|released|presented|printed|written|made|come out|appear(?:ing)?)"
_WHAT = r"(?:which|what)"
_OF_THEM = r"(?:one |paper |work )?(?:of (?:them|these|those|the (?:two|three|four|five)))"
_SUPERLATIVES: dict[Field, str] = {"newest": "(?:newest|latest|most recent)", "oldest": "(?:oldest|earliest)"}
_ASKED: tuple[tuple[Field, str], ...] = (
    ("year", rf"(?:when|(?:in |from )?{_WHAT} year) (?:{_BE}|did) {_THING}(?: (?:first )?{_OUT}| from)*"),
    ("year", rf"how (?:old|recent|new) {_BE} {_THING}|(?:and )?(?:{_WHAT}|the) years?(?: of {_THING})?|year"),
    ("venue", rf"where (?:{_BE}|did) {_THING} {_OUT}"),
    (
        "venue",
        rf"(?:in |at )?{_WHAT} (?:venue|journal|conference)(?: {_BE} {_THING}(?: (?:{_OUT}|from|in|at))*)?",
    ),
    ("authors", rf"who (?:wrote|authored|published|made|did|are behind|is behind) {_THING}"),
    ("authors", rf"who {_BE} {_THING} (?:by|written by|from)|by whom {_BE} {_THING}(?: written)?"),
    ("authors", rf"(?:who|what) {_BE} (?:the|its|their) authors?(?: of {_THING})?|(?:the |its )?authors?"),
    (
        "link",
        rf"(?:what {_BE}|what's|give me|show me|do you have|is there)(?: the| its| their| an?)? "
        rf"(?:doi|link|url|web ?site|address)s?(?: (?:of|to|for) {_THING})?",
    ),
    ("link", rf"where can i (?:find|read|get|download|see) {_THING}|(?:its |the )?(?:doi|link|url)"),
    # What the table has no column for.
    (
        "unknown",
        rf"{_BE} {_THING} (?:open[- ]access|peer[- ]reviewed|retracted|cited often|highly cited)|"
        rf"how (?:often|many times|much) (?:{_BE}|has|have) {_THING}(?: been)? cited|"
        rf"how many (?:citations|pages|references) (?:does|do|has|have) {_THING}(?: have| got)?",
    ),
    *(
        (
            field,
            rf"{_WHAT} {_OF_THEM} {_BE} (?:the )?{word}|"
            rf"{_WHAT} {_BE} the {word}(?: {_NOUN})?(?: of (?:them|these|those))?",
        )
        for field, word in _SUPERLATIVES.items()
    ),
)
_PATTERNS = tuple((field, re.compile(pattern, re.IGNORECASE | re.ASCII)) for field, pattern in _ASKED)
_MANY = re.compile(rf"\b{_SEVERAL}\b|\b{_OF_THEM}\b", re.IGNORECASE)


def field_asked(question: str) -> Field | None:
    """Return which field of papers that were shown a question asks for, or None for any other question.

    >>> field_asked("When was the second one published?"), field_asked("And which of them is the newest?")
    ('year', 'newest')
    >>> field_asked("When was the second site added?")
    """
    line = END.sub("", one_line(question))
    for text in dict.fromkeys((line, POLITE.sub("", line))):
        for field, pattern in _PATTERNS:
            if pattern.fullmatch(text):
                return field
    return None


@dataclass(frozen=True, slots=True)
class ShownPapers:
    """Answers questions for fields of the papers that earlier answers showed.

    Attributes:
        library: Whose table is asked.
        recalled: Returns the papers that an answer showed.
    """

    library: Library
    recalled: Recalled

    def __call__(self, question: str, earlier: History, filters: Filters) -> Remarks:
        """Return the answer's sentences, each with the citation behind it; nothing for any other question.

        Args:
            question: As asked, its spelling mended.
            earlier: The conversation so far.
            filters: Which papers the caller lets it see.
        """
        field = field_asked(question) if earlier else None
        if field is None:
            return []
        every = field in ("newest", "oldest") or bool(_MANY.search(question))
        shown = pointed_back_at(question, earlier, self.recalled, every=every)
        seen = self.library.ids(filters) if filters else None
        papers = [p for p in self.library.some(s.paper_id for s in shown) if seen is None or p.paper_id in seen]
        if not papers:
            return []
        return numbered(_extreme(field, papers) if field in ("newest", "oldest") else [_told(field, p) for p in papers])


def _extreme(field: Field, papers: Sequence[Paper]) -> list[Told]:
    years = [paper.year for paper in papers if paper.year is not None]
    if not years:
        return [Told("The library does not know from which years they are.")]
    year = max(years) if field == "newest" else min(years)
    found = [paper for paper in papers if paper.year == year]
    unknown = len(papers) - len(years)
    said = [Told(f"The {field} of them{' whose year is known' if unknown else ''}:")]
    return said + [_told("year", paper) for paper in found]


def _told(field: Field, paper: Paper) -> Told:
    title = f"“{unmarked(one_line(paper.title))}”"
    if field == "unknown":
        return Told(
            f"The library does not know that of {title}: only its title, abstract, authors, year, venue and link.",
            paper,
        )
    if said := _said(field, paper):
        return Told(f"{title} {said}.", paper)
    return Told(f"The library does not know the {field} of {title}.", paper)


def _said(field: Field, paper: Paper) -> str:
    """Return what the table says of a paper, in words; nothing where it does not know the field."""
    if field == "year":
        return f"is from {paper.year}" if paper.year is not None else ""
    if field == "authors":
        return f"is by {unmarked(in_a_row(paper.authors))}" if paper.authors else ""
    if field == "venue":
        year = f", {paper.year}" if paper.year is not None else ""
        return f"appeared in {unmarked(paper.venue)}{year}" if paper.venue else ""
    link = f"https://doi.org/{paper.doi}" if paper.doi else paper.url
    return f"is at {link}" if link else ""
