"""Comma, semicolon and tab separated values."""

from __future__ import annotations

import csv as standard
import io

import pytest

from assistant.papers import Paper
from assistant.sources import csv

_NO_HEADER = "the first line is no header that names the columns title and abstract; say which they are with: --map"
ABSTRACT = 'One vector, "late" interaction;\na second line\twith a tab.'


def written(rows, **options):
    text = io.StringIO()
    standard.writer(text, **options).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_delimiter_and_line_end_gives_the_same_papers(delimiter, line_end):
    text = written([["title", "abstract"], ["T", ABSTRACT]], delimiter=delimiter, lineterminator=line_end)
    [(line, paper)] = csv.read(text)
    assert (line, paper.title, paper.abstract) == (2, "T", ABSTRACT)


def test_columns_stand_in_any_order_under_names_of_any_case():
    text = "\n\n Year ;Notes;ABSTRACT;Title\n2020;x;One vector.;Late Interaction\n"
    assert csv.matches(text)
    [(line, paper)] = csv.read(text)
    assert (line, paper.title, paper.abstract, paper.year) == (4, "Late Interaction", "One vector.", 2020)


def test_the_line_of_a_row_is_the_one_it_starts_on():
    text = 'title,abstract\nA,"one\ntwo\nthree"\n\nB,\nC,last\n'
    assert [(line, isinstance(result, Paper)) for line, result in csv.read(text)] == [(2, True), (6, False), (7, True)]


def test_a_row_that_is_too_long_is_skipped_because_its_abstract_would_be_cut():
    found = list(csv.read("title,abstract\nA,We show a, b and c.\nB,Short.,,\nC\n"))
    assert found[0] == (2, "3 fields under 2 columns; quote the fields in which the delimiter stands")
    assert found[1][1].abstract == "Short."
    assert found[2] == (4, "no abstract")


def test_a_row_that_is_no_csv_does_not_hide_the_next_one():
    (_, bad), (line, good) = csv.read('title,abstract\n"A"x,one\nB,two\n')
    assert bad.startswith("not CSV: ")
    assert (line, good.title) == (3, "B")


def test_a_quote_that_is_never_closed_is_named_with_its_line():
    (_, good), (line, reason) = csv.read('title,abstract\nA,one\nB,"two\nC,three\n')
    assert good.title == "A"
    assert (line, reason) == (3, "a quote is opened here and never closed; nothing after it was read")


def test_a_header_that_names_no_title_is_one_error_and_not_one_a_row():
    assert list(csv.read("name,abstract\nA,one\nB,two\n")) == [(1, _NO_HEADER)]
    assert list(csv.read("")) == [(1, _NO_HEADER)]


def test_fields_longer_than_the_standard_limit_are_read():
    long = "word " * 40_000
    [(_, paper)] = csv.read(f"title,abstract\nT,{long}\n")
    assert paper.abstract == long.strip()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("title,abstract\n", True),
        ('"Title";"Summary"\n', True),
        ("title,year\n", False),
        ('{"title": "abstract"}', False),
        ("", False),
    ],
)
def test_the_format_is_told_by_its_header(text, is_one):
    assert csv.matches(text) is is_one
