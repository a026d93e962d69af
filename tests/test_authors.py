"""The lookup of authors finds what reading every paper finds, after every kind of change."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant import schema
from assistant.errors import LibraryDamagedError
from assistant.filters import Filters
from assistant.library import Library
from assistant.names import bears, name_key
from assistant.papers import Paper
from assistant.recovery import recover_library

WORDS = ("Ada", "ada", "Émile", "Emile", "Côté", "Cote", "E.", "É", "A.-M.", "Lovelace", "O'Hara", "Straße", "王", "王小明",
         "van", "der", "Maaten", "-", ".", "\"x\\y", "İnci", "ﬁsh")  # fmt: skip
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join) | st.text(min_size=1, max_size=6).filter(
    lambda text: not any("\ud800" <= c <= "\udfff" for c in text)
)
papers = st.builds(
    lambda number, doi, authors, source: Paper(
        title=f"On hives of kind {number}", abstract=f"We count hives of kind {number}.", authors=tuple(authors),
        doi=f"10.5555/hives.{number}" if doi else "", source=source,
    ),
    st.integers(0, 5), st.booleans(), st.lists(names, max_size=4), st.sampled_from(("", "a.bib", "b.bib")),
)  # fmt: skip
changes = st.lists(papers | st.integers(0, 5), min_size=1, max_size=12)


def by_reading(library, wanted):
    """Return the papers of whom somebody bears the name, found without any lookup."""
    return {p.paper_id for p in library.papers() if any(bears(name_key(name), wanted) for name in p.authors)}


def change(library, what):
    """Put a paper, or remove the one at a place."""
    if isinstance(what, Paper):
        library.put([what])
    elif what < len(ids := list(library.hashes())):
        library.remove([ids[what]])


@settings(max_examples=150, deadline=None)
@given(changes, st.lists(names, min_size=1, max_size=6))
@example([Paper("On hives", "We count hives.", authors=("\0", "Ada\0Lovelace"))], ["\0", "Ada Lovelace"])
def test_after_any_changes_the_lookup_finds_what_reading_everything_finds(done, asked):
    with TemporaryDirectory() as folder, closing(Library(Path(folder) / "library.sqlite3")) as library:
        for what in done:
            change(library, what)
        known = [name for paper in library.papers() for name in paper.authors]
        for wanted in [*WORDS, *known, *asked]:
            assert library.ids(Filters(authors=(wanted,))) == by_reading(library, wanted)
        both = Filters(authors=(asked[0],), also=(Filters(authors=("Ada",)),))
        assert library.ids(both) == by_reading(library, asked[0]) & by_reading(library, "Ada")
        assert library.ids(Filters(authors=(asked[0], "Ada"))) == by_reading(library, asked[0]) | by_reading(
            library, "Ada"
        )
        assert library.damage() == ""


def older(path):
    """Make a file what the program with schema 2 wrote."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DROP TABLE author_names; DROP TABLE author_words; DROP TABLE authored; DROP INDEX papers_filtered;"
            "CREATE INDEX papers_year ON papers (year); UPDATE state SET value = '2' WHERE key = 'schema';"
        )


@pytest.fixture
def path(tmp_path, make_papers):
    with closing(Library(tmp_path / "library.sqlite3")) as library:
        library.put(make_papers(12))
    return tmp_path / "library.sqlite3"


def test_a_library_without_the_lookup_gets_one_when_it_is_opened(path, make_papers):
    older(path)
    with closing(Library(path)) as library:
        assert list(library.papers()) == make_papers(12)
        assert library.ids(Filters(authors=("A. Author1",))) == by_reading(library, "A. Author1")
        assert library.count(Filters(authors=("cote emile",), years=(2003, 2005))) == 3
        assert library.damage() == ""
        library.put([replace(make_papers(1)[0], authors=("Grace Hopper",))])
        assert library.count(Filters(authors=("Hopper, G.",))) == 1
        assert library.count(Filters(authors=("Author0",))) == 2


def test_getting_the_lookup_can_be_cut_short(path, monkeypatch):
    older(path)

    def interrupt(run):
        original(run)
        raise KeyboardInterrupt

    original = schema.note_all
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(schema, "note_all", interrupt)
        Library(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT value FROM state WHERE key = 'schema'").fetchone() == ("2",)
        assert connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'author%'").fetchone() is None
    with closing(Library(path)) as library:
        assert library.count(Filters(authors=("Côté",))) == 12


@pytest.mark.parametrize("column", ["3", "'[3]'", "'[\"Ada'", "x'5bff5d'"])
def test_authors_that_are_no_list_of_names_are_named_as_damage_and_the_rest_recovered(path, column):
    older(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"UPDATE papers SET authors = {column} WHERE rowid = 4")  # noqa: S608
        connection.commit()
    with pytest.raises(LibraryDamagedError, match="doctor --repair"):
        Library(path)
    assert recover_library(path, {}, 0).papers == 12
    with closing(Library(path)) as library:
        assert library.count(Filters(authors=("Côté",))) == 11
        assert library.damage() == ""


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM authored WHERE paper = 3",
        "INSERT INTO authored VALUES (1, 2)",
        "DELETE FROM author_words WHERE word = 'cote'",
        "INSERT INTO author_words VALUES ('hopper', 1)",
        "UPDATE author_names SET name = 'grace hopper' WHERE name_id = 1",
    ],
)
def test_a_lookup_that_is_not_what_the_papers_say_is_found_and_mended(path, harm, make_papers):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(harm)
        connection.commit()
    with closing(Library(path)) as library:
        assert "lookup of authors" in library.damage()
    assert not recover_library(path, {}, 0).lossy
    with closing(Library(path)) as library:
        assert library.damage() == ""
        assert list(library.papers()) == make_papers(12)
        assert library.count(Filters(authors=("Côté",))) == 12


def test_names_that_nobody_bears_any_more_leave_nothing_behind(path):
    with closing(Library(path)) as library:
        library.remove(list(library.hashes()))
    with closing(sqlite3.connect(path)) as connection:
        for table in ("author_names", "author_words", "authored"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608


def test_an_author_of_ten_thousand_words_takes_no_more_room_than_its_words(tmp_path):
    words = " ".join(f"word{number}" for number in range(10_000))
    with closing(Library(tmp_path / "library.sqlite3")) as library:
        library.put([Paper("On hives", "We count hives.", authors=(words,))])
        assert library.count(Filters(authors=("Word17",))) == 1
    assert (tmp_path / "library.sqlite3").stat().st_size < 2_000_000
