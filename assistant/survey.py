"""Survey: a question about every paper that shares something, answered with one line a paper and honest counts.

"Which papers use contrastive learning?" asks for many papers. Those that state the topic are counted over the whole
library; the nearest of them are shown. Knows questions and judged papers; counting is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evidence import Evidence, JudgedPaper
from assistant.filters import Scope
from assistant.sentences import Span
from assistant.text import fold, shorten, unmarked
from assistant.words import content_words, stem

CountStating = Callable[[Sequence[str]], int]
"""In how many of the papers that are asked these phrases all stand, whatever the endings of their words."""

PAPERS_READ = 24  # for a survey, sentence by sentence
_LONGEST_TOPIC = 80  # characters of a topic that an answer repeats
PAPERS = r"(?:papers|works|studies|articles|publications|abstracts)"
_MADE = r"(?:models|methods|approaches|systems|frameworks|networks|techniques|algorithms|authors|researchers|people)"
_DATA = r"(?:data\s?sets?|corpora|corpus|benchmarks?|treebanks|lexicons|test sets|resources|tools|toolkits|libraries)"
_EXIST = r"(?:\s+(?:exist|are\s+(?:there|available|known|out there)|is\s+there|do\s+(?:you|we)\s+(?:have|know))\b)"
_FRAME = re.compile(
    rf"^\W*+(?:(?:can|could|please|do|you|me|list|show|give|name|tell|find|is|are|there|have|i|we|which|what|how many|"
    rf"any|all|the|of|my|these|your|other|else|different|some|several|that|papers?|recommend|suggest|looking for|want|"
    rf"need|search for|get|got|am|m|d like|a few|\d{{1,2}}|two|three|four|five|ten|{PAPERS}|{_MADE}|who)\b\W*)+",
    re.IGNORECASE,
)
_SURVEY = re.compile(
    rf"\b(?:which|what|how many|list|show(?: me)?|name|find|give me|any|are there(?: any)?|recommend(?: me)?|"
    rf"suggest(?: me)?|looking for|want|need|search for|get me|"
    rf"have(?: you)?(?: got)?|got)\s+"
    rf"(?:(?:all|of|the|my|these|other|some|any|few|a|several|different|\d{{1,2}}|two|three|four|five|ten|recent|latest|newest|new|most|oldest|earliest|cited|highly|"
    rf"peer-reviewed|open[- ]access|unpublished|retracted|"
    rf"[\w\-&.]{{0,15}}\d{{4}}|[A-Z][\w.\-]{{0,30}}['’]s?|(?-i:[\w\-]{{0,15}}[A-Z]{{2}}[\w\-]{{0,15}}))\s+)*{PAPERS}\b"
    rf"(?!\s+(?:do|does|did)\s+(?:it|they|he|she)\b)|"
    rf"^\W*+(?:(?:[A-Z][\w.\-]{{0,30}}['’]s?|all|the|my|some|any|most|"
    rf"(?:highly |best )?cited|recent|latest|newest|oldest|(?:19|20)\d\d|"
    rf"(?-i:[\w\-]{{0,15}}[A-Z]{{2}}[\w\-]{{0,15}}))\s+){{0,4}}papers\s+(?:that|which|on|about|by|from|in|with|using|published|"
    rf"since|after|before|between|related)\b|"
    rf"\b(?:which|what)\s+{_MADE}\s+(?:(?:that|which)\s+)?(?:use|apply|rely|employ|combine|learn|address|support|need|"
    rf"are\s+(?:based|built|trained|made))\b|"
    rf"\bwho (?:else )?(?:uses|applies|works on|has used|studies)\b|"
    rf"^\W*+(?:which|what)\s+{_DATA}{_EXIST}\s+\w|^\W*+are there (?:any )?{_DATA}\s+\w",
    re.IGNORECASE,
)
# Verbs that join a paper to its topic and say nothing of it.
_JOINS = frozenset(
    stem(word)
    for word in """use apply applies rely relies employ address deal mention discuss study propose present introduce
    talk speak focus base built train combine learn support need made make about concern tackle
    handle investigate explore examine cover related relevant report try work research topic area
    library collection anything something""".split()
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a survey found.

    Attributes:
        topic: What the papers share, as asked.
        scope: The papers that were asked.
        stating: How many of them state it.
        whole: They have it in one piece; else they have all its words.
        read: How many were read, if none of these is among those that state it; else 0.
        shown: The papers to show, nearest first, each with the sentence that says most about the topic.
    """

    topic: str
    scope: Scope
    stating: int
    whole: bool
    read: int
    shown: tuple[Evidence, ...]

    @property
    def opening(self) -> str:
        """The first line of the answer: what was found among which papers, and how much of it is shown."""
        has = "has" if self.stating < 2 else "have"
        says = ("speaks of" if self.stating == 1 else "speak of") if self.whole else f"{has} all the words of"
        return f"{self._counted} {says} “{shorten(unmarked(self.topic), _LONGEST_TOPIC)}”{self._rest}."

    @property
    def _counted(self) -> str:
        number = in_words(self.stating).capitalize()
        if not self.scope.is_part:
            return f"{number} {'paper' if self.stating < 2 else 'papers'} of the library"
        if self.stating:
            return f"T{str(self.scope)[1:]}" if self.scope.papers == 1 else f"{number} of {self.scope}"
        return f"None of {self.scope}" if self.scope.papers > 1 else f"Not even {self.scope}"

    @property
    def _rest(self) -> str:
        nearest = "; this comes nearest" if len(self.shown) == 1 else "; these come nearest"
        if self.read:
            return f", but none of the {self.read} that were read{nearest}"
        if self.stating in (0, len(self.shown)):
            return "" if self.stating else nearest
        return f"; here {_are(len(self.shown))} nearest"


def is_survey(question: str) -> bool:
    """Say whether a question asks for every paper that shares something."""
    return bool(_SURVEY.search(question))


def topic_of(question: str) -> Span | None:
    """Return where a question names what papers are to share, or None if it asks for no such papers.

    >>> question = "Which papers use contrastive learning?"
    >>> topic_of(question).of(question)
    'contrastive learning'
    >>> topic_of("Which papers were cited by it?") is None, topic_of("Which encoders does it use?") is None
    (False, True)
    """
    if not _SURVEY.search(question) or _DENIED.search(question):
        return None
    frame = _FRAME.match(question)
    start = frame.end() if frame else 0
    more = _MORE.search(question, start)
    end = more.start() if more else len(question)
    words = [match for match in _TOKEN.finditer(question, start, end) if content_words(match.group())]
    while words and joins(words[0].group()):
        words.pop(0)
    while words and joins(words[-1].group()) and words[-1].group().lower() in _PLACES:
        words.pop()
    return Span(words[0].start(), words[-1].end()) if words else None


# "Without parallel data" is what abstracts say of a method; "papers without code" is what none says of itself.
_DENIED = re.compile(
    rf"\b(?:not|never|no|except|other than|{PAPERS}\s+(?:that\s+are\s+)?without)\b|n['’]t\b", re.IGNORECASE
)


def is_denied(question: str) -> bool:
    """Say whether a question asks for papers that lack something, which no words of theirs tell."""
    return bool(_SURVEY.search(question) and _DENIED.search(question))


# A second question behind the topic.
_MORE = re.compile(r"[?;]|,? and (?:which|what|how|who|where|when|do|does|did|is|are)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\w+(?:[\-@.+]\w+)*")
_PIECE = re.compile(r"[^\W_]+")
_PLACES = frozenset("library collection".split())


def joins(word: str) -> bool:
    """Say whether a word joins papers to their topic and says nothing of it, as "use" does."""
    return all(stem(w) in _JOINS for w in content_words(word))


def survey(
    question: str, topic: Span, papers: Sequence[JudgedPaper], count: CountStating, scope: Scope, most: int
) -> Survey | None:
    """Return the papers that share a topic, or None if none of those read states it or comes near.

    Args:
        question: As asked.
        topic: What the papers are to share.
        papers: Those that were read, best first.
        count: Counts over all of ``scope``.
        scope: The papers that the question is asked of.
        most: How many papers to show at most, one line each.
    """
    text = re.sub(_EXIST, "", topic.of(question), flags=re.IGNORECASE)
    lacking = [match.group() for match in _WITHOUT.finditer(text)]
    words = [*content_words(text), *(["without"] if lacking else [])]
    for whole, stated in ((True, [text]), (False, [*words, *lacking]), (False, words)):
        if stating := [p for p in papers if all(_says(p.paper.text, phrase) for phrase in stated)]:
            shown = tuple(_telling(p, topic, lacking) for p in stating[:most])
            return Survey(text, scope, max(count([text] if whole else words), len(stating)), whole, 0, shown)
    near = tuple(_telling(p, topic, lacking) for p in [p for p in papers if _is_near(p, topic)][:most])
    unread = count(words)
    return Survey(text, scope, unread, False, len(papers) if unread else 0, near) if near else None


# What a topic is without, up to three words: "without parallel data".
_WITHOUT = re.compile(
    r"\bwithout(?:\s+[\w\-]+(?:\s+(?!(?:in|for|on|by|from|with|at|and|or|of|to|between|using|via)\b)[\w\-]+){0,2})",
    re.IGNORECASE,
)


def _says(text: str, phrase: str) -> bool:
    """Say whether a phrase stands in a text, whatever the endings of its words and what is put in behind "without"."""
    said, (first, *others) = " ".join(["", *_stems(text), ""]), _stems(phrase) or [""]
    gaps = r" (?:\S+ ){0,2}" if first == "without" else " "
    return re.search(gaps.join([f" {first}", *others]) + " ", said) is not None


def _stems(text: str) -> list[str]:
    return [stem(word) for word in _PIECE.findall(fold(text))]


_NEAR = 0.6  # cosine of the topic's words to a paper's, on average: near it, in other words


def _is_near(paper: JudgedPaper, topic: Span) -> bool:
    tokens = paper.focus.question.tokens_in(topic) & paper.focus.question.content
    return bool(tokens.any()) and float(paper.focus.tokens[tokens].mean()) >= _NEAR


def _telling(paper: JudgedPaper, topic: Span, lacking: Sequence[str]) -> Evidence:
    """Return the sentence of a paper that meets the topic best, first of those that say what it is without."""
    tokens = paper.focus.question.tokens_in(topic) & paper.focus.question.content
    order = sorted(paper.evidence, key=lambda e: e.span.start)
    met = paper.focus.by_sentence[tokens].mean(axis=0) if tokens.any() else np.zeros(len(order))

    def tells(evidence: Evidence, meets: float) -> tuple[bool, float]:
        return any(_says(evidence.quote, phrase) for phrase in lacking), meets + 0.2 * evidence.score

    return max(zip(order, met, strict=True), key=lambda pair: tells(pair[0], float(pair[1])))[0]


_NUMERALS = "no one two three four five six seven eight nine ten eleven twelve".split()


def in_words(number: int) -> str:
    """Return a small number as a word, a large one with separators."""
    return _NUMERALS[number] if number < len(_NUMERALS) else f"{number:,}"


def _are(count: int) -> str:
    return "is the" if count == 1 else f"are the {in_words(count)}"
