"""The lexical index: titles and texts of papers in SQLite's FTS5, ranked by BM25.

One document a paper. It also says which papers an index holds and in which version, because it is the part of an
index that can be asked.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path

from vectorstore.errors import mended

# A match in the title says more than one in the text: measured in benchmarks/retrieval.py.
_TITLE_WEIGHT, _BODY_WEIGHT = 1.5, 1.0
_CREATE = """
CREATE TABLE IF NOT EXISTS papers (
    rowid INTEGER PRIMARY KEY, paper_id TEXT UNIQUE NOT NULL, content_hash TEXT NOT NULL, chunks INTEGER NOT NULL
);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (title, body, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TABLE IF NOT EXISTS forms (form TEXT PRIMARY KEY, papers INTEGER NOT NULL) WITHOUT ROWID;
"""
_WORD = re.compile(r"\w+")
_FORM_LENGTHS = range(4, 31)

STOP_WORDS = frozenset(
    """a about above after again all also am an and any are as at be because been before being between both but by can
    could did do does doing don done down during each few for from further had has have having he her here hers him his
    how i if in into is it its itself just let like me might more most much must my no nor not now of off on once one
    only or other our out over own please same shall she should so some such tell than that the their them then there
    these they this those through to too under until up upon us very was we were what when where whether which while who
    whom whose why will with within without would you your yours work works paper papers study studies""".split()
)


class LexicalIndex:
    """BM25 over titles and texts, by paper id.

    Args:
        path: The SQLite file; made if it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._mended():
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.executescript(_CREATE)

    def add(self, rows: Iterable[tuple[str, str, str, str, int]]) -> None:
        """Add papers that are not there: (paper id, content hash, title, text, number of chunks)."""
        run, forms = self._connection.execute, Counter[str]()
        with self._mended():
            run("BEGIN")
            for paper_id, content_hash, title, text, chunks in rows:
                forms.update(_forms(f"{title} {text}"))
                cursor = run("INSERT INTO papers VALUES (NULL, ?, ?, ?)", (paper_id, content_hash, chunks))
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

    def search(self, query: str, k: int, among: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """Return the ``k`` best papers as (paper id, BM25 score), best first; any word of the query may match."""
        words = query_words(query)
        if not words:
            return []
        match = " OR ".join(map(_phrase, words))
        with self._mended():
            rows = self._connection.execute(
                # bm25() is negative, the best the lowest.
                "SELECT papers.paper_id, -bm25(words, ?, ?) AS score FROM words JOIN papers"
                " ON papers.rowid = words.rowid WHERE words MATCH ? ORDER BY score DESC, papers.rowid",
                (_TITLE_WEIGHT, _BODY_WEIGHT, match),
            )
            kept = ((str(p), float(s)) for p, s in rows if among is None or p in among)
            return list(islice(kept, k))

    def containing(self, text: str, k: int = 5) -> list[str]:
        """Return the ids of up to ``k`` papers in which the words of ``text`` stand in this order."""
        if not _WORD.search(text):
            return []
        query = (
            "SELECT papers.paper_id FROM words JOIN papers ON papers.rowid = words.rowid WHERE words MATCH ? LIMIT ?"
        )
        with self._mended():
            return [str(row[0]) for row in self._connection.execute(query, (_phrase(text), k))]

    def papers(self) -> dict[str, tuple[str, int]]:
        """Return the content hash and the number of chunks of every paper by id."""
        with self._mended():
            rows = self._connection.execute("SELECT paper_id, content_hash, chunks FROM papers")
            return {str(p): (str(h), int(c)) for p, h, c in rows}

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


def query_words(query: str) -> list[str]:
    """Return the words of a query that are worth searching, each once, in order."""
    words = dict.fromkeys(_WORD.findall(query.lower()))
    return [w for w in words if w not in STOP_WORDS and (len(w) > 1 or not w.isascii() or w.isdigit())][:64]


def _forms(text: str) -> set[str]:
    """Return the words of a text that a misspelt one may stand for."""
    words = set(_WORD.findall(text.lower()))
    return {word for word in words if len(word) in _FORM_LENGTHS and word.isascii() and word.isalpha()}


def _phrase(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'
