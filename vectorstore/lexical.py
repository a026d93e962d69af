"""The lexical index: titles and texts of papers in SQLite's FTS5, to find phrases in and to count by words.

One document a paper. It also says which papers an index holds, in which order and in which version, because it is the
part of an index that can be asked. Papers are ranked by their words in `bm25`.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from vectorstore.errors import mended

_CREATE = """
CREATE TABLE IF NOT EXISTS papers (
    rowid INTEGER PRIMARY KEY, paper_id TEXT UNIQUE NOT NULL, content_hash TEXT NOT NULL, chunks INTEGER NOT NULL,
    words_key BLOB NOT NULL
);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (title, body, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TABLE IF NOT EXISTS forms (form TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID;
"""
_WORD = re.compile(r"\w+")
_FORM_LENGTHS = range(4, 31)


class LexicalIndex:
    """Words and phrases of titles and texts, by paper id.

    Args:
        path: The SQLite file; made if it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._mended():
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.executescript(_CREATE)

    def add(self, rows: Iterable[tuple[str, str, str, str, int, int]]) -> None:
        """Add papers that are not there: (paper id, content hash, title, text, number of chunks, key of its words)."""
        run, forms = self._connection.execute, Counter[str]()
        with self._mended():
            run("BEGIN")
            for paper_id, content_hash, title, text, chunks, key in rows:
                forms.update(_forms(f"{title} {text}"))
                values = paper_id, content_hash, chunks, key.to_bytes(8, "little")
                cursor = run("INSERT INTO papers VALUES (NULL, ?, ?, ?, ?)", values)
                run("INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)", (cursor.lastrowid, title, text))
            self._count(forms)
            run("COMMIT")

    def remove(self, paper_ids: Sequence[str]) -> None:
        """Remove papers; ids that are not there are ignored."""
        run, forms = self._connection.execute, Counter[str]()
        text_of = "SELECT title || ' ' || body FROM words WHERE rowid = (SELECT rowid FROM papers WHERE paper_id = ?)"
        with self._mended():
            run("BEGIN")
            for paper_id in paper_ids:
                for (text,) in run(text_of, (paper_id,)):
                    forms.subtract(_forms(text))
                run("DELETE FROM words WHERE rowid = (SELECT rowid FROM papers WHERE paper_id = ?)", (paper_id,))
                run("DELETE FROM papers WHERE paper_id = ?", (paper_id,))
            self._count(forms)
            run("DELETE FROM forms WHERE papers <= 0")
            run("COMMIT")

    def last_row(self) -> int:
        """Return the row of the paper that was added last; 0 where there is none."""
        with self._mended():
            return int(self._connection.execute("SELECT coalesce(max(rowid), 0) FROM papers").fetchone()[0])

    def texts(self, after: int) -> Iterator[tuple[str, str]]:
        """Yield title and text of the papers added after a row, in order."""
        with self._mended():
            for title, text in self._connection.execute(
                "SELECT title, body FROM words WHERE rowid > ? ORDER BY rowid", (after,)
            ):
                yield str(title), str(text)

    def everything(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield paper id, content hash, title and text of every paper, in the order they were added."""
        query = "SELECT paper_id, content_hash, title, body FROM papers JOIN words ON words.rowid = papers.rowid"
        with self._mended():
            for row in self._connection.execute(f"{query} ORDER BY papers.rowid"):
                yield str(row[0]), str(row[1]), str(row[2]), str(row[3])

    def containing(self, text: str, k: int = 5) -> list[str]:
        """Return the ids of up to ``k`` papers in which the words of ``text`` stand in this order."""
        if not _WORD.search(text):
            return []
        query = (
            "SELECT papers.paper_id FROM words JOIN papers ON papers.rowid = words.rowid WHERE words MATCH ? LIMIT ?"
        )
        with self._mended():
            return [str(row[0]) for row in self._connection.execute(query, (_phrase(text), k))]

    def papers(self, after: int = 0) -> Iterator[tuple[int, str, str, int]]:
        """Yield row, paper id, content hash and number of chunks of every paper added after a row, in order."""
        query = "SELECT rowid, paper_id, content_hash, chunks FROM papers WHERE rowid > ? ORDER BY rowid"
        with self._mended():
            for row, paper_id, content_hash, chunks in self._connection.execute(query, (after,)):
                yield int(row), str(paper_id), str(content_hash), int(chunks)

    def words_keys(self) -> list[int]:
        """Return what the vectors of each paper's words are kept under, in the order the papers were added."""
        with self._mended():
            rows = self._connection.execute("SELECT words_key FROM papers ORDER BY rowid")
            return [int.from_bytes(row[0], "little") for row in rows]

    def count_with_all(self, phrases: Sequence[str], among: frozenset[str] | None = None) -> int:
        """Return how many papers, of those ``among``, have every one of the phrases, whatever their words' endings."""
        match = " AND ".join(_phrase(phrase) for phrase in phrases if _WORD.search(phrase))
        query = "SELECT paper_id FROM words JOIN papers ON papers.rowid = words.rowid WHERE words MATCH ?"
        if not match:
            return 0
        with self._mended():
            rows = self._connection.execute(query, (match,))
            return sum(1 for (paper_id,) in rows if among is None or paper_id in among)

    def document_frequencies(self, words: Iterable[str]) -> Mapping[str, int]:
        """Return in how many papers each word stands."""
        query = "SELECT count(*) FROM words WHERE words MATCH ?"
        with self._mended():
            return {word: int(self._connection.execute(query, (_phrase(word),)).fetchone()[0]) for word in words}

    def forms(self, papers: int = 1) -> list[str]:
        """Return the words of four letters and more as they are written in at least so many papers, in lower case."""
        with self._mended():
            rows = self._connection.execute("SELECT form FROM forms WHERE papers >= ? ORDER BY form", (papers,))
            return [str(row[0]) for row in rows]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _count(self, forms: Mapping[str, int]) -> None:
        self._connection.executemany(
            "INSERT INTO forms VALUES (?, ?) ON CONFLICT (form) DO UPDATE SET papers = papers + excluded.papers",
            forms.items(),
        )

    def _mended(self) -> AbstractContextManager[None]:
        return mended(self._path, sqlite3.Error)


def _forms(text: str) -> set[str]:
    """Return the words of a text that a misspelt one may stand for."""
    words = set(_WORD.findall(text.lower()))
    return {word for word in words if len(word) in _FORM_LENGTHS and word.isascii() and word.isalpha()}


def _phrase(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
