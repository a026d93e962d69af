"""The chat page: Gradio's components around a conversation, and what happens when somebody uses them.

The only module that knows Gradio's components. It is imported after `ui.environment.configure`, because Gradio reads
its settings when it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Event as Flag
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.answer import Event, History
from assistant.errors import PaperNotFoundError
from assistant.papers import Paper
from ui import texts
from ui.conversation import Conversation
from ui.messages import messages
from ui.panel import panel
from ui.welcome import examples, header, model_names, notice, placeholder

if TYPE_CHECKING:
    from assistant.assistant import Assistant

Update = dict[Any, Any]
"""New values by component, as Gradio takes them from a handler."""

_QUEUE_LENGTH = 16  # questions that wait; the next one is told that the page is busy
_CACHE_S = (3600, 3600)  # look for old files every hour, delete those older than one
_SHOWN = ("conversation", "chat", "sources", "question", "ask", "stop", "retry", "clear")
_HOW: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_NOW: dict[str, Any] = _HOW | {"queue": False}
_WAITING: dict[str, Any] = _HOW | {"concurrency_id": "answer", "concurrency_limit": 1, "trigger_mode": "multiple"}


def build_page(assistant: Assistant) -> gr.Blocks:
    """Return the chat page over one assistant."""
    with gr.Blocks(
        title=texts.TITLE, analytics_enabled=False, fill_width=True, fill_height=True, delete_cache=_CACHE_S
    ) as page:
        parts = _layout()
        _wire(page, parts, Handlers(assistant, parts))
    return page.queue(max_size=_QUEUE_LENGTH, api_open=False)


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the page, and what it remembers of one visitor."""

    header: gr.Markdown
    notice: gr.Markdown
    chat: gr.Chatbot
    question: gr.Textbox
    ask: gr.Button
    stop: gr.Button
    retry: gr.Button
    clear: gr.Button
    sources: gr.Markdown
    conversation: gr.State


def _layout() -> Parts:
    top = _html(elem_id="pa-header")
    with gr.Row(elem_id="pa-main", equal_height=False):
        with gr.Column(elem_id="pa-left", scale=3, min_width=300):
            note = _html(elem_id="pa-notice", visible=False)
            chat = _chat()
            with gr.Row(elem_id="pa-ask"):
                question = _question_box()
                ask = gr.Button(texts.ASK, variant="primary", scale=0, min_width=96, elem_id="pa-ask-button")
                stop = gr.Button(texts.STOP, variant="stop", scale=0, min_width=96, visible=False, elem_id="pa-stop")
            with gr.Row(elem_id="pa-tools"):
                retry = gr.Button(texts.RETRY, size="sm", scale=0, min_width=96, interactive=False, elem_id="pa-retry")
                clear = gr.Button(texts.CLEAR, size="sm", scale=0, min_width=96, interactive=False, elem_id="pa-clear")
        with gr.Column(elem_id="pa-right", scale=2, min_width=300):
            gr.Markdown(f'<h2 id="pa-sources-title">{texts.SOURCES}</h2>', sanitize_html=True)
            sources = _html(panel(()), elem_id="pa-sources")
    return Parts(top, note, chat, question, ask, stop, retry, clear, sources, gr.State(Conversation()))


def _html(value: str = "", **options: Any) -> gr.Markdown:
    """Return a place for markup of ours; not `gr.HTML`, which needs `eval` in the page."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=[], **options)


def _chat() -> gr.Chatbot:
    return gr.Chatbot(
        label=texts.CONVERSATION,
        show_label=False,
        elem_id="pa-chat",
        height="100%",
        layout="panel",
        buttons=[],
        feedback_options=None,
        sanitize_html=True,
        allow_tags=False,
        latex_delimiters=[],
        line_breaks=False,
        allow_file_downloads=False,
        group_consecutive_messages=False,
    )


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        label=texts.QUESTION,
        placeholder=texts.QUESTION_HINT,
        lines=1,
        max_lines=6,
        autofocus=True,
        scale=1,
        min_width=160,
        elem_id="pa-question",
    )


def _wire(page: gr.Blocks, parts: Parts, handlers: Handlers) -> None:
    """Connect the components: every way to ask leads through `Handlers.answer`, which waits in the queue."""
    shown = [getattr(parts, name) for name in _SHOWN]
    loaded = page.load(handlers.load, None, [parts.header, parts.notice, parts.chat], **_NOW)
    loaded.then(handlers.load_models, None, [parts.header], **_NOW)

    def asks(event: Callable[..., Any], handler: Callable[..., Update], *inputs: Any) -> None:
        taken = event(handler, [parts.conversation, *inputs], shown, **_NOW)
        taken.then(handlers.answer, [parts.conversation], shown, **_WAITING)

    asks(parts.question.submit, handlers.ask, parts.question)
    asks(parts.ask.click, handlers.ask, parts.question)
    asks(parts.chat.example_select, handlers.ask_example)
    asks(parts.retry.click, handlers.retry)
    parts.stop.click(handlers.stop, [parts.conversation], shown, **_NOW)
    parts.clear.click(handlers.clear, [parts.conversation], shown, **_NOW)


@dataclass(frozen=True, slots=True)
class Handlers:
    """What happens on the page; each method takes the values of components and returns the new ones."""

    assistant: Assistant
    parts: Parts

    def load(self) -> Update:
        """Fill the page of a new visitor."""
        note = notice(self.assistant)
        return {
            self.parts.header: header(self.assistant),
            self.parts.notice: gr.update(value=note, visible=bool(note)),
            self.parts.chat: gr.update(placeholder=placeholder(self.assistant), examples=examples(self.assistant)),
        }

    def load_models(self) -> Update:
        """Name the models, which takes seconds when they are looked at for the first time."""
        return {self.parts.header: header(self.assistant, model_names(self.assistant))}

    def ask(self, conversation: Conversation, question: str) -> Update:
        """Take the question from the box."""
        if not conversation.ask(question):
            return {self.parts.conversation: conversation}
        if self.assistant.library.count() == 0:
            conversation.fail(texts.EMPTY_ANSWER)
        return self._show(conversation) | {self.parts.question: ""}

    def ask_example(self, conversation: Conversation, example: gr.SelectData) -> Update:
        """Take the example question that was clicked."""
        return self.ask(conversation, str(example.value["text"]))

    def retry(self, conversation: Conversation) -> Update:
        """Ask the last question again."""
        conversation.ask_again()
        return self._show(conversation)

    def answer(self, conversation: Conversation) -> Iterator[Update]:
        """Answer the open question, if there is one, redrawing the page after every event."""
        for _ in conversation.answer(self._stream, self._papers):
            yield self._show(conversation)
        yield self._show(conversation)  # also where nothing was open: Gradio empties what a handler never yields

    def stop(self, conversation: Conversation) -> Update:
        """Stop the answer that is being written."""
        conversation.stop()
        return self._show(conversation)

    def clear(self, conversation: Conversation) -> Update:
        """Begin a new conversation."""
        conversation.clear()
        return self._show(conversation)

    def _stream(self, question: str, history: History, stop: Flag) -> Iterator[Event]:
        return self.assistant.stream(question, history=history, stop=stop)

    def _papers(self, ids: tuple[str, ...]) -> dict[str, Paper]:
        found = {}
        for paper_id in ids:
            with suppress(PaperNotFoundError):  # removed since it was read: the quote is shown without its abstract
                found[paper_id] = self.assistant.library.get(paper_id)
        return found

    def _show(self, conversation: Conversation) -> Update:
        busy, begun = conversation.busy, bool(conversation.turns)
        return {
            self.parts.conversation: conversation,
            self.parts.chat: messages(conversation.turns),
            self.parts.sources: panel(conversation.turns),
            self.parts.ask: gr.update(visible=not busy),
            self.parts.stop: gr.update(visible=busy),
            self.parts.retry: gr.update(interactive=begun and not busy),
            self.parts.clear: gr.update(interactive=begun),
        }
