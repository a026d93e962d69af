"""A listing page saved as text: furniture on top, then title, blank line, abstract, again and again.

Such pages come from "select all, copy" in a browser. Blocks are separated by blank lines; an abstract is a long block
of sentences, its title is the block before it. Whatever else stands there (menus, dates, buttons) is furniture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.markup import joined
from assistant.papers import Paper
from assistant.text import clean, one_line

NAME = "listing"
SUFFIXES = (".txt", ".text")
GENERAL = 9

# The shortest of 58,959 ACL abstracts at the 5th percentile has 482 characters, the longest titles about 250.
_ABSTRACT_CHARACTERS = 200
_TITLE_CHARACTERS = 350
_SENTENCE_END = re.compile(r"[.!?][\"')\]]?(?:\s|$)")


def matches(text: str) -> bool:
    """Say whether some long block of sentences follows a block that can be a title."""
    return any(isinstance(result, Paper) for _, result in read(text))


def read(text: str) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each title and its paper, or why an abstract could not be used."""
    title: tuple[int, str] | None = None
    for line, block in _blocks(text):
        if not is_abstract(block):
            title = (line, block)
        elif title is None:
            yield line, "an abstract without a title before it"
        else:
            yield title[0], Paper(title=one_line(title[1]), abstract=block)
            title = None


def is_abstract(block: str) -> bool:
    """Say whether a block of text is long enough, and has sentences, so that it can be no title."""
    return len(block) > _TITLE_CHARACTERS or (len(block) >= _ABSTRACT_CHARACTERS and bool(_SENTENCE_END.search(block)))


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line each block starts on, from 1, and its text with inner line breaks kept as spaces."""
    start, lines = 1, list[str]()
    for number, line in enumerate([*clean(text).splitlines(), ""], start=1):
        if line.strip():
            start = start if lines else number
            lines.append(line.strip())
        elif lines:
            yield start, joined("\n".join(lines)).replace("\n", " ")
            lines = []
