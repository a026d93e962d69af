"""The library: every paper of one person, in one SQLite file that is the truth.

Indexes are derived from it and can be rebuilt. ``version`` grows with each change, so that an index knows whether it
is behind. Every write is one transaction at ``synchronous=FULL``: after a crash the library is as it was or further.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import RLock
from typing import Literal

from assistant.database import connect, mended
from assistant.errors import LibraryError, PaperNotFoundError
from assistant.papers import Paper, title_key
from assistant.text import fold, one_line

FILE_NAME = "library.sqlite3"
SCHEMA = 1

_CREATE = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS papers (
    paper_id TEXT PRIMARY KEY, title TEXT NOT NULL, abstract TEXT NOT NULL, authors TEXT NOT NULL, year INTEGER,
    venue TEXT NOT NULL, url TEXT NOT NULL, doi TEXT NOT NULL, kind TEXT NOT NULL, content_hash TEXT NOT NULL,
    title_key TEXT NOT NULL, venue_key TEXT NOT NULL,
    added_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS papers_title ON papers (title_key);
CREATE INDEX IF NOT EXISTS papers_year ON papers (year);
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT OR IGNORE INTO state VALUES ('schema', '1'), ('version', '0');
COMMIT;
"""
_COLUMNS = "paper_id, title, abstract, authors, year, venue, url, doi, kind"

Change = Literal["added", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which papers a question is about; empty means all.

    Attributes:
        years: First and last year, both included; either may be open.
        authors: Names of which one must occur among the authors, in any order, without regard to accents or case.
        venues: Parts of names of which one must occur in the venue.
        paper_ids: The papers themselves.
    """

    years: tuple[int | None, int | None] = (None, None)
    authors: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    paper_ids: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()

    def among(self, paper_ids: Sequence[str]) -> Filters:
        """Return these filters for some of the papers; if they let none of them pass, or none is named, themselves."""
        wanted = tuple(p for p in paper_ids if not self.paper_ids or p in self.paper_ids)
        return replace(self, paper_ids=wanted) if wanted else self


@dataclass(slots=True)
class Library:
    """The papers of one home folder. Safe to use from several threads; writing takes the home's lock elsewhere."""

    path: Path
    _connection: sqlite3.Connection = field(init=False, repr=False)
    _lock: RLock = field(init=False, repr=False, default_factory=RLock)

    def __post_init__(self) -> None:
        with mended(self.path):
            self._connection = connect(self.path)
            self._connection.create_function("has_author", 2, _has_author, deterministic=True)
            known = self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone()
            schema = int(self._state("schema")) if known else 0
            if schema < SCHEMA:
                self._connection.executescript(_CREATE)
        if schema > SCHEMA:
            self._connection.close()
            raise LibraryError(f"{self.path} was written by a newer program (schema {schema}); update this one")

    def close(self) -> None:
        """Close the file; the library cannot be used afterwards."""
        self._connection.close()

    @property
    def version(self) -> int:
        """A number that grows with every change to the papers."""
        return int(self._state("version"))

    def put(self, papers: Iterable[Paper]) -> list[tuple[Paper, Change]]:
        """Write papers in one transaction and say what happened to each, in order.

        A summary never replaces an abstract; an abstract replaces the summary with the same title, whatever its id.
        """
        with self._transaction() as run:
            results = [(paper, self._put(run, paper)) for paper in papers]
            if any(change != "unchanged" for _, change in results):
                _bump(run)
        return results

    def remove(self, paper_ids: Sequence[str]) -> None:
        """Remove papers in one transaction: all of them or, if one is missing, none.

        Raises:
            PaperNotFoundError: One of the ids is not in the library.
        """
        with self._transaction() as run:
            for paper_id in dict.fromkeys(paper_ids):
                if run("DELETE FROM papers WHERE paper_id = ?", (paper_id,)).rowcount == 0:
                    raise PaperNotFoundError(paper_id)
            if paper_ids:
                _bump(run)

    def get(self, paper_id: str) -> Paper:
        """Return one paper.

        Raises:
            PaperNotFoundError: There is none with this id.
        """
        rows = self._read(f"SELECT {_COLUMNS} FROM papers WHERE paper_id = ?", (paper_id,))  # noqa: S608
        if not rows:
            raise PaperNotFoundError(paper_id)
        return _paper(rows[0])

    def some(self, paper_ids: Iterable[str]) -> list[Paper]:
        """Return those of these papers that are in the library, in the order given."""
        ids = list(dict.fromkeys(paper_ids))
        known = self.ids(Filters(paper_ids=tuple(ids))) if ids else set()
        return [self.get(paper_id) for paper_id in ids if paper_id in known]

    def titled(self, title: str) -> list[Paper]:
        """Return the papers with this title, whatever its case and punctuation."""
        query = f"SELECT {_COLUMNS} FROM papers WHERE title_key = ? ORDER BY rowid"  # noqa: S608
        return [_paper(row) for row in self._read(query, (title_key(title),))]

    def papers(self, filters: Filters | None = None) -> Iterator[Paper]:
        """Yield the papers in the order they were added."""
        where, values = _where(filters or Filters())
        for (rowid,) in self._read(f"SELECT rowid FROM papers {where} ORDER BY rowid", values):  # noqa: S608
            if rows := self._read(f"SELECT {_COLUMNS} FROM papers WHERE rowid = ?", (rowid,)):  # noqa: S608
                yield _paper(rows[0])

    def ids(self, filters: Filters) -> set[str]:
        """Return the ids of the papers that pass ``filters``."""
        where, values = _where(filters)
        return {str(row[0]) for row in self._read(f"SELECT paper_id FROM papers {where}", values)}  # noqa: S608

    def hashes(self) -> dict[str, str]:
        """Return the content hash of every paper by id, in the order they were added."""
        rows = self._read("SELECT paper_id, content_hash FROM papers ORDER BY rowid", ())
        return {str(paper_id): str(content_hash) for paper_id, content_hash in rows}

    def count(self, filters: Filters | None = None) -> int:
        """Return how many papers there are, or how many pass ``filters``."""
        where, values = _where(filters or Filters())
        return int(str(self._read(f"SELECT count(*) FROM papers {where}", values)[0][0]))  # noqa: S608

    def years(self, filters: Filters) -> dict[int, int]:
        """Return how many of the papers that pass ``filters`` are from each year that is known, oldest first."""
        where, values = _where(filters)
        rows = self._read(f"SELECT year, count(*) FROM papers {where} GROUP BY year ORDER BY year", values)  # noqa: S608
        return {int(str(year)): int(str(count)) for year, count in rows if year is not None}

    def venues(self, filters: Filters, k: int) -> dict[str, int]:
        """Return the ``k`` venues with most of the papers that pass ``filters``, and how many these are."""
        where, values = _where(filters)
        query = f"SELECT min(venue), count(*) AS n FROM papers {where} GROUP BY venue_key ORDER BY n DESC, venue_key"  # noqa: S608
        rows = self._read(query, values)
        return dict([(str(venue), int(str(count))) for venue, count in rows if venue][:k])

    def titles(self, filters: Filters) -> list[str]:
        """Return the titles of the papers that pass ``filters``."""
        where, values = _where(filters)
        return [str(row[0]) for row in self._read(f"SELECT title FROM papers {where} ORDER BY rowid", values)]  # noqa: S608

    def by_year(self, filters: Filters, k: int, *, newest: bool = True) -> list[Paper]:
        """Return ``k`` of the papers that pass ``filters``, newest or oldest first, those without a year last."""
        where, values = _where(filters)
        order = f"year IS NULL, year {'DESC' if newest else 'ASC'}, rowid LIMIT ?"
        rows = self._read(f"SELECT {_COLUMNS} FROM papers {where} ORDER BY {order}", [*values, k])  # noqa: S608
        return [_paper(row) for row in rows]

    def shelf(
        self, filters: Filters, words: str = "", order: str = "added", *, first: int = 0, k: int = 50
    ) -> tuple[list[Paper], int]:
        """Return ``k`` papers from the ``first`` on (from 0) in ``order``, and how many there are in all.

        Args:
            filters: Which papers.
            words: All of them must occur in a paper's title, authors, venue or abstract.
            order: ``"title"``, ``"year"``, ``"venue"`` or ``"added"``; a minus before it turns it round.
            first: How many papers to pass over.
            k: How many to return at most.
        """
        where, values = _where(filters)
        for word in one_line(words).split():
            where += f"{' AND' if where else 'WHERE'} (instr(title_key, ?) OR instr(venue_key, ?)"
            where += " OR instr(lower(authors), ?) OR instr(lower(abstract), ?))"
            values += [fold(word)] * 2 + [word.lower()] * 2
        column, turned = ORDERS[order.removeprefix("-")], "DESC" if order.startswith("-") else "ASC"
        total = int(str(self._read(f"SELECT count(*) FROM papers {where}", values)[0][0]))  # noqa: S608
        empty_last = "" if column == "rowid" else f"coalesce({column}, '') = '', "  # which no index helps
        query = f"SELECT {_COLUMNS} FROM papers {where} ORDER BY {empty_last}{column} {turned}, rowid"  # noqa: S608
        return [_paper(row) for row in self._read(f"{query} LIMIT ? OFFSET ?", [*values, k, first])], total

    def damage(self) -> str:
        """Return what SQLite's own check finds wrong with the file, or an empty string."""
        result = str(self._read("PRAGMA integrity_check(1)", ())[0][0])
        return "" if result == "ok" else result

    def _put(self, run: _Run, paper: Paper) -> Change:
        known = run("SELECT content_hash, kind FROM papers WHERE paper_id = ?", (paper.paper_id,)).fetchone()
        if known is None and (twin := self._twin(run, paper)) is not None:
            if paper.kind == "summary":
                return "unchanged"
            run("DELETE FROM papers WHERE paper_id = ?", (twin,))
            known = ("", "summary")
        if known and (known[0] == paper.content_hash or (paper.kind == "summary" and known[1] == "abstract")):
            return "unchanged"
        run(_UPSERT, _row(paper))
        return "updated" if known else "added"

    def _twin(self, run: _Run, paper: Paper) -> str | None:
        """Return the id of a summary that ``paper`` stands for, or of any paper that a summary stands for."""
        query = "SELECT paper_id FROM papers WHERE title_key = ? AND (kind = 'summary' OR ? = 'summary')"
        row = run(query, (title_key(paper.title), paper.kind)).fetchone()
        return str(row[0]) if row else None

    def _state(self, key: str) -> str:
        return str(self._read("SELECT value FROM state WHERE key = ?", (key,))[0][0])

    def _read(self, query: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        with self._lock, mended(self.path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[_Run]:
        with self._lock, mended(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


ORDERS = {"title": "title_key", "year": "year", "venue": "venue_key", "added": "rowid"}
_Run = Callable[..., sqlite3.Cursor]
_UPSERT = """
INSERT INTO papers (paper_id, title, abstract, authors, year, venue, url, doi, kind, content_hash, title_key,
                    venue_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (paper_id) DO UPDATE SET title = excluded.title, abstract = excluded.abstract, authors = excluded.authors,
    year = excluded.year, venue = excluded.venue, url = excluded.url, doi = excluded.doi, kind = excluded.kind,
    content_hash = excluded.content_hash, title_key = excluded.title_key, venue_key = excluded.venue_key
"""


def _bump(run: _Run) -> None:
    run("UPDATE state SET value = CAST(value AS INTEGER) + 1 WHERE key = 'version'")


def _row(paper: Paper) -> tuple[object, ...]:
    return (
        paper.paper_id,
        paper.title,
        paper.abstract,
        json.dumps(paper.authors, ensure_ascii=False),
        paper.year,
        paper.venue,
        paper.url,
        paper.doi,
        paper.kind,
        paper.content_hash,
        title_key(paper.title),
        fold(paper.venue),
    )


def _paper(row: Sequence[object]) -> Paper:
    paper_id, title, abstract, authors, year, venue, url, doi, kind = row
    return Paper(
        paper_id=str(paper_id),
        title=str(title),
        abstract=str(abstract),
        authors=tuple(json.loads(str(authors))),
        year=None if year is None else int(str(year)),
        venue=str(venue),
        url=str(url),
        doi=str(doi),
        kind="summary" if kind == "summary" else "abstract",
    )


def _name_words(name: str) -> list[str]:
    return [w for w in fold(name).replace(",", " ").replace(".", " ").split() if w]


def _where(filters: Filters) -> tuple[str, list[object]]:
    clauses: list[str] = []
    values: list[object] = []
    for bound, sign in zip(filters.years, (">=", "<="), strict=True):
        if bound is not None:
            clauses.append(f"year {sign} ?")
            values.append(bound)
    for clause, wanted in (
        ("EXISTS (SELECT 1 FROM json_each(?) WHERE has_author(authors, value))", filters.authors),
        ("EXISTS (SELECT 1 FROM json_each(?) WHERE instr(venue_key, value) > 0)", [fold(v) for v in filters.venues]),
        ("paper_id IN (SELECT value FROM json_each(?))", filters.paper_ids),
    ):
        if wanted:
            clauses.append(clause)
            values.append(json.dumps(wanted))
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), values


def _has_author(authors: str, wanted: str) -> bool:
    """Say whether one of the authors (a JSON list) bears the wanted name: any order, initials, accents or not."""
    words = _name_words(wanted)
    return bool(words) and any(
        all(any(_same_name(word, part) for part in _name_words(name)) for word in words) for name in json.loads(authors)
    )


def _same_name(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
