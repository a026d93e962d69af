"""Silence, offline mode and manners of third-party libraries, set before any of them is imported."""

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
# Threads of llama.cpp and torch that wait for each other spin for a moment and then sleep. Tokens a second of the
# bundled model on two cores, quiet, and beside a process that keeps one of them: 27 and 41 when they sleep at once, 85
# and 31 with 1,000 turns, 91 and 21 with 5,000, 90 and 10 when they never sleep. One thread alone decodes 51, which is
# what `assistant.models.pace` falls back to. Read when libgomp is loaded.
_WAITING = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "5000"}
TRACING = ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING")


def quiet() -> None:
    """Turn off analytics, hub look-ups, LangSmith's tracing and endless waiting, here and in children."""
    for name, value in _ENVIRONMENT.items():
        os.environ[name] = value
    for name, value in _WAITING.items():
        os.environ.setdefault(name, value)
    for name in TRACING:
        os.environ.pop(name, None)
    for name in [name for name in os.environ if name.startswith("OTEL_EXPORTER_")]:
        del os.environ[name]
