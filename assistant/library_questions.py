"""Questions about the library or the assistant itself, told from questions about the world by their whole wording.

A question is taken for one only if every word of it is accounted for: "How many papers are from 2023?" is one, "How
many papers were published on whales in 2023?" is not. Knows English; does not know the answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from assistant.filters import Filters
from assistant.restrictions import END, LIBRARY, Known, further_restrictions, whole_restrictions
from assistant.text import one_line

Kind = Literal[
    "count", "list", "years", "newest", "oldest", "topics", "assistant", "models", "network", "greeting", "reword"
]
_PAPERS = r"(?:papers?|articles?|abstracts?|publications?|studies|study|documents?|entries|works?|sources?)"
_OURS = re.compile(rf"\b(?:you|i|we|my|your|{LIBRARY})\b|^(?:list|show|display|count)\b", re.IGNORECASE)
POLITE = re.compile(
    r"^(?:(?:please|hi|hello|hey|ok|okay|and|so|can you|could you|would you|tell me|i want to know|i'd like to know)"
    r"\b[\s,!.:]*)+(?=\S)",
    re.IGNORECASE,
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
_MODEL = r"(?:what|which)(?: kind of| sort of)?(?: language| embedding| chat| ai)? ?(?:models?|llms?)"
_WHOLE: dict[Kind, tuple[str, ...]] = {
    "years": (
        r"(?:which|what) years (?:are|is|were)(?: the| your| my)?(?: papers?)?"
        rf"(?: covered| included| represented| there)?(?: by| in| from)?(?: {LIBRARY})?",
        r"(?:which|what) (?:years?|period|time ?span|time range|range of years|years of publication) "
        rf"(?:do|does|is|are) (?:you|{LIBRARY}|(?:the|your|my) papers)"
        rf"(?: cover(?:ed)?| span| from)?(?: by {LIBRARY})?",
        rf"(?:from|of) (?:which|what) years? (?:are|is|do) (?:the|your|my) papers(?: come)?(?: in {LIBRARY})?",
        rf"how (?:old|new|recent|up to date) (?:is {LIBRARY}|are (?:the|your|my) papers|are you)",
    ),
    "topics": (
        r"(?:which|what) (?:topics?|subjects?|themes?|fields?|areas?|kinds? of papers|sort of papers)"
        rf"(?: (?:are|is|do|does))?(?: there)?(?: covered| included)?(?: (?:you|in|by|from))?(?: {LIBRARY})?"
        r"(?: cover| know| have| about)*",
        rf"what(?: is|'s) (?:in )?{LIBRARY}(?: about)?",
        rf"what(?: are|'re) (?:the|your|my|all) papers(?: in {LIBRARY})? about",
        rf"what does {LIBRARY} (?:contain|hold|cover|have)",
        r"what do you (?:know(?: about)?|cover)",
        rf"(?:summari[sz]e|describe)(?: me)? {LIBRARY}",
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
    "reword": (
        r"(?:please )?(?:explain|say|put|tell me|write|give me) (?:that|this|it)(?: to me| again)?"
        r"(?: (?:more simply|simply|simpler|shorter|differently|in (?:other|simple|simpler|plain|your own|layman'?s) "
        r"(?:words|terms|english)|like i'?m (?:five|5)))",
        r"(?:simplify|rephrase|reword|paraphrase|shorten|translate)(?: (?:that|this|it))?(?: (?:in)?to [a-z]+)?",
        r"(?:shorter|simpler|in (?:simple|plain|other|simpler) (?:words|terms|english)|eli5|tl;?dr)",
    ),
    "greeting": (
        r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|greetings|hallo)(?: there)?",
        r"(?:thanks|thank you|thx|cheers)(?: (?:a lot|very much|so much))?|(?:good)?bye|how are you(?: doing)?",
    ),
}
_WHOLES = tuple((kind, re.compile("|".join(patterns), re.IGNORECASE)) for kind, patterns in _WHOLE.items())


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
    text = END.sub("", line)
    for stripped in dict.fromkeys((text, POLITE.sub("", text))):
        for kind, pattern in _WHOLES:
            if pattern.fullmatch(stripped):
                return LibraryQuestion(kind)
    return _about_papers(POLITE.sub("", text), known)


def read_continued(question: str, last: LibraryQuestion, known: Known) -> LibraryQuestion | None:
    """Return the last question with other papers meant, for "And from 2022?" or "by Smith?".

    What it names takes the place of what the last question named of that kind; the rest is kept.
    """
    if last.kind not in {"count", "list", "newest", "oldest"}:
        return None
    named = further_restrictions(question, known)
    return LibraryQuestion(last.kind, last.filters.replaced_by(named)) if named else None


def _about_papers(text: str, known: Known) -> LibraryQuestion | None:
    for kind, pattern in (("count", _COUNT), (None, _EXTREME), (None, _EXTREME_LAST), ("list", _LIST)):
        if match := pattern.match(text):
            rest = text[match.end() :]
            filters = whole_restrictions(rest, known, firm=bool(_OURS.search(text)))
            if filters is None or (kind == "list" and not filters and not _OURS.search(text)):
                continue
            asked: Kind = "count" if kind == "count" else "list" if kind else "newest" if match["newest"] else "oldest"
            return LibraryQuestion(asked, filters)
    return None
