"""Narrowing: what a question for papers says of their years, authors and venues, taken out of it and made filters.

"Which papers by Smith are about bees?" asks for papers about bees, of those by Smith; left where it is, "by Smith"
would be looked for in abstracts. What no field of the library tells, such as how often a paper is cited, is named, so
that nothing is pretended. Knows English; is told which names the library has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from assistant.filters import Filters
from assistant.questions import read_question
from assistant.restrictions import Known, Step, author_in, further_restrictions, venue_in, years_in
from assistant.sentences import Span
from assistant.survey import PAPERS, is_survey, joins, topic_of
from assistant.text import one_line
from vectorstore.terms import STOP_WORDS

_NOUN = re.compile(rf"\b(?:{PAPERS}|papers?|work|study|article|publication)\b", re.IGNORECASE)
_ASKS_FOR_ONE = re.compile(
    r"\b(?:which|what|any|find|show me|is there an?|recommend an?|suggest an?|the) "
    r"(?:other |single |(?:most )?recent |latest |newest |oldest )?"
    r"(?:paper|work|study|article|publication)\b",
    re.IGNORECASE,
)
_QUANTITY = (
    r"(?:(?:more|fewer|less|greater) than |at (?:least|most) |over |under |exactly |only |up to |about )?"
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|several|many|multiple|few|no|the (?:most|fewest))"
    r"(?: or (?:more|fewer|less))?"
)
_UNTOLD = re.compile(
    rf"\b(?:(?:with|by|of|having|that have|which have) {_QUANTITY} (?:(?:co-?)?authors?|citations?|pages?|references|"
    r"figures|tables|affiliations|downloads)\b|"
    r"(?:the )?(?:most|best|highly|widely|often|frequently|least|rarely)[ -](?:cited|read|downloaded)\b|"
    r"(?:peer-reviewed|open[- ]access|unpublished|retracted)\b|"
    r"(?<=papers )(?:that |which )?(?:were |are |have been |is )?(?:cite|cites|cited by|citing)\b"
    r"(?: [^\s?.,;]+){0,6}|"
    r"(?:from|at|of|by (?:people|researchers|authors) (?:from|at|of)) (?:the )?(?:universit(?:y|ies)|institutes?|"
    r"companies|compan(?:y|ies)|labs?)\b(?: of)?(?-i:(?: [A-Z]\w+)*)|"
    r"(?:last|this|past) (?:year|month|week|decade)\b)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r",? ?\b(?:sorted|ordered|ranked|arranged|grouped) by (?:the )?[\w\-]+(?: [\w\-]+){0,2}(?=\W*$)|"
    rf"\b(?:most )?(?:recent|latest|newest|oldest|earliest)(?= (?:[\w\-]+ )?(?:{PAPERS}|paper|work|study|article)\b)",
    re.IGNORECASE,
)
_FIELDS = {"year": "year", "date": "year", "author": "authors", "venue": "venue", "journal": "venue",
           "conference": "venue", "doi": "doi", "link": "url", "url": "url", "title": "title"}  # fmt: skip
_FIELD = rf"(?:publication )?(?:{'|'.join(_FIELDS)})s?"
_DETAILS = re.compile(
    rf",?(?: and(?: also)?)? (?:(?:along |together )?with|including|and give(?: me)?|and list|and) "
    rf"(?:their |the |its )?(?P<fields>{_FIELD}(?:(?:,| and|, and|,? or) (?:their |the |its )?{_FIELD}){{0,5}})"
    r"(?=\W*$)|"
    r",? and (?:who (?:wrote|are the authors of|authored) (?:them|each|it)|"
    r"(?P<when>when (?:were|was) (?:they|each|it) (?:published|written)|"
    r"(?:from |in )?(?:which|what) years? (?:are|were) (?:they|these)(?: from)?))(?=\W*$)",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"[\s,]*(?:(?:and|that|which|who)\s+(?=\w+\s))?(?:(?:are|were|is|was)\s+(?=(?:from|by|in|since|before|after)\b))?"
)
_TAIL = re.compile(
    r"\b(?:that |which )?(?:were |was |are |is )?(?:published|written|authored|appeared|from|in|at|by|since|before|"
    r"after|between|until|up to)\s",
    re.IGNORECASE,
)
_SAYS_PUBLISHED = re.compile(r"(?:\w+ ){0,2}(?:published|written|authored|appeared)\b", re.IGNORECASE)
_COPULA = re.compile(r"(?:that |which )?(?:were |was |are |is )?", re.IGNORECASE)
_OF_YEAR = re.compile(r"(?:of|for)\b", re.IGNORECASE)
_AFFILIATION = re.compile(r"(?:from|at)\s+(?:the )?([A-ZÀ-Þ][\w\-&.]*(?: [A-ZÀ-Þ][\w\-&.]*){0,3})")
_BEFORE = re.compile(rf"(?P<what>[^\W_][\w'’\-&.]*)\s+(?={PAPERS}\b)", re.IGNORECASE)
_LEAD_ON = frozenset(("since", "published", "written", "appeared", "dated"))  # to a further restriction
_POSSESSIVE = re.compile(r"['’]s?$")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NEXT = re.compile(r"\W*(\w*)")
_LONGEST = 600  # characters; a longer text is pasted
_TURNS = 20  # of a conversation that a question may go on from


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A question for papers without what narrows it.

    Attributes:
        whole: The question without the wishes for details.
        question: What is left of it when what narrows it is taken out, too.
        filters: The years, authors and venues that it names.
        untold: What else it wants of the papers, which no field of the library tells.
        order: The order that it wants the papers in, which is not kept.
        details: The fields of each paper that it wants to see.
    """

    whole: str
    question: str
    filters: Filters = field(default_factory=Filters)
    untold: tuple[str, ...] = ()
    order: str = ""
    details: tuple[str, ...] = ()


def narrow(question: str, known: Known) -> Narrowed:
    """Return what a question asks of which papers; a question for no papers is returned as it is.

    Args:
        question: As asked.
        known: Tells names of authors and venues of the library from other words.

    >>> narrowed = narrow("Which papers from 2020 are about bees?", lambda _: True)
    >>> narrowed.question, narrowed.filters.years
    ('Which papers are about bees?', (2020, 2020))
    """
    if read_question(question).introduced:
        return Narrowed(question, question, details=("authors",))
    if len(question) > _LONGEST or not (is_survey(question) or _ASKS_FOR_ONE.search(question)):
        return Narrowed(question, question)
    whole, details = _without(one_line(question), _DETAILS)
    line, order = _without(whole, _ORDER)
    line, matches = _without(line, _UNTOLD)
    untold = tuple(match.group().strip() for match in matches)
    found = list(_found(line, known))
    filters = Filters()
    for step, _ in found:
        if isinstance(step, Filters):
            filters &= step
        else:
            untold += (step,)
    rest = _cut(line, [span for _, span in found])
    if untold and topic_of(rest) is None:  # nothing else would be left to look for
        rest = whole
    return Narrowed(whole, rest, filters, untold, " ".join(m.group().strip(" ,") for m in order), _fields(details))


def narrow_further(question: str, earlier: Sequence[str], known: Known) -> Narrowed | None:
    """Return the last question for papers with other ones meant, for "And from 2021?"; None for anything else.

    Args:
        question: As asked.
        earlier: The questions before it, oldest first.
        known: Tells names of authors and venues of the library from other words.
    """
    named = further_restrictions(question, known)
    if named is None or not earlier:
        return None
    *before, asked = earlier[-_TURNS:]
    last = narrow_further(asked, before, known) or narrow(asked, known)
    if topic_of(last.question) is None:
        return None
    return replace(last, filters=last.filters.replaced_by(named))


def _without(line: str, pattern: re.Pattern[str]) -> tuple[str, list[re.Match[str]]]:
    matches = list(pattern.finditer(line))
    return _cut(line, [Span(*match.span()) for match in matches]), matches


def _cut(line: str, spans: Iterable[Span]) -> str:
    for span in sorted(spans, reverse=True):
        line = f"{line[: span.start].rstrip(' ,')} {line[span.end :].lstrip(' ,')}"
    return re.sub(r"\s+([?.!;])", r"\1", one_line(line))


def _fields(details: Iterable[re.Match[str]]) -> tuple[str, ...]:
    wanted: list[str] = []
    for match in details:
        named = match["fields"]
        words = re.findall(r"[a-z]+", named.lower()) if named else ["year" if match["when"] else "author"]
        wanted += [_FIELDS[word.rstrip("s")] for word in words if word.rstrip("s") in _FIELDS]
    return tuple(dict.fromkeys(wanted))


def _found(line: str, known: Known) -> Iterator[tuple[Filters | str, Span]]:
    """Yield what narrows the papers, and where it stands; text where the library does not tell it."""
    noun = _NOUN.search(line)
    if noun is None:
        return
    yield from _before(line, noun.start(), known)
    at = noun.end()
    for read in (_behind, _affiliated) * 3:
        start = at + _end_of(_LEADS, line[at:])
        if step := read(line[start:], known):
            yield step[0], Span(at, start + step[1])
            at = start + step[1]
    if not is_survey(line):
        return
    for match in _TAIL.finditer(line, at):
        if match.start() >= at and line[noun.end() : match.start()].strip() and (step := _tail(line, match, known)):
            at = match.start() + step[1]
            yield step[0], Span(match.start(), at)


def _end_of(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0


def _before(line: str, end: int, known: Known) -> Iterator[tuple[Filters | str, Span]]:
    """Yield what stands right before the noun: "2020 papers", "EMNLP papers", "Smith's papers"."""
    while match := next((m for m in _BEFORE.finditer(line[:end] + "papers") if m.end() == end), None):
        what = match["what"]
        if _YEAR.fullmatch(what):
            filters = Filters(years=(int(what), int(what)))
        elif _POSSESSIVE.search(what) and what[0].isupper():
            filters = Filters(authors=(_POSSESSIVE.sub("", what),))
        elif _is_acronym(what):
            filters = Filters(venues=(what,))
        else:
            return
        if not known(filters):
            return
        end = match.start()
        yield filters, Span(*match.span())


def _behind(text: str, known: Known) -> Step | None:
    """Return what a text right behind the noun begins with, if words of another kind follow it."""
    for step in (years_in(text), author_in(text, known), venue_in(text, known, firm=False)):
        if step and _ends(text[step[1] :]):
            return step
    return None


def _affiliated(text: str, _: Known) -> tuple[str, int] | None:
    match = _AFFILIATION.match(text)
    return (match.group(), match.end()) if match and _ends(text[match.end() :]) else None


def _tail(line: str, match: re.Match[str], known: Known) -> Step | None:
    """Return a restriction behind the topic, where the same words may as well belong to the topic.

    A name has to be one of the library, or the question has to end with it; a venue has to be written like one.
    """
    said = bool(_SAYS_PUBLISHED.match(match.group()))
    skipped = 0 if said else _end_of(_COPULA, match.group())
    text = line[match.start() + skipped :]
    before = line[: match.start()].rsplit(None, 1)[-1].lower()
    step = None if _OF_YEAR.match(text) else years_in(text)
    if step is None and (step := author_in(text, known)) and not known(step[0]):
        last = not text[step[1] :].strip(" ?.!") and not (before.endswith(("ed", "en")) and not said)
        step = step if said or last else None
    if step is None and (step := venue_in(text, known, firm=said)):
        step = step if said or any(map(_is_acronym, step[0].venues[0].split())) or "journal" in text.lower() else None
    return (step[0], skipped + step[1]) if step and _ends(text[step[1] :]) else None


def _is_acronym(word: str) -> bool:
    return sum(character.isupper() for character in word) > 1 and len(word) > 2


def _ends(rest: str) -> bool:
    """Say whether what a restriction says ends here: "in 2020" does before a verb, not before "elections"."""
    word = (_NEXT.match(rest) or [""])[1].lower() if rest.lstrip()[:1] not in {"", ",", "?", ".", "!", ";", ")"} else ""
    return not word or word in STOP_WORDS or word in _LEAD_ON or joins(word)
