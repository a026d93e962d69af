"""The view of choices and of the state of things: what answers look like, what is here, and whether it is well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from assistant.doctor import examine
from assistant.errors import AssistantError
from ui.markup import data
from ui.parts import HOW, NOW, Update, html
from ui.status import facts, findings
from ui.talk import Talk
from ui.texts import Texts
from ui.work import InterruptedWorkError, Work

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_LONGEST = 6  # sentences that can be chosen
_WORKING: dict[str, Any] = HOW | {"concurrency_id": "work", "concurrency_limit": 4, "trigger_mode": "once"}


@dataclass(frozen=True, slots=True)
class SettingsParts:
    """The components of the view."""

    mode: gr.Radio
    length: gr.Slider
    saved: gr.Markdown
    facts: gr.Markdown
    check: gr.Button
    repair: gr.Button
    found: gr.Markdown


def layout(t: Texts) -> SettingsParts:
    """Make the view's components."""
    with gr.Row(elem_id="pa-settings", equal_height=False):
        with gr.Column(min_width=300, elem_classes="pa-sheet"):
            html(f"<h2>{t.settings_answers}</h2>")
            modes = [(t.mode_auto, "auto"), (t.mode_quoted, "quoted"), (t.mode_written, "written")]
            mode = gr.Radio(modes, label=t.settings_mode, info=t.settings_mode_info, elem_id="pa-mode")
            length = gr.Slider(
                1,
                _LONGEST,
                step=1,
                label=t.settings_length,
                info=t.settings_length_info,
                buttons=[],
                elem_id="pa-length",
            )
            saved = html(elem_id="pa-saved")
            html(f'<p class="pa-quiet">{t.settings_more}</p>')
        with gr.Column(min_width=300, elem_classes="pa-sheet"):
            html(f"<h2>{t.status_title}</h2>")
            shown = html(elem_id="pa-facts")
            with gr.Row():
                check = gr.Button(t.check, size="sm", scale=0, min_width=140, elem_id="pa-check")
                repair = gr.Button(t.repair, size="sm", scale=0, min_width=140, elem_id="pa-repair")
            found = html(elem_id="pa-found")
    return SettingsParts(mode, length, saved, shown, check, repair, found)


@dataclass(frozen=True, slots=True)
class Choices:
    """What happens in the view."""

    assistant: Assistant
    parts: SettingsParts
    talk: Talk
    t: Texts

    def wire(self, tab: gr.Tab) -> None:
        """Connect the components."""
        p = self.parts
        tab.select(self.load, None, [p.mode, p.length, p.facts, p.saved], **NOW)
        p.mode.input(self.choose_mode, [p.mode], [p.saved], **NOW)
        p.length.release(self.choose_length, [p.length], [p.saved], **NOW)
        p.check.click(self.check, None, [p.found, p.check], **_WORKING)
        p.repair.click(self.repair, None, [p.found, p.repair, p.facts], **_WORKING)

    def load(self) -> Update:
        """Show what is chosen and what is here."""
        chosen = self.talk.choices()
        settings = self.assistant.settings
        return {
            self.parts.mode: chosen.get("mode", settings.mode),
            self.parts.length: chosen.get("max_sentences", settings.max_sentences),
            self.parts.facts: self._facts(),
            self.parts.saved: "",
        }

    def choose_mode(self, mode: str) -> str:
        """Keep whose words answers are in."""
        return self._prefer("mode", mode)

    def choose_length(self, length: float) -> str:
        """Keep how long answers are at most."""
        return self._prefer("max_sentences", int(length))

    def _prefer(self, name: str, value: Any) -> str:
        if self.talk.keep is None:
            return ""
        try:
            self.talk.keep.prefer(name, value)
        except AssistantError as error:
            return f'<p class="pa-error" role="alert">{data(str(error))}</p>'
        return f'<p role="status" class="pa-saved">{self.t.settings_saved}</p>'

    def check(self) -> Iterator[Update]:
        """Check everything an answer needs."""
        yield {self.parts.found: _line(self.t.checking), self.parts.check: gr.update(interactive=False)}
        yield {
            self.parts.found: findings(examine(self.assistant), self.t),
            self.parts.check: gr.update(interactive=True),
        }

    def repair(self) -> Iterator[Update]:
        """Build the index anew."""
        t, p = self.t, self.parts
        yield {p.found: _line(t.repairing), p.repair: gr.update(interactive=False)}
        said = f'<p role="status">{t.repaired}</p>'
        try:
            for step in Work().steps(lambda progress: self.assistant.repair(progress)):
                if step is not None:
                    _, done, total = step
                    yield {p.found: _line(t.add_embedding.format(done=f"{done:,}", total=f"{total:,}"))}
        except (AssistantError, InterruptedWorkError) as error:
            said = f'<p class="pa-error" role="alert">{t.error_title} {data(str(error))}</p>'
        yield {p.found: said, p.repair: gr.update(interactive=True), p.facts: self._facts()}

    def _facts(self) -> str:
        return facts(self.assistant, len(self.talk.line), self.talk.last, self.t)


def _line(text: str) -> str:
    return f'<p class="pa-progress" role="status">{text}</p>'
