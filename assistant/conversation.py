"""Conversation: from a question asked in the middle of one to a question that stands alone.

What a follow-up leaves out is put behind it, so that it can be searched, shown and edited; where it points at papers
of an earlier answer, they are named. Knows the words of the conversation; does not search.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from assistant.answer import History
from assistant.evidence import Query
from assistant.questions import read_question
from assistant.recall import MARKERS, Shown
from assistant.text import fold, one_line
from assistant.words import content_words, stems

Recalled = Callable[[str], Sequence[Shown]]
"""Returns the papers that an earlier answer showed, in its order."""

# "It" that stands for nothing.
_DUMMY = re.compile(
    r"\b((is|was|does|would|will|makes?|it's|it is) )?it (even |ever |still )?(is |was )?(possible|true|necessary|easy|"
    r"hard|difficult|known|clear|worth|safe|better|useful|helps?|matters?|pays?|makes? sense)\b",
    re.IGNORECASE,
)
# Words that stand for something said before; "that" does so behind these, behind a noun it joins clauses.
_POINTS = re.compile(
    r"\b(it|its|they|them|their|theirs|these|those|he|she|his|the same|such|the (former|latter)|"
    r"(this|that) (paper|work|study|article|one|method|model|approach|network|system|framework|dataset|benchmark|"
    r"loss|result|number|algorithm|technique|task|idea|case|way)|"
    r"(of|in|on|for|with|to|does|did|do|is|was|about|from|than|by|at|why|how|like) (this|that))\b|"
    r"\b(this|that|else|instead|too)\W*$",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\W*(and|but|so|or|also|then|what about|how about|why|how come|how so|no|nope|yes|ok|okay|on|in|for|with)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^\W*((and|but|so|or|then|ok|okay|well|what about|how about)\b\W*)+", re.IGNORECASE)
_IN_PLACE = re.compile(
    r"^\W*(?i:and|but|so|or|what about|how about)\W+"
    r"(?P<link>(?i:in|on|for|with|from|of|by|at|to|about|between|among))\s+"
    r"(?P<name>[A-Z][\w\-]*(?:\s+[A-Z0-9][\w\-]*){0,3})\W*$"
)
_WHAT_ABOUT = re.compile(r"^\W*(and |but |so )?(what|how) about\b\s*", re.IGNORECASE)
_CORRECTS = re.compile(r"^\W*(no|nope|nah|not|wrong|sorry|i meant?|i was asking)\b", re.IGNORECASE)
_HYPHENATED = re.compile(r"\b[A-Z]\w*-[A-Z]\w*")  # a name such as X-Former
_WORD = re.compile(r"\w+")
_SUBJECT = 3  # content words of a subject that takes the place of another
_SHORT = 6  # content words; a question with fewer seldom names its subject anew

_PAPER = r"(?:one|paper|study|work|article|publication|source|reference)"
_ORDER = ("first", "second", "third", "fourth", "fifth", "sixth")
_NTH = re.compile(
    rf"\b(?:the|your) (?P<word>{'|'.join(_ORDER)}|1st|2nd|3rd|[4-6]th|last) (?:cited |listed |mentioned )?{_PAPER}\b"
    r"(?! (?:to|on|about|ever|that (?!you)|which (?!you)|who)\b)|"
    rf"\bthe (?P<of>{'|'.join(_ORDER)}) of (?:these|those|the|both)(?: \w+)? (?:papers|works|studies|articles)\b|"
    r"\bthe (?P<pair>former|latter)\b|(?P<marker>\[\d{1,3}\])|"
    r"\b(?:paper|study|article|source|reference|citation) (?:no\.? ?|#)?(?P<digit>\d)\b",
    re.IGNORECASE | re.ASCII,  # else "FİRST" is matched, which no lower case makes "first"
)
_EACH = re.compile(
    r"\bcompare (these|those|the (two|(?P<few>first|last) two)( of (them|these|those))?|both)\b( (papers|works|ones))?|"
    r"\b(both|the two|all|each)( of (the|them|these|those))? (two )?(papers|works|studies|articles)\b|"
    r"\b(both|each|which|any|one|all) of (them|these|those|the two)\b|\bcompare them\b|\bthey (differ|compare)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\b(compare|differ)\b", re.IGNORECASE)
_OTHER = re.compile(
    rf"\bthe other {_PAPER}\b|\bnot (?:that|this)(?: {_PAPER}\b|\W*$)|\bwrong {_PAPER}\b|"
    rf"\bnot what i (?:meant|asked)\b|\b(?:that|this|it)(?:'s| is) (?:wrong|not it|not the {_PAPER})\b",
    re.IGNORECASE,
)
_ASKING = (
    r"no|hm+|well|sorry|please|actually|is there|are there|do you have|have you got|give me|show me|i want|i meant|"
    r"which|what|any|and|find"
)
_ANOTHER = re.compile(
    rf"^\W*(?:(?:{_ASKING})\b\W*)*"
    rf"(?:another|any other|some other|other|a different) {_PAPER}s?\b|\b(?:any|some|no)thing else\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    """please hm hmm actually meant mean asked asking paper one wrong sorry no not other another different tell say
    either""".split()
)

_TURNS = 20  # of a conversation, the newest
_WORDS, _CHARACTERS = 60, 500  # of what is put behind a question: an embedding model may read 256 tokens
_QUESTION_WORDS, _ANSWER_WORDS = 25, 35  # kept of one turn


def understand(question: str, history: History, recalled: Recalled) -> tuple[Query, ...]:
    """Return what a question may mean after ``history``, each as it can be searched without the conversation.

    The first reading leans on what was said, if the question can; the last one, if there are two, takes it as it
    stands, because a conversation may turn to another subject at any time.
    """
    alone, history = Query(question, question), history[-_TURNS:]
    if not history:
        return (alone,)
    for read in (_other_papers, _nth_paper, _other_subject, _other_place):
        if (query := read(question, history, recalled)) is not None:
            return (query,)
    if not leans(question):
        return (alone,)
    text = _with_context(question, history, recalled)
    if not content_words(question):  # no word that a sentence could answer, so that those before it have to do
        return (Query(text, text),)
    return Query(_WHAT_ABOUT.sub("", question), text), _of_another(
        question, history[-1][0], recalled(history[-1][1])
    ) or alone


def changes_subject(question: str, focus: float, likeness: float) -> bool:
    """Say whether a question that may lean on the conversation is better taken as it stands.

    A regression on the development questions, each asked after one about another paper, and on follow-ups, over 81
    papers and over 59,000: how well the best paper for the question alone meets its words would grow with the library.

    Args:
        question: As asked.
        focus: How well its words are met by the best paper with the context, MaxSim.
        likeness: Cosine of the question and the best paper for it alone.
    """
    words = min(len(content_words(question)), 10)
    return 0.62 * likeness + 0.089 * words > focus + (0.36 if points_back(question) else -0.06)


def leans(question: str) -> bool:
    """Say whether a question, asked after others, may lean on them.

    >>> leans("And on Gossipcop?"), leans("Which loss is it trained with?")
    (True, True)
    >>> leans("What tasks was the universal animal perception model UniAP evaluated on?")
    False
    """
    return points_back(question) or len(content_words(question)) < _SHORT


def points_back(question: str) -> bool:
    """Say whether a question has a word that stands for something said before, or goes on from there.

    >>> points_back("What is its motivation?"), points_back("Is it possible that bees dance?")
    (True, False)
    """
    return bool(_CONTINUES.search(question) or _POINTS.search(_DUMMY.sub("", question)))


# -- papers of an earlier answer --------------------------------------------------------------------------------------


def pointed_back_at(question: str, history: History, recalled: Recalled, *, every: bool) -> Sequence[Shown]:
    """Return the papers that a question means: by their order in the newest answer with so many, or of the newest one.

    Args:
        question: As asked.
        history: The conversation so far.
        recalled: Returns the papers that an answer showed.
        every: Whether it means all papers of an answer, or the first.
    """
    for _, answer in reversed(history[-_TURNS:]):
        shown = recalled(answer)
        meant = _pointed_at(question, shown) if _NTH.search(question) else shown if every else shown[:1]
        if meant:
            return meant
    return ()


def _nth_paper(question: str, history: History, recalled: Recalled) -> Query | None:
    """Return the question about the papers of the last answer that it points at by their order, if it does.

    Where that answer was about one of several papers, pointed at in the same way, those of the answer before it count.
    """
    if not (_NTH.search(question) or _EACH.search(question)):
        return None
    for end in range(len(history), 0, -1):
        asked, answered = history[end - 1]
        if meant := _pointed_at(question, recalled(answered)):
            return _about(question, history[:end], recalled, meant)
        if not _NTH.search(asked):
            return None
    return None


def _pointed_at(question: str, shown: Sequence[Shown]) -> Sequence[Shown]:
    if (match := _NTH.search(question)) is None:
        few = _EACH.search(question)
        some = (shown[:2] if few["few"].lower() == "first" else shown[-2:]) if few and few["few"] else shown
        return some if len(shown) > 1 else ()
    if match["marker"]:
        number = int(match["marker"][1:-1])
        return [paper for paper in shown if number in paper.markers]
    if len(shown) < 2:  # then "the second one" is something that the paper speaks of
        return ()
    place = _place(match, len(shown))
    return shown[place : place + 1]


def _place(match: re.Match[str], count: int) -> int:
    if match["digit"]:
        return max(int(match["digit"]) - 1, 0)
    word = (match["word"] or match["of"] or match["pair"]).lower()
    if word in {"last", "latter"}:
        return count - 1
    return 0 if word == "former" else _ORDER.index(word) if word in _ORDER else int(word[0]) - 1


def _about(question: str, history: History, recalled: Recalled, papers: Sequence[Shown]) -> Query:
    """Return the question about these papers; one that asks nothing of its own asks the last question again."""
    rest = set(content_words(_EACH.sub("", _NTH.sub("", question)))) - _EMPTY
    asked = question if rest else understand(history[-1][0], history[:-1], recalled)[0].question
    if not rest and len(papers) > 1 and _COMPARES.search(question):
        asked = f"Compare both works: {asked}"
    titles = " · ".join(paper.title for paper in papers)
    text = f"{asked} ({titles})"
    if not rest and len(papers) == 1:  # names of the other papers need not stand in this one
        asked = reduce(lambda text, name: text.replace(name, ""), read_question(asked).names, asked)
    return Query(asked, text, papers=_ids(papers))


def _other_papers(question: str, history: History, recalled: Recalled) -> Query | None:
    """Return the question about other papers than those shown, where it asks for others."""
    if not corrects(question):
        return None
    start = len(history) - 1
    while start and corrects(history[start][0]):
        start -= 1
    asked, before = history[start][0], history[:start]
    shown = [recalled(answer) for _, answer in history[start:]]
    meant = understand(asked, before, recalled)[0]
    rest = set(content_words(_ANOTHER.sub("", _OTHER.sub("", question)))) - _EMPTY
    query = replace(meant, question=question, text=f"{question} ({meant.text})") if rest else meant
    if meant.papers:  # it pointed at one of several papers, so that others of them are meant
        several = [paper.paper_id for paper in recalled(before[-1][1])]
        others = tuple(p for p in several if p not in meant.papers)
        return replace(query, papers=others) if others else replace(query, papers=(), excluded=meant.papers)
    if _ANOTHER.search(question):
        return replace(query, excluded=_ids(paper for papers in shown for paper in papers))
    if len(shown) == 1 and len(shown[0]) > 1 and _OTHER.search(question):
        return replace(query, papers=_ids(shown[0][1:]))
    return replace(query, excluded=_ids(paper for papers in shown for paper in papers[:1]))


def corrects(question: str) -> bool:
    """Say whether a question asks for other papers than the answer has shown.

    >>> corrects("no, the other one"), corrects("Does it beat other methods?")
    (True, False)
    """
    return bool(_OTHER.search(question) or _ANOTHER.search(question))


def _ids(papers: Iterable[Shown]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paper.paper_id for paper in papers))


# -- what is left out ------------------------------------------------------------------------------------------------


def _other_subject(question: str, history: History, recalled: Recalled) -> Query | None:
    """Return the last question with its name exchanged, for "And RPO?" after "What does TexForce fine-tune?"."""
    names = _names(question)
    asked, answered = history[-1]
    subjects = _names(asked)
    if not _LEADING.match(question) or len(names) != 1 or len(content_words(question)) > 1 + names[0].count("-"):
        return None
    known = fold(" ".join([asked, answered, *(paper.title for paper in recalled(answered))]))
    if len(subjects) != 1 or re.search(rf"\b{re.escape(fold(names[0]))}\b", known):
        return None
    exchanged = asked.replace(subjects[0], names[0])
    return Query(exchanged, exchanged)


def _other_place(question: str, history: History, recalled: Recalled) -> Query | None:
    """Return the last question with one name for another behind the same preposition: "And for Amharic?"."""
    match = _IN_PLACE.match(question)
    if match is None:
        return None
    asked, before = history[-1][0], history[:-1]
    if before and (exchanged := _other_place(asked, before, recalled)) is not None:
        asked = exchanged.text
    link = re.escape(match["link"])
    places = list(re.finditer(rf"\b(?i:{link})\s+(?P<name>[A-Z][\w\-]*(?:\s+[A-Z0-9][\w\-]*)*)", asked))
    if not places:
        return None
    start, end = places[-1].span("name")
    text = asked[:start] + match["name"] + asked[end:]
    return Query(text, text)


def _names(question: str) -> Sequence[str]:
    return read_question(question).names or _HYPHENATED.findall(question)


def _of_another(question: str, asked: str, shown: Sequence[Shown]) -> Query | None:
    """Return the last question asked of another subject, for "And bees?" after "How large do apples grow?".

    The old subject is what the last question has in common with the title of the paper that answered it.
    """
    subject = _LEADING.sub("", question).rstrip(" ?!.")
    if not _LEADING.match(question) or len(content_words(subject)) > _SUBJECT:
        return None
    titled = stems(" ".join(paper.title for paper in shown[:1]))
    places = [word for word in _WORD.finditer(asked) if stems(word.group()) & titled]
    if not places:
        return Query(question, f"{question} ({_end_of(asked)})")
    exchanged = asked[: places[0].start()] + subject + asked[places[-1].end() :]
    return Query(exchanged, exchanged)


def _end_of(asked: str) -> str:
    return " ".join(one_line(asked).split()[-_QUESTION_WORDS:])


def _with_context(question: str, history: History, recalled: Recalled) -> str:
    """Return the question with what it refers to behind it, newest first, as much as a model reads."""
    parts: list[str] = []
    words = characters = 0
    for part in _context(question, history, recalled):
        if part in parts:
            continue
        words, characters = words + len(part.split()), characters + len(part)
        if parts and (words > _WORDS or characters > _CHARACTERS):
            break
        parts.append(part[:_CHARACTERS])
    return f"{question} ({' · '.join(parts)})" if parts else question


def _context(question: str, history: History, recalled: Recalled) -> Iterator[str]:
    """Yield what the turns say that the question leans on: back to the last one that stood alone."""
    for asked, answered in reversed(history):
        shown = recalled(answered)
        if not _CORRECTS.match(question):
            yield from (paper.title for paper in shown[:2])
        yield _end_of(asked)
        if not shown:
            yield " ".join(one_line(MARKERS.sub("", answered)).split()[:_ANSWER_WORDS])
        if not leans(asked):
            return
