"""The view in which questions are asked: conversations kept, the one that is open, and its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.answer import AnswerReady, Event, History, Timings
from assistant.conversations import Conversations
from assistant.errors import AssistantError, PaperNotFoundError
from assistant.filters import filters_from
from assistant.library import Filters
from assistant.papers import Paper
from ui.conversation import Conversation, Desk, Scope
from ui.formulas import DELIMITERS
from ui.history import editing_note, exports, history_list, scope_chips
from ui.line import Line
from ui.markup import data
from ui.messages import messages
from ui.panel import panel
from ui.parts import HOW, NOW, TYPING, Actions, Update, action, html
from ui.texts import Texts
from ui.turns import cited_papers

if TYPE_CHECKING:
    from assistant.assistant import Assistant

LONGEST_LINE = 16  # questions that wait; the next one is told that the page is busy
CHOICES = ("mode", "max_sentences", "max_papers", "candidates")  # settings that are chosen in the page
_WAITING: dict[str, Any] = HOW | {
    "concurrency_id": "answer",
    "concurrency_limit": 2 * LONGEST_LINE,
    "trigger_mode": "multiple",
}
SHOWN = (
    "conversation", "chat", "sources", "question", "ask", "stop", "clear", "kept", "name", "bar", "exports", "chips",
    "editing", "confirm", "year", "author", "venue",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TalkParts:
    """The components of the view, and what the page remembers of one visitor."""

    find: gr.Textbox
    kept: gr.Markdown
    bar: gr.Row
    name: gr.Textbox
    exports: gr.Markdown
    delete: gr.Button
    confirm: gr.Group
    delete_yes: gr.Button
    delete_no: gr.Button
    chat: gr.Chatbot
    chips: gr.Markdown
    editing: gr.Markdown
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    clear: gr.Button
    year: gr.Textbox
    author: gr.Textbox
    venue: gr.Textbox
    apply: gr.Button
    everything: gr.Button
    sources: gr.Markdown
    conversation: gr.State
    talk: Actions
    asking: Actions


def layout(t: Texts, actions: tuple[Actions, Actions]) -> TalkParts:
    """Make the view's components."""
    parts: dict[str, Any] = {"conversation": gr.State(Conversation()), "talk": actions[0], "asking": actions[1]}
    with gr.Row(elem_id="pa-main", equal_height=False):
        with gr.Column(elem_id="pa-history", scale=1, min_width=200):
            parts["clear"] = gr.Button(t.clear, size="sm", elem_id="pa-clear")
            parts["find"] = gr.Textbox(
                label=t.history_search, placeholder=t.history_search_hint, show_label=False, elem_id="pa-find"
            )
            parts["kept"] = html(elem_id="pa-kept")
        with gr.Column(elem_id="pa-left", scale=3, min_width=300):
            _bar(parts, t)
            parts["chat"] = _chat(t)
            parts["chips"] = html(elem_id="pa-scope")
            parts["editing"] = html(elem_id="pa-editing")
            with gr.Row(elem_id="pa-ask"):
                parts["question"] = _question_box(t)
                parts["ask"] = gr.Button(t.ask, variant="primary", scale=0, min_width=96, elem_id="pa-ask-button")
                parts["stop"] = gr.Button(
                    t.stop, variant="stop", scale=0, min_width=96, visible=False, elem_id="pa-stop"
                )
            _narrow(parts, t)
        with gr.Column(elem_id="pa-right", scale=2, min_width=300):
            html(f'<h2 id="pa-sources-title">{t.sources}</h2>')
            parts["sources"] = html(panel((), t), elem_id="pa-sources")
    return TalkParts(**parts)


def _bar(parts: dict[str, Any], t: Texts) -> None:
    with gr.Row(elem_id="pa-bar", visible=False) as parts["bar"]:
        parts["name"] = gr.Textbox(label=t.rename, show_label=False, scale=1, min_width=120, elem_id="pa-name")
        parts["exports"] = html(elem_id="pa-exports")
        parts["delete"] = gr.Button(t.delete, size="sm", scale=0, min_width=60, elem_id="pa-delete")
    with gr.Group(visible=False, elem_id="pa-confirm") as parts["confirm"]:
        html(f'<p role="alert">{t.delete_conversation}</p>')
        with gr.Row():
            parts["delete_yes"] = gr.Button(t.delete_yes, variant="stop", size="sm", scale=0, elem_id="pa-delete-yes")
            parts["delete_no"] = gr.Button(t.keep_it, size="sm", scale=0, elem_id="pa-delete-no")


def _chat(t: Texts) -> gr.Chatbot:
    return gr.Chatbot(
        label=t.conversation,
        show_label=False,
        elem_id="pa-chat",
        height="100%",
        layout="panel",
        buttons=[],
        feedback_options=None,
        sanitize_html=True,
        allow_tags=False,
        latex_delimiters=DELIMITERS,
        line_breaks=False,
        autoscroll=False,  # to the end, where an answer's beginning is out of sight; `page.js` shows the question
        allow_file_downloads=False,
        group_consecutive_messages=False,
    )


def _question_box(t: Texts) -> gr.Textbox:
    return gr.Textbox(
        label=t.question,
        placeholder=t.question_hint,
        lines=1,
        max_lines=6,
        autofocus=True,
        scale=1,
        min_width=160,
        elem_id="pa-question",
    )


def _narrow(parts: dict[str, Any], t: Texts) -> None:
    with gr.Accordion(t.narrow, open=False, elem_id="pa-narrow"), gr.Row():
        parts["year"] = gr.Textbox(label=t.narrow_year, placeholder=t.narrow_year_hint, min_width=110)
        parts["author"] = gr.Textbox(label=t.narrow_author, min_width=110)
        parts["venue"] = gr.Textbox(label=t.narrow_venue, min_width=110)
        parts["apply"] = gr.Button(t.narrow_apply, size="sm", scale=0, min_width=80)
        parts["everything"] = gr.Button(t.narrow_all, size="sm", scale=0, min_width=80)


@dataclass(slots=True)
class Talk:
    """What happens in the view; each method takes the values of components and returns the new ones."""

    assistant: Assistant
    parts: TalkParts
    t: Texts
    keep: Conversations | None
    line: Line
    last: Timings | None = None

    @property
    def desk(self) -> Desk:
        """What conversations need."""
        return Desk(self._stream, self.papers, self.line, self.keep, self.t.unexpected, self.t.busy)

    def wire(self) -> None:
        """Connect the components: every way to ask leads through `answer`, which waits in the line."""
        p = self.parts
        shown = [getattr(p, name) for name in SHOWN]

        def asks(event: Callable[..., Any], handler: Callable[..., Update], *inputs: Any) -> None:
            event(handler, [p.conversation, *inputs], shown, **NOW).then(
                self.answer, [p.conversation, p.find], shown, **_WAITING
            )

        asks(p.question.submit, self.ask, p.question, p.find)
        asks(p.ask.click, self.ask, p.question, p.find)
        asks(p.chat.example_select, self.ask_example, p.find)
        asks(p.asking.go.click, self.ask_action, p.asking.box, p.find)
        for event, handler, inputs in (
            (p.talk.go.click, self.act, [p.talk.box, p.find]),
            (p.stop.click, self.stop, [p.find]),
            (p.clear.click, self.clear, [p.find]),
            (p.delete.click, self.ask_to_delete, []),
            (p.delete_no.click, self.keep_it, []),
            (p.delete_yes.click, self.delete, [p.find]),
            (p.name.submit, self.rename, [p.name, p.find]),
            (p.name.blur, self.rename, [p.name, p.find]),
            (p.apply.click, self.narrow, [p.year, p.author, p.venue]),
            (p.everything.click, self.widen, []),
        ):
            event(handler, [p.conversation, *inputs], shown, **NOW)
        p.find.change(self.find, [p.conversation, p.find], [p.kept], **TYPING)

    def load(self, conversation: Conversation, request: gr.Request) -> Update:
        """Show the conversation that the page's address names."""
        wanted = str(request.query_params.get("c", ""))
        if wanted and wanted != conversation.conversation_id:
            conversation.open(wanted, self.desk)
        return self.show(conversation)

    def ask(self, conversation: Conversation, question: str, words: str, *, alone: bool = False) -> Update:
        """Take the question from the box; ``alone`` means that nothing of what was said before belongs to it."""
        if not conversation.ask(question, self.desk, alone=alone):
            return {self.parts.conversation: conversation}
        if self.assistant.library.count() == 0:
            conversation.fail(self.t.empty_answer, self.desk)
        return self.show(conversation, words) | {self.parts.question: ""}

    def ask_example(self, conversation: Conversation, words: str, example: gr.SelectData) -> Update:
        """Take the example question that was clicked."""
        return self.ask(conversation, str(example.value["text"]), words)

    def ask_action(self, conversation: Conversation, payload: str, words: str) -> Update:
        """Take a question that a button asks: one proposed, or one asked before."""
        verb, value = action(payload)
        if verb == "again":
            conversation.ask_again(_number(value), self.desk)
            return self.show(conversation, words)
        return self.ask(conversation, value, words, alone=True)

    def answer(self, conversation: Conversation, words: str) -> Iterator[Update]:
        """Answer the open question, if there is one, redrawing the page after every event."""
        for _ in conversation.answer(self.desk):
            yield self._talk(conversation)
        yield self.show(conversation, words)  # also where nothing was open: Gradio empties what a handler never yields

    def stop(self, conversation: Conversation, words: str) -> Update:
        """Stop the answer that is being written."""
        conversation.stop(self.desk)
        return self.show(conversation, words)

    def clear(self, conversation: Conversation, words: str) -> Update:
        """Begin a new conversation."""
        conversation.clear(self.desk)
        return self.show(conversation, words) | {self.parts.question: ""}

    def find(self, conversation: Conversation, words: str) -> str:
        """List the conversations that have these words."""
        return history_list(self.keep, conversation, words, self.t)

    def rename(self, conversation: Conversation, name: str, words: str) -> Update:
        """Give the conversation another name."""
        if self.keep and conversation.conversation_id and name.strip() and name != conversation.title:
            self.keep.rename(conversation.conversation_id, name)
            conversation.title = name.strip()
        return {
            self.parts.name: conversation.title,
            self.parts.kept: self.find(conversation, words),
            self.parts.conversation: conversation,
        }

    def ask_to_delete(self, conversation: Conversation) -> Update:
        """Ask before a conversation is deleted."""
        return {self.parts.confirm: gr.update(visible=True), self.parts.conversation: conversation}

    def keep_it(self, conversation: Conversation) -> Update:
        """Do not delete it."""
        return {self.parts.confirm: gr.update(visible=False), self.parts.conversation: conversation}

    def delete(self, conversation: Conversation, words: str) -> Update:
        """Delete the conversation and begin a new one."""
        gone = conversation.conversation_id
        conversation.clear(self.desk)
        if self.keep and gone:
            self.keep.delete(gone)
        return self.show(conversation, words)

    def narrow(self, conversation: Conversation, year: str, author: str, venue: str) -> Update:
        """Choose which papers the next questions are about."""
        scope = replace(conversation.scope, year=year.strip(), author=author.strip(), venue=venue.strip())
        try:
            self.filters(scope)
        except AssistantError as error:
            return {
                self.parts.chips: f'<p class="pa-error" role="alert">{data(str(error))}</p>',
                self.parts.conversation: conversation,
            }
        return self._narrowed(conversation, scope)

    def widen(self, conversation: Conversation) -> Update:
        """Let all papers count again."""
        return self._narrowed(conversation, Scope())

    def act(self, conversation: Conversation, payload: str, words: str) -> Update:
        """Do what a button in the markup says."""
        verb, value = action(payload)
        match verb:
            case "open" if not conversation.open(value, self.desk):
                gr.Info(self.t.gone)
            case "query" | "edit":
                return self._edit(conversation, _number(value), as_searched=verb == "query")
            case "cancel":
                conversation.editing = 0
                return {self.parts.question: "", **self._around(conversation)}
            case "similar":
                number, _, paper_id = value.partition(" ")
                with suppress(PaperNotFoundError):
                    conversation.similar[_number(number), paper_id] = tuple(self.assistant.similar(paper_id))
                return {self.parts.sources: self._panel(conversation), self.parts.conversation: conversation}
            case "only" | "without" | "about" | "widen":
                return self._narrowed(conversation, self._scoped(conversation, verb, value))
        return self.show(conversation, words)

    def _scoped(self, conversation: Conversation, verb: str, value: str) -> Scope:
        scope = conversation.scope
        if verb == "widen":
            which, _, paper_id = value.partition(" ")
            return scope.wider(which, paper_id)
        number, _, paper_id = ("0", "", value) if verb == "about" else value.partition(" ")
        title = self._title(conversation, _number(number), paper_id)
        if verb == "without":
            only = {i: name for i, name in scope.only.items() if i != paper_id}
            return replace(scope, only=only, without={**scope.without, paper_id: title})
        without = {i: name for i, name in scope.without.items() if i != paper_id}
        return replace(scope, only={**({} if verb == "about" else scope.only), paper_id: title}, without=without)

    def _title(self, conversation: Conversation, number: int, paper_id: str) -> str:
        turn = conversation.turn(number)
        paper = (turn.papers.get(paper_id) if turn else None) or self.papers((paper_id,)).get(paper_id)
        return paper.title if paper else paper_id

    def _edit(self, conversation: Conversation, number: int, *, as_searched: bool) -> Update:
        turn = conversation.turn(number)
        if turn is None or conversation.busy:
            return {self.parts.conversation: conversation}
        conversation.editing = number
        text = turn.found.query if as_searched and turn.found else turn.question
        return {self.parts.question: text, **self._around(conversation)}

    def _narrowed(self, conversation: Conversation, scope: Scope) -> Update:
        conversation.narrow(scope, self.desk)
        return self._around(conversation)

    def filters(self, scope: Scope) -> Filters:
        """Return the scope as the library's filters.

        Raises:
            QuestionError: The years cannot be read.
        """
        filters = filters_from(
            scope.year or None, [scope.author] if scope.author else [], [scope.venue] if scope.venue else [], scope.only
        )
        if not scope.without:
            return filters
        left = [i for i in self.assistant.library.ids(filters) if i not in scope.without]
        return replace(filters, paper_ids=tuple(left) or ("",))

    def _stream(self, question: str, history: History, scope: Scope, stop: Flag) -> Iterator[Event]:
        choices = self.choices()
        for event in self.assistant.stream(
            question, history=history, filters=self.filters(scope), stop=stop, choices=choices
        ):
            if isinstance(event, AnswerReady):
                self.last = event.answer.timings
            yield event

    def choices(self) -> dict[str, Any]:
        """Return what was chosen for every conversation, where it is kept."""
        wanted = self.keep.preferences() if self.keep else {}
        return {name: wanted[name] for name in CHOICES if name in wanted}

    def papers(self, ids: tuple[str, ...]) -> dict[str, Paper]:
        """Return those of the papers that the library has; a quote of another is shown without its abstract."""
        return {paper.paper_id: paper for paper in self.assistant.library.some(ids)}

    def show(self, conversation: Conversation, words: str = "") -> Update:
        """Return everything that the view shows of a conversation."""
        return (
            self._talk(conversation)
            | self._around(conversation)
            | {self.parts.kept: self.find(conversation, words), self.parts.confirm: gr.update(visible=False)}
        )

    def _talk(self, conversation: Conversation) -> Update:
        busy = conversation.busy
        return {
            self.parts.conversation: conversation,
            self.parts.chat: messages(conversation.turns, self.t),
            self.parts.sources: self._panel(conversation),
            self.parts.ask: gr.update(visible=not busy),
            self.parts.stop: gr.update(visible=busy),
        }

    def _around(self, conversation: Conversation) -> Update:
        scope = conversation.scope
        return {
            self.parts.conversation: conversation,
            self.parts.bar: gr.update(visible=bool(conversation.conversation_id)),
            self.parts.name: conversation.title,
            self.parts.exports: exports(conversation, self.t, has_sources=bool(cited_papers(conversation.turns))),
            self.parts.chips: scope_chips(scope, self.t),
            self.parts.editing: editing_note(conversation, self.t),
            self.parts.year: scope.year,
            self.parts.author: scope.author,
            self.parts.venue: scope.venue,
        }

    def _panel(self, conversation: Conversation) -> str:
        return panel(conversation.turns, self.t, conversation.similar)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
