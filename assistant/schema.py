"""The tables of the library file, and how a file of an older program gets them.

Schema 2 adds where each field is from (``papers.origins``, JSON by field) and what else a paper is called
(``identifiers``: ids of registers, and ids that it had before more was known of it). Schema 3 adds what filters look
up: the authors (`authors`), and years and venues without the texts that stand beside them in ``papers``.
"""

from __future__ import annotations

import json
import sqlite3

from assistant.authors import CREATE as CREATE_AUTHORS
from assistant.authors import note_all
from assistant.database import refuse_foreign
from assistant.errors import LibraryDamagedError
from assistant.papers import Paper, identifiers, title_key
from assistant.text import fold

SCHEMA = 3
COLUMNS = "paper_id, title, abstract, authors, year, venue, url, doi, kind"
CHECKED = f"{COLUMNS}, content_hash, title_key, venue_key, origins"

_CREATE = (
    """CREATE TABLE IF NOT EXISTS papers (
    paper_id TEXT PRIMARY KEY, title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, year INTEGER,
    venue TEXT NOT NULL, url TEXT NOT NULL, doi TEXT NOT NULL, kind TEXT NOT NULL, content_hash TEXT NOT NULL,
    title_key TEXT NOT NULL, venue_key TEXT NOT NULL,
    added_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    )""",
    "CREATE INDEX IF NOT EXISTS papers_title ON papers (title_key)",
    "CREATE INDEX IF NOT EXISTS papers_year ON papers (year)",
    "CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "INSERT OR IGNORE INTO state VALUES ('schema', '1'), ('version', '0')",
)
_SECOND = (
    "ALTER TABLE papers ADD COLUMN origins TEXT NOT NULL DEFAULT '{}'",
    "CREATE TABLE identifiers (identifier TEXT PRIMARY KEY, paper_id TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX identifiers_paper ON identifiers (paper_id)",
)
_THIRD = (
    "DROP INDEX papers_year",
    "CREATE INDEX papers_filtered ON papers (year, venue_key, paper_id)",  # on the page that has become free
    *CREATE_AUTHORS,
)


def schema_of(connection: sqlite3.Connection) -> int:
    """Return the schema of a file, 0 for an empty one.

    Raises:
        sqlite3.DatabaseError: It is another program's, or does not say.
    """
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone() is None:
        refuse_foreign(connection)
        return 0
    row = connection.execute("SELECT value FROM state WHERE key = 'schema'").fetchone()
    if row is None or not str(row[0]).isdecimal():
        raise sqlite3.DatabaseError("it does not say which schema it has")
    return int(row[0])


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Give a file the tables of `SCHEMA`, in one transaction: whatever happens, it is as it was or up to date."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if schema_of(connection) < 1:
            for statement in _CREATE:
                connection.execute(statement)
        if schema_of(connection) < 2:
            for statement in _SECOND:
                connection.execute(statement)
            _identify_all(connection)
            connection.execute("UPDATE state SET value = '2' WHERE key = 'schema'")
        if schema_of(connection) < 3:
            for statement in _THIRD:
                connection.execute(statement)
            note_all(connection.execute)
            connection.execute("UPDATE state SET value = '3' WHERE key = 'schema'")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def paper_of(row: tuple[object, ...]) -> Paper:
    """Return the paper in a row of `COLUMNS`.

    Raises:
        LibraryDamagedError: The row is not what was written.
    """
    paper_id, title, abstract, authors, year, venue, url, doi, kind = row
    try:
        return Paper(
            paper_id=str(paper_id),
            title=str(title),
            abstract=str(abstract),
            authors=tuple(map(str, json.loads(str(authors)))),
            year=None if year is None else int(str(year)),
            venue=str(venue),
            url=str(url),
            doi=str(doi),
            kind="summary" if kind == "summary" else "abstract",
        )
    except (ValueError, TypeError) as error:
        message = f"the library's record of {paper_id} is damaged ({error}); run: assistant doctor --repair"
        raise LibraryDamagedError(message) from error


def is_as_written(row: tuple[object, ...]) -> bool:
    """Say whether a row of `CHECKED` is what was written."""
    *columns, content_hash, title, venue, origins = row
    paper = paper_of(tuple(columns))
    found = (paper.content_hash, title_key(paper.title), fold(paper.venue))
    return found == (content_hash, title, venue) and isinstance(json.loads(str(origins)), dict)


def _identify_all(connection: sqlite3.Connection) -> None:
    for row in connection.execute(f"SELECT {COLUMNS} FROM papers ORDER BY rowid"):  # noqa: S608
        paper = paper_of(row)
        connection.executemany(
            "INSERT OR IGNORE INTO identifiers VALUES (?, ?)",
            [(identifier, paper.paper_id) for identifier in identifiers(paper)],
        )
