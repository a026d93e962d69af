"""Gradio's switches that are environment variables: set here, before it is imported, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

_SWITCHES = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def configure(home: Path) -> None:
    """Keep Gradio silent, offline and inside ``home``; call it before ``gradio`` is imported."""
    os.environ.update(_SWITCHES)
    os.environ["GRADIO_TEMP_DIR"] = str(home / "page-cache")
