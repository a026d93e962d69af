"""References: BibTeX and RIS that programs can read back, and lines that people can."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.papers import Paper
from assistant.references import bibtex, formatted, ris, web_address

PAPER = Paper(
    title="Dense & Sparse: 50% of $x$",
    abstract="We compare.",
    authors=("Ada Lovelace", "Émile Côté", "Alan Turing"),
    year=2024,
    venue="Journal of Trees",
    doi="10.1/abc_d",
)


def test_a_paper_as_bibtex():
    entry = bibtex([PAPER])
    assert entry.startswith("@article{lovelace2024dense,\n")
    assert "  author = {Ada Lovelace and Émile Côté and Alan Turing},\n" in entry
    assert "  journal = {Journal of Trees},\n" in entry
    assert "  doi = {10.1/abc_d},\n" in entry
    assert "  url = {https://doi.org/10.1/abc_d},\n" in entry


def test_a_title_for_latex_stays_and_others_are_escaped():
    assert r"title = {{Rates of $O(n^2)$}}" in bibtex([Paper(title="Rates of $O(n^2)$", abstract="a")])
    assert r"title = {{Salt \& 50\% \_x\{}}" in bibtex([Paper(title="Salt & 50% _x{", abstract="a")])


def test_keys_differ_within_a_list():
    keys = re.findall(r"@\w+\{([^,]+),", bibtex([PAPER, PAPER, Paper(title="漢字", abstract="a")]))
    assert keys == ["lovelace2024dense", "lovelace2024dense-2", "paper"]


def test_a_conference_is_a_book_title_and_without_a_venue_nothing_is_claimed():
    assert "booktitle = {EMNLP}" in bibtex([Paper(title="t", abstract="a", venue="EMNLP")])
    assert bibtex([Paper(title="t", abstract="a")]).startswith("@misc{t,")


def test_an_author_who_is_a_group_stays_one():
    assert "{Lovelace and Sons}" in bibtex([Paper(title="t", abstract="a", authors=("Lovelace and Sons",))])


def test_a_paper_as_ris():
    lines = ris([PAPER]).split("\r\n")
    assert lines[0] == "TY  - JOUR"
    assert lines[1] == "TI  - Dense & Sparse: 50% of $x$"
    assert [line for line in lines if line.startswith("AU")] == [f"AU  - {name}" for name in PAPER.authors]
    assert "DO  - 10.1/abc_d" in lines
    assert lines[-3:] == ["ER  - ", "", ""]


def test_a_summary_is_not_given_out_as_the_abstract():
    assert "AB  - " not in ris([Paper(title="t", abstract="In other words.", kind="summary")])


def test_a_paper_as_a_line():
    expected = (
        "Ada Lovelace, Émile Côté, and Alan Turing (2024). Dense & Sparse: 50% of $x$. Journal of Trees. "
        "https://doi.org/10.1/abc_d\n"
    )
    assert formatted([PAPER]) == expected
    assert formatted([Paper(title="Why?", abstract="a", authors=("A B", "C D"))]) == "A B and C D. Why?\n"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil", "http://[x"]
)
def test_only_web_addresses_are_addresses(url):
    assert web_address("", url) == ""


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_no_field_ends_before_its_end(title, author, venue):
    if not title.strip():
        return
    paper = Paper(title=title, abstract="a", authors=(author,), venue=venue)
    entry = bibtex([paper])
    depth = 0
    for character in re.sub(r"\\.", "", entry, flags=re.DOTALL).rstrip():
        assert depth >= 0
        depth += {"{": 1, "}": -1}.get(character, 0)
    assert depth == 0
    assert re.fullmatch(r"(?:[A-Z][A-Z0-9]  - [^\r\n]*\r\n)+\r\n", ris([paper]))
    assert formatted([paper]).count("\n") == 1
