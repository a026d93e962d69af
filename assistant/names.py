"""Names of authors in one string, as people and their tools write them, taken apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache

from assistant.text import fold, one_line

_QUOTED = re.compile(r"""'([^']+)'|"([^"]+)\"""")
_OTHERS = re.compile(r"(?:,|,? and|,? &)? (?:others|et al\.?)$")
_AND = re.compile(r",? (?:and|&) ")
# What stands behind a comma and is no given name.
_SUFFIX = re.compile(
    r"(?:jr|sr|ph\.? ?d|m\.? ?d|m\.? ?sc|b\.? ?sc|inc|llc|ltd|corp|co|gmbh|s\.a|usa|uk|ii|iii|iv|esq)\.?", re.IGNORECASE
)
_PARTICLES = frozenset("al bin da das de dei del della den der di do dos du el la le ten ter van von zu zur".split())
_INITIALS = re.compile(r"(?:[A-Z]\.?[ -]?){1,4}")


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a string, in order.

    >>> names_in("Lovelace, Ada and Turing, Alan")
    ('Lovelace, Ada', 'Turing, Alan')
    >>> names_in("Ada Lovelace, Alan Turing, and Grace Hopper")
    ('Ada Lovelace', 'Alan Turing', 'Grace Hopper')
    >>> names_in("Lovelace, A., Turing, A.M.")
    ('Lovelace, A.', 'Turing, A.M.')
    """
    line = one_line(text)
    names = _listed(line) if line.startswith("[") else line.split(";") if ";" in line else list(_in_prose(line))
    return tuple(name for part in names if (name := part.strip(" ,")))


def _listed(line: str) -> list[str]:
    """Return the names of a list that was written into a table's cell, by JSON or by Python."""
    with suppress(ValueError, RecursionError):
        return [one_line(name) for name in json.loads(line) if isinstance(name, str)]
    return [single or double for single, double in _QUOTED.findall(line)]


def _in_prose(line: str) -> Iterator[str]:
    parts = _AND.split(_OTHERS.sub("", line))
    inverted = len(parts) > 1 and all("," in part for part in parts)  # BibTeX: "Last, First and Last, First"
    for part in parts:
        pieces = [piece.strip() for piece in part.split(",")]
        pairs = list(zip(pieces[::2], pieces[1::2], strict=False))
        lone = len(pieces) == 2 and (inverted or " " not in pieces[0])
        if len(pieces) % 2 == 0 and (lone or all(_INITIALS.fullmatch(first) for _, first in pairs)):
            yield from (f"{last}, {first}" for last, first in pairs)
        else:
            yield from pieces


def given_first(name: str) -> str:
    """Return a name as people write it, the given name first.

    >>> given_first("van der Maaten, Laurens"), given_first("King, Martin Luther, Jr."), given_first("Acme, Inc.")
    ('Laurens van der Maaten', 'Martin Luther King Jr.', 'Acme, Inc.')
    """
    parts = [part.strip() for part in name.split(",")]
    if not 2 <= len(parts) <= 3 or not all(parts):
        return name
    if len(parts) == 3:  # "King, Martin Luther, Jr.", or as BibTeX has it "King, Jr., Martin Luther"
        family, given, suffix = parts if _SUFFIX.fullmatch(parts[2]) else (parts[0], parts[2], parts[1])
        return f"{given} {family} {suffix}" if _SUFFIX.fullmatch(suffix) else name
    return name if _SUFFIX.fullmatch(parts[1]) else f"{parts[1]} {parts[0]}"


def family_and_given(name: str) -> tuple[str, str]:
    """Return the family name and the given names of a name as people write it; all of it, if it has but one part.

    >>> family_and_given("Laurens van der Maaten"), family_and_given("Ada"), family_and_given("Acme, Inc.")
    (('van der Maaten', 'Laurens'), ('Ada', ''), ('Acme, Inc.', ''))
    """
    words = name.split(" ")
    if len(words) == 1 or "," in name:
        return name, ""
    first = next((n for n, word in enumerate(words[1:-1], start=1) if word in _PARTICLES), len(words) - 1)
    return " ".join(words[first:]), " ".join(words[:first])


_NO_PART_OF_WORDS = str.maketrans(",.\0", "   ")  # SQLite ends a text at a NUL


def name_words(name: str) -> list[str]:
    """Return the words of a name as they are compared: folded, without commas and full stops.

    >>> name_words("Côté, É.-M. J.")
    ['cote', 'e', '-m', 'j']
    """
    return fold(name).translate(_NO_PART_OF_WORDS).split()


def name_key(name: str) -> str:
    """Return what all spellings of a name share that have the same words in the same order.

    >>> name_key("Côté, É.")
    'cote e'
    """
    return " ".join(name_words(name))


def bears(key: str, wanted: str) -> bool:
    """Say whether somebody with the name of this `name_key` bears the wanted name: any order, initials, accents or not.

    One word has to be the same in full; "G. Hinton" is no "Google".
    """
    parts, words = key.split(" "), _wanted_words(wanted)
    if not key or not words:
        return False
    same = len(max(words, key=len)) == 1 or any(len(word) > 1 and word in parts for word in words)
    return same and all(any(_same_name(word, part) for part in parts) for word in words)


@lru_cache(maxsize=64)
def _wanted_words(wanted: str) -> tuple[str, ...]:
    return tuple(name_words(wanted))


def _same_name(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
