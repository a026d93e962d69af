"""The library as a table, a plot and a paper's page: pure functions from papers to HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from assistant.adding import AddReport
from assistant.papers import Paper
from assistant.retrieval import SearchResult
from assistant.sources import Skipped
from assistant.text import shorten
from ui.markup import button, data, hidden, joined, paper_link, prose, summary_note
from ui.panel import alike, cite_menu
from ui.texts import Texts

PAGE = 50  # papers a page of the table
_TITLE_CHARACTERS = 400
_NAMES_CHARACTERS = 60
_BARS = 40  # years in the plot; more are drawn together
_SKIPPED_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers are shown and in which order: what stands in the fields above the table."""

    words: str = ""
    year: str = ""
    author: str = ""
    venue: str = ""
    order: str = "-added"

    def query(self) -> str:
        """Return it as the query of an address."""
        given = {name: getattr(self, name) for name in ("words", "year", "author", "venue", "order")}
        return urlencode({name: value for name, value in given.items() if value})


def table(papers: Sequence[Paper], selected: str, t: Texts) -> str:
    """Return one page of the table; a title opens the paper. A column that has nothing to say is left out."""
    columns = {"title": t.column_title, "authors": t.column_authors, "year": t.column_year, "venue": t.column_venue}
    shown = [name for name in columns if any(getattr(paper, name) for paper in papers)]
    heads = "".join(f'<th scope="col" class="pa-column-{name}">{columns[name]}</th>' for name in shown)
    rows = "".join(_row(paper, shown, paper.paper_id == selected, t) for paper in papers)
    return (
        f'<table class="pa-table"><caption>{hidden(t.shelf_table)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _row(paper: Paper, columns: Sequence[str], is_open: bool, t: Texts) -> str:
    kind = f' <span class="pa-tag">{t.summary_short}</span>' if paper.kind == "summary" else ""
    title = button(prose(shorten(paper.title, _TITLE_CHARACTERS)), "shelf-paper", paper.paper_id, style="pa-title")
    cells = {
        "title": title + kind,
        "authors": data(shorten(", ".join(paper.authors), _NAMES_CHARACTERS)),
        "year": str(paper.year or ""),
        "venue": data(shorten(paper.venue, _NAMES_CHARACTERS)),
    }
    row = "".join(f'<td dir="auto" class="pa-column-{name}">{cells[name]}</td>' for name in columns)
    return f'<tr class="pa-row{" pa-here" if is_open else ""}">{row}</tr>'


def count_line(first: int, shown: int, total: int, t: Texts, *, empty: bool) -> str:
    """Return which papers of how many are shown, read aloud when it changes."""
    if total == 0:
        text = t.shelf_empty if empty else t.shelf_none
    elif total == 1:
        text = t.shelf_count_one
    else:
        text = t.shelf_count.format(first=f"{first + 1:,}", last=f"{first + shown:,}", total=f"{total:,}")
    return f'<p role="status" class="pa-count">{text}</p>'


def export_links(wanted: Wanted, total: int, t: Texts) -> str:
    """Return links that download the papers that pass the filters."""
    if not total:
        return ""
    links = " ".join(
        f'<a href="{t.path}page/papers.{form}?{data(wanted.query())}" download>{name}</a>'
        for form, name in (("bib", "BibTeX"), ("ris", "RIS"), ("jsonl", "JSONL"), ("txt", t.copy_reference.split()[-1]))
    )
    return f'<p class="pa-exports">{t.export_shelf} {links}</p>'


def plot(years: Mapping[int, int], total: int, t: Texts) -> str:
    """Return a small plot of papers by year, as a list that can be read aloud; empty where no year is known."""
    if len(years) < 2:
        return ""
    first, last = max(min(years), max(years) - _BARS + 1), max(years)
    counts = {year: years.get(year, 0) for year in range(first, last + 1)}
    highest = max(counts.values())
    bars = "".join(
        f'<li title="{t.in_year.format(count=count, year=year)}"><span style="height:{round(100 * count / highest)}%">'
        f"</span>{hidden(t.in_year.format(count=count, year=year))}</li>"
        for year, count in counts.items()
    )
    unknown = total - sum(years.values())
    rest = f" · {t.without_year.format(count=unknown)}" if unknown else ""
    return (
        f'<div class="pa-plot"><p class="pa-label">{t.by_year}{rest}</p><ul>{bars}</ul>'
        f'<p class="pa-ends"><span>{first}</span><span>{last}</span></p></div>'
    )


def paper_page(paper: Paper | None, t: Texts, similar: Sequence[SearchResult] | None = None) -> str:
    """Return a paper with its abstract and what can be done with it, or what to do to see one."""
    if paper is None:
        return f'<p class="pa-quiet">{t.paper_pick}</p>'
    about = joined(*map(data, (", ".join(paper.authors), paper.venue, str(paper.year or ""))), paper_link(paper, t))
    actions = (
        button(t.ask_about, "talk-about", paper.paper_id),
        cite_menu(paper.paper_id, paper.title, t),
        button(t.more_like, "shelf-similar", paper.paper_id),
        button(t.remove, "shelf-remove", paper.paper_id, style="pa-danger"),
        button(t.paper_close, "shelf-paper"),
    )
    return (
        f'<article class="pa-paper" id="pa-paper-open"><h2 dir="auto" tabindex="-1">{prose(paper.title)}</h2>'
        f'<p class="pa-details" dir="auto">{about}</p>{summary_note(paper.kind, t)}'
        f'<p class="pa-abstract" dir="auto">{prose(paper.abstract)}</p>'
        f'<div class="pa-actions">{"".join(actions)}</div>{alike(similar, t)}</article>'
    )


def removal(paper: Paper, t: Texts) -> str:
    """Return the question before a paper is removed."""
    question = t.remove_question.format(title=data(paper.title))
    yes = button(t.remove_yes, "shelf-removed", paper.paper_id, style="pa-danger")
    no = button(t.keep_it, "shelf-paper", paper.paper_id)
    return f'<div class="pa-confirm" role="alertdialog"><p dir="auto">{question}</p>{yes} {no}</div>'


def report(added: AddReport, files: Sequence[Path], t: Texts) -> str:
    """Return what adding ``files`` did: counts, and each thing that was skipped with the reason."""
    counts = t.add_done.format(
        added=added.added, updated=added.updated, unchanged=added.unchanged, skipped=len(added.skipped)
    )
    text = f'<p role="status"><strong>{counts}</strong></p>'
    if not added.skipped:
        return text
    shown = [_skipped(skipped, files, t) for skipped in added.skipped[:_SKIPPED_SHOWN]]
    if more := len(added.skipped) - len(shown):
        shown.append(t.add_more.format(count=more))
    items = "".join(f'<li dir="auto">{line}</li>' for line in shown)
    heading = t.add_skipped.format(count=len(added.skipped))
    return f"{text}<details open><summary>{heading}</summary><ul>{items}</ul></details>"


def _skipped(skipped: Skipped, files: Sequence[Path], t: Texts) -> str:
    """Return what was skipped by the name that a person knows it by: a file's own, or the way to it in an archive."""
    whole = skipped.source
    name = next((file.name + whole.removeprefix(str(file)) for file in files if whole.startswith(str(file))), whole)
    line = t.add_line if skipped.line else t.add_file
    return line.format(source=data(name), line=skipped.line, reason=data(skipped.reason.replace(whole, "")))
