"""Conversations kept in the home folder: one SQLite file of its own, so that a damaged one costs no papers.

A turn is kept as the record of its answer, not as text to be made again: numbers, quotes and the papers' abstracts are
tomorrow what they were. Every write is synced before it returns. Knows no page.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from assistant.database import connect, mended, refuse_foreign
from assistant.errors import LibraryError
from assistant.text import fold, one_line, shorten

FILE_NAME = "conversations.sqlite3"
SCHEMA = 1

CREATE = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS conversations (
    conversation_id TEXT PRIMARY KEY, title TEXT NOT NULL, title_key TEXT NOT NULL, options TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')),
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ'))
);
CREATE TABLE IF NOT EXISTS turns (
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE, number INTEGER NOT NULL,
    record TEXT NOT NULL, words TEXT NOT NULL, PRIMARY KEY (conversation_id, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS conversations_updated ON conversations (updated_at);
CREATE TABLE IF NOT EXISTS preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL);
COMMIT;
PRAGMA user_version = 1;
"""
_TITLE_CHARACTERS = 120
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ')"

# Within one millisecond, a conversation that was written to came after one that was only begun.
_LATEST_FIRST = (
    " ORDER BY c.updated_at DESC,"
    " EXISTS (SELECT 1 FROM turns t WHERE t.conversation_id = c.conversation_id) DESC, c.rowid DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A conversation as a list names it.

    Attributes:
        conversation_id: Random, so that nobody guesses another's.
        title: What it is called; at first its first question.
        created_at: UTC, ISO 8601.
        updated_at: When its last turn was written.
        turns: How many questions it has.
        options: What was chosen for it, such as filters.
    """

    conversation_id: str
    title: str
    created_at: str
    updated_at: str
    turns: int
    options: Mapping[str, Any]


class Conversations:
    """The conversations of one home folder. Safe to use from several threads and processes."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE_NAME
        self._lock = RLock()
        with mended(self.path):
            self._connection = connect(self.path)
            self._connection.execute("PRAGMA foreign_keys = ON")
            schema = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
            if schema < 1:
                refuse_foreign(self._connection)
            if schema < SCHEMA:
                self._connection.executescript(CREATE)
        if schema > SCHEMA:
            self._connection.close()
            raise LibraryError(f"{self.path} was written by a newer program (schema {schema}); update this one")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def begin(self, title: str, options: Mapping[str, Any] | None = None) -> str:
        """Begin a conversation and return its id."""
        conversation_id = secrets.token_hex(8)
        title = _titled(title)
        with self._transaction() as run:
            run(
                "INSERT INTO conversations (conversation_id, title, title_key, options) VALUES (?, ?, ?, ?)",
                (conversation_id, title, fold(title), _json(options or {})),
            )
        return conversation_id

    def keep(self, conversation_id: str, number: int, record: Mapping[str, Any], words: str) -> bool:
        """Write a turn in the place of what had its number or a later one; say whether the conversation is there.

        Args:
            conversation_id: Which one.
            number: Of the turn, from 1.
            record: The turn as JSON values.
            words: What the turn is found by.
        """
        with self._transaction() as run:
            there = run(f"UPDATE conversations SET updated_at = {_NOW} WHERE conversation_id = ?", (conversation_id,))  # noqa: S608
            if not there.rowcount:  # deleted from another window
                return False
            run("DELETE FROM turns WHERE conversation_id = ? AND number >= ?", (conversation_id, number))
            run("INSERT INTO turns VALUES (?, ?, ?, ?)", (conversation_id, number, _json(record), fold(words)))
        return True

    def choose(self, conversation_id: str, options: Mapping[str, Any]) -> None:
        """Write what was chosen for a conversation."""
        with self._transaction() as run:
            run(
                "UPDATE conversations SET options = ? WHERE conversation_id = ?",
                (_json(options), conversation_id),
            )

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title; an empty one changes nothing."""
        if title := _titled(title):
            with self._transaction() as run:
                run(
                    "UPDATE conversations SET title = ?, title_key = ? WHERE conversation_id = ?",
                    (title, fold(title), conversation_id),
                )

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation; one that is gone already is no error."""
        with self._transaction() as run:
            run("DELETE FROM conversations WHERE conversation_id = ?", (conversation_id,))

    def get(self, conversation_id: str) -> Kept | None:
        """Return a conversation, or nothing where there is none with this id."""
        return next(iter(self._select("WHERE c.conversation_id = ?", (conversation_id,))), None)

    def find(self, words: str = "", k: int = 100) -> list[Kept]:
        """Return the ``k`` newest conversations in whose title or turns all of the words occur."""
        wanted = fold(words).split()
        said = "SELECT 1 FROM turns t WHERE t.conversation_id = c.conversation_id AND instr(t.words, ?)"
        clause = f"(instr(c.title_key, ?) OR EXISTS ({said}))"
        where = "WHERE " + " AND ".join([clause] * len(wanted)) if wanted else ""
        return self._select(
            where + _LATEST_FIRST,
            (*(w for word in wanted for w in (word, word)), k),
        )

    def turns(self, conversation_id: str) -> list[dict[str, Any]]:
        """Return the records of a conversation's turns, oldest first."""
        rows = self._read("SELECT record FROM turns WHERE conversation_id = ? ORDER BY number", (conversation_id,))
        with mended(self.path):
            return [json.loads(str(row[0])) for row in rows]

    def preferences(self) -> dict[str, Any]:
        """Return what was chosen for every conversation."""
        rows = self._read("SELECT * FROM preferences", ())
        with mended(self.path):
            return {str(name): json.loads(str(value)) for name, value in rows}

    def prefer(self, name: str, value: Any) -> None:
        """Write one choice for every conversation."""
        with self._transaction() as run:
            run("INSERT OR REPLACE INTO preferences VALUES (?, ?)", (name, _json(value)))

    def count(self) -> int:
        """Return how many there are."""
        return int(self._read("SELECT count(*) FROM conversations", ())[0][0])

    def damage(self) -> str:
        """Return what is wrong with the file, or an empty string: SQLite's own check, then what stands in it."""
        result = str(self._read("PRAGMA integrity_check(1)", ())[0][0])
        for column, table in (("record", "turns"), ("options", "conversations"), ("value", "preferences")):
            if result == "ok" and self._read(f"SELECT 1 FROM {table} WHERE NOT json_valid({column}) LIMIT 1", ()):  # noqa: S608
                result = f"a {column} in {table} is not what was written"
        return "" if result == "ok" else result

    def _select(self, rest: str, values: Sequence[object]) -> list[Kept]:
        query = (
            "SELECT c.conversation_id, c.title, c.created_at, c.updated_at, c.options, "  # noqa: S608 - ours alone
            f"(SELECT count(*) FROM turns t WHERE t.conversation_id = c.conversation_id) FROM conversations c {rest}"
        )
        with mended(self.path):
            return [
                Kept(str(i), str(title), str(created), str(updated), int(str(turns)), json.loads(str(options)))
                for i, title, created, updated, options, turns in self._read(query, values)
            ]

    def _read(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._lock, mended(self.path):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._lock, mended(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection.execute
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _titled(text: str) -> str:
    return shorten(one_line(text), _TITLE_CHARACTERS)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
