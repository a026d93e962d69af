"""Enough? Whether the evidence answers the question, decided before a word is written.

Two failures are told apart. Nothing in the library is about the question: its best paper meets too little of it. Or a
paper is about it but does not say: a name of the question, what it counts or what it measures stands nowhere in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.evidence import Judged, JudgedPaper
from assistant.papers import Paper
from assistant.questions import Asked, is_word_of, mentions, own_names, read_question
from assistant.sentences import Span
from assistant.signals import NUMERAL
from assistant.text import fold
from assistant.words import content_words, stem

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What is introduced stands behind this, but not behind "on": "we propose an evaluation on X" does not introduce X.
_INTRODUCES = re.compile(
    r"\b(?:(?:we|this (?:paper|work|study|article)|(?:the|our) authors?|here)\b.{0,80}?\b(?:introduc|propos|present|"
    r"develop|creat|design|build|releas|devis|describ)\w*|named|called|dubbed|termed|namely)\b"
    r"(?P<what>(?:(?!\b(?:on|using|via|with|against|over|upon|by)\b|[.!?]\s).){0,200})",
    re.IGNORECASE | re.DOTALL,
)
AUTHORS = "its authors"  # what no abstract names, and the library may know
FEATURES = (
    "all tokens", "dense", "content met", "content not met", "weakest quarter", "length", "names", "strange names",
)  # fmt: skip
# Logistic regression on answerable against far-off questions, over 81 papers and over 59,000 with these among them,
# because a large library has something near everything; fitted by benchmarks/fit_evidence.py.
_WEIGHTS = np.array([4.265, 3.343, 0.213, -2.662, 2.691, 3.128, 0.900, -1.048, -10.376])
# A token is met where its best match has this cosine. On the development questions what is counted or measured has
# 0.60 and more where the abstract says it, 0.46 and less where it does not.
_MET = 0.5
_INSTANT = re.compile(
    r"\b(yesterday|today|tonight|tomorrow|right now|near me|nearest to me|(this|last|next) (week|weekend|month))\b",
    re.IGNORECASE,
)
_EVERY_WORD_MET, _LEAST_COSINE = 0.6, 0.25  # of the least met word of a short question, and of question and paper
_LONG_TITLE = 5  # words; a shorter title, such as "Deep Learning", may stand in a question that means no paper
_UNSURE = 0.4  # a score below which a short question is looked at word by word
# Chosen in the gap between right and wrong answers among 59,000 papers: one number, where several such differences
# fitted together do worse (AUC 0.974 and, cross-validated, 0.956). Measured at 81 and 59,000 papers, nothing between.
_LARGE, _OTHERS, _AHEAD = 1_000, 5, 0.06
_ALL_MET = 0.7  # MaxSim: at most 0.67 for wrong papers that are not ahead, from 0.75 on for common subjects
_BESIDE_NAME = 4  # words of content beside a name, in such a question
# Words that ask for what a paper is about, whatever it is.
_ASKS = frozenset(
    stem(word)
    for word in """explain describe define tell summarize summarise summary overview introduce mean stand work works
    paper study article abstract idea behind about details please say says call called propose present contribute
    contribution conclude conclusion claim argue suggest main topic purpose goal""".split()
)
_LONG = 60  # tokens of content; a question that is longer is a pasted text
_CLOSE = 0.7  # the same word, or one that means the same
_BESIDE = 4  # words between a number and what it counts
_QUOTED = re.compile(r"[“\"]([^”“\"]+)[”\"]")
_WORDS = re.compile(r"\d[\d.,]*\w*|\w+")
_UNMET = 0.3  # a word of the question that nothing in the paper comes near


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """Whether the evidence is enough.

    Attributes:
        score: How sure it is that the library is about the question, 0 to 1.
        missing: What the question asks about and the nearest paper does not mention; empty if nothing.
    """

    score: float
    missing: tuple[str, ...] = ()


def judge_sufficiency(judged: Judged, needed: Sequence[JudgedPaper]) -> Sufficiency:
    """Return how sure it is that the papers ``needed`` for the answer are about the question, and what they lack."""
    if not needed or not content_words(judged.query.text):
        return Sufficiency(0.0)
    missing = tuple(_missing(judged, needed))
    if _asked_by_title(judged.query.text, needed[0].paper.title):
        return Sufficiency(1.0, missing)
    logit = float(sufficiency_features(needed[0], judged.asked) @ _WEIGHTS[:-1] + _WEIGHTS[-1])
    score = max(1.0 / (1.0 + float(np.exp(-logit))), _every_word_met(needed[0]))
    if score < _UNSURE and (unmet := _unmet_beside_name(needed[0])) is not None:
        return Sufficiency(1.0, (*missing, *unmet))
    return Sufficiency(score, missing)


def stands_out(papers: Sequence[JudgedPaper], among: int) -> bool:
    """Say whether the best of the papers that were read has all that the question says, or is clearly the nearest.

    In a library of 59,000 there is always something near. There the nearest paper is ahead of the next five by less
    than `_AHEAD` for 3 of 133 questions whose right paper it is, and for 26 of 37 where it is a wrong one. In a small
    library the others are of other subjects, and it says nothing. Questions on a common subject are met by many.

    Args:
        papers: Those that were read.
        among: How many papers the question was asked of.
    """
    best, *others = sorted(papers, key=lambda paper: paper.score, reverse=True)
    if among < _LARGE or len(others) < _OTHERS or best.match.paper >= _ALL_MET:
        return True
    return best.score - sum(paper.score for paper in others[:_OTHERS]) / _OTHERS >= _AHEAD


def _every_word_met(best: JudgedPaper) -> float:
    """Return how closely the least met word of content is met, where all are: "What are adapters?" has one alone.

    Of 87 far-off questions two come here among 59,000 papers, none among 81; of 19 short ones of the subject, 18.
    """
    content = best.match.tokens[best.match.question.content]
    weakest = float(content.min(initial=1.0)) if len(content) else 0.0
    return weakest if weakest >= _EVERY_WORD_MET and best.dense >= _LEAST_COSINE else 0.0


def _asked_by_title(question: str, title: str) -> bool:
    """Say whether a question names a paper by its title, of two words at least.

    A short title does so only in quotation marks, or where the question asks for nothing else.
    """
    words = _WORDS.findall(fold(title))
    wanted, said = f" {' '.join(words)} ", f" {' '.join(_WORDS.findall(fold(question)))} "
    if len(words) < 2 or wanted not in said:
        return False
    quoted = (" ".join(_WORDS.findall(fold(part))) for part in _QUOTED.findall(question))
    rest = content_words(said.replace(wanted, " ", 1))
    return len(words) >= _LONG_TITLE or " ".join(words) in quoted or all(stem(word) in _ASKS for word in rest)


def _unmet_beside_name(best: JudgedPaper) -> list[str] | None:
    """Return what the paper does not say of what a short question asks about the thing that it introduces.

    None for any other question. "Is X free?" is about the paper that introduces X, however unlike the two are as a
    whole: a model of sentences sees little in a name, and the regression was fitted on questions of a dozen words.
    """
    question, text = best.match.question, best.paper.text
    own = [name for name in own_names(best.paper.title, best.paper.abstract) if is_word_of(name, question.text)]
    named = {part for name in own for part in _WORDS.findall(name)}
    frame = read_question(question.text).introduced or Span(0, 0)  # "who developed" is asked of the whole paper
    words = [word for word in _WORDS.finditer(question.text, frame.end) if content_words(word.group())]
    beside = [w for w in words if w.group() not in named and stem(fold(w.group())) not in _ASKS]
    if not own or len(beside) > _BESIDE_NAME:
        return None
    said = {stem(word) for word in content_words(text)}
    return [
        word.group()
        for word in beside
        if stem(fold(word.group())) not in said
        and float(best.match.tokens[question.tokens_in(Span(*word.span()))].mean()) < _UNMET
    ]


def sufficiency_features(best: JudgedPaper, asked: Asked) -> NDArray[np.float64]:
    """Return the features of a question's best paper, in the order of ``FEATURES``.

    A long question is met less closely on average, hence its length; a name that the paper bears is more than a word.
    """
    tokens = best.match.tokens
    if not len(tokens):
        return np.array([0.0, best.dense, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    content = tokens[best.match.question.content]
    text = best.paper.text
    borne = sum(mentions(text, name) for name in asked.names)
    strange = sum(not mentions(text, name) for name in asked.proper)
    return np.array(
        [
            tokens.mean(),
            best.dense,
            np.log1p((content >= _CLOSE).sum()),
            (content < _UNMET).mean(),
            np.quantile(content, 0.25),
            np.log1p(min(len(content), _LONG)),
            min(borne, 2),
            min(strange, 2),
        ]
    )


def _missing(judged: Judged, needed: Sequence[JudgedPaper]) -> Iterator[str]:
    text = " . ".join(n.paper.text for n in needed)
    for name in judged.asked.names:
        if not mentions(text, name):
            yield name
    if judged.asked.authors:
        yield AUTHORS
    if (who := judged.asked.introduced) is not None:
        thing = judged.query.question[who.end :]
        if not any(_introduces(n.paper, thing, judged.asked.names) for n in needed):
            yield f"{who.of(judged.query.question).lower()} it"
    yield from _instants(judged.query.question, text)
    asked = [read_question(n.focus.question.text) for n in needed]  # of each its own side of a comparison
    sides = list(zip(needed, asked, strict=True))
    if (counted := judged.asked.counted) and not any(_is_counted(side.counted, paper) for paper, side in sides):
        yield f"how many {counted.of(judged.query.question)}"
    if (measured := judged.asked.measured) and not any(_is_measured(side.measured, paper) for paper, side in sides):
        yield measured.of(judged.query.question)


def _introduces(paper: Paper, thing: str, names: Sequence[str]) -> bool:
    """Say whether a paper says that it introduces a thing: by one of its names, or else by all of its words."""
    introduced = [match["what"] for match in _INTRODUCES.finditer(paper.abstract)]
    if names:
        own = [fold(name) for name in own_names(paper.title, paper.abstract)]
        return any(fold(name) in own or any(mentions(what, name) for what in introduced) for name in names)
    words = {stem(word) for word in content_words(thing)}
    return bool(words) and any(words <= {stem(word) for word in content_words(what)} for what in introduced)


def _instants(question: str, text: str) -> Iterator[str]:
    """Yield words for a day or a place seen from the reader, which no abstract knows, unless it says them too."""
    for match in _INSTANT.finditer(question):
        if match.group().lower() not in text.lower():
            yield match.group()


def _is_counted(counted: Span | None, judged: JudgedPaper) -> bool:
    """Say whether the paper counts what is asked for.

    Where it uses the same word, a number has to stand by it; other words for it are told by their meaning alone.
    """
    if counted is None:
        return True
    tokens = judged.focus.question.tokens_in(counted)
    order = sorted(judged.evidence, key=lambda evidence: evidence.span.start)
    numbered = [bool(NUMERAL.search(evidence.quote)) for evidence in order]
    nouns = content_words(counted.of(judged.focus.question.text))
    if not tokens.any() or not nouns:
        return True
    beside = [_beside_number(evidence.quote, stem(nouns[-1])) for evidence in order]
    if not any(numbered) or any(known is not None for known in beside):
        return any(beside)
    return float(judged.focus.by_sentence[tokens][:, numbered].max()) >= _MET


def _beside_number(text: str, noun: str) -> bool | None:
    """Say whether a number stands within a few words of a noun, or None where the text does not have the noun."""
    words = _WORDS.findall(text)
    places = [i for i, word in enumerate(words) if stem(fold(word)) == noun]
    if not places:
        return None
    return any(NUMERAL.search(word) for i in places for word in words[max(0, i - _BESIDE) : i + _BESIDE + 1])


def _is_measured(measured: Span | None, judged: JudgedPaper) -> bool:
    """Say whether the paper speaks of the measure, whose last word says what it is."""
    if measured is None:
        return True
    words = measured.of(judged.focus.question.text).rsplit(None, 1)
    tokens = judged.focus.question.tokens_in(Span(measured.end - len(words[-1]), measured.end))
    return not tokens.any() or float(judged.focus.tokens[tokens].mean()) >= _MET
