"""Records of tagged lines, as RIS, MEDLINE, Web of Science and Refer have them: a tag, a text, lines that go on.

Knows lines; each format says what its tags look like. A record whose last line is missing is read all the same, which
is why no parser package is used for these: those at hand lose such records and tell no lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class TaggedRecord:
    """One record: the line it starts on, from 1, and the texts under each tag, in order, their lines apart."""

    line: int
    fields: dict[str, list[str]] = field(default_factory=dict)

    def all(self, *tags: str) -> list[str]:
        """Return the texts under these tags, those of the first tag first, on one line each."""
        return [text for tag in tags for value in self.fields.get(tag, []) if (text := " ".join(value.split()))]

    def first(self, *tags: str) -> str:
        """Return the first text under the first of these tags that has one."""
        return next(iter(self.all(*tags)), "")

    def lines(self, tag: str) -> str:
        """Return what stands under ``tag`` with its line ends, lines of several fields below one another."""
        return "\n".join(self.fields.get(tag, []))


def tagged_records(
    text: str, tag_line: re.Pattern[str], starts: Sequence[str], ends: Sequence[str]
) -> Iterator[TaggedRecord]:
    """Yield the records of a text.

    Args:
        text: The file.
        tag_line: Matches a line that begins a field: its tag and its text as groups 1 and 2.
        starts: Tags that begin a record.
        ends: Tags that end one; where there are none, the next start does.
    """
    record: TaggedRecord | None = None
    values: list[str] | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        match = tag_line.match(line.rstrip("\r"))
        if match is None:
            if values:  # blank lines and those without a tag go on with the field
                values[-1] += "\n" + line.strip()
            continue
        tag, value = match[1], (match[2] or "").strip()
        if tag in starts:
            if record is not None and record.fields:
                yield record
            record = TaggedRecord(number)
        if tag in ends:
            if record is not None and record.fields:
                yield record
            record, values = None, None
        elif record is not None:
            values = record.fields.setdefault(tag, [])
            values.append(value)
    if record is not None and record.fields:
        yield record


def first_tag(text: str, tag_line: re.Pattern[str], lines: int = 40) -> str:
    """Return the tag of the first of the first lines that has one."""
    head = text[: 1 << 13].split("\n")[:lines]
    return next((match[1] for line in head if (match := tag_line.match(line.strip("\ufeff\r")))), "")
