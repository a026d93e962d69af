"""Questions about the library or the assistant itself, told from questions about the world by their whole wording.

A question is taken for one only if every word of it is accounted for: "How many papers are from 2023?" is one, "How
many papers were published on whales in 2023?" is not. Knows English; does not know the answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.library import Filters
from assistant.text import one_line

Kind = Literal["count", "list", "years", "newest", "oldest", "topics", "assistant", "models", "network", "greeting"]
Known = Callable[[Filters], bool]
"""Says whether any paper passes filters."""

_PAPERS = r"(?:papers?|articles?|abstracts?|publications?|studies|study|documents?|entries|works?|sources?)"
_STORE = r"(?:library|collection|database|data ?base|corpus|index)"
_LIBRARY = rf"(?:(?:the|my|your|this|our) (?:whole |entire |own )?{_STORE}(?! of\b)|here)"
_OURS = re.compile(rf"\b(?:you|i|we|my|your|{_LIBRARY})\b|^(?:list|show|display|count)\b", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:(?:please|hi|hello|hey|ok|okay|and|so|can you|could you|would you|tell me|i want to know|i'd like to know)"
    r"\b[\s,!.:]*)+(?=\S)",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:[\s,]+(?:please|thanks|thank you|now|currently|in total|altogether|overall))*[\s?.!,]*$", re.IGNORECASE
)

_COUNT = re.compile(
    rf"(?:how many|what number of|number of|count(?: all| of)?(?: the| my)?) {_PAPERS}\b", re.IGNORECASE
)
_LIST = re.compile(
    rf"(?:(?:list|show|give|find|name|display|see|open)(?: me)?|which|what(?: are)?|are there|is there|do you have|"
    rf"have you got|do i have|have i got|any)(?: all| some| any| a| an)?(?: of)?(?: the| my| your)? {_PAPERS}\b|"
    r"(?:do you have|have you got|is there|do i have|have i got)? ?\b(?:any|some)thing\b|"
    rf"(?:all |the |my )?{_PAPERS}(?= (?:by|from|since|before|after|in|of)\b)",
    re.IGNORECASE,
)
_SUPERLATIVE = r"(?:(?P<newest>newest|latest|most recent)|(?P<oldest>oldest|earliest))"
_EXTREME = re.compile(
    rf"(?:(?:what|which) (?:is|are|was)|(?:what|which)(?='s)|show(?: me)?|give me|name)?(?:'s)? ?(?:the |your |my )"
    rf"{_SUPERLATIVE} {_PAPERS}\b",
    re.IGNORECASE,
)
_EXTREME_LAST = re.compile(rf"(?:which|what) {_PAPERS} (?:is|are) (?:the )?{_SUPERLATIVE}\b", re.IGNORECASE)
# What may stand between the parts without saying anything: whose papers they are, and that there are some.
_FILLERS = (
    r"(?:that |which )?(?:do|did) (?:you|i|we) (?:have|hold|own|know|store|contain)",
    r"(?:you|i|we) (?:have|own|hold|know)",
    r"have (?:you|i|we)(?: got)?",
    r"(?:that |which )?(?:are|is) there",
    r"there (?:are|is)",
    rf"(?:does |do |is |are )?(?:(?:in|of|from|inside) )?{_LIBRARY}(?: (?:have|hold|contain|include))?",
    r"available|stored",
    r"(?:that )?you know(?: of)?",
    r"(?:are|is|were|was)(?= (?:in|from|by|since|before|after|stored|of|available|you))",
)
_FILLER = re.compile(rf"(?:{'|'.join(_FILLERS)})(?=\W|$)", re.IGNORECASE)
_YEAR = r"((?:1[5-9]|20)\d\d)"
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

_MODEL = r"(?:what|which)(?: kind of| sort of)?(?: language| embedding| chat| ai)? ?(?:models?|llms?)"
_WHOLE: dict[Kind, tuple[str, ...]] = {
    "years": (
        r"(?:which|what) years (?:are|is|were)(?: the| your| my)?(?: papers?)?"
        rf"(?: covered| included| represented| there)?(?: by| in| from)?(?: {_LIBRARY})?",
        r"(?:which|what) (?:years?|period|time ?span|time range|range of years|years of publication) "
        rf"(?:do|does|is|are) (?:you|{_LIBRARY}|(?:the|your|my) papers)"
        rf"(?: cover(?:ed)?| span| from)?(?: by {_LIBRARY})?",
        rf"(?:from|of) (?:which|what) years? (?:are|is|do) (?:the|your|my) papers(?: come)?(?: in {_LIBRARY})?",
        rf"how (?:old|new|recent|up to date) (?:is {_LIBRARY}|are (?:the|your|my) papers|are you)",
    ),
    "topics": (
        r"(?:which|what) (?:topics?|subjects?|themes?|fields?|areas?|kinds? of papers|sort of papers)"
        rf"(?: (?:are|is|do|does))?(?: there)?(?: covered| included)?(?: (?:you|in|by|from))?(?: {_LIBRARY})?"
        r"(?: cover| know| have| about)*",
        rf"what(?: is|'s) (?:in )?{_LIBRARY}(?: about)?",
        rf"what(?: are|'re) (?:the|your|my|all) papers(?: in {_LIBRARY})? about",
        rf"what does {_LIBRARY} (?:contain|hold|cover|have)",
        r"what do you (?:know(?: about)?|cover)",
        rf"(?:summari[sz]e|describe)(?: me)? {_LIBRARY}",
    ),
    "assistant": (
        r"what (?:can|could) (?:you|i|we) (?:do|ask)(?: you| about)?(?: for me| here| with you)?",
        r"(?:who|what) are you|introduce yourself",
        r"help(?: me)?|how can you help(?: me)?",
        r"how do you work|how (?:do|can|should) (?:i|we) (?:use|ask) you",
        r"what(?: is|'s) your (?:name|job|purpose)",
        r"(?:what|which) (?:questions?|things?) (?:can|could|may) (?:i|you|we) (?:ask|answer)(?: you)?",
        r"are you (?:a|an) (?:ai|bot|robot|human|chatbot|language model|person)",
        r"are you (?:chat ?gpt|gpt-?\d*|claude|gemini|llama)",
        r"what are you (?:able to do|capable of|good for)",
        r"what are your (?:capabilities|abilities|limits|limitations)",
    ),
    "models": (
        rf"{_MODEL} (?:do you (?:use|run(?: on)?|have)|are you(?: using| running(?: on)?| based on)?)(?: here| now)?",
        rf"{_MODEL} (?:is (?:used|running|loaded) here|runs? here|powers? you)",
        r"(?:what|which) version (?:are you|do you have)",
        r"what(?: is|'s) your (?:version|model|language model)",
    ),
    "network": (
        r"(?:are|is) (?:you|this)(?: (?:currently|working|running))? "
        r"(?:on ?line|off ?line|local(?:ly)?|connected(?: to the (?:internet|web|network))?)",
        r"do you (?:have|need|use)(?: an?| the| any)? (?:internet|network|web|online)(?: access| connection)?",
        r"(?:can|do) you (?:access|search|browse|use|look on|go on) (?:the )?(?:internet|web|network|google)",
        r"do you (?:send|share|upload|store) (?:my|any|the) (?:data|questions?|papers?|library)"
        r"(?: anywhere| to anyone)?",
        r"(?:is|are) my (?:data|questions?|papers?|library) (?:safe|private|sent anywhere|shared|secure)",
        r"where (?:is|are) my (?:data|papers|library)(?: stored| kept)?",
    ),
    "greeting": (
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|hallo)(?: there)?",
        r"(?:thanks|thank you|thx|cheers)(?: (?:a lot|very much|so much))?|(?:good)?bye|how are you(?: doing)?",
    ),
}
_WHOLES = tuple((kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in _WHOLE.items())
_MORE = re.compile(r"^(?:and|or|what about|how about)\b[\s,]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LibraryQuestion:
    """A question about the library or the assistant.

    Attributes:
        kind: What it asks.
        filters: The papers it asks about.
    """

    kind: Kind
    filters: Filters = field(default_factory=Filters)


def read_library_question(question: str, known: Known) -> LibraryQuestion | None:
    """Return what a question asks about the library or the assistant, or None where it asks about anything else.

    Args:
        question: As asked.
        known: Tells the names of authors and venues of the library from other words.

    >>> read_library_question("How many papers do you have from 2023?", lambda _: False).filters.years
    (2023, 2023)
    >>> read_library_question("How many papers does the S2ORC dataset hold?", lambda _: False)
    """
    line = one_line(question)
    text = _END.sub("", line)
    for stripped in dict.fromkeys((text, _POLITE.sub("", text))):
        for kind, pattern in _WHOLES:
            if pattern.fullmatch(stripped):
                return LibraryQuestion(kind)
    return _about_papers(_POLITE.sub("", text), known)


def read_continued(question: str, last: LibraryQuestion, known: Known) -> LibraryQuestion | None:
    """Return the last question with other papers meant, for "And from 2022?" or "by Smith?"."""
    if last.kind not in {"count", "list", "newest", "oldest"}:
        return None
    text = _END.sub("", one_line(question))
    rest = _MORE.sub("", text)
    if rest == text and not re.match(r"(?:from|by|in|since|before|after|until|between)\b", text, re.IGNORECASE):
        return None
    filters = _restrictions(rest, known, firm=False)
    return LibraryQuestion(last.kind, filters) if filters else None


def _about_papers(text: str, known: Known) -> LibraryQuestion | None:
    for kind, pattern in (("count", _COUNT), (None, _EXTREME), (None, _EXTREME_LAST), ("list", _LIST)):
        if match := pattern.match(text):
            rest = text[match.end() :]
            filters = _restrictions(rest, known, firm=bool(_OURS.search(text)))
            if filters is None or (kind == "list" and not filters and not _OURS.search(text)):
                continue
            asked: Kind = "count" if kind == "count" else "list" if kind else "newest" if match["newest"] else "oldest"
            return LibraryQuestion(asked, filters)
    return None


def _restrictions(text: str, known: Known, *, firm: bool) -> Filters | None:
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
        step = _years(filters, rest) or _author(filters, rest, known) or _venue(filters, rest, known, firm=firm)
        if step is None:
            return None
        filters, rest = step[0], rest[step[1] :].strip(" ,")
    return filters


_Step = tuple[Filters, int]


def _years(filters: Filters, text: str) -> _Step | None:
    for pattern, first, last in _RANGES:
        if match := pattern.match(text):
            low, high = (int(match[bound[0]]) + bound[1] if bound else None for bound in (first, last))
            return replace(filters, years=(low, high)), match.end()
    return None


def _author(filters: Filters, text: str, known: Known) -> _Step | None:
    """Return the author that is named: any capitalised name after "by", after other words one of the library."""
    for pattern, any_name in ((_AUTHOR, True), (_FROM_AUTHOR, False)):
        if match := pattern.match(text):
            words = match[1].split()
            for count in range(len(words), 0, -1):
                name = " ".join(words[:count])
                end = match.start(1) + len(name)
                if _is_name(name) and known(Filters(authors=(name,))):
                    return replace(filters, authors=(name,)), end
            if any_name and all(word[0].isupper() for word in words):
                return replace(filters, authors=(match[1],)), match.end()
    return None


def _is_name(name: str) -> bool:
    return any(len(word.strip(".")) > 2 for word in name.split())


def _venue(filters: Filters, text: str, known: Known, *, firm: bool) -> _Step | None:
    if (match := _IN_VENUE.match(text)) is None:
        return None
    words = match[2].split()
    for start in dict.fromkeys((match.start("named"), match.start(2))):
        for count in range(len(words), 0, -1):
            end = match.start(2) + len(" ".join(words[:count]))
            name = text[start:end]
            if start >= 0 and len(name) > 2 and known(Filters(venues=(name,))):
                return replace(filters, venues=(name,)), end
    if (firm or match["named"]) and all(word[0].isupper() for word in words):
        return replace(filters, venues=(match[2],)), match.end()
    return None
