"""Putting a paper into the library's tables: found under any of its names, merged with what is there, written.

Knows the tables and the rules of `merging`; transactions are the library's. Among the names of a paper are marks of the
records that went into it: a record that a source says again is known by its mark and changes nothing, however the
records of that source contradict one another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from assistant.authors import Run, forget_authors, names_of, note_authors
from assistant.merging import FIELDS, best_match, merge, same_by_id, same_by_title
from assistant.papers import Paper, identifiers, title_id, title_key
from assistant.schema import COLUMNS, paper_of
from assistant.text import fold

Change = Literal["added", "updated", "unchanged"]

_INSERT = """
INSERT INTO papers (title, abstract, authors, year, venue, url, doi, kind, content_hash, title_key, venue_key, origins,
                    paper_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_UPDATE = """
UPDATE papers SET title = ?, abstract = ?, authors = ?, year = ?, venue = ?, url = ?, doi = ?, kind = ?,
    content_hash = ?, title_key = ?, venue_key = ?, origins = ?, paper_id = ?
WHERE paper_id = ?
"""
_BY_ID = f"""
SELECT {COLUMNS}, origins FROM papers
WHERE paper_id IN (SELECT value FROM json_each(?1)
                   UNION SELECT i.paper_id FROM json_each(?1) JOIN identifiers i ON i.identifier = value)
ORDER BY rowid
"""  # noqa: S608 -- a constant
_BY_TITLE = f"SELECT {COLUMNS}, origins FROM papers WHERE title_key = ? ORDER BY rowid"  # noqa: S608 -- a constant


def put_paper(run: Run, paper: Paper, said: set[str]) -> Change:
    """Write a paper, or what it adds to one that is there, and say what happened.

    Args:
        run: Executes a statement.
        paper: The record.
        said: The marks of what the sources have said in this run, to which this record's is added. What a source said
            in an earlier run of a paper and says no longer is forgotten, so that it may say it again.
    """
    mark = _mark(paper.source, paper.content_hash)
    said.add(mark)
    if _is_known(run, paper, mark):
        return "unchanged"
    given, (paper, found) = paper, _found(run, paper)
    if not found:
        sources = dict.fromkeys(_filled(paper), paper.source) if paper.source else {}
        run(_INSERT, _row(paper, sources))
        note_authors(run, _rowid(run, paper.paper_id), paper.authors)
        _name(run, paper.paper_id, identifiers(paper) if paper is given else (*identifiers(paper), mark))
        return "added"
    (known, origins), *doubles = found
    merged, sources = known, origins
    for double, _ in doubles:  # this record shows that two papers were one
        merged, sources = merge(merged, sources, replace(double, source="the library"))
        _delete(run, double.paper_id, double.authors)
        run("UPDATE OR REPLACE identifiers SET paper_id = ? WHERE paper_id = ?", (known.paper_id, double.paper_id))
    merged, sources = merge(merged, sources, paper)
    if merged != known or sources != origins:
        merged = _with_free_id(run, merged, known)
        if merged.authors != known.authors:
            rowid = _rowid(run, known.paper_id)
            forget_authors(run, rowid, known.authors)
            note_authors(run, rowid, merged.authors)
        run(_UPDATE, (*_row(merged, sources), known.paper_id))
    if merged.paper_id != known.paper_id:
        run("UPDATE identifiers SET paper_id = ? WHERE paper_id = ?", (merged.paper_id, known.paper_id))
    names = (known.paper_id, paper.paper_id, *(double.paper_id for double, _ in doubles))
    marks = [mark, *(_mark(source, one.content_hash) for one, of in found for source in _only(of))]
    _name(run, merged.paper_id, (*identifiers(merged), *identifiers(paper), *names, *marks))
    _forget(run, merged.paper_id, mark, said)
    return "updated" if merged != known or doubles else "unchanged"


def remove_paper(run: Run, paper_id: str) -> bool:
    """Remove a paper under any of its ids; say whether there was one."""
    named = run("SELECT paper_id FROM identifiers WHERE identifier = ?", (paper_id,)).fetchone()
    is_id = run("SELECT 1 FROM papers WHERE paper_id = ?", (paper_id,)).fetchone()
    own = paper_id if is_id or not named else str(named[0])
    run("DELETE FROM identifiers WHERE paper_id = ?", (own,))
    found = run("SELECT authors FROM papers WHERE paper_id = ?", (own,)).fetchone()
    if found:
        _delete(run, own, names_of(found[0]))
    return found is not None


def _delete(run: Run, paper_id: str, authors: Sequence[str]) -> None:
    forget_authors(run, _rowid(run, paper_id), authors)
    run("DELETE FROM papers WHERE paper_id = ?", (paper_id,))


def _rowid(run: Run, paper_id: str) -> int:
    return int(run("SELECT rowid FROM papers WHERE paper_id = ?", (paper_id,)).fetchone()[0])


def _is_known(run: Run, paper: Paper, mark: str) -> bool:
    """Say whether the library has this very record, as a paper or among those that went into one.

    A source that says what the library has gets a mark for it, because the paper may become another one; the only
    source of a paper gets it then.
    """
    row = run("SELECT content_hash, origins FROM papers WHERE paper_id = ?", (paper.paper_id,)).fetchone()
    if row and row[0] == paper.content_hash:
        if row[1] != "{}" and _only(json.loads(row[1])) != {paper.source}:
            _name(run, paper.paper_id, (mark,))
        return row[1] != "{}" or not paper.source
    return run("SELECT 1 FROM identifiers WHERE identifier = ?", (mark,)).fetchone() is not None


def _mark(source: str, content_hash: str) -> str:
    return f"record:{hashlib.sha256(source.encode()).hexdigest()[:12]}:{content_hash[:24]}"


def _only(origins: dict[str, str]) -> set[str]:
    """Return the source that all fields of a paper are from: what it was, before it changes, is a record of it."""
    sources = set(origins.values())
    return sources if len(sources) == 1 else set()


def _forget(run: Run, paper_id: str, mark: str, said: set[str]) -> None:
    """Forget what the source of a record said of a paper before and does not say now."""
    source = mark.rpartition(":")[0]
    of_source = "SELECT identifier FROM identifiers WHERE paper_id = ? AND identifier > ? AND identifier < ?"
    for (old,) in run(of_source, (paper_id, f"{source}:", f"{source};")).fetchall():
        if old not in said:
            run("DELETE FROM identifiers WHERE identifier = ?", (old,))


def _found(run: Run, paper: Paper) -> tuple[Paper, list[tuple[Paper, dict[str, str]]]]:
    """Return the paper, without an id that it bears wrongly, and what the library has of it, in the library's order."""
    names = json.dumps([paper.paper_id, *identifiers(paper)])
    by_id = list(_known(run, _BY_ID, names))
    found = [match for match in by_id if same_by_id(match[0], paper)]
    if by_id and not found:
        paper = replace(paper, paper_id=title_id(paper), doi="")
        by_id = list(_known(run, _BY_ID, json.dumps([paper.paper_id])))
        found = [match for match in by_id if same_by_id(match[0], paper)]
    ids = {known.paper_id for known, _ in found}
    others = [m for m in _known(run, _BY_TITLE, title_key(paper.title)) if m[0].paper_id not in ids]
    alike = [match for match in others if same_by_title(match[0], paper)]
    if alike:
        best = best_match(paper, [known for known, _ in alike])
        found += [match for match in alike if match[0] is best]
    if by_id and not found:  # another paper of which nothing but the same title is known
        digest = hashlib.sha256(paper.abstract.encode()).hexdigest()[:6]
        paper = replace(paper, paper_id=f"{paper.paper_id}-{digest}")
    return paper, found


def _known(run: Run, query: str, value: str) -> Iterator[tuple[Paper, dict[str, str]]]:
    for *columns, origins in run(query, (value,)).fetchall():
        yield paper_of(tuple(columns)), json.loads(origins)


def _with_free_id(run: Run, merged: Paper, known: Paper) -> Paper:
    """Return the merged paper under its new id, or under its old one if another paper has that."""
    if merged.paper_id == known.paper_id:
        return merged
    taken = run("SELECT 1 FROM papers WHERE paper_id = ?", (merged.paper_id,)).fetchone()
    return replace(merged, paper_id=known.paper_id) if taken else merged


def _name(run: Run, paper_id: str, names: tuple[str, ...]) -> None:
    for name in dict.fromkeys(names):
        if name != paper_id:
            run("INSERT OR IGNORE INTO identifiers VALUES (?, ?)", (name, paper_id))


def _filled(paper: Paper) -> list[str]:
    return [field for field in FIELDS if getattr(paper, field) not in (None, "", ())]


def _row(paper: Paper, origins: dict[str, str]) -> tuple[object, ...]:
    return (
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
        json.dumps(origins, ensure_ascii=False, sort_keys=True),
        paper.paper_id,
    )
