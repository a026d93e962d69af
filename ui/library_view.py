"""The view of the library: find papers, read one, add, remove and export."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.adding import AddReport
from assistant.errors import AssistantError, PaperNotFoundError
from assistant.filters import filters_from
from assistant.library import Filters
from assistant.papers import Paper
from assistant.sources import readers
from ui.markup import data
from ui.parts import HOW, NOW, TYPING, Actions, Update, action, html
from ui.shelf import PAGE, Wanted, count_line, export_links, paper_page, plot, removal, report, table
from ui.texts import Texts
from ui.work import InterruptedWorkError, Step, Work

if TYPE_CHECKING:
    from assistant.assistant import Assistant

UPLOAD_BYTES = 16 << 20  # what the server takes in one request
_PASTED_CHARACTERS = 5_000_000
_DOI_LINE = re.compile(r"\s*(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}/\S+\s*", re.IGNORECASE)
_ADDING: dict[str, Any] = HOW | {"concurrency_id": "work", "concurrency_limit": 4, "trigger_mode": "once"}


@dataclass(frozen=True, slots=True)
class ShelfParts:
    """The components of the view, and what the page remembers of one visitor."""

    words: gr.Textbox
    year: gr.Textbox
    author: gr.Textbox
    venue: gr.Dropdown
    order: gr.Dropdown
    count: gr.Markdown
    plot: gr.Markdown
    table: gr.Markdown
    back: gr.Button
    forth: gr.Button
    exports: gr.Markdown
    paper: gr.Markdown
    files: gr.File
    pasted: gr.Textbox
    add: gr.Button
    stop: gr.Button
    report: gr.Markdown
    page: gr.State
    open: gr.State
    work: gr.State
    shelf: Actions


def layout(t: Texts, actions: Actions) -> ShelfParts:
    """Make the view's components."""
    parts: dict[str, Any] = {"page": gr.State(0), "open": gr.State(""), "work": gr.State(Work()), "shelf": actions}
    with gr.Row(elem_id="pa-shelf", equal_height=False):
        with gr.Column(elem_id="pa-shelf-left", scale=3, min_width=300):
            _fields(parts, t)
            parts["count"] = html(elem_id="pa-count")
            parts["table"] = html(elem_id="pa-papers")
            with gr.Row(elem_id="pa-pages"):
                parts["back"] = gr.Button(t.previous, size="sm", scale=0, min_width=96, elem_id="pa-previous")
                parts["forth"] = gr.Button(t.following, size="sm", scale=0, min_width=96, elem_id="pa-next")
                parts["exports"] = html(elem_id="pa-shelf-exports")
        with gr.Column(elem_id="pa-shelf-right", scale=2, min_width=300):
            parts["plot"] = html(elem_id="pa-years")
            parts["paper"] = html(paper_page(None, t), elem_id="pa-open-paper")
            _adding(parts, t)
    return ShelfParts(**parts)


def _fields(parts: dict[str, Any], t: Texts) -> None:
    with gr.Row(elem_id="pa-fields"):
        parts["words"] = gr.Textbox(label=t.shelf_search, scale=3, min_width=220, elem_id="pa-shelf-words")
        parts["year"] = gr.Textbox(
            label=t.shelf_year, placeholder=t.narrow_year_hint, min_width=110, elem_id="pa-shelf-year"
        )
        parts["author"] = gr.Textbox(label=t.shelf_author, min_width=110, elem_id="pa-shelf-author")
        parts["venue"] = gr.Dropdown(
            [], label=t.shelf_venue, allow_custom_value=True, min_width=130, value=None, elem_id="pa-shelf-venue"
        )
        orders = [
            (t.order_added, "-added"), (t.order_added_old, "added"), (t.order_title, "title"),
            (t.order_year_new, "-year"), (t.order_year, "year"), (t.order_venue, "venue"),
        ]  # fmt: skip
        parts["order"] = gr.Dropdown(
            orders, value="-added", label=t.shelf_order, min_width=150, elem_id="pa-shelf-order"
        )


def _adding(parts: dict[str, Any], t: Texts) -> None:
    suffixes = sorted({suffix for reader in readers().values() for suffix in reader.suffixes})
    with gr.Column(elem_id="pa-add"):
        html(f'<h2>{t.add}</h2><p class="pa-quiet">{t.add_intro.format(size=UPLOAD_BYTES >> 20)}</p>')
        parts["files"] = gr.File(
            label=t.add_files,
            file_count="multiple",
            file_types=[*suffixes, ".gz", ".bz2", ".xz", ".zip"],
            height=130,
            elem_id="pa-files",
        )
        parts["pasted"] = gr.Textbox(
            label=t.add_paste, placeholder=t.add_paste_hint, lines=3, max_lines=8, max_length=_PASTED_CHARACTERS,
            elem_id="pa-pasted",
        )  # fmt: skip
        with gr.Row():
            parts["add"] = gr.Button(
                t.add_go, variant="primary", size="sm", scale=0, min_width=140, elem_id="pa-add-go"
            )
            parts["stop"] = gr.Button(
                t.stop, variant="stop", size="sm", scale=0, min_width=96, visible=False, elem_id="pa-add-stop"
            )
        parts["report"] = html(elem_id="pa-report")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What happens in the view; each method takes the values of components and returns the new ones."""

    assistant: Assistant
    parts: ShelfParts
    t: Texts

    def wire(self, changed: Callable[[], Update], around: list[Any]) -> None:
        """Connect the components; ``changed`` gives what those ``around`` show when the library is another."""
        p = self.parts
        fields = [p.words, p.year, p.author, p.venue, p.order]
        listed = [p.page, p.count, p.plot, p.table, p.back, p.forth, p.exports, p.venue]
        looks = [*fields, p.page, p.open]
        for field in fields:
            field.change(self.first_page, [*fields, p.open], listed, **TYPING)
        p.back.click(self.previous, looks, listed, **NOW)
        p.forth.click(self.following, looks, listed, **NOW)
        done = p.shelf.go.click(self.act, [p.shelf.box, p.open], [p.open, p.paper, p.report], **NOW)
        done.then(self.look, looks, listed, **NOW).then(changed, None, around, **NOW)
        added = p.add.click(
            self.add, [p.files, p.pasted, p.work], [p.report, p.add, p.stop, p.files, p.pasted, p.work], **_ADDING
        )
        added.then(self.look, looks, listed, **NOW).then(changed, None, around, **NOW)
        p.stop.click(self.stop, [p.work], None, **NOW)

    def first_page(self, *given: Any) -> Update:
        """Show the papers that pass the fields from the first on."""
        words, year, author, venue, order, opened = given
        return self.look(words, year, author, venue, order, 0, opened)

    def previous(self, *given: Any) -> Update:
        """Show the page before."""
        words, year, author, venue, order, page, opened = given
        return self.look(words, year, author, venue, order, max(0, page - 1), opened)

    def following(self, *given: Any) -> Update:
        """Show the next page."""
        words, year, author, venue, order, page, opened = given
        return self.look(words, year, author, venue, order, page + 1, opened)

    def look(self, words: str, year: str, author: str, venue: str | None, order: str, page: int, opened: str) -> Update:
        """Show one page of the papers that pass the fields."""
        p, t = self.parts, self.t
        wanted = Wanted(words.strip(), year.strip(), author.strip(), (venue or "").strip(), order)
        try:
            filters = self._found(_filters(wanted))
        except AssistantError as error:
            return {p.count: f'<p class="pa-error" role="alert">{data(str(error))}</p>', p.page: page}
        library = self.assistant.library
        papers, total = library.shelf(filters, wanted.words, order, first=page * PAGE, k=PAGE)
        if not papers and page:
            return self.look(words, year, author, venue, order, 0, opened)
        return {
            p.page: page,
            p.count: count_line(page * PAGE, len(papers), total, t, empty=library.count() == 0),
            p.plot: plot(library.years(filters), library.count(filters), t),
            p.table: table(papers, opened, t) if papers else "",
            p.back: gr.update(interactive=page > 0),
            p.forth: gr.update(interactive=(page + 1) * PAGE < total),
            p.exports: export_links(wanted, total, t),
            p.venue: gr.update(choices=list(library.venues(Filters(), 200))),
        }

    def _found(self, filters: Filters) -> Filters:
        """Return the filters with the papers that an author has in the author's place: names are slow to compare."""
        if not filters.authors:
            return filters
        return Filters(paper_ids=tuple(self.assistant.library.ids(filters)) or ("",))

    def act(self, payload: str, opened: str) -> Update:
        """Do what a button in the markup says."""
        verb, value = action(payload)
        p, t = self.parts, self.t
        try:
            match verb:
                case "paper" if value:
                    return {p.open: value, p.paper: paper_page(self._paper(value), t)}
                case "similar":
                    similar = self.assistant.similar(value)
                    return {p.open: value, p.paper: paper_page(self._paper(value), t, similar)}
                case "remove":
                    return {p.open: value, p.paper: removal(self._paper(value), t)}
                case "removed":
                    title = self._paper(value).title
                    self.assistant.remove(value)
                    said = t.removed.format(title=data(title))
                    return {p.open: "", p.paper: f'<p role="status">{said}</p>{paper_page(None, t)}'}
        except PaperNotFoundError:
            return {p.open: "", p.paper: f'<p role="status">{t.paper_gone}</p>'}
        except AssistantError as error:
            return {p.open: opened, p.paper: f'<p class="pa-error" role="alert">{data(str(error))}</p>'}
        return {p.open: "", p.paper: paper_page(None, t)}

    def _paper(self, paper_id: str) -> Paper:
        return self.assistant.library.get(paper_id)

    def add(self, files: list[str] | None, pasted: str, work: Work) -> Iterator[Update]:
        """Add files and pasted text, telling how far it is and at the end what happened."""
        p, t = self.parts, self.t
        pasted = pasted.strip()
        if pasted and all(_DOI_LINE.fullmatch(line) for line in pasted.splitlines() if line.strip()):
            yield {p.report: f'<p class="pa-error" role="alert">{t.add_only_dois}</p>', p.work: work}
            return
        if not files and not pasted:
            yield {p.report: f'<p role="alert">{t.add_nothing}</p>', p.work: work}
            return
        yield {p.add: gr.update(interactive=False), p.stop: gr.update(visible=True), p.report: _line(t.checking)}
        ended: Update = {p.add: gr.update(interactive=True), p.stop: gr.update(visible=False), p.work: work}
        try:
            with tempfile.TemporaryDirectory(dir=self.assistant.home) as folder:
                paths = [Path(name) for name in files or ()]
                if pasted:
                    paths.append(Path(folder) / "pasted.txt")
                    paths[-1].write_text(pasted, encoding="utf-8", errors="replace")
                for step in work.steps(lambda progress: self.assistant.add(*paths, progress=progress)):
                    if isinstance(step, AddReport):
                        ended |= {p.report: report(step, paths, t), p.files: None, p.pasted: ""}
                    elif step[0] != "files":
                        yield {p.report: _line(_progress(step, t)), p.work: work}
        except InterruptedWorkError:
            ended |= {p.report: f'<p role="status">{t.add_stopped}</p>'}
        except (AssistantError, OSError) as error:
            ended |= {p.report: f'<p class="pa-error" role="alert">{t.error_title} {data(str(error))}</p>'}
        yield ended

    def stop(self, work: Work) -> None:
        """Stop adding; what is written stays."""
        work.stop()


def _filters(wanted: Wanted) -> Filters:
    return filters_from(
        wanted.year or None, [wanted.author] if wanted.author else [], [wanted.venue] if wanted.venue else []
    )


def _line(text: str) -> str:
    return f'<p class="pa-progress" role="status">{text}</p>'


def _progress(step: Step, t: Texts) -> str:
    what, done, total = step
    if what == "reading":
        return t.add_reading.format(count=f"{done:,}")
    return t.add_embedding.format(done=f"{done:,}", total=f"{total:,}")
