"""The library: every paper of one person, in one SQLite file that is the truth.

Indexes are derived from it and can be rebuilt. ``version`` grows with each change, so that an index knows whether it
is behind. Every write is one transaction at ``synchronous=FULL``: after a crash the library is as it was or further.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from assistant import authors
from assistant.authors import Run
from assistant.database import connect, damaged, mended
from assistant.errors import LibraryError, PaperNotFoundError
from assistant.filters import Filters as Filters  # what the library is asked with
from assistant.names import bears
from assistant.papers import Paper, title_key
from assistant.putting import Change, put_paper, remove_paper
from assistant.schema import CHECKED, COLUMNS, SCHEMA, bring_up_to_date, is_as_written, paper_of, schema_of
from assistant.text import fold, one_line

FILE_NAME = "library.sqlite3"
# An id may be one that the paper had before more was known of it, or one that another register gave it.
_BY_ID = (
    "paper_id IN (WITH wanted AS (SELECT value FROM json_each(?)) SELECT value FROM wanted "
    "UNION SELECT i.paper_id FROM wanted JOIN identifiers i ON i.identifier = value)"
)
_BY_VENUE = "EXISTS (SELECT 1 FROM json_each(?) WHERE instr(venue_key, value) > 0)"


@dataclass(slots=True)
class Library:
    """The papers of one home folder. Safe to use from several threads; writing takes the home's lock elsewhere."""

    path: Path
    _connection: sqlite3.Connection = field(init=False, repr=False)
    _lock: RLock = field(init=False, repr=False, default_factory=RLock)
    _file: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        with mended(self.path):
            self._connection = connect(self.path)
            self._file = self._inode()
            self._connection.create_function("bears", 2, bears, deterministic=True)
            schema = schema_of(self._connection)
            if schema < SCHEMA:
                bring_up_to_date(self._connection)
        if schema > SCHEMA:
            self._connection.close()
            raise LibraryError(f"{self.path} was written by a newer program (schema {schema}); update this one")

    def close(self) -> None:
        """Close the file; the library cannot be used afterwards."""
        self._connection.close()

    @property
    def version(self) -> int:
        """A number that grows with every change to the papers."""
        query = "SELECT value FROM state WHERE key = 'version' AND value NOT GLOB '*[^0-9]*' AND value != ''"
        if not (rows := self._read(query, ())):
            raise damaged(self.path, "it does not say which version it has")
        return int(str(rows[0][0]))

    def put(self, papers: Iterable[Paper], said: set[str] | None = None) -> list[tuple[Paper, Change]]:
        """Write papers in one transaction and say what happened to each, in order.

        A paper that is there already, from whatever source, is merged with the new record (`merging` has the rules).
        Batches of one reading of the same sources share ``said``, see `put_paper`.
        """
        said = set() if said is None else said
        with self._transaction() as run:
            results = [(paper, put_paper(run, paper, said)) for paper in papers]
            if any(change != "unchanged" for _, change in results):
                _bump(run)
        return results

    def rehearse(self, papers: Iterable[Paper]) -> Iterator[Change]:
        """Yield what `put` would do to each of these papers, in order; at the end the library is as it was."""
        said = set[str]()
        with self._transaction(kept=False) as run:
            for paper in papers:
                yield put_paper(run, paper, said)

    def remove(self, paper_ids: Sequence[str]) -> None:
        """Remove papers in one transaction: all of them or, if one is missing, none.

        Raises:
            PaperNotFoundError: One of the ids is not in the library.
        """
        with self._transaction() as run:
            for paper_id in dict.fromkeys(paper_ids):
                if not remove_paper(run, paper_id):
                    raise PaperNotFoundError(paper_id)
            if paper_ids:
                _bump(run)

    def get(self, paper_id: str) -> Paper:
        """Return one paper, by its id or another one that a register or it itself had for it.

        Raises:
            PaperNotFoundError: There is none with this id.
        """
        for where in ("paper_id = ?", "paper_id = (SELECT paper_id FROM identifiers WHERE identifier = ?)"):
            if rows := self._read(f"SELECT {COLUMNS} FROM papers WHERE {where}", (paper_id,)):  # noqa: S608
                return paper_of(rows[0])
        raise PaperNotFoundError(paper_id)

    def origins(self, paper_id: str) -> dict[str, str]:
        """Return the source of each field of a paper, where it is known."""
        rows = self._read("SELECT origins FROM papers WHERE paper_id = ?", (self.get(paper_id).paper_id,))
        return {str(field): str(source) for field, source in json.loads(str(rows[0][0])).items()}

    def some(self, paper_ids: Iterable[str]) -> list[Paper]:
        """Return those of these papers that are in the library, in the order given."""
        ids = list(dict.fromkeys(paper_ids))
        known = self.ids(Filters(paper_ids=tuple(ids))) if ids else set()
        return [self.get(paper_id) for paper_id in ids if paper_id in known]

    def titled(self, title: str) -> list[Paper]:
        """Return the papers with this title, whatever its case and punctuation."""
        query = f"SELECT {COLUMNS} FROM papers WHERE title_key = ? ORDER BY rowid"  # noqa: S608
        return [paper_of(row) for row in self._read(query, (title_key(title),))]

    def papers(self, filters: Filters | None = None) -> Iterator[Paper]:
        """Yield the papers in the order they were added."""
        where, values = _where(filters or Filters())
        for (rowid,) in self._read(f"SELECT rowid FROM papers {where} ORDER BY rowid", values):  # noqa: S608
            if rows := self._read(f"SELECT {COLUMNS} FROM papers WHERE rowid = ?", (rowid,)):  # noqa: S608
                yield paper_of(rows[0])

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

    def known_fields(self, filters: Filters) -> frozenset[str]:
        """Return which of ``year``, ``authors`` and ``venue`` any of the papers that pass ``filters`` has."""
        where, values = _where(filters)
        query = f"SELECT max(year IS NOT NULL), max(authors != '[]'), max(venue != '') FROM papers {where}"  # noqa: S608
        found = self._read(query, values)[0]
        return frozenset(f for f, known in zip(("year", "authors", "venue"), found, strict=True) if known)

    def venues(self, filters: Filters, k: int) -> dict[str, int]:
        """Return the ``k`` venues with most of the papers that pass ``filters``, and how many these are."""
        where, values = _where(filters)
        query = f"SELECT min(venue), count(*) AS n FROM papers {where} GROUP BY venue_key ORDER BY n DESC, venue_key"  # noqa: S608
        rows = self._read(query, values)
        return dict([(str(venue), int(str(count))) for venue, count in rows if venue][:k])

    def known(self, filters: Filters) -> dict[str, int]:
        """Return of how many of the papers that pass ``filters`` there is an abstract, a summary, and each field."""
        counted = {
            "abstract": "kind = 'abstract'", "summary": "kind = 'summary'", "authors": "authors != '[]'",
            "year": "year IS NOT NULL", "venue": "venue != ''", "url": "url != ''", "doi": "doi != ''",
        }  # fmt: skip
        where, values = _where(filters)
        sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in counted.values())
        [row] = self._read(f"SELECT {sums} FROM papers {where}", values)  # noqa: S608
        return {name: int(str(count)) for name, count in zip(counted, row, strict=True)}

    def titles(self, filters: Filters) -> list[str]:
        """Return the titles of the papers that pass ``filters``."""
        where, values = _where(filters)
        return [str(row[0]) for row in self._read(f"SELECT title FROM papers {where} ORDER BY rowid", values)]  # noqa: S608

    def by_year(self, filters: Filters, k: int) -> list[Paper]:
        """Return ``k`` of the papers that pass ``filters``, newest first, those without a year last."""
        where, values = _where(filters)
        order = "year IS NULL, year DESC, rowid LIMIT ?"
        rows = self._read(f"SELECT {COLUMNS} FROM papers {where} ORDER BY {order}", [*values, k])  # noqa: S608
        return [paper_of(row) for row in rows]

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
        query = f"SELECT {COLUMNS} FROM papers {where} ORDER BY {empty_last}{column} {turned}, rowid"  # noqa: S608
        return [paper_of(row) for row in self._read(f"{query} LIMIT ? OFFSET ?", [*values, k, first])], total

    def damage(self) -> str:
        """Return what is wrong with the file, or an empty string.

        SQLite's own check sees its pages, the papers' hashes see what stands in them.
        """
        result = str(self._read("PRAGMA integrity_check(1)", ())[0][0])
        if result != "ok":
            return result
        for (rowid,) in self._read("SELECT rowid FROM papers", ()):
            for row in self._read(f"SELECT {CHECKED} FROM papers WHERE rowid = ?", (rowid,)):  # noqa: S608
                with mended(self.path):
                    if not is_as_written(row):
                        return f"the record of {row[0]} is not what was written"
        return "" if self._finds_authors() else "its lookup of authors is not what the papers say"

    def _finds_authors(self) -> bool:
        with self._lock, mended(self.path):
            self._connection.execute("BEGIN")  # one look, whatever others write meanwhile
            try:
                return authors.agrees(self._connection.execute)
            finally:
                self._connection.execute("ROLLBACK")

    def _inode(self) -> int:
        return self.path.stat().st_ino if self.path.exists() else 0

    def _read(self, query: str, values: Sequence[object]) -> list[tuple[object, ...]]:
        with self._lock, mended(self.path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self, *, kept: bool = True) -> Iterator[Run]:
        if self._inode() != self._file:  # what would be written into the old file would be lost with it
            raise LibraryError(f"{self.path} was replaced by another file; start this program again")
        with self._lock, mended(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT" if kept else "ROLLBACK")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def open_library(home: Path) -> Library:
    """Open the library in ``home``, both made if they are missing.

    Raises:
        LibraryDamagedError: The library is not what was written, or gone where there is an index of one.
        LibraryError: The folder cannot be made, read or written.
    """
    path = home / FILE_NAME
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the home folder {home} cannot be made ({error.strerror}); choose another with --home"
        raise LibraryError(message) from error
    if not _has_content(path) and _has_content(home / "index" / "CURRENT"):
        raise damaged(path, "it is empty or gone, and its index is there")
    return Library(path)


def _has_content(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size > 0
    return False


ORDERS = {"title": "title_key", "year": "year", "venue": "venue_key", "added": "rowid"}


def _bump(run: Run) -> None:
    run("UPDATE state SET value = CAST(value AS INTEGER) + 1 WHERE key = 'version'")


def _where(filters: Filters) -> tuple[str, list[object]]:
    clauses, values = _conditions(filters)
    return ("WHERE " + " AND ".join(clauses) if clauses else ""), values


def _conditions(filters: Filters) -> tuple[list[str], list[object]]:
    clauses: list[str] = []
    values: list[object] = []
    for bound, sign in zip(filters.years, (">=", "<="), strict=True):
        if bound is not None:
            clauses.append(f"year {sign} ?")
            values.append(bound)
    for clause, wanted in (
        (authors.CONDITION, authors.wanted(filters.authors) if filters.authors else ""),
        (_BY_VENUE, json.dumps([fold(v) for v in filters.venues]) if filters.venues else ""),
        (_BY_ID, json.dumps(filters.paper_ids) if filters.paper_ids else ""),
    ):
        if wanted:
            clauses.append(clause)
            values.append(wanted)
    for further in filters.also:
        more_clauses, more_values = _conditions(further)
        clauses += more_clauses
        values += more_values
    return clauses, values
