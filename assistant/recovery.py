"""Recovery: a new library, or new conversations, from what the damaged file still holds.

What is read of a paper is checked against its content hash. Papers that the library lost are taken, with title and
abstract, from the search index.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from assistant.authors import note_authors
from assistant.conversations import CREATE as CREATE_CONVERSATIONS
from assistant.database import mended
from assistant.errors import LibraryError
from assistant.papers import Paper, identifiers, title_key
from assistant.salvage import Row, clear, keep_aside, put_in_place, reading, rows, rows_from_both_ends
from assistant.schema import bring_up_to_date
from assistant.text import fold

_COLUMNS = "title, abstract, authors, year, venue, url, doi, kind, origins, added_at, content_hash, paper_id"
_INSERT = f"""INSERT OR IGNORE INTO papers (rowid, {_COLUMNS}, title_key, venue_key)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, CURRENT_TIMESTAMP), ?, ?, ?, ?)"""  # noqa: S608 - constants
_CONVERSATION = "conversation_id, title, title_key, options, created_at, updated_at"

Result = TypeVar("Result")
Texts = Mapping[str, tuple[str, str, str]]
"""Content hash, title and abstract of papers, by id."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of the papers.

    Attributes:
        papers: How many the new file holds.
        from_index: Of how many nothing but title and abstract was left, in the index.
        doubtful: How many are not what was written, and could not be put right.
        aside: Where the damaged file is kept; None where there was none.
    """

    papers: int
    from_index: int
    doubtful: int
    aside: Path | None

    @property
    def lossy(self) -> bool:
        """Whether something could not be recovered, as far as can be told."""
        return bool(self.from_index or self.doubtful or not self.papers)

    def __str__(self) -> str:
        """Return one line for a person."""
        parts = [f"{self.papers} papers recovered"]
        if self.from_index:
            parts.append(
                f"{self.from_index} of them with title and abstract only; add their sources again for the rest"
            )
        if self.doubtful:
            parts.append(f"{self.doubtful} of them differ from what was written; add their sources again")
        return "; ".join(parts) + _kept(self.aside)


def recover_library(path: Path, texts: Texts, least_version: int) -> Recovered:
    """Put a new library file in the place of the one at ``path``, damaged or missing.

    Args:
        path: The library's file.
        texts: What the index holds.
        least_version: The library's version will be greater, so that no index is taken for current.

    Raises:
        LibraryError: The disk is full or the folder cannot be written; the file is as it was.
    """

    def fill(old: sqlite3.Connection | None, new: sqlite3.Connection) -> tuple[int, int, int]:
        doubtful = _copy_papers(old, new, texts) if old else 0
        version = max(least_version, _version(old) if old else 0)
        added = _add_lost(new, texts)
        new.execute("UPDATE state SET value = ? WHERE key = 'version'", (str(version + 1),))
        return _count(new, "papers"), added, doubtful

    counts, aside = _rebuilt(path, bring_up_to_date, fill)
    return Recovered(*counts, aside)


def recover_conversations(path: Path) -> str:
    """Put a new file of conversations in the place of a damaged one and return one line on what it holds.

    Raises:
        LibraryError: The disk is full or the folder cannot be written; the file is as it was.
    """

    def fill(old: sqlite3.Connection | None, new: sqlite3.Connection) -> int:
        if old:
            _copy_conversations(old, new)
        return _count(new, "conversations")

    count, aside = _rebuilt(path, lambda new: new.executescript(CREATE_CONVERSATIONS), fill)
    return f"{count} conversations recovered{_kept(aside)}"


def _rebuilt(
    path: Path,
    create: Callable[[sqlite3.Connection], object],
    fill: Callable[[sqlite3.Connection | None, sqlite3.Connection], Result],
) -> tuple[Result, Path | None]:
    """Put a new file in the place of a damaged one; return what ``fill`` returns and where the damaged one is kept.

    Args:
        path: The file.
        create: Makes the tables.
        fill: Gets the damaged file, None where there is none, and the new one.
    """
    with mended(path), _writable(path):
        building = clear(path.with_name(f"{path.name}.recovering"))
        aside = keep_aside(path)
        with closing(sqlite3.connect(building, isolation_level=None)) as new:
            create(new)
        with (
            reading(aside, building) if aside else nullcontext() as old,
            closing(sqlite3.connect(building, isolation_level=None)) as new,
        ):
            new.execute("BEGIN")
            result = fill(old, new)
            new.execute("COMMIT")
        put_in_place(building, path)
    return result, aside


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - constants


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"no new {path} can be written ({error.strerror}), the old one is as it was"
        raise LibraryError(
            f"{message}; free some space or check permissions, then: assistant doctor --repair"
        ) from error


def _kept(aside: Path | None) -> str:
    return f"; the damaged file is kept as {aside}" if aside else ""


# -- papers ------------------------------------------------------------------------------------------------------


def _copy_papers(old: sqlite3.Connection, new: sqlite3.Connection, texts: Texts) -> int:
    """Copy what can be read of the papers and their further names; return how many papers are not as written."""
    doubtful = 0
    for rowid, *values in rows(old, "papers", _COLUMNS):
        row = dict(zip(_COLUMNS.split(", "), values, strict=True))
        if paper := _best(row, texts):
            doubtful += paper.content_hash != row["content_hash"]
            _insert(new, rowid, paper, row)
    for name in rows_from_both_ends(old, "identifiers", "identifier, paper_id", "identifier"):
        new.execute("INSERT OR IGNORE INTO identifiers VALUES (?, ?)", name)
    new.execute("DELETE FROM identifiers WHERE paper_id NOT IN (SELECT paper_id FROM papers)")
    return doubtful


def _best(row: Mapping[str, object], texts: Texts) -> Paper | None:
    """Return the paper of a row, with title and abstract from the index where they are the right ones."""
    paper = _paper(row)
    if paper and paper.content_hash == row["content_hash"]:
        return paper
    _, title, abstract = texts.get(str(row["paper_id"]), ("", "", ""))
    other = _paper({**row, "title": title, "abstract": abstract})
    return other if other and (paper is None or other.content_hash == row["content_hash"]) else paper


def _paper(row: Mapping[str, object]) -> Paper | None:
    """Return the paper of a row, without those of its fields that cannot be read; None without title and abstract."""
    year = row["year"]
    with suppress(ValueError):
        return Paper(
            title=_text(row["title"]),
            abstract=_text(row["abstract"]),
            authors=_names(row["authors"]),
            year=year if isinstance(year, int) else None,
            venue=_text(row["venue"]),
            url=_text(row["url"]),
            doi=_text(row["doi"]),
            kind="summary" if row["kind"] == "summary" else "abstract",
            paper_id=_text(row["paper_id"]),
        )
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _names(text: object) -> tuple[str, ...]:
    with suppress(ValueError):
        names = json.loads(_text(text))
        if isinstance(names, list):
            return tuple(name for name in names if isinstance(name, str))
    return ()


def _insert(new: sqlite3.Connection, rowid: object, paper: Paper, row: Mapping[str, object]) -> None:
    authors = json.dumps(paper.authors, ensure_ascii=False)
    origins = row.get("origins") if _is_object(row.get("origins")) else "{}"
    fields = (paper.title, paper.abstract, authors, paper.year, paper.venue, paper.url, paper.doi, paper.kind)
    names = (paper.content_hash, paper.paper_id, title_key(paper.title), fold(paper.venue))
    inserted = new.execute(_INSERT, (rowid, *fields, origins, row.get("added_at"), *names))
    if inserted.rowcount > 0 and inserted.lastrowid:
        note_authors(new.execute, inserted.lastrowid, paper.authors)
    for name in identifiers(paper):
        if name != paper.paper_id:
            new.execute("INSERT OR IGNORE INTO identifiers VALUES (?, ?)", (name, paper.paper_id))


def _add_lost(new: sqlite3.Connection, texts: Texts) -> int:
    there = {row[0] for row in new.execute("SELECT paper_id FROM papers")}
    lost = [(paper_id, text) for paper_id, text in texts.items() if paper_id not in there]
    for paper_id, (_, title, abstract) in lost:
        _insert(new, None, Paper(title=title, abstract=abstract, paper_id=paper_id), {})
    return len(lost)


def _version(old: sqlite3.Connection) -> int:
    with suppress(sqlite3.DatabaseError, ValueError, TypeError):
        return int(old.execute("SELECT value FROM state WHERE key = 'version'").fetchone()[0])
    return 0


# -- conversations -----------------------------------------------------------------------------------------------


def _copy_conversations(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    for rowid, *row in rows(old, "conversations", _CONVERSATION):
        if _is_object(row[3]) and all(isinstance(value, str) for value in row):
            new.execute(
                f"INSERT OR IGNORE INTO conversations (rowid, {_CONVERSATION}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (rowid, *row),
            )
    turns = "conversation_id, number, record, words"
    for turn in rows_from_both_ends(old, "turns", turns, "conversation_id, number"):
        _copy_turn(new, turn)
    for _, *preference in rows(old, "preferences", "name, value"):
        new.execute("INSERT OR IGNORE INTO preferences SELECT ?1, ?2 WHERE json_valid(?2)", preference)


def _copy_turn(new: sqlite3.Connection, turn: Row) -> None:
    conversation_id, _, record, words = turn
    if _is_object(record) and isinstance(words, str):
        head = "INSERT OR IGNORE INTO conversations (conversation_id, title, title_key) VALUES (?, ?, ?)"
        new.execute(head, (conversation_id, "Recovered", "recovered"))  # where only its turns are left
        new.execute("INSERT OR IGNORE INTO turns VALUES (?, ?, ?, ?)", turn)


def _is_object(text: object) -> bool:
    with suppress(ValueError):
        return isinstance(json.loads(_text(text)), dict)
    return False
