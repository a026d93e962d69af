"""Gradio's switches that are environment variables: set here, before it is imported, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from assistant.quiet import quiet

_SWITCHES = {"GRADIO_RUN_HISTORY": "False", "GRADIO_SSR_MODE": "False", "GRADIO_MCP_SERVER": "False"}


def configure(home: Path) -> None:
    """Keep Gradio silent, offline and inside ``home``; call it before ``gradio`` is imported."""
    quiet()
    os.environ.update(_SWITCHES)
    os.environ["GRADIO_TEMP_DIR"] = str(home / "page-cache")
