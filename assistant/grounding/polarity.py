"""Polarity: what a text denies, hedges and generalises, and whether it says more or less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from assistant.grounding.lexicon import GROUPS, HEDGES
from assistant.grounding.words import WordInContext


def wrong_polarity(said: Sequence[WordInContext], known: Sequence[WordInContext]) -> Iterator[str]:
    """Yield why a claim says the opposite of its quote, or says it more surely."""
    yield from _unmatched(said, known, lambda word: word.is_negation, "it denies what the quote does not deny")
    yield from _denied(said, known)
    yield from _unmatched(said, known, lambda w: w.direction > 0, "the quote does not say that this is more")
    yield from _unmatched(said, known, lambda w: w.direction < 0, "the quote does not say that this is less")
    yield from _outside_its_group(said, known)
    yield from _surer(said, known)


def _unmatched(
    said: Sequence[WordInContext], known: Sequence[WordInContext], wanted: Callable[[WordInContext], bool], reason: str
) -> Iterator[str]:
    """Yield ``reason`` if a wanted word of the claim has no counterpart in the quote among the same neighbours."""
    candidates = [word for word in known if wanted(word)]
    for word in filter(wanted, said):
        if not any(_same_place(word, other) for other in candidates):
            yield reason


def _same_place(one: WordInContext, other: WordInContext) -> bool:
    """Say whether two words stand in the same place: beside the same word, or one word among the same neighbours."""
    if one.stem == other.stem and (not one.near or len(one.near & other.near) > one.is_negation):
        return True
    return one.next == other.next or (one.previous == other.previous and not one.is_negation)


def _denied(said: Sequence[WordInContext], known: Sequence[WordInContext]) -> Iterator[str]:
    """Find what the quote denies and the claim repeats without its negation, and a negation more."""
    claimed = {word.stem for word in said}
    kept = {word.next for word in said if word.is_negation}
    for negation in (word for word in known if word.is_negation):
        if negation.next in claimed and negation.next not in kept:
            yield "the quote denies it"
    if sum(word.is_negation for word in said) > sum(word.is_negation for word in known):
        yield "it denies more than the quote"


def _outside_its_group(said: Sequence[WordInContext], known: Sequence[WordInContext]) -> Iterator[str]:
    """Find "after" where the quote says "before", and "all" where it says "some"."""
    there = {word.word for word in known}
    for word in said:
        groups = [group for group in GROUPS.values() if word.word in group]
        if groups and word.word not in there and not any(group & there for group in groups):
            yield f"the quote does not say “{word.word}”"


def _surer(said: Sequence[WordInContext], known: Sequence[WordInContext]) -> Iterator[str]:
    """Find what the quote hedges and the claim repeats without any hedge."""
    if any(word.word in HEDGES for word in said):
        return
    claimed = {word.stem for word in said}
    for hedge in (word for word in known if word.word in HEDGES):
        if hedge.next in claimed:
            yield f"the quote says “{hedge.word}”"
