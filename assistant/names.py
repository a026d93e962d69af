"""Names of authors in one string, as people and their tools write them, taken apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from assistant.text import one_line

_QUOTED = re.compile(r"""'([^']+)'|"([^"]+)\"""")
_OTHERS = re.compile(r"(?:,|,? and|,? &)? (?:others|et al\.?)$")
_AND = re.compile(r",? (?:and|&) ")
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
