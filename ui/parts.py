"""Components as every view of the page uses them, and how handlers are bound to them."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from ui.formulas import DELIMITERS

Update = dict[Any, Any]
"""New values by component, as Gradio takes them from a handler."""

HOW: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
NOW: dict[str, Any] = HOW | {"queue": False}
TYPING: dict[str, Any] = NOW | {"trigger_mode": "always_last"}


def html(value: str = "", **options: Any) -> gr.Markdown:
    """Return a place for markup of ours; not `gr.HTML`, which needs `eval` in the page."""
    return gr.Markdown(value, sanitize_html=True, latex_delimiters=DELIMITERS, **options)


class Actions:
    """What carries a click on a button of our own markup to Python: `page.js` writes into the box and presses `go`."""

    def __init__(self, view: str) -> None:
        self.box = gr.Textbox(visible="hidden", elem_id=f"pa-{view}-box", show_label=False)
        self.go = gr.Button(visible="hidden", elem_id=f"pa-{view}-go")


def action(payload: str) -> tuple[str, str]:
    """Return the verb and the value of an action; whatever else arrives is no action."""
    try:
        verb, value = json.loads(payload)
    except (ValueError, TypeError):
        return "", ""
    return str(verb), str(value)
