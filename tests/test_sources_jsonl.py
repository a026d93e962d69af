"""JSON lines."""

from __future__ import annotations

import json

import pytest

from assistant.papers import Paper
from assistant.sources import jsonl

GOOD = '{"title": "Late Interaction", "abstract": "One vector a token."}'


def test_each_line_is_a_paper_under_its_number():
    found = list(jsonl.read(f"\n{GOOD}\r\n\n{GOOD}"))
    assert [line for line, _ in found] == [2, 4]
    assert all(isinstance(paper, Paper) for _, paper in found)


def test_records_in_the_layout_of_beir_are_papers():
    line = {
        "_id": "7",
        "title": "T",
        "text": "A.",
        "metadata": {"authors": ["Ada Byron"], "year": 2020, "venue": "ACL"},
    }
    [(_, paper)] = jsonl.read(json.dumps(line))
    assert (paper.abstract, paper.authors, paper.year, paper.venue) == ("A.", ("Ada Byron",), 2020, "ACL")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("no JSON", "not JSON: Expecting value"),
        ('{"title": "cut', "not JSON: Unterminated string"),
        ("[1, 2]", "a JSON list, not an object"),
        ('"text"', "a JSON str, not an object"),
        ("null", "a JSON NoneType, not an object"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("9" * 10_000, "not JSON: Exceeds the limit"),
        ('{"title": "no abstract"}', "no abstract"),
        ('{"abstract": "No title."}', "no title"),
        ('{"title": {}, "abstract": "A."}', "field 'title' is dict, not text"),
        ("\x00" * 20, "not JSON"),
        ("\ud800", "not JSON"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_line_that_is_no_paper_is_skipped_with_its_number_and_reason(line, reason):
    (one, first), (two, skipped), (three, last) = jsonl.read(f"{GOOD}\n{line}\n{GOOD}")
    assert (one, two, three) == (1, 2, 3)
    assert reason in skipped
    assert first == last


def test_escapes_of_nul_and_lone_surrogates_are_cleaned_away():
    [(_, paper)] = jsonl.read('{"title": "Late\\u0000 \\ud83dInteraction", "abstract": "One \\udc00vector."}')
    assert (paper.title, paper.abstract) == ("Late Interaction", "One vector.")


def test_deep_values_in_any_field_do_no_harm():
    deep = "[" * 900 + "]" * 900
    for name in ("year", "authors", "metadata", "kind", "other"):
        [(_, result)] = jsonl.read(f'{{"title": "T", "abstract": "A.", "{name}": {deep}}}')
        assert isinstance(result, Paper | str)


@pytest.mark.parametrize(("text", "is_one"), [(f"\n\n{GOOD}\n", True), ("[1]", False), ("{", False), ("", False)])
def test_the_format_is_told_by_its_first_line(text, is_one):
    assert jsonl.matches(text) is is_one
