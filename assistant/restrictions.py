"""Restrictions: the years, authors and venues that a question names, read one after the other.

Knows English; is told which names the library has. Does not know what a question is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.filters import Filters
from assistant.text import one_line

Known = Callable[[Filters], bool]
"""Says whether any paper passes filters."""
Step = tuple[Filters, int]
"""What the start of a text restricts papers to, and where in the text that ends."""

_STORE = r"(?:library|collection|database|data ?base|corpus|index)"
LIBRARY = rf"(?:(?:the|my|your|this|our) (?:whole |entire |own )?{_STORE}(?! of\b)|here)"
# What may stand between the parts without saying anything: whose papers they are, and that there are some.
_FILLERS = (
    r"(?:and|but)(?= (?:from|by|in|at|since|before|after|until|between|up to)\b)",
    r"(?:that |which )?(?:do|did) (?:you|i|we) (?:have|hold|own|know|store|contain)",
    r"(?:you|i|we) (?:have|own|hold|know)",
    r"have (?:you|i|we)(?: got)?",
    r"(?:that |which )?(?:are|is) there",
    r"there (?:are|is)",
    rf"(?:does |do |is |are )?(?:(?:in|of|from|inside) )?{LIBRARY}(?: (?:have|hold|contain|include))?",
    r"available|stored",
    r"(?:that )?you know(?: of)?",
    r"(?:are|is|were|was)(?= (?:in|from|by|since|before|after|stored|of|available|you))",
)
_FILLER = re.compile(rf"(?:{'|'.join(_FILLERS)})(?=\W|$)", re.IGNORECASE)
_YEAR = r"((?:1[5-9]|20)\d\d)"
_YEAR_BEHIND = re.compile(rf"\s+{_YEAR}\b")
_PUBLISHED = r"(?:(?:that |which )?(?:were |was |are |is )?(?:published|written|appeared|dated|released)\s+)?"
_NOT_NAME = (
    r"(?!(?:from|in|at|since|before|after|by|on|about|published|written|do|does|did|is|are|have|has|there|that|which|until|"
    r"between|and|or|with|for)\b)"
)
_NAME = rf"({_NOT_NAME}[^\W\d_][\w.'’\-]*(?:,? {_NOT_NAME}[^\W\d_][\w.'’\-]*){{0,3}})"
_VENUE = rf"({_NOT_NAME}[^\W_][\w.'’&\-]*(?: (?:(?:on|for|and|in|of) )?{_NOT_NAME}[^\W_][\w.'’&\-]*){{0,8}})"
_RANGES = tuple(
    (re.compile(_PUBLISHED + pattern, re.IGNORECASE), first, last)
    for pattern, first, last in (
        (rf"(?:from|between|in)\s+{_YEAR}\s*(?:and|to|until|till|-|–|\.\.)\s*{_YEAR}", (1, 0), (2, 0)),
        (rf"(?:since|starting in|from)\s+{_YEAR}(?: on(?:wards?)?| and later)", (1, 0), None),
        (rf"since\s+{_YEAR}", (1, 0), None),
        (rf"(?:after|later than|newer than)\s+{_YEAR}", (1, 1), None),
        (rf"(?:before|earlier than|older than)\s+{_YEAR}", None, (1, -1)),
        (rf"(?:until|till|up to)\s+{_YEAR}", None, (1, 0)),
        (rf"(?:from|in|of|for)\s+(?:the year\s+)?{_YEAR}", (1, 0), (1, 0)),
    )
)
_AUTHOR = re.compile(
    rf"{_PUBLISHED}by\s+(?:the author\s+|an author called\s+|someone called\s+)?{_NAME}", re.IGNORECASE
)
_FROM_AUTHOR = re.compile(rf"(?:from|of|with)\s+(?:the author\s+)?{_NAME}", re.IGNORECASE)
_IN_VENUE = re.compile(
    rf"{_PUBLISHED}(?:in|at|from|of)\s+(?:the )?(?P<named>(?:journal|conference|venue|proceedings)(?: of)? )?(?:the )?"
    rf"{_VENUE}",
    re.IGNORECASE,
)

END = re.compile(
    r"(?<![\s?.!,])(?:[\s,]++(?:please|thanks|thank you|now|currently|in total|altogether|overall)){0,5}[\s?.!,]*+$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^(?:(?:and|or|but|what about|how about|only|just|any|also|those|the ones|ones|papers|of (?:them|those))\b"
    r"[\s,]*)+",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:from|by|in|since|before|after|until|between)\b", re.IGNORECASE)
_FURTHER_AUTHOR = re.compile(rf",?\s+(?P<joint>and|or)\s+{_NAME}", re.IGNORECASE)


def whole_restrictions(text: str, known: Known, *, firm: bool) -> Filters | None:
    """Return the filters that a text names, or None if it says anything else.

    Args:
        text: What stands behind "papers".
        known: Tells names of the library.
        firm: The question says that it is about the library, so that a name it does not have may be one.
    """
    filters, rest = Filters(), text.strip(" ,?.!")
    while rest:
        if match := _FILLER.match(rest):
            rest = rest[match.end() :].strip(" ,")
            continue
        if (step := years_in(rest) or author_in(rest, known) or venue_in(rest, known, firm=firm)) is None:
            return None
        filters, rest = filters & step[0], rest[step[1] :].strip(" ,")
    return filters


def further_restrictions(question: str, known: Known) -> Filters | None:
    """Return what a follow-up names, if it names nothing but filters: "And from 2022?" or "by Smith?"."""
    text = END.sub("", one_line(question))
    rest = _MORE.sub("", text)
    if rest == text and not _GOES_ON.match(text):
        return None
    return whole_restrictions(rest, known, firm=False) or None


def years_in(text: str) -> Step | None:
    """Return the years that a text begins with, as in "from 2019 to 2021"."""
    for pattern, first, last in _RANGES:
        if match := pattern.match(text):
            low, high = (int(match[bound[0]]) + bound[1] if bound else None for bound in (first, last))
            return Filters(years=(low, high)), match.end()
    return None


def author_in(text: str, known: Known) -> Step | None:
    """Return the authors that a text begins with: a capitalised name after "by", after other words one of the library.

    "By Smith or Jones" means either, "by Smith and Jones" both.
    """
    for pattern, any_name in ((_AUTHOR, True), (_FROM_AUTHOR, False)):
        if match := pattern.match(text):
            name = _known_name(match[1], known) or (_names_at_start(match[1]) if any_name else "")
            if name:
                return _with_further(Filters(authors=(name,)), text, match.start(1) + len(name), known)
    return None


def _with_further(filters: Filters, text: str, end: int, known: Known) -> Step:
    while (match := _FURTHER_AUTHOR.match(text, end)) and (name := _known_name(match[2], known)):
        either = match["joint"].lower() == "or"
        filters = Filters(authors=(*filters.authors, name)) if either else filters & Filters(authors=(name,))
        end = match.start(2) + len(name)
    return filters, end


def _known_name(text: str, known: Known) -> str:
    """Return the longest name that a text begins with and that the library has, or nothing."""
    words = text.split()
    names = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((name for name in names if _is_name(name) and known(Filters(authors=(name,)))), "")


def _names_at_start(text: str) -> str:
    words = text.split()
    count = next((n for n, word in enumerate(words) if not _looks_like_name(word.rstrip(","))), len(words))
    return " ".join(words[:count]).rstrip(",")


def _looks_like_name(word: str) -> bool:
    """Say whether a word is written like a person's name: "Smith", "McCarthy", "J."; not "BERT" or "GPT-4"."""
    return word[:1].isupper() and (word[-1].islower() or word.endswith(".") or len(word) == 1)


def _is_name(name: str) -> bool:
    return any(len(word.strip(".")) > 2 for word in name.split())


def venue_in(text: str, known: Known, *, firm: bool) -> Step | None:
    """Return the venue that a text begins with, as in "in the Journal of Trees": one of the library.

    Where the text says that it is one, or ``firm`` is true, it may be any capitalised name.
    """
    if (match := _IN_VENUE.match(text)) is None:
        return None
    words = match[2].split()
    for start in dict.fromkeys((match.start("named"), match.start(2))):
        for count in range(len(words), 0, -1):
            end = match.start(2) + len(" ".join(words[:count]))
            name = text[start:end]
            if start >= 0 and len(name) > 2 and known(Filters(venues=(name,))):
                if year := _YEAR_BEHIND.match(text, end):  # "ACL 2021"
                    return Filters((int(year[1]), int(year[1])), venues=(name,)), year.end()
                return Filters(venues=(name,)), end
    if (firm or match["named"]) and all(word[0].isupper() for word in words):
        return Filters(venues=(match[2],)), match.end()
    return None
