"""Content: words that the quote does not have, words in the place of others, and who does what to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from difflib import SequenceMatcher

from assistant.grounding.lexicon import BEATS, GENERIC, ITSELF, means_the_same
from assistant.grounding.words import REACH, WordInContext, is_numeral, is_passive

_ORDERING = frozenset("than over into from to".split())  # what stands on either side of these cannot be exchanged


def unknown_words(said: AbstractSet[str], known: AbstractSet[str]) -> list[str]:
    """Return the stems of a claim that neither its quote has nor a word of it that means the same."""
    return sorted(word for word in said - known if not _is_excused(word) and not _has_like(word, known))


def _is_excused(word: str) -> bool:
    return word in GENERIC or is_numeral(word)


def _has_like(word: str, known: AbstractSet[str]) -> bool:
    return any(means_the_same(word, other) for other in known)


def replaced_words(said: Sequence[WordInContext], known: Sequence[WordInContext]) -> Iterator[str]:
    """Lay claim and quote side by side and find other words in the place of those of the quote."""
    ours, theirs = ([w for w in words if w.is_content and w.stem not in ITSELF] for words in (said, known))
    pairs = SequenceMatcher(None, [w.stem for w in theirs], [w.stem for w in ours], autojunk=False).get_opcodes()
    for operation, start, end, claim_start, claim_end in pairs:
        if operation != "replace" or max(end - start, claim_end - claim_start) > REACH:
            continue
        left_out = {word.stem for word in theirs[start:end]}
        for word in ours[claim_start:claim_end]:
            if not _has_like(word.stem, left_out):
                yield f"it puts {word.word} in the place of {theirs[start].word}"


def exchanged_roles(said: Sequence[WordInContext], known: Sequence[WordInContext]) -> Iterator[str]:
    """Find a word around which claim and quote have exchanged both sides: "A beats B" and "B beats A"."""
    ours, theirs = _places(said), _places(known)
    for pivot in ours.keys() & theirs.keys():
        if len(ours[pivot]) > 1 or len(theirs[pivot]) > 1 or pivot in GENERIC:
            continue
        place, other = ours[pivot][0], theirs[pivot][0]
        sides = [[_side(w, theirs, other) for w in near] for near in (said[place].before, said[place].after)]
        moved = [1 in sides[0], -1 in sides[1]]
        turned = is_passive(said, place) != is_passive(known, other)
        stayed = -1 in sides[0] and 1 in sides[1]
        if stayed if turned else all(moved) or (pivot in BEATS and any(moved)):
            yield f"it exchanges what stands on both sides of {said[place].word}"


def _side(word: str, places: Mapping[str, Sequence[int]], pivot: int) -> int:
    """Return -1 or 1 for a word that stands only before, or only behind, a place of the quote; else 0."""
    found = places.get(word, (pivot,))
    return (min(found) > pivot) - (max(found) < pivot)


def _places(words: Sequence[WordInContext]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        if word.is_content or word.word in _ORDERING:
            found.setdefault(word.stem, []).append(place)
    return found
