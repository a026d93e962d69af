"""The page in one language: its frame, its four views, and what happens when somebody opens it.

It is imported after `ui.environment.configure`, because Gradio reads its settings when it is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from assistant.conversations import Conversations
from assistant.errors import AssistantError
from ui import library_view, settings_view, talk
from ui.conversation import Conversation
from ui.line import Line
from ui.parts import NOW, Actions, Update, html
from ui.texts import Texts
from ui.welcome import examples, header, model_names, notice, placeholder, trouble

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_CACHE_S = (3600, 3600)  # look for old files every hour, delete those older than one
_AT_ONCE = 64  # requests in Gradio's own queue; questions wait in our line


def build_page(assistant: Assistant, line: Line, t: Texts, languages: tuple[Texts, ...]) -> gr.Blocks:
    """Return the page over one assistant in one of the languages.

    Args:
        assistant: Who answers.
        line: Where questions wait, those of the other languages' pages too.
        t: The texts.
        languages: All there are, this one included.
    """
    keep, keeping = _conversations(assistant, t)
    with gr.Blocks(
        title=t.title, analytics_enabled=False, fill_width=True, fill_height=True, delete_cache=_CACHE_S
    ) as page:
        top = html(elem_id="pa-header")
        note = html(elem_id="pa-notice", visible=False)
        actions = {view: Actions(view) for view in ("talk", "ask", "shelf")}
        with gr.Tabs(selected="ask", elem_id="pa-views", overflow_behavior="wrap"):
            with gr.Tab(t.tab_ask, id="ask", elem_id="pa-tab-ask"):
                talking = talk.layout(t, (actions["talk"], actions["ask"]))
            with gr.Tab(t.tab_library, id="library", elem_id="pa-tab-library") as library_tab:
                shelf = library_view.layout(t, actions["shelf"])
            with gr.Tab(t.tab_settings, id="settings", elem_id="pa-tab-settings") as settings_tab:
                settings = settings_view.layout(t)
            with gr.Tab(t.tab_help, id="help", elem_id="pa-tab-help"):
                html(t.help_html, elem_id="pa-help")
        view = talk.Talk(assistant, talking, t, keep, line)
        frame = _Frame(assistant, view, top, note, t, languages, keeping)
        view.wire()
        papers = library_view.Shelf(assistant, shelf, t)
        around = [top, note, talking.chat]
        papers.wire(frame.changed, around)
        fields = [shelf.words, shelf.year, shelf.author, shelf.venue, shelf.order, shelf.page, shelf.open]
        listed = [shelf.page, shelf.count, shelf.plot, shelf.table, shelf.back, shelf.forth, shelf.exports, shelf.venue]
        library_tab.select(papers.look, fields, listed, **NOW)
        settings_view.Choices(assistant, settings, view, t).wire(settings_tab, frame.changed, around)
        frame.wire(page)
    return page.queue(max_size=_AT_ONCE, api_open=False)


def _conversations(assistant: Assistant, t: Texts) -> tuple[Conversations | None, str]:
    """Return where conversations are kept, or nothing and the reason."""
    try:
        return assistant.conversations, ""
    except AssistantError as error:
        return None, t.not_kept.format(reason=error)


class _Frame:
    """What happens when the page is opened."""

    def __init__(
        self,
        assistant: Assistant,
        view: talk.Talk,
        top: gr.Markdown,
        note: gr.Markdown,
        t: Texts,
        languages: tuple[Texts, ...],
        keeping: str,
    ) -> None:
        self._assistant, self._view, self._top, self._note = assistant, view, top, note
        self._t, self._languages, self._keeping = t, languages, keeping

    def wire(self, page: gr.Blocks) -> None:
        """Fill the page in two steps: what is known at once, and what takes the models."""
        parts = self._view.parts
        shown = [getattr(parts, name) for name in talk.SHOWN]
        loaded = page.load(self.load, [parts.conversation], [self._top, self._note, *shown], **NOW)
        ready = loaded.then(self.load_models, None, [self._top, self._note], **NOW)
        ready.then(self.load_examples, None, [parts.chat], **NOW)

    def load(self, conversation: Conversation, request: gr.Request) -> Update:
        """Fill the page of a new visitor."""
        note = notice(self._assistant, self._t, self._keeping)
        chat = self._view.parts.chat
        update = self._view.load(conversation, request)
        update[chat] = gr.update(value=update[chat], placeholder=placeholder(self._assistant, self._t))
        update[self._top] = header(self._assistant, self._t, self._t.models_loading, self._languages)
        update[self._note] = gr.update(value=note, visible=bool(note))
        return update

    def load_models(self) -> Update:
        """Name the models and what is wrong, which takes seconds when they are looked at for the first time."""
        wrong = trouble(self._assistant, self._t) if self._assistant.library.count() else ""
        note = wrong or notice(self._assistant, self._t, self._keeping)
        return {self._top: self._heading(), self._note: gr.update(value=note, visible=bool(note))}

    def load_examples(self) -> Update:
        """Offer questions, which takes some answers' time when they are tried for the first time."""
        return {self._view.parts.chat: gr.update(examples=examples(self._assistant))}

    def changed(self) -> Update:
        """Show what the library is now, after papers came or went."""
        chat = gr.update(placeholder=placeholder(self._assistant, self._t), examples=examples(self._assistant))
        return self.load_models() | {self._view.parts.chat: chat}

    def _heading(self) -> str:
        return header(self._assistant, self._t, model_names(self._assistant, self._t), self._languages)
