"""Silence and offline mode of third-party libraries, set before any of them is imported."""

from __future__ import annotations

import os

_ENVIRONMENT = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
}
_TRACING = ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING")


def quiet() -> None:
    """Turn off analytics, hub look-ups and LangSmith's tracing in this process and its children."""
    for name, value in _ENVIRONMENT.items():
        os.environ[name] = value
    for name in _TRACING:
        os.environ.pop(name, None)
    for name in [name for name in os.environ if name.startswith("OTEL_EXPORTER_")]:
        del os.environ[name]
