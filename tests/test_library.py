"""The library: what is put in comes out, summaries give way to abstracts, filters mean what they say."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from assistant.errors import LibraryError, PaperNotFoundError
from assistant.filters import Filters
from assistant.library import Library
from assistant.papers import Paper


@pytest.fixture
def library(tmp_path):
    opened = Library(tmp_path / "library.sqlite3")
    yield opened
    opened.close()


def changes(results):
    return [change for _, change in results]


def test_papers_come_out_as_they_went_in_and_in_order(library, make_papers):
    papers = make_papers(5)
    library.put(papers)
    assert list(library.papers()) == papers
    assert library.get(papers[3].paper_id) == papers[3]


def test_unchanged_papers_change_nothing_and_changed_ones_are_updated(library, make_papers):
    first, second = make_papers(2)
    assert changes(library.put([first, second])) == ["added", "added"]
    version = library.version
    assert changes(library.put([first, second])) == ["unchanged", "unchanged"]
    assert library.version == version
    assert changes(library.put([replace(first, year=1999)])) == ["updated"]
    assert library.version > version
    assert library.get(first.paper_id).year == 1999


def test_an_abstract_takes_the_place_of_a_summary_and_never_the_other_way_round(library):
    summary = Paper(title="On Bees", abstract="The authors count bees.", kind="summary")
    abstract = Paper(title="On bees", abstract="We count bees in spring.", doi="10.1000/bees")
    assert changes(library.put([summary])) == ["added"]
    assert changes(library.put([abstract])) == ["updated"]
    assert changes(library.put([summary])) == ["unchanged"]
    assert list(library.papers()) == [abstract]


def test_removal_takes_all_that_are_named_or_none(library, make_papers):
    papers = make_papers(3)
    library.put(papers)
    with pytest.raises(PaperNotFoundError, match="papers list"):
        library.remove([papers[0].paper_id, "t:nothing"])
    assert library.count() == 3
    library.remove([papers[0].paper_id, papers[2].paper_id])
    assert list(library.papers()) == [papers[1]]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("Ada Author1", 2),
        ("author1, ada", 2),
        ("A. Author1", 2),
        ("B. Author1", 0),
        ("Emile Cote", 8),
        ("Côté", 8),
        ("Eton", 0),
        ("A", 8),
    ],
)
def test_an_authors_name_is_met_in_any_order_with_initials_and_without_accents(library, make_papers, name, count):
    library.put(make_papers(8))
    assert library.count(Filters(authors=(name,))) == count


def test_filters_hold_together_and_open_years_are_open(library, make_papers):
    papers = make_papers(12)
    library.put(papers)
    wanted = Filters(years=(2003, None), venues=("emnlp",))
    expected = {p.paper_id for p in papers if p.year >= 2003 and p.venue == "EMNLP"}
    assert library.ids(wanted) == expected
    assert library.count(wanted) == len(expected)
    assert library.ids(Filters(paper_ids=(papers[0].paper_id, "none"))) == {papers[0].paper_id}


def test_a_file_that_is_no_database_is_named_with_what_to_do(tmp_path):
    path = tmp_path / "library.sqlite3"
    path.write_text("not a database, but long enough to be looked at as one " * 20)
    with pytest.raises(LibraryError, match="backup"):
        Library(path)


def test_a_library_of_a_newer_program_is_refused(tmp_path):
    path = tmp_path / "library.sqlite3"
    Library(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE state SET value = '999' WHERE key = 'schema'")
    connection.close()
    with pytest.raises(LibraryError, match="newer"):
        Library(path)


def test_papers_are_read_page_by_page_in_an_order(make_papers, tmp_path):
    library = Library(tmp_path / "library.sqlite3")
    papers = make_papers(25)
    library.put(papers)
    assert library.shelf(Filters(), k=10) == (papers[:10], 25)
    assert library.shelf(Filters(), order="-added", first=20, k=10) == (papers[4::-1], 25)
    years = [paper.year for paper in library.shelf(Filters(), order="-year")[0]]
    assert years == sorted(years, reverse=True)
    venues = [paper.venue for paper in library.shelf(Filters(), order="-venue")[0]]
    assert venues.index("") > max(i for i, venue in enumerate(venues) if venue)
    assert library.shelf(Filters(years=(2003, 2003)), order="title")[1] == 1
    library.close()


@pytest.mark.parametrize("words", ["PROTEIN Monte", "côté protein monte", "protein trees monte", "monte folding 100%"])
def test_papers_are_found_by_all_words_wherever_they_stand(make_papers, tmp_path, words):
    library = Library(tmp_path / "library.sqlite3")
    library.put(make_papers(40))
    found, total = library.shelf(Filters(), words)
    assert total == len(found)
    assert all("protein" in paper.title and "Monte" in paper.title for paper in found)
    assert (total > 0) == ("100%" not in words)
    library.close()
