"""Identity: the same paper from two sources is one paper, and of each field the better is kept with its source."""

from __future__ import annotations

import itertools
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import PaperNotFoundError
from assistant.library import Filters, Library
from assistant.papers import Paper
from assistant.sources.origins import Origins

ABSTRACT = "We count honey bees at the entrance of 40 hives."
FULLER = f"{ABSTRACT} The error falls to 7%."


@pytest.fixture
def library(tmp_path):
    opened = Library(tmp_path / "library.sqlite3")
    yield opened
    opened.close()


def bees(title="Counting Honey Bees at the Hive", abstract=ABSTRACT, **fields):
    return Paper(title=title, abstract=abstract, **fields)


def put_all(library, *papers):
    return [change for paper in papers for _, change in library.put([paper])]


SAME = {
    "doi in any case": (bees(doi="10.5555/Hives.17"), bees("Bees, Counted", doi="10.5555/hives.17")),
    "arxiv versions": (
        bees(url="https://arxiv.org/abs/2105.00017v1"),
        bees("Bees, Counted", url="http://arxiv.org/pdf/2105.00017v3"),
    ),
    "arxiv address and its doi": (
        bees(url="https://arxiv.org/abs/2105.00017"),
        bees("Bees, Counted", doi="10.48550/arXiv.2105.00017"),
    ),
    "acl address and its doi": (
        bees(url="https://aclanthology.org/2020.cold-1.7/"),
        bees("Bees, Counted", doi="10.18653/v1/2020.cold-1.7"),
    ),
    "preprint and its publication": (
        bees(url="https://arxiv.org/abs/2105.00017", authors=("Ada Byron",), year=2021),
        bees(doi="10.5555/hives.17", authors=("Byron, A.",), year=2022),
    ),
    "title and first author": (
        bees(authors=("Ada Byron", "É. Côté")),
        bees("counting honey bees at the hive!", authors=("A. Byron",)),
    ),
    "title and year": (bees("Counting Bees", year=2021), bees("Counting Bees", authors=("Ada Byron",), year=2021)),
    "title first, authors later": (bees(), bees(authors=("Ada Byron",), year=2021)),
    "summary and abstract": (bees(abstract="In other words.", kind="summary"), bees(authors=("Ada Byron",))),
}
DIFFERENT = {
    "years": (bees(year=2019), bees(year=2021)),
    "first authors": (bees(authors=("Ada Byron",)), bees(authors=("Grace Hopper",))),
    "authors in one year": (bees(authors=("Ada Byron",), year=2021), bees(authors=("Grace Hopper",), year=2021)),
    "dois": (
        bees(doi="10.5555/hives.17", authors=("Ada Byron",)),
        bees(doi="10.5555/hives.18", authors=("Ada Byron",)),
    ),
    "a title that says little": (bees("Introduction"), bees("Introduction", "Ice is cold and ships are slow.")),
    "a volume's doi on each paper": (
        bees(doi="10.5555/volume", authors=("Ada Byron",)),
        bees("Sea Ice in Ship Logs", "Ice is cold.", doi="10.5555/volume", authors=("Grace Hopper",)),
    ),
}


@pytest.mark.parametrize("order", [1, -1], ids=["", "reversed"])
@pytest.mark.parametrize("records", SAME.values(), ids=SAME)
def test_two_records_of_one_paper_are_one_paper_under_all_its_ids(library, records, order):
    first, second = records[::order]
    put_all(library, first, second)
    assert library.count() == 1
    [paper] = library.papers()
    for paper_id in (first.paper_id, second.paper_id):
        assert library.get(paper_id) == paper
        assert library.ids(Filters(paper_ids=(paper_id,))) == {paper.paper_id}
    library.remove([first.paper_id])
    assert library.count() == 0
    with pytest.raises(PaperNotFoundError):
        library.get(second.paper_id)


@pytest.mark.parametrize("order", [1, -1], ids=["", "reversed"])
@pytest.mark.parametrize("records", DIFFERENT.values(), ids=DIFFERENT)
def test_records_that_contradict_one_another_stay_two(library, records, order):
    assert put_all(library, *records[::order]) == ["added", "added"]
    assert put_all(library, *records[::order]) == ["unchanged", "unchanged"]
    assert library.count() == 2


def test_the_fuller_abstract_wins_whichever_came_first_and_empty_fields_are_filled(library):
    short = bees(authors=("Ada Byron",), venue="Honey", source="a.bib")
    full = bees(abstract=FULLER, authors=("Ada Byron",), year=2021, doi="10.5555/hives.17", source="b.ris")
    assert put_all(library, short, full, short, full) == ["added", "updated", "unchanged", "unchanged"]
    [paper] = library.papers()
    assert (paper.abstract, paper.venue, paper.year, paper.doi) == (FULLER, "Honey", 2021, "10.5555/hives.17")
    assert library.origins(paper.paper_id) == {
        "title": "a.bib", "authors": "a.bib", "venue": "a.bib", "abstract": "b.ris", "year": "b.ris", "doi": "b.ris",
    }  # fmt: skip


def test_a_summary_never_replaces_an_abstract_however_long_it_is(library):
    put_all(library, bees(source="a"), bees(abstract=FULLER * 9, kind="summary", venue="Honey", source="b"))
    [paper] = library.papers()
    assert (paper.abstract, paper.kind, paper.venue) == (ABSTRACT, "abstract", "Honey")
    assert library.origins(paper.paper_id)["abstract"] == "a"


def test_a_source_may_correct_what_it_said_and_no_other_source_may(library):
    put_all(library, bees(venue="Hony", year=2021, source="a"), bees(venue="Wax", year=2021, source="b"))
    assert next(library.papers()).venue == "Hony"
    put_all(library, bees(venue="Honey", year=2021, source="a"))
    assert next(library.papers()).venue == "Honey"


def test_a_record_that_joins_two_papers_makes_them_one(library):
    put_all(
        library, bees(doi="10.5555/hives.17", year=2021), bees("Other Title", url="https://arxiv.org/abs/2105.00017")
    )
    assert library.count() == 2
    joining = bees(doi="10.5555/hives.17", url="https://arxiv.org/abs/2105.00017", authors=("Ada Byron",))
    assert put_all(library, joining) == ["updated"]
    [paper] = library.papers()
    assert (paper.title, paper.year, paper.authors) == (joining.title, 2021, ("Ada Byron",))


_TRUTH = (
    {"title": "Counting Honey Bees", "authors": ("Ada Byron",), "year": 2021, "doi": "10.5555/a", "url": "https://arxiv.org/abs/2105.00017"},
    {"title": "Sea Ice in the Logs of Ships", "authors": ("Grace Hopper",), "year": 2020, "doi": "10.5555/b", "url": "https://arxiv.org/abs/2105.00018"},
    {"title": "Sea Ice from the Logs of Ships", "authors": ("Jan van der Meer",), "year": 2020, "doi": "", "url": "https://aclanthology.org/2020.cold-1.7"},
)  # fmt: skip


@st.composite
def _sources(draw):
    """Records of three papers, each with some of what is true and an abstract of some length."""
    records = []
    for number in range(draw(st.integers(0, 6))):
        truth = draw(st.sampled_from(_TRUTH))
        known = draw(st.sets(st.sampled_from(["authors", "year", "doi", "url"])))
        kind = draw(st.sampled_from(["abstract", "summary"]))
        fields = {name: value for name, value in truth.items() if name in known}
        records.append(bees(truth["title"], draw(st.sampled_from([ABSTRACT, FULLER])), kind=kind, source=f"s{number}", **fields))  # fmt: skip
    return records


@settings(deadline=None, max_examples=100)
@given(_sources())
def test_whatever_each_source_knows_of_a_paper_it_is_one_and_reading_again_changes_nothing(tmp_path_factory, papers):
    library = Library(tmp_path_factory.mktemp("home") / "library.sqlite3")
    try:
        put_all(library, *papers, *papers)
        assert set(put_all(library, *papers)) <= {"unchanged"}
        assert library.count() == len({paper.title for paper in papers})
        for paper in papers:
            assert library.get(paper.paper_id).title == paper.title
    finally:
        library.close()


def _marked(papers, name="refs.bib"):
    origins = Origins()
    return [origins.marked(paper, name) for paper in papers]


@st.composite
def _contradictions(draw):
    """Records of one file in which any id may stand on any title and author."""
    fields = {
        "title": st.sampled_from([*(truth["title"] for truth in _TRUTH), "Introduction"]),
        "abstract": st.sampled_from([ABSTRACT, FULLER, "Ice is cold.", "Ice is cold, and ships are slow in it."]),
        "authors": st.sampled_from([(), ("Ada Byron",), ("Grace Hopper",), ("Jan van der Meer", "Ada Byron")]),
        "year": st.sampled_from([None, 2020, 2021]),
        "doi": st.sampled_from(["", "10.5555/a", "10.5555/b"]),
        "url": st.sampled_from(["", "https://arxiv.org/abs/2105.00017", "https://arxiv.org/abs/2105.00018"]),
        "kind": st.sampled_from(["abstract", "summary"]),
    }
    return draw(st.lists(st.fixed_dictionaries(fields).map(lambda known: Paper(**known)), min_size=2, max_size=7))


@settings(deadline=None, max_examples=200)
@given(_contradictions(), st.integers(1, 3))
def test_however_records_of_a_file_contradict_each_other_reading_it_again_changes_nothing(
    tmp_path_factory, papers, batch
):
    library = Library(tmp_path_factory.mktemp("home") / "library.sqlite3")

    def read():
        said = set()
        marked = _marked(papers)
        return [c for n in range(0, len(marked), batch) for _, c in library.put(marked[n : n + batch], said)]

    try:
        read()
        before, version = list(library.papers()), library.version
        assert set(read()) == {"unchanged"}
        assert (list(library.papers()), library.version) == (before, version)
    finally:
        library.close()


def test_what_a_source_takes_back_it_may_say_again(library):
    first, second = bees(venue="Honey", year=2021, source="a"), bees(venue="Wax", year=2021, source="a")
    other = bees(abstract=FULLER, year=2021, source="b")
    assert put_all(library, first, other, second, first) == ["added", "updated", "updated", "updated"]
    assert next(library.papers()).venue == "Honey"
    assert put_all(library, first, other) == ["unchanged", "unchanged"]


def test_a_paper_that_was_removed_is_added_again_with_all_that_is_said_of_it(library):
    records = _marked([bees(doi="10.5555/a"), bees("Sea Ice in Ship Logs", FULLER, doi="10.5555/a")])
    for _ in range(2):
        assert [change for _, change in library.put(records)] == ["added", "updated"]
        assert next(library.papers()).abstract == FULLER
        library.remove(["doi:10.5555/a"])


_FIRST_SCHEMA = """
CREATE TABLE papers (
    paper_id TEXT PRIMARY KEY, title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, year INTEGER,
    venue TEXT NOT NULL, url TEXT NOT NULL, doi TEXT NOT NULL, kind TEXT NOT NULL, content_hash TEXT NOT NULL,
    title_key TEXT NOT NULL, venue_key TEXT NOT NULL, added_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX papers_title ON papers (title_key);
CREATE INDEX papers_year ON papers (year);
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO state VALUES ('schema', '1'), ('version', '7');
"""


@pytest.fixture
def first_schema(tmp_path):
    """A library file as the first release wrote it, with one paper."""
    paper = bees(doi="10.5555/hives.17", url="https://arxiv.org/abs/2105.00017", authors=("Ada Byron",), year=2021)
    path = tmp_path / "library.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.executescript(_FIRST_SCHEMA)
        connection.execute(
            "INSERT INTO papers VALUES (?, ?, ?, '[\"Ada Byron\"]', 2021, '', ?, ?, 'abstract', ?, ?, '', '2026-01-01')",
            (
                paper.paper_id,
                paper.title,
                paper.abstract,
                paper.url,
                paper.doi,
                paper.content_hash,
                paper.title.lower(),
            ),
        )
    connection.close()
    return path, paper


def test_a_library_of_the_first_release_is_brought_up_to_date_with_everything_in_it(first_schema):
    path, paper = first_schema
    for _ in range(2):
        library = Library(path)
        assert list(library.papers()) == [paper]
        assert library.get("arxiv:2105.00017") == paper
        assert (library.version, library.origins(paper.paper_id)) == (7, {})
        library.close()
    library = Library(path)
    assert put_all(library, bees(url="https://arxiv.org/abs/2105.00017v2", abstract=FULLER, source="a")) == ["updated"]
    assert (library.count(), library.get(paper.paper_id).abstract) == (1, FULLER)
    library.close()


def test_a_migration_that_is_cut_short_leaves_the_file_as_it_was(first_schema, monkeypatch):
    path, paper = first_schema
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("assistant.schema.paper_of", _interrupt)
        Library(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT value FROM state WHERE key = 'schema'").fetchone() == ("1",)
        assert connection.execute("SELECT name FROM sqlite_master WHERE name = 'identifiers'").fetchone() is None
    connection.close()
    library = Library(path)
    assert list(library.papers()) == [paper]
    library.close()


def _interrupt(_row):
    raise KeyboardInterrupt


def test_every_order_of_the_same_records_gives_the_same_count(tmp_path):
    records = [bees(authors=("Ada Byron",), source="a"), bees(doi="10.5555/hives.17", authors=("A. Byron",), source="b"),
               bees(url="https://arxiv.org/abs/2105.00017", authors=("Byron, Ada",), source="c")]  # fmt: skip
    for number, order in enumerate(itertools.permutations(records)):
        library = Library(tmp_path / f"{number}.sqlite3")
        put_all(library, *order)
        assert library.count() == 1
        library.close()
