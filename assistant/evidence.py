"""Evidence: the sentences of the best papers that answer a question.

Papers found by retrieval are read and ranked again with late interaction; their sentences are scored by what they
share with the question in meaning and in words, and by how such sentences look. Knows no language model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.interaction import LateInteraction, Match, ReadPaper
from assistant.papers import Paper
from assistant.questions import Asked, read_question
from assistant.retrieval import RankedPaper
from assistant.sentences import Span
from assistant.words import Frequencies, stems, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Share of the retrieval's own scores beside MaxSim, in the units of a cosine. Chosen on the development questions
# (paper first: 0.92; MaxSim alone 0.92, fused ranking alone 0.89), and flat around these values.
_DENSE_SHARE, _LEXICAL_SHARE = 0.3, 0.08

FEATURES = (
    "match", "match below best", "words", "new words", "words below best", "new words below best",
    "number asked and given", "position", "first", "last", "length", "own work",
    "evaluation asked and given", "code asked and given", "reason asked and given",
)  # fmt: skip
# Logistic regression on which sentences of the right paper the development questions' evidence stands in; fitted by
# benchmarks/fit_evidence.py, which also prints the cross-validated quality. Order as in FEATURES, then the intercept.
_WEIGHTS = np.array(
    [3.509, 8.569, -0.662, 2.784, 1.368, 1.863, 0.415, 1.638, -0.022, -0.696, 0.488, 0.506, 0.915, 1.075, 0.580, -3.795]
)

NUMERAL = re.compile(
    r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?|half|"
    r"twice|doubles?|single|thirds?|once|any number|arbitrary number)\b",
    re.IGNORECASE,
)
_EVALUATION = re.compile(
    r"\b(experiment\w*|evaluat\w+|benchmark\w*|data ?sets?|corpora|corpus|test(s|ed)|tried|validat\w+)\b", re.IGNORECASE
)
_CODE = re.compile(
    r"\b(codes?|repositor\w+|available|github|open[- ]?sourc\w+|https?|releas\w+|download\w*|url)\b", re.IGNORECASE
)
_REASON = re.compile(
    r"\b(because|since|due to|however|suffer\w*|limit\w*|fail\w*|problem\w*|difficult\w*|challeng\w+|lack\w*|expensive|"
    r"require[sd]?|costly|why|wrong|shortcoming\w*|poor|issue\w*)\b",
    re.IGNORECASE,
)
_OWN_WORK = re.compile(r"\b(we|this (paper|work|study)|our)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """A question on its way through the assistant.

    Attributes:
        question: As asked.
        text: As searched: standalone, with what a follow-up leaves out filled in.
        papers: The papers it points at; empty means all.
        excluded: The papers it turns away from.
    """

    question: str
    text: str
    papers: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a paper with the probability that it answers the question."""

    paper: Paper
    span: Span
    score: float

    @property
    def quote(self) -> str:
        """The sentence, exactly as it stands in the abstract."""
        return self.span.of(self.paper.abstract)


@dataclass(frozen=True, slots=True)
class JudgedPaper:
    """A paper with what speaks for it.

    Attributes:
        paper: The paper.
        score: Orders papers for one question: MaxSim plus shares of the retrieval's scores.
        match: How the standalone query is met by it.
        focus: How the question as asked is met by it.
        dense: Cosine of the query and the best chunk.
        evidence: Its sentences, best first.
    """

    paper: Paper
    score: float
    match: Match
    focus: Match
    dense: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that was found for a question: papers best first, and what the question asks for."""

    query: Query
    asked: Asked
    papers: tuple[JudgedPaper, ...]
    term_weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EvidenceFinder:
    """Judges retrieved papers and their sentences.

    Attributes:
        interaction: Reads papers.
        frequencies: In how many papers words stand.
        papers: How many papers there are.
    """

    interaction: LateInteraction
    frequencies: Frequencies
    papers: int

    def judge(self, query: Query, ranked: Sequence[RankedPaper], papers: Iterable[Paper]) -> Judged:
        """Return the papers, in the order of the evidence for them.

        Args:
            query: The question.
            ranked: What retrieval found.
            papers: The papers of ``ranked``, in the same order.
        """
        whole = self.interaction.question(query.text)
        focus = whole if query.text == query.question else self.interaction.question(query.question)
        asked = read_question(query.question)
        term_weights = weights(query.question, self.frequencies, self.papers)
        top = max((r.lexical for r in ranked), default=0.0) or 1.0
        judged = []
        for found, paper in zip(ranked, papers, strict=True):
            read = self.interaction.read(paper)
            match = self.interaction.match(whole, read)
            focused = match if focus is whole else self.interaction.match(focus, read)
            score = match.paper + _DENSE_SHARE * found.dense + _LEXICAL_SHARE * found.lexical / top
            evidence = _score_sentences(read, focused, asked, term_weights)
            judged.append(JudgedPaper(paper, score, match, focused, found.dense, evidence))
        judged.sort(key=lambda j: (-j.score, j.paper.paper_id))
        return Judged(query, asked, tuple(judged), term_weights)


def _score_sentences(
    read: ReadPaper, match: Match, asked: Asked, term_weights: Mapping[str, float]
) -> tuple[Evidence, ...]:
    features = sentence_features(read, match, asked, term_weights)
    logits = features @ _WEIGHTS[:-1] + _WEIGHTS[-1]
    scores = 1.0 / (1.0 + np.exp(-logits))
    order = np.argsort(-scores, kind="stable")
    return tuple(Evidence(read.paper, read.sentences[i], float(scores[i])) for i in order)


def sentence_features(
    read: ReadPaper, match: Match, asked: Asked, term_weights: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return the features of each sentence of a paper, shape (sentences, features), columns as in ``FEATURES``."""
    texts = [span.of(read.paper.abstract) for span in read.sentences]
    matches = match.sentences
    found = [stems(text) for text in texts]
    in_title = stems(read.paper.title)
    words = _shares(found, term_weights)
    new_words = _shares(found, {t: w for t, w in term_weights.items() if t not in in_title})
    count = len(texts)
    place = np.arange(count)
    columns = [
        matches,
        matches - matches.max(initial=0.0),
        words,
        new_words,
        words - words.max(initial=0.0),
        new_words - new_words.max(initial=0.0),
        np.array([asked.number and bool(NUMERAL.search(text)) for text in texts]),
        place / count,
        place == 0,
        place == count - 1,
        np.array([len(text.split()) / 30 for text in texts]),
        np.array([bool(_OWN_WORK.search(text)) for text in texts]),
        *(_both(cue, match.question.text, texts) for cue in (_EVALUATION, _CODE, _REASON)),
    ]
    return np.column_stack(columns).astype(np.float64)


def _shares(found: Sequence[set[str]], term_weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Return which share of the terms' weight stands in each sentence."""
    total = sum(term_weights.values()) or 1.0
    return np.array([sum(w for t, w in term_weights.items() if t in words) / total for words in found])


def _both(cue: re.Pattern[str], question: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each sentence whether the cue is in it and in the question."""
    asked = bool(cue.search(question))
    return np.array([asked and bool(cue.search(text)) for text in texts])
