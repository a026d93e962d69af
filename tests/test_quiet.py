"""What is switched off before third-party libraries are imported."""

from __future__ import annotations

import os

from assistant.quiet import TRACING, quiet


def test_tracing_and_exporters_are_off_whatever_the_environment_says(monkeypatch):
    for name in (*TRACING, "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.setenv(name, "true")
    assert {"LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"} <= set(TRACING)
    quiet()
    assert not [name for name in os.environ if "TRACING" in name or name.startswith("OTEL_EXPORTER_")]


def test_analytics_and_look_ups_are_off(monkeypatch):
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "True")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    quiet()
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert os.environ["HF_HUB_OFFLINE"] == os.environ["TRANSFORMERS_OFFLINE"] == "1"
    assert os.environ["ANONYMIZED_TELEMETRY"] == "False"


def test_a_person_may_choose_how_threads_wait(monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    quiet()
    assert os.environ["OMP_WAIT_POLICY"] == "active"
    assert os.environ["GOMP_SPINCOUNT"] == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.delenv("OMP_WAIT_POLICY")
    quiet()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    assert int(os.environ["GOMP_SPINCOUNT"]) > 0


def test_langsmith_itself_sees_no_tracing(monkeypatch):
    from langsmith.utils import get_env_var, tracing_is_enabled

    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    quiet()
    get_env_var.cache_clear()
    assert not tracing_is_enabled()
