"""Colours, type and spacing of the page as a Gradio theme; fonts are the system's own, so that nothing is loaded."""

from __future__ import annotations

from typing import Any

_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]

_RED = "#b91c1c"
_BUTTONS = {  # white letters need these darker fills: contrast 5.5:1 and 6.5:1
    "button_primary_background_fill": "*primary_700",
    "button_primary_background_fill_hover": "*primary_800",
    "button_primary_background_fill_dark": "*primary_700",
    "button_primary_background_fill_hover_dark": "*primary_800",
    "button_cancel_background_fill": _RED,
    "button_cancel_background_fill_hover": "#991b1b",
    "button_cancel_background_fill_dark": _RED,
    "button_cancel_background_fill_hover_dark": "#991b1b",
}


def theme() -> Any:
    """Return the theme."""
    import gradio as gr

    page = gr.themes.Default(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md,
        text_size=gr.themes.sizes.text_md,
        font=_FONTS,
        font_mono=_MONO,
    )
    return page.set(**_BUTTONS)
