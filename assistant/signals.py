"""Signals: what about a sentence of a paper speaks for its being the answer to a question, as numbers.

Meaning comes from late interaction, form from a few cues of English abstracts. Knows no other papers and no weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from assistant.interaction import Match, ReadPaper
from assistant.questions import Asked

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNALS = (
    "votes", "votes below best", "new votes", "new votes below best", "asked for", "asked for below best",
    "sentence before", "sentence after", "position", "first", "last", "own work",
    "result asked and given", "method asked and given", "method given", "number asked and given",
    "evaluation asked and given", "code asked and given", "definition asked and given",
)  # fmt: skip

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
_OWN_WORK = re.compile(r"\b(we|this (paper|work|study)|our)\b", re.IGNORECASE)
_RESULT_ASKED = re.compile(
    r"\b(beats?|better|best|outperform\w*|improv\w*|compare\w*|gain\w*|worse|accura\w*|faster|wins?|top|margin)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(outperform\w*|improv\w*|achiev\w*|surpass\w*|exceed\w*|better|best|superior|state[- ]of[- ]the[- ]art|higher|"
    r"lower|faster|reduc\w*|compared)\b",
    re.IGNORECASE,
)
_METHOD_ASKED = re.compile(
    r"\bhow (do|does|did|is|are|was|were|can|could|to|they|it)\b|"
    r"\bwhat (\w+ ){0,3}(method|technique|strategy|approach|mechanism|module)",
    re.IGNORECASE,
)
_METHOD = re.compile(
    r"\b(by \w+ing|using|via|through|based on|with a|we (propose|introduce|present|design|develop|use|employ|adopt|"
    r"leverage)|(is|are) (then )?\w+ed|consists?|comprises?|composed|first|then)\b",
    re.IGNORECASE,
)
_DEFINITION_ASKED = re.compile(
    r"^\W*(what|who)('s| is| are| was| were) (?!the\b)[\w\-@.]+( [\w\-@.]+){0,3}\W*$|\b(about|do|for|propose[sd]?)\W*$|"
    r"\b(explain|describe|define|tell me about)\b",
    re.IGNORECASE,
)
_DEFINITION = re.compile(
    r"\b(propos|introduc|present|describ|develop)(e|es|ed|ing)?\b|\b(is|are) (an?|the)\b|"
    r"\b(named|called|namely|dubbed)\b",
    re.IGNORECASE,
)
_SHARPNESS = 0.08  # of a token's vote: a difference of this much in cosine weighs 2.7 times


def sentence_signals(read: ReadPaper, match: Match, asked: Asked) -> NDArray[np.float64]:
    """Return the signals of each sentence of a paper, shape (sentences, signals), columns as in ``SIGNALS``."""
    texts = [span.of(read.paper.abstract) for span in read.sentences]
    question, count = match.question.text, len(texts)
    place = np.arange(count)
    columns = [
        *_beside_best(_votes(match, match.question.content.astype(np.float64))),
        *_beside_best(_votes(match, _not_in_title(match))),
        *_beside_best(_asked_for(match, asked)),
        *_neighbours(match.sentences),
        place / count,
        place == 0,
        place == count - 1,
        _given(_OWN_WORK, texts),
        _both(_RESULT_ASKED, question, _RESULT, texts),
        _both(_METHOD_ASKED, question, _METHOD, texts),
        _given(_METHOD, texts),
        _given(NUMERAL, texts) & asked.number,
        _both(_EVALUATION, question, _EVALUATION, texts),
        _both(_CODE, question, _CODE, texts),
        _both(_DEFINITION_ASKED, question, _DEFINITION, texts),
    ]
    return np.column_stack(columns).astype(np.float64)


def _votes(match: Match, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the question's tokens that each sentence wins, shape (sentences,).

    A token that all sentences meet alike, such as the topic of the paper, is shared among them and tells nothing.
    """
    similarities = match.by_sentence
    if not similarities.size or not weights.sum():
        return np.zeros(similarities.shape[1])
    powers = np.exp((similarities - similarities.max(axis=1, keepdims=True)) / _SHARPNESS)
    shares = powers / powers.sum(axis=1, keepdims=True)
    won: NDArray[np.float64] = (shares * weights[:, None]).sum(axis=0) / weights.sum()
    return won


def _not_in_title(match: Match) -> NDArray[np.float64]:
    """Return how little of each content token the title has: what names the paper does not name the sentence."""
    strange: NDArray[np.float64] = np.clip(1.0 - match.title, 0.0, 1.0) * match.question.content
    return strange


def _asked_for(match: Match, asked: Asked) -> NDArray[np.float64]:
    """Return how well each sentence meets the words that say what is asked for, as in "which encoders"."""
    tokens = np.zeros(len(match.question.content), dtype=bool)
    for phrase in asked.phrases:
        tokens |= match.question.tokens_in(phrase)
    tokens &= match.question.content
    if not tokens.any():
        return np.zeros(match.by_sentence.shape[1])
    return np.asarray(match.by_sentence[tokens].mean(axis=0), dtype=np.float64)


def _beside_best(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return values, values - values.max(initial=0.0)


def _neighbours(matches: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the match of the sentence before and of the one after, below the best; at the ends the mean."""
    padded = np.concatenate([[matches.mean()], matches, [matches.mean()]]) - matches.max(initial=0.0)
    return padded[:-2], padded[2:]


def _given(cue: re.Pattern[str], texts: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([bool(cue.search(text)) for text in texts])


def _both(asked: re.Pattern[str], question: str, given: re.Pattern[str], texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each sentence whether it gives what the question asks for."""
    return _given(given, texts) & bool(asked.search(question))
