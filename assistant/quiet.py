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
# Threads of llama.cpp and torch that wait for each other sleep instead of spinning. With two busy cores, spinning made
# the bundled model 10 to 40 times slower (24 tokens in 5 to 22 s instead of 0.5 s). Read when libgomp is loaded.
_WAITING = ("OMP_WAIT_POLICY", "passive")
TRACING = ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING")


def quiet() -> None:
    """Turn off analytics, hub look-ups, LangSmith's tracing and busy waiting in this process and its children."""
    for name, value in _ENVIRONMENT.items():
        os.environ[name] = value
    os.environ.setdefault(*_WAITING)
    for name in TRACING:
        os.environ.pop(name, None)
    for name in [name for name in os.environ if name.startswith("OTEL_EXPORTER_")]:
        del os.environ[name]
