"""The claim checker. Errs on the side of the quote, which takes the place of a claim that fails.

A claim may say less than its quote, never more and nothing else: its numbers, names, negations, directions and content
must stand there, with the same neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.grounding.content import exchanged_roles, replaced_words, unknown_words
from assistant.grounding.lexicon import GENERIC
from assistant.grounding.naming import wrong_names
from assistant.grounding.polarity import wrong_polarity
from assistant.grounding.quantities import wrong_numbers
from assistant.grounding.words import words_in_context
from assistant.words import stems

# A word that the quote does not have weighs as many that it has: at 0.7 one in seven.
_WEIGHT_OF_UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Support:
    """How well a quote supports a claim, 0 to 1, and the reason why it does not."""

    score: float
    reason: str


ClaimCheck = Callable[[str, str, str, str], Support]
"""Says how well a quote supports a claim: (claim, quote, title of the paper, question)."""


def check_claim(claim: str, quote: str, title: str = "", question: str = "") -> Support:
    """Return how well ``quote`` (of the paper ``title``) supports ``claim`` (made in answer to ``question``).

    >>> check_claim("It gains 6.8 % on Politifact.", "We gain 6.8% on Politifact and 0.7% on Weibo.").score
    1.0
    >>> check_claim("It gains 9.9 % on Politifact.", "We gain 6.8% on Politifact.").reason
    'the number 9.9% is not in the quote'
    """
    for reason in _contradictions(claim, quote, title):
        return Support(0.0, reason)
    said = stems(claim) - stems(question)
    known = stems(f"{title} {quote}")
    if not said:
        repeated = stems(claim)
        return Support(len(repeated & known) / max(len(repeated), 1), "it says nothing that the question does not")
    unknown = unknown_words(said, known)
    score = max(0.0, 1.0 - _WEIGHT_OF_UNKNOWN * len(unknown) / max(1, len(said - GENERIC)))
    return Support(score, f"not in the quote: {', '.join(unknown[:3])}" if unknown else "")


def check_with_both(first: ClaimCheck, second: ClaimCheck) -> ClaimCheck:
    """Return a check that is as sure as the less sure of two; the second is only asked what the first lets pass."""

    def check(claim: str, quote: str, title: str, question: str) -> Support:
        support = first(claim, quote, title, question)
        if support.score <= 0.0:
            return support
        return min(support, second(claim, quote, title, question), key=lambda found: found.score)

    return check


def _contradictions(claim: str, quote: str, title: str) -> Iterator[str]:
    if claim.rstrip().endswith("?"):
        yield "it asks and says nothing"
    said, known = words_in_context(claim), words_in_context(quote)
    yield from wrong_numbers(claim, quote, title)
    yield from wrong_names(claim, quote, title)
    yield from wrong_polarity(said, known)
    yield from replaced_words(said, known)
    yield from exchanged_roles(said, known)
