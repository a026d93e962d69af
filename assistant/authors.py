"""The lookup of authors: names, their words and their papers, so that nobody reads every paper to find an author.

It is derived from the papers' authors and written in the same transaction. The words narrow down which names come into
question; whether one is meant is for `names.bears` to say. Knows the tables; transactions are the library's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from assistant.names import name_key, name_words

Run = Callable[..., sqlite3.Cursor]

CREATE = (
    "CREATE TABLE author_names (name_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE author_words (word TEXT, name_id INTEGER, PRIMARY KEY (word, name_id)) WITHOUT ROWID",
    "CREATE TABLE authored (name_id INTEGER, paper INTEGER, PRIMARY KEY (name_id, paper)) WITHOUT ROWID",
)
CONDITION = """rowid IN (
    SELECT a.paper FROM json_each(?) AS wanted
    CROSS JOIN author_words AS w
        ON w.word BETWEEN json_extract(wanted.value, '$[0]') AND json_extract(wanted.value, '$[1]')
    CROSS JOIN author_names AS n ON n.name_id = w.name_id AND bears(n.name, json_extract(wanted.value, '$[2]'))
    CROSS JOIN authored AS a ON a.name_id = n.name_id
)"""
"""What papers by one of some authors fulfil; its value is from `wanted`, and the connection knows `names.bears`."""

_LAST = "\U0010ffff"  # no character, and behind all that are


def wanted(names: Iterable[str]) -> str:
    """Return the value for `CONDITION`: between which words one stands that a name must have, for each name asked for.

    One word has to be the same in full. Where all are initials, the first is that of some word.
    """
    ranges = []
    for name in names:
        words = name_words(name)
        long = [(word, word) for word in dict.fromkeys(words) if len(word) > 1]
        ranges += [(*ends, name) for ends in long or [(word, word + _LAST) for word in words[:1]]]
    return json.dumps(ranges)


def names_of(authors: object) -> list[str]:
    """Return the names in a paper's column of authors.

    Raises:
        sqlite3.DatabaseError: It is not what was written.
    """
    with suppress(ValueError):
        names = json.loads(str(authors))
        if isinstance(names, list) and all(isinstance(name, str) for name in names):
            return names
    raise sqlite3.DatabaseError("the authors of a paper are no list of names")


def note_authors(run: Run, paper: int, authors: Sequence[str]) -> None:
    """Enter the authors of a paper, given by its rowid."""
    for key in _keys(authors):
        known = run("SELECT name_id FROM author_names WHERE name = ?", (key,)).fetchone()
        name_id = known[0] if known else _add_name(run, key)
        run("INSERT INTO authored VALUES (?, ?)", (name_id, paper))


def forget_authors(run: Run, paper: int, authors: Sequence[str]) -> None:
    """Take out the authors of a paper, given by its rowid, and names that have no other paper."""
    for key in _keys(authors):
        found = run("SELECT name_id FROM author_names WHERE name = ?", (key,)).fetchone()
        if found is None:
            continue
        run("DELETE FROM authored WHERE name_id = ? AND paper = ?", (found[0], paper))
        if run("SELECT 1 FROM authored WHERE name_id = ? LIMIT 1", found).fetchone() is None:
            run("DELETE FROM author_names WHERE name_id = ?", found)
            for word in _words(key):
                run("DELETE FROM author_words WHERE word = ? AND name_id = ?", (word, found[0]))


def note_all(run: Run) -> None:
    """Enter the authors of every paper."""
    for paper, authors in run("SELECT rowid, authors FROM papers ORDER BY rowid"):
        note_authors(run, paper, names_of(authors))


def agrees(run: Run) -> bool:
    """Say whether the lookup is what the papers say; reads in several statements, between which nobody may write."""
    entered = words = 0
    for paper, authors in run("SELECT rowid, authors FROM papers"):
        for key in _keys(names_of(authors)):
            known = "SELECT 1 FROM author_names JOIN authored USING (name_id) WHERE name = ? AND paper = ?"
            if run(known, (key, paper)).fetchone() is None:
                return False
            entered += 1
    for name_id, key in run("SELECT name_id, name FROM author_names"):
        for word in _words(key):
            if run("SELECT 1 FROM author_words WHERE word = ? AND name_id = ?", (word, name_id)).fetchone() is None:
                return False
            words += 1
    counts = "SELECT (SELECT count(*) FROM authored), (SELECT count(*) FROM author_words)"
    return bool(run(counts).fetchone() == (entered, words))


def _add_name(run: Run, key: str) -> int:
    name_id = int(run("INSERT INTO author_names (name) VALUES (?)", (key,)).lastrowid or 0)
    for word in _words(key):
        run("INSERT INTO author_words VALUES (?, ?)", (word, name_id))
    return name_id


def _keys(authors: Sequence[str]) -> list[str]:
    return [key for key in dict.fromkeys(map(name_key, authors)) if key]


def _words(key: str) -> list[str]:
    return list(dict.fromkeys(key.split(" ")))
