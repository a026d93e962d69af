"""The README says what the program says."""

from __future__ import annotations

import importlib.util
from dataclasses import fields
from pathlib import Path

import pytest

from assistant.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
UPDATE = "run: .venv/bin/python docs/update_readme.py"


@pytest.fixture
def generator(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")  # the generator sets it; this takes it back
    spec = importlib.util.spec_from_file_location("update_readme", ROOT / "docs" / "update_readme.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(text):
    """Python's releases break the lines of a usage differently; the words are the same."""
    return text.split()


def test_help_and_settings_in_the_readme_are_the_programs(generator):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert words(generator.updated(readme)) == words(readme), UPDATE


def test_the_generator_fills_every_block_and_nothing_else(generator):
    helps = "<!-- help:assistant papers list -->\nold text\n<!-- /help -->\n<!-- help:assistant -->\n<!-- /help -->\n"
    once = generator.updated(f"# Title\n{helps}<!-- settings -->\n<!-- /settings -->\nend")
    assert "old text" not in once
    assert "usage: assistant papers list" in once
    assert "usage: assistant [-h]" in once
    assert all(f"| `{field.name}` |" in once for field in fields(Settings))
    assert once.startswith("# Title\n")
    assert once.endswith("\nend")
    assert generator.updated(once) == once
