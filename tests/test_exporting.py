"""Export: what is written is what other programs read, and reading it back gives the same papers."""

from __future__ import annotations

import io

import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from assistant.papers import Paper, paper_from_record
from assistant.references import EXPORTS
from assistant.sources import read_sources

HARD = [
    Paper(
        title="{Braces}, 50% & $5 of #1_x^2 ~ \\backslash: \"quotes\" 'n' more",
        abstract="It costs $5 or $6; p < 0.01 & a_b = {c}. 7% of 100% \\cite{x} is ~3^2.",
        authors=("Ada Byron", "Jan van der Meer", "Hive Consortium, Ltd", "Smith and Sons", "Émile Côté", "Platon"),
        year=2021, venue="Journal of Bees & Wasps", url="https://arxiv.org/abs/2105.00017", doi="10.5555/a_b<c>%7",
    ),
    Paper(title="Sea Ice", abstract="Ice is cold.", url="https://aclanthology.org/2020.cold-1.7", venue="EMNLP", year=2020),
    Paper(title="漢字 — Ægir’s “finds”", abstract="これは要旨である。", authors=("山田太郎",)),
]  # fmt: skip
SUMMARY = Paper(title="In Other Words", abstract="The authors count bees.", kind="summary")


def back(folder, text):
    (path := folder / "export").write_text(text, encoding="utf-8", newline="")
    return list(read_sources([path]))


@pytest.mark.parametrize("name", EXPORTS)
def test_every_format_reads_back_as_the_same_papers(tmp_path, make_papers, name):
    papers = [*HARD, *make_papers(30)]
    assert back(tmp_path, EXPORTS[name](papers)) == papers


LOST_EASILY = {
    "a DOI and no address": {"doi": "10.5555/a_b.1"},
    "an address of odd characters": {"url": "https://x.org/~a/b_c%20d?e=1&f=2#g"},
    "an address that is an id": {"url": "arXiv:2004.12832"},
    "sections": {"abstract": "BACKGROUND: Bees.\nRESULTS: Many.\n\nAnd more."},
    "what LaTeX has ligatures for": {"title": "A -- B --- C", "abstract": "From 1--2, ``so'' it's <<here>>, ?`no."},
    "LaTeX that a source had": {"abstract": "The $k$-NN of $O(n^2)$ and \\alpha in \\textbf{x}, 7% & more."},
    "a brace without the other": {"title": "A { B", "abstract": "Sets {a, b} and } alone."},
    "brackets that are no tags": {"abstract": "Words <er> and <i and x < y > z."},
    "what looks like an entry": {"abstract": "Mail a@b.c or\n@article{x, title={y}} now."},
    "what looks like a tag": {"abstract": "One.\nTY  - JOUR\nER  - x\nTwo."},
    "what a spreadsheet would run": {"title": '=cmd|"/c calc"!A1', "abstract": "+1 -1 @x"},
    "names of bodies": {"authors": [{"name": n} for n in ("Acme, Inc.", "Barnes, Noble", "Bees and Sons", "Plato")]},
    "names of people": {"authors": ["Laurens van der Maaten", "Martin Luther King Jr.", "Ludwig II", "J. R. R. T"]},
}


@pytest.mark.parametrize("kind", ["abstract", "summary"])
@pytest.mark.parametrize("fields", LOST_EASILY.values(), ids=LOST_EASILY)
@pytest.mark.parametrize("name", EXPORTS)
def test_nothing_is_lost_on_the_way_out_and_back(tmp_path, name, fields, kind):
    paper = paper_from_record({"title": "Counting Bees", "abstract": "We count bees.", "kind": kind} | fields)
    assert back(tmp_path, EXPORTS[name]([paper])) == [paper]


def test_a_summary_is_never_given_out_as_an_abstract():
    assert "abstract" not in EXPORTS["bibtex"]([SUMMARY])
    assert "AB  - " not in EXPORTS["ris"]([SUMMARY])
    assert '"abstract"' not in EXPORTS["csl-json"]([SUMMARY])


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30).map(
    lambda t: f"Bees {t} fly"
)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(list(EXPORTS)), _TEXT, _TEXT)
def test_no_text_breaks_a_record_out_of_its_field(tmp_path_factory, name, title, abstract):
    papers = [Paper(title=title, abstract=abstract, doi="10.5555/bees"), HARD[1]]
    found = back(tmp_path_factory.mktemp("export"), EXPORTS[name](papers))
    assert [paper.paper_id for paper in found] == ["doi:10.5555/bees", "acl:2020.cold-1.7"]
    assert found[1] == HARD[1]


def test_other_programs_read_the_same_bibtex():
    entries = list(parse_string(EXPORTS["bibtex"](HARD), "bibtex").entries.values())
    assert len(entries) == len(HARD)
    people = [" ".join([*p.first_names, *p.prelast_names, *p.last_names]) for p in entries[0].persons["author"]]
    assert people[:2] == ["Ada Byron", "Jan van der Meer"]
    assert len(people) == len(HARD[0].authors)
    assert entries[1].fields["abstract"] == "Ice is cold."


def test_other_programs_read_the_same_ris():
    first, second, _ = rispy.load(io.StringIO(EXPORTS["ris"](HARD)))
    assert first["authors"][:2] == ["Byron, Ada", "van der Meer, Jan"]
    assert (first["doi"], second["abstract"], second["year"]) == (HARD[0].doi, "Ice is cold.", "2020")
