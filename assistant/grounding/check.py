"""Grounding: whether a quote supports a claim, decided by rules that can be read.

A claim may say less than its quote, never more and nothing else: its numbers, names, negations, directions and content
must stand there, with the same neighbours. Errs on the side of the quote, which takes the place of a claim that fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from assistant.text import fold
from assistant.words import stem, stems
from vectorstore.lexical import STOP_WORDS

_NUMBER_WORDS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "hundred": "100", "thousand": "1000", "million": "1000000",
}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:\s?[%×x]|\s?(?:percent|points?|times|fold|ms|[KMBkmb])\b)?")
# A name: a capital after the first letter, several capitals, a capital before a hyphen, or letters with digits.
_NAME = re.compile(r"(?<!\w)(?:[A-Za-z]+[A-Z][\w\-^]*|[A-Z]\w*-[\w\-]+|[A-Z]{2,}[\w\-]*|[A-Za-z]+-?\d[\w\-^]*)")
_CAPITALISED = re.compile(r"(?<=[a-z,;:)] )[A-Z][a-z]{2,}\b")
_WORD = re.compile(r"\w+(?:['’]t\b)?")
_NEGATIONS = frozenset(
    """not no never none neither nor without cannot fail fails failed failing lack lacks lacking lacked unable hardly
    unlike instead n't""".split()
)
_UP = frozenset(
    stem(word)
    for word in """increase increasing improve improvement high higher highest more most better best great greater
    greatest raise boost gain outperform exceed surpass fast faster fastest large larger largest
    superior beat upregulate enhance strong stronger rise rises rising grow grows longer""".split()
)
_DOWN = frozenset(
    stem(word)
    for word in """decrease decreasing reduce reduction low lower lowest less least few fewer worse worst small smaller
    smallest drop decline degrade degradation underperform slow slower slowest inferior diminish
    downregulate weak weaker fall falls shrink shorter""".split()
)
_REACH = 4  # content words on either side that make the context of a word


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
    score = len(said & known) / len(said)
    return Support(score, "" if score >= 1.0 else f"not in the quote: {', '.join(sorted(said - known)[:3])}")


def _contradictions(claim: str, quote: str, title: str) -> Iterator[str]:
    if claim.rstrip().endswith("?"):
        yield "it asks and says nothing"
    yield from _wrong_numbers(claim, quote, title)
    yield from _wrong_names(claim, quote, title)
    yield from _wrong_pairs(claim, quote)
    said, known = _words(claim), _words(quote)
    yield from _replaced_names(said, known, quote)
    yield from _unmatched(said, known, _is_negation, "it denies what the quote does not deny")
    yield from _denied(said, known)
    yield from _unmatched(said, known, lambda word: word.stem in _UP, "the quote does not say that this is more")
    yield from _unmatched(said, known, lambda word: word.stem in _DOWN, "the quote does not say that this is less")


def numbers(text: str) -> list[str]:
    """Return the numbers of a text in order, with their units: a point before decimals, no separators of thousands."""
    return [number for number, _ in _numbers(text)]


def names(text: str) -> list[str]:
    """Return the folded names of a text in order: acronyms, mixed case, letters with digits, capitals in a sentence."""
    found = [(m.start(), fold(m.group().rstrip("-"))) for p in (_NAME, _CAPITALISED) for m in p.finditer(text)]
    return [name for _, name in sorted(set(found))]


def _numbers(text: str) -> list[tuple[str, int]]:
    found = [(_written(m.group()), m.start()) for m in _NUMBER.finditer(text)]
    words = [
        (_NUMBER_WORDS[m.group().lower()], m.start())
        for m in _WORD.finditer(text)
        if m.group().lower() in _NUMBER_WORDS
    ]
    return sorted(found + words, key=lambda number: number[1])


def _written(number: str) -> str:
    digits = re.sub(r",(?=\d{3}\b)", "", number).replace(",", ".").lower()
    match = re.match(r"([\d.]+)\s?(.*)", digits)
    value, unit = (match[1], match[2]) if match else (digits, "")
    value = value.rstrip("0").rstrip(".") if "." in value else value
    return value + {"percent": "%", "×": "x", "times": "x", "fold": "x", "point": "", "points": ""}.get(unit, unit)


def _wrong_numbers(claim: str, quote: str, title: str) -> Iterator[str]:
    known = numbers(quote)
    said = [n for n in numbers(claim) if n in known or n not in numbers(title)]
    bare = [n.rstrip("%xkmb") for n in known]
    for number in said:
        if number not in known and not (number == number.rstrip("%xkmb") and number in bare):
            yield f"the number {number} is not in the quote"
    if not _in_order([n.rstrip("%xkmb") for n in said], bare):
        yield "its numbers are not in the order of the quote"


def _wrong_names(claim: str, quote: str, title: str) -> Iterator[str]:
    there = _written_together(f"{title} {quote}")
    for name in names(claim):
        if not _written_together(name) & there:
            yield f"the name {name} is not in the quote"
    said, known = names(claim), names(quote)
    in_quote = [name for name in said if name in known]
    if any(in_quote.count(name) > max(known.count(name), 1) + title.count(name) for name in in_quote):
        yield "it repeats a name in another's place"
    compares = any(word.stem in _UP | _DOWN for word in _words(claim))
    if compares and not _in_order(list(dict.fromkeys(in_quote)), list(dict.fromkeys(known))):
        yield "it compares names the other way round"


def _written_together(text: str) -> set[str]:
    """Return one to four words in a row, written as one: "GPT 4" and "GPT-4" share "gpt4"."""
    words = re.findall(r"[^\W_]+", fold(text))
    if len(words) <= _TOGETHER and words:
        return {"".join(words)}
    return {"".join(words[i : i + n]) for n in range(1, _TOGETHER + 1) for i in range(len(words))}


_TOGETHER = 4


def _replaced_names(said: Sequence[_InContext], known: Sequence[_InContext], quote: str) -> Iterator[str]:
    """Lay claim and quote side by side and find other words in the place of a name."""
    parts = {part for name in names(quote) for part in _WORD.findall(name)}
    pairs = SequenceMatcher(None, [w.stem for w in known], [w.stem for w in said], autojunk=False).get_opcodes()
    for operation, start, end, claim_start, claim_end in pairs:
        if operation != "replace" or max(end - start, claim_end - claim_start) > _REACH:
            continue
        name = next((word.word for word in known[start:end] if word.word in parts), None)
        strange = next((word.word for word in said[claim_start:claim_end] if word.is_content), None)
        if name and strange:
            yield f"it puts {strange} in the place of {name}"


def _wrong_pairs(claim: str, quote: str) -> Iterator[str]:
    """Check which number belongs to which name where the quote lists both and ends in "respectively"."""
    if "respectively" not in fold(quote):
        return
    listed, owners = _lists(quote)
    for (number, at), (_, after) in pairwise([*_numbers(claim), ("", len(claim))]):
        near = [name for name in owners if name in fold(claim[at:after])]
        if number in listed and len(near) == 1 and owners.index(near[0]) != listed.index(number):
            yield f"in the quote {number} does not belong to {near[0]}"


def _lists(quote: str) -> tuple[list[str], list[str]]:
    """Return the numbers and as many names as there are numbers, the last ones before "respectively"."""
    listed = [number for number, _ in _numbers(quote)]
    owners = names(quote[: fold(quote).find("respectively")])
    return listed, owners[-len(listed) :] if listed and len(owners) >= len(listed) else []


@dataclass(frozen=True, slots=True)
class _InContext:
    """A word with the stems of the content words around it, the nearest first."""

    word: str
    stem: str
    is_content: bool
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def previous(self) -> str:
        return self.before[0] if self.before else "^"

    @property
    def next(self) -> str:
        return self.after[0] if self.after else "$"

    @property
    def near(self) -> frozenset[str]:
        return frozenset(self.before + self.after)


def _words(text: str) -> list[_InContext]:
    folded = [m.group() for m in _WORD.finditer(fold(text))]
    content = [stem(w) if w not in STOP_WORDS and w not in _NEGATIONS else "" for w in folded]
    found = []
    for place, word in enumerate(folded):
        before = tuple([c for c in reversed(content[:place]) if c][:_REACH])
        after = tuple([c for c in content[place + 1 :] if c][:_REACH])
        found.append(_InContext(word, stem(word), bool(content[place]), before, after))
    return found


def _is_negation(word: _InContext) -> bool:
    return word.word in _NEGATIONS or word.word.endswith(("n't", "n’t"))


def _unmatched(
    said: Sequence[_InContext], known: Sequence[_InContext], wanted: Callable[[_InContext], bool], reason: str
) -> Iterator[str]:
    """Yield ``reason`` if a wanted word of the claim has no counterpart in the quote among the same neighbours."""
    candidates = [word for word in known if wanted(word)]
    for word in filter(wanted, said):
        if not any(_same_place(word, other) for other in candidates):
            yield reason


def _same_place(one: _InContext, other: _InContext) -> bool:
    """Say whether two words stand in the same place: beside the same word, or one word among the same neighbours."""
    if one.stem == other.stem and one.near & other.near:
        return True
    return one.next == other.next or one.previous == other.previous


def _denied(said: Sequence[_InContext], known: Sequence[_InContext]) -> Iterator[str]:
    """Find what the quote denies and the claim repeats without its negation."""
    claimed = {word.stem for word in said}
    kept = {word.next for word in said if _is_negation(word)}
    for negation in filter(_is_negation, known):
        if negation.next in claimed and negation.next not in kept:
            yield "the quote denies it"


def _in_order(part: Iterable[str], whole: Iterable[str]) -> bool:
    """Say whether ``part`` can be had from ``whole`` by leaving things out."""
    rest = iter(whole)
    return all(item in rest for item in part)
