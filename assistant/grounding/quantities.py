"""Quantities: numbers with their units and bounds, and what they belong to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from assistant.grounding.naming import in_order, names
from assistant.text import fold
from assistant.words import content_words, stem

_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "twice": 2,
}  # fmt: skip
_MULTIPLES = {"hundred": 2, "k": 3, "thousand": 3, "m": 6, "million": 6, "b": 9, "bn": 9, "billion": 9, "t": 12}
_UNITS = {"percent": "%", "per cent": "%", "percentage": "%", "×": "x", "times": "x", "fold": "x", "sec": "s",
          "second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h", "hours": "h"}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.])(?P<value>\d+(?:[.,]\d+)*|(?:" + "|".join(_NUMBER_WORDS) + r")\b)"
    r"(?:[\s-]?(?P<multiple>hundred|thousand|million|billion|[KMBTkm]|bn)\b)?"
    r"(?:[\s-]?(?P<unit>%|×|x\b"
    r"|(?:percent|per cent|percentage|times|fold|ms|min|sec|seconds?|minutes?|hours?|s|h|[GMT]B)\b))"
    r"?",
    re.IGNORECASE,
)  # fmt: skip
_BOUNDS = {
    "most": re.compile(r"(up to|at most|as (much|many|high|large) as|below|under|less than|fewer than|maximum of)\s*$"),
    "least": re.compile(r"(at least|more than|over|above|exceeding|no less than|minimum of|as (few|little) as)\s*$"),
    "about": re.compile(r"(about|around|approximately|nearly|almost|roughly|some|close to|~)\s*$"),
}
_JOINED = re.compile(r"\s*(?:,|and|or|,\s*and|to|-|–|/|vs\.?|versus|&)\s*")
_NEAR, _AROUND = 2, 3  # content words that a number belongs with, in a claim and in a quote
_FROM_TO = re.compile(r"\b(from|to)\s*$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number where it stands.

    Attributes:
        value: Its digits, without separators of thousands and trailing zeros.
        unit: "%", "x", "ms" and the like, or nothing.
        bound: "most", "least", "about", or nothing.
        start: Its first character.
        end: The character behind it.
    """

    value: str
    unit: str
    bound: str
    start: int
    end: int

    def __str__(self) -> str:
        return self.value + self.unit


def numbers(text: str) -> list[str]:
    """Return the numbers of a text in order, with their units: a point before decimals, no separators of thousands."""
    return [str(quantity) for quantity in quantities(text)]


def quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text in order. In "0.7, 6.8 and 1.3%" all are per cent."""
    found = [_quantity(text, match) for match in _NUMBER.finditer(text)]
    for place in range(len(found) - 2, -1, -1):
        one, following = found[place], found[place + 1]
        if following.unit and not one.unit and _JOINED.fullmatch(text[one.end : following.start]):
            found[place] = Quantity(one.value, following.unit, one.bound, one.start, one.end)
    return found


def _quantity(text: str, match: re.Match[str]) -> Quantity:
    word = match["value"].lower()
    value = str(_NUMBER_WORDS[word]) if word in _NUMBER_WORDS else re.sub(r",(?=\d{3}\b)", "", word).replace(",", ".")
    value = _scaled(value, _MULTIPLES.get((match["multiple"] or "").lower(), 0))
    unit = (match["unit"] or ("x" if word == "twice" else "")).lower()
    before = fold(text[max(0, match.start() - 20) : match.start()])
    bound = next((name for name, pattern in _BOUNDS.items() if pattern.search(before)), "")
    return Quantity(value, _UNITS.get(unit, unit), bound, match.start(), match.end())


def _scaled(value: str, zeros: int) -> str:
    whole, _, decimals = value.partition(".")
    if "." in decimals:
        return value  # a version
    decimals = decimals.ljust(zeros, "0")
    whole, decimals = (whole + decimals[:zeros]).lstrip("0") or "0", decimals[zeros:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def wrong_numbers(claim: str, quote: str, title: str) -> Iterator[str]:
    """Yield which numbers of a claim its quote does not have, or has for something else."""
    known, of_title = quantities(quote), {q.value for q in quantities(title)}
    values, paired = [q.value for q in known], "respectively" in fold(quote)
    said = [q for q in quantities(claim) if q.value in values or q.value not in of_title]
    for quantity in said:
        like = [other for other in known if other.value == quantity.value and quantity.unit in ("", other.unit)]
        if not like:
            yield f"the number {quantity} is not in the quote"
        elif not any(_bounds_agree(quantity.bound, other.bound) for other in like):
            yield f"the quote bounds {quantity} otherwise"
        elif not paired and not any(_belongs(claim, quantity, quote, other) for other in like):
            yield f"in the quote {quantity} belongs to something else"
    if any(count > values.count(value) for value, count in Counter(q.value for q in said).items() if value in values):
        yield "it repeats a number in another's place"
    if not in_order([q.value for q in said], values):
        yield "its numbers are not in the order of the quote"
    yield from _wrong_pairs(claim, quote)


def _bounds_agree(said: str, known: str) -> bool:
    return said == known or (known == "about" and not said)


def _belongs(claim: str, number: Quantity, quote: str, other: Quantity) -> bool:
    """Say whether a number stands in the quote beside what it stands beside in the claim.

    What follows it at once is what it counts and must follow it closely; of the rest one word is enough.
    """
    before, after = _stems_in_order(claim[: number.start])[-_NEAR:], _stems_in_order(claim[number.end :])[:_NEAR]
    beside = {*_stems_in_order(quote[: other.start])[-_AROUND:], *_stems_in_order(quote[other.end :])[:_AROUND]}
    everywhere = set(_stems_in_order(quote))
    ends = {m[1] for m in (_FROM_TO.search(claim[: number.start]), _FROM_TO.search(quote[: other.start])) if m}
    if len(ends) > 1:
        return False
    if after and after[0] in everywhere - beside:
        return False
    shared = everywhere & {*before, *after}
    return not shared or bool(shared & beside)


def _stems_in_order(text: str) -> list[str]:
    return [stem(word) for word in content_words(text) if word not in _NUMBER_WORDS]


def _wrong_pairs(claim: str, quote: str) -> Iterator[str]:
    """Check which number belongs to which name where the quote lists both and ends in "respectively"."""
    if "respectively" not in fold(quote):
        return
    listed, owners = _lists(quote)
    said = quantities(claim)
    previous_end = 0
    for number, following in pairwise([*said, Quantity("", "", "", len(claim), len(claim))]):
        behind = [name for name in owners if name in fold(claim[number.end : following.start])]
        before = [name for name in owners if name in fold(claim[previous_end : number.start])]
        previous_end = number.end
        near = behind or before
        if number.value in listed and len(near) == 1 and owners.index(near[0]) != listed.index(number.value):
            yield f"in the quote {number} does not belong to {near[0]}"


def _lists(quote: str) -> tuple[list[str], list[str]]:
    """Return the numbers and as many things as there are numbers: names, or what is listed, before "respectively"."""
    listed, before = [number.value for number in quantities(quote)], quote[: fold(quote).find("respectively")]
    for found in reversed(_LIST.findall(fold(before))):
        items = re.split(r", and |, | and ", found)
        if len(items) == len(listed) and not any(item[0].isdigit() for item in items):
            return listed, items
    owners = names(before)
    return listed, owners[-len(listed) :] if listed and len(owners) >= len(listed) else []


_LIST = re.compile(r"[\w\-]+(?:, [\w\-]+)*,? and [\w\-]+")
