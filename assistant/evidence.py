"""Evidence: the sentences of the best papers that answer a question.

Papers found by retrieval are read and ranked again with late interaction; their sentences are scored by what they
share with the question in meaning and in words, and by how such sentences look. Knows no language model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.interaction import LateInteraction, Match, ReadPaper
from assistant.papers import Paper
from assistant.questions import Asked, mentions, read_question
from assistant.retrieval import RankedPaper
from assistant.sentences import Span
from assistant.signals import sentence_signals

# Share of the best sentence beside the whole paper. Among 59,000 papers it puts the right one first for 0.77 instead of
# 0.76 and changes nothing among 81 (0.95); shares of the retrieval's own scores cost one or two points (LOG.md).
_SENTENCE_SHARE = 0.1
_WORDS_SHARE = 0.02  # BM25, only to tell papers apart that mean the same
_NAME_SHARE = 0.05  # for bearing all names of the question; 0.1 takes the second paper of a comparison away

# Logistic regression on which sentences of the right paper the development questions' evidence stands in; fitted by
# benchmarks/fit_evidence.py, which also prints the cross-validated quality. Order as in SIGNALS, then the intercept.
# Only the weight of definitions is set by hand, because next to none of those questions asks for one.
_WEIGHTS = np.array(
    [2.642, 0.820, 6.153, 2.529, 1.609, 4.030, 6.598, -3.100, 2.018, 0.024, -0.761, 0.397, 1.247, 0.251, 0.543, 0.222,
     0.533, 0.960, 2.500, -3.906]
)  # fmt: skip


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
        score: Orders papers for one question: MaxSim of the paper, and small shares of what else speaks for it.
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


@dataclass(frozen=True, slots=True)
class EvidenceFinder:
    """Judges retrieved papers and their sentences.

    Attributes:
        interaction: Reads papers.
    """

    interaction: LateInteraction

    def judge(self, query: Query, ranked: Sequence[RankedPaper], papers: Sequence[Paper]) -> Judged:
        """Return the papers, in the order of the evidence for them.

        Args:
            query: The question.
            ranked: What retrieval found.
            papers: The papers of ``ranked``, in the same order.
        """
        whole = self.interaction.question(query.text)
        focus = whole if query.text == query.question else self.interaction.question(query.question)
        asked = read_question(query.question)
        top = max((r.lexical for r in ranked), default=0.0) or 1.0
        judged = []
        reads = self.interaction.read(papers)
        matches = self.interaction.match(whole, reads)
        focused_matches = matches if focus is whole else self.interaction.match(focus, reads)
        for found, read, match, focused in zip(ranked, reads, matches, focused_matches, strict=True):
            named = _NAME_SHARE * _share_of_names(read.paper, asked)
            worded = _WORDS_SHARE * found.lexical / top
            score = match.paper + _SENTENCE_SHARE * match.best_sentence + named + worded
            evidence = _score_sentences(read, focused, asked)
            judged.append(JudgedPaper(read.paper, score, match, focused, found.dense, evidence))
        judged.sort(key=lambda j: (-j.score, j.paper.paper_id))
        return Judged(query, asked, tuple(judged))


def _share_of_names(paper: Paper, asked: Asked) -> float:
    """Return which share of the names in a question the paper mentions."""
    text = f"{paper.title} . {paper.abstract}"
    return sum(mentions(text, name) for name in asked.names) / max(len(asked.names), 1)


def _score_sentences(read: ReadPaper, match: Match, asked: Asked) -> tuple[Evidence, ...]:
    logits = sentence_signals(read, match, asked) @ _WEIGHTS[:-1] + _WEIGHTS[-1]
    scores = 1.0 / (1.0 + np.exp(-logits))
    order = np.argsort(-scores, kind="stable")
    return tuple(Evidence(read.paper, read.sentences[i], float(scores[i])) for i in order)
