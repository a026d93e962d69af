"""Grounding: whether a quote supports a claim, decided by rules that can be read.

A claim may say less than its quote, never more: its numbers, names, negations, directions and content must stand
there. Errs on the side of the quote, which takes the place of a claim that fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.text import fold
from assistant.words import stems

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*")
_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "hundred": "100", "thousand": "1000",
}  # fmt: skip
# A word with a capital after its first letter, with a digit, or with a hyphenated capital is a name: GPT-4, NLVR^2.
_NAME = re.compile(r"\b(?:[A-Za-z]+[A-Z][\w\-^]*|[A-Z][\w]*-[\w\-]+|[A-Z]{2,}[\w\-]*|[A-Za-z]+\d[\w\-]*)\b")
_CAPITALISED = re.compile(r"(?<=[a-z,;:)] )[A-Z][a-z]{2,}\b")
_NEGATION = re.compile(
    r"\b(not|no|never|none|neither|nor|without|cannot|fail(s|ed|ing)?|lack(s|ed|ing)?|unable|hardly|n't)\b|n't\b", re.I
)
_DIRECTIONS = (
    (
        re.compile(r"\b(increas\w+|improv\w+|higher|highest|more|better|best|greater|rais\w+|boost\w*|gain\w*|outperform\w*|"
                   r"exceed\w*|surpass\w*|faster|larger|superior|beat\w*|upregulat\w+)\b", re.I),
        "up",
    ),
    (
        re.compile(r"\b(decreas\w+|reduc\w+|lower\w*|lowest|less|fewer|worse|worst|smaller|drop\w*|declin\w+|degrad\w+|"
                   r"underperform\w*|slower|inferior|diminish\w*|downregulat\w+)\b", re.I),
        "down",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Support:
    """How well a quote supports a claim, 0 to 1, and the reason why it does not."""

    score: float
    reason: str


def check_claim(claim: str, quote: str, title: str = "", question: str = "") -> Support:
    """Return how well ``quote`` (of the paper ``title``) supports ``claim`` (made in answer to ``question``).

    >>> check_claim("It gains 6.8 % on Politifact.", "We gain 6.8% on Politifact and 0.7% on Weibo.").score > 0.7
    True
    >>> check_claim("It gains 9.9 % on Politifact.", "We gain 6.8% on Politifact.").reason
    'the number 9.9 is not in the quote'
    """
    for reason in _contradictions(claim, quote, f"{title} {quote}", question):
        return Support(0.0, reason)
    said = stems(claim) - stems(question)
    known = stems(f"{title} {quote}")
    if not said:
        return Support(1.0 if stems(claim) & known else 0.0, "it says nothing that the question does not")
    score = len(said & known) / len(said)
    return Support(score, "" if score >= 1.0 else f"not in the quote: {', '.join(sorted(said - known)[:3])}")


def _contradictions(claim: str, quote: str, source: str, question: str) -> Iterator[str]:
    for number in sorted(numbers(claim) - numbers(source)):
        yield f"the number {number} is not in the quote"
    for name in sorted(names(claim) - names(source)):
        if name not in fold(f"{source} {question}"):
            yield f"the name {name} is not in the quote"
    if bool(_NEGATION.search(claim)) != bool(_NEGATION.search(quote)) and _NEGATION.search(claim):
        yield "it denies what the quote does not deny"
    if _NEGATION.search(quote) and not _NEGATION.search(claim) and _shares_clause(claim, quote):
        yield "the quote denies it"
    claimed, quoted = directions(claim), directions(quote)
    if claimed and quoted and not claimed & quoted:
        yield "it turns a direction of the quote around"


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, written one way: digits, a point before decimals, no separators of thousands."""
    found = {re.sub(r",(?=\d{3}\b)", "", n).replace(",", ".").lstrip("+-") for n in _NUMBER.findall(text)}
    words = {_NUMBER_WORDS[w] for w in re.findall(r"[a-z]+", fold(text)) if w in _NUMBER_WORDS}
    return {n.rstrip("0").rstrip(".") if "." in n else n for n in found} | words


def names(text: str) -> set[str]:
    """Return the folded names of a text: acronyms, mixed case, letters with digits, capitals inside a sentence."""
    return {fold(n) for n in _NAME.findall(text)} | {fold(n) for n in _CAPITALISED.findall(text)}


def directions(text: str) -> set[str]:
    """Return which way the words of a text point: ``up``, ``down``, both or none."""
    return {direction for pattern, direction in _DIRECTIONS if pattern.search(text)}


def _shares_clause(claim: str, quote: str) -> bool:
    """Say whether the clause of the quote that has its negation is the one the claim repeats."""
    clauses = re.split(r"[,;:]|\b(?:but|while|whereas|and)\b", quote)
    claimed = stems(claim)
    denied = [stems(c) for c in clauses if _NEGATION.search(c)]
    return any(words and len(words & claimed) / len(words) > 0.6 for words in denied)
