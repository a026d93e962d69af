"""The view of choices and of the state of things: what answers look like, what is here, and whether it is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
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

_SENTENCES, _CITED, _READ = (1, 6), (1, 20), (4, 60)  # least and most that can be chosen
_WORKING: dict[str, Any] = HOW | {"concurrency_id": "work", "concurrency_limit": 4, "trigger_mode": "once"}


@dataclass(frozen=True, slots=True)
class SettingsParts:
    """The components of the view."""

    mode: gr.Radio
    length: gr.Slider
    cited: gr.Slider
    read: gr.Slider
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
            length = _slider(_SENTENCES, t.settings_length, t.settings_length_info, "pa-length")
            cited = _slider(_CITED, t.settings_cited, t.settings_cited_info, "pa-cited-most")
            read = _slider(_READ, t.settings_read, t.settings_read_info, "pa-read-most")
            saved = html(elem_id="pa-saved")
            html(f'<p class="pa-quiet">{t.settings_more}</p>')
        with gr.Column(min_width=300, elem_classes="pa-sheet"):
            html(f"<h2>{t.status_title}</h2>")
            shown = html(elem_id="pa-facts")
            with gr.Row():
                check = gr.Button(t.check, size="sm", scale=0, min_width=140, elem_id="pa-check")
                repair = gr.Button(t.repair, size="sm", scale=0, min_width=140, elem_id="pa-repair")
            found = html(elem_id="pa-found")
    return SettingsParts(mode, length, cited, read, saved, shown, check, repair, found)


def _slider(between: tuple[int, int], label: str, info: str, elem_id: str) -> gr.Slider:
    return gr.Slider(*between, step=1, label=label, info=info, buttons=[], elem_id=elem_id)


@dataclass(frozen=True, slots=True)
class Choices:
    """What happens in the view."""

    assistant: Assistant
    parts: SettingsParts
    talk: Talk
    t: Texts

    def wire(self, tab: gr.Tab, changed: Callable[[], Update], around: list[Any]) -> None:
        """Connect the components; ``changed`` gives what those ``around`` show when the index is another."""
        p = self.parts
        chosen = tab.select(self.load, None, [p.mode, p.length, p.cited, p.read, p.saved], **NOW)
        chosen.then(self._facts, None, [p.facts], **NOW)
        p.mode.input(partial(self.choose, "mode"), [p.mode], [p.saved], **NOW)
        for name, slider in (("max_sentences", p.length), ("max_papers", p.cited), ("candidates", p.read)):
            slider.release(partial(self.choose, name), [slider], [p.saved], **NOW)
        p.check.click(self.check, None, [p.found, p.check], **_WORKING)
        repaired = p.repair.click(self.repair, None, [p.found, p.repair, p.facts], **_WORKING)
        repaired.then(changed, None, around, **NOW)

    def load(self) -> Update:
        """Show what is chosen."""
        settings = replace(self.assistant.settings, **self.talk.choices())
        return {
            self.parts.mode: settings.mode,
            self.parts.length: settings.max_sentences,
            self.parts.cited: settings.max_papers,
            self.parts.read: settings.candidates,
            self.parts.saved: "",
        }

    def choose(self, name: str, value: str | float) -> str:
        """Keep one choice; it is in effect with the next question."""
        if self.talk.keep is None:
            return ""
        try:
            self.talk.keep.prefer(name, value if isinstance(value, str) else int(value))
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
