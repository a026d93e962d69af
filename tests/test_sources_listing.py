"""Listing pages saved as text."""

from __future__ import annotations

import pytest

from assistant.papers import Paper
from assistant.sources import listing

ABSTRACT = "We study how titles and abstracts are told from furniture. " * 4
ABSTRACT = ABSTRACT.strip()


def papers(text):
    return [result for _, result in listing.read(text) if isinstance(result, Paper)]


def test_furniture_is_no_paper_and_the_title_is_the_block_before_the_abstract():
    furniture = "new\n\nGet papers in your inbox!\n\nMar 11"
    text = f"{furniture}\n\nA First Title\n\n{ABSTRACT}\n\n↗ 12\n\nA Second\nTitle\n\n{ABSTRACT}"
    found = list(listing.read(text))
    assert [line for line, _ in found] == [7, 13]
    assert [paper.title for _, paper in found] == ["A First Title", "A Second Title"]
    assert {paper.abstract for _, paper in found} == {ABSTRACT}


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_part_blocks(line_end):
    [paper] = papers(line_end.join(["A Title", "", ABSTRACT[:100], ABSTRACT[100:]]))
    assert paper.abstract.replace(" ", "") == ABSTRACT.replace(" ", "")


def test_an_abstract_without_a_title_is_skipped_with_its_line():
    assert list(listing.read(f"\n{ABSTRACT}")) == [(2, "an abstract without a title before it")]


def test_blocks_of_characters_that_nobody_sees_are_blank_lines():
    [paper] = papers(f"\u200b\n\nA Title\n\u200b\n{ABSTRACT}\n\n\u200b\n\n{ABSTRACT}")
    assert paper.title == "A Title"
    assert papers("\u200b\n\n" + "\u200b" * 500) == []


def test_text_without_abstracts_is_not_this_format():
    assert listing.matches(f"A Title\n\n{ABSTRACT}")
    assert not listing.matches("A shopping list\n\nmilk\n\nbread")
    assert not listing.matches("")
