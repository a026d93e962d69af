"""Records of JSON, however it is laid out: one object a line, an array, or the envelope of a web interface around one.

Knows JSON (RFC 8259, https://jsonlines.org) and no format of papers. A broken value does not hide those before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from assistant.papers import Paper, RecordError

Record = Mapping[str, Any]

_LISTS = ("items", "results", "data", "papers", "dailyPapers", "hits", "records", "references")
_ENVELOPE = re.compile(rf'"(?:{"|".join(_LISTS)})"\s*:\s*\[\s*\{{')
_ENVELOPE_CHARACTERS = 1 << 16
_INNER = ("paper", "citedPaper", "citingPaper")
_FIRST = 5  # records that are looked at to tell a format
_WHITE = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_TOO_DEEP = "not JSON that can be read: nested too deeply"


def linewise(text: str) -> bool:
    """Say whether each record is a line: the first is a JSON object of its own or, should it be broken, a later one."""
    lines = [line for _, line in islice(_lines(text), _FIRST)]
    if not lines or lines[0].startswith("[") or lines[0].endswith(("[", "{", ",")):
        return False
    return any(isinstance(_parsed(line), dict) for line in lines)


def json_records(text: str) -> Iterator[tuple[int, Record | str]]:
    """Yield the line each record starts on, from 1, and the record, or why there is none."""
    values = _values_of_lines(text) if linewise(text) else _values(text)
    for line, value in values:
        if isinstance(value, str):
            yield line, value
        else:
            yield from ((line, record) for record in _unwrapped(value[0]))


def json_papers(text: str, paper: Callable[[Record], Paper | None]) -> Iterator[tuple[int, Paper | str]]:
    """Yield the line of each record and the paper that ``paper`` makes of it, or why there is none.

    ``paper`` raises `RecordError`, or returns None for what is no paper and nothing to tell about.
    """
    for line, record in json_records(text):
        if isinstance(record, str):
            yield line, record
            continue
        try:
            made = paper(record)
        except RecordError as error:
            yield line, str(error)
            continue
        if made is not None:
            yield line, made


def any_record(text: str, matches: Callable[[Record], bool]) -> bool:
    """Say whether one of the first records is of the kind that ``matches`` knows."""
    head = text[:200].lstrip("\ufeff \t\r\n")
    if not head.startswith(("{", "[")):
        return False
    return any(isinstance(record, Mapping) and matches(record) for _, record in islice(json_records(text), _FIRST))


def mapping(value: Any) -> Record:
    """Return ``value`` if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """Return ``value`` if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Return ``value`` if it is a string, the first of an array, else an empty one."""
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str) and v.strip()), "")
    return value if isinstance(value, str) else ""


def year_of(date: Any) -> Any:
    """Return the year of a CSL or Crossref date, ``{"date-parts": [[2020, 5]]}``, or what it says in words."""
    parts = listed(mapping(date).get("date-parts"))
    if parts and isinstance(parts[0], list) and parts[0] and isinstance(parts[0][0], int | str):
        return parts[0][0]
    return next((v for key in ("raw", "literal") if isinstance(v := mapping(date).get(key), str)), None)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start, number = 0, 0
    while start < len(text):
        number += 1
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if line := text[start:end].strip("\ufeff \t\r"):
            yield number, line
        start = end + 1


def _values_of_lines(text: str) -> Iterator[tuple[int, tuple[Any] | str]]:
    for number, line in _lines(text):
        try:
            value = json.loads(line)
        except RecursionError:
            yield number, _TOO_DEEP
        except ValueError as error:
            yield number, f"not JSON: {error}"
        else:
            yield number, (value,)


def _values(text: str) -> Iterator[tuple[int, tuple[Any] | str]]:
    position = _start(text)
    line = 1 + text.count("\n", 0, position)
    while position < len(text) and text[position] != "]":
        try:
            value, end = _DECODER.raw_decode(text, position)
        except RecursionError:
            yield line, f"{_TOO_DEEP}; nothing after it was read"
            return
        except ValueError as error:
            yield line, f"not JSON: {error}; nothing after it was read"
            return
        yield line, (value,)
        following = _WHITE.match(text, end)
        after = following.end() if following else end
        line += text.count("\n", position, after)
        position = after


def _start(text: str) -> int:
    begin = re.match(r"[\ufeff\s]*", text)
    position = begin.end() if begin else 0
    if text.startswith("[", position):
        position += 1
    elif envelope := _ENVELOPE.search(text, position, position + _ENVELOPE_CHARACTERS):
        position = envelope.end() - 1
    following = _WHITE.match(text, position)
    return following.end() if following else position


def _unwrapped(value: Any) -> Iterator[Record | str]:
    """Yield the records in a value: an object itself, or what the envelope that it is holds."""
    if not isinstance(value, Mapping):
        yield f"a JSON {type(value).__name__}, not an object"
        return
    message = value.get("message")
    inner = message if isinstance(message, Mapping) else value
    if "title" not in inner:
        for name in _LISTS:
            members = inner.get(name)
            if isinstance(members, list) and members and all(isinstance(m, Mapping) for m in members):
                yield from (_bare(member) for member in members)
                return
    yield _bare(inner)


def _bare(record: Record) -> Record:
    """Return a record without the object that only says how it was found."""
    if "abstract" in record:
        return record
    return next((inner for name in _INNER if isinstance(inner := record.get(name), Mapping)), record)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
