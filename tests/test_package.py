"""The package as people install it: what is in the wheel, and that it runs without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assistant.assistant import VERSION

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("assistant", "prompts", "ui", "vectorstore", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy, so that the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("build")
    for name in SOURCES:
        source = ROOT / name
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, folder / name, ignore=ignored) if source.is_dir() else shutil.copy(source, folder)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", folder]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return next((folder / "dist").glob("*.whl"))


def test_everything_that_is_no_code_is_in_the_wheel(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [
        path.relative_to(ROOT).as_posix()
        for folder in ("assistant", "prompts", "ui", "vectorstore")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    ]
    assert not [name for name in data if name not in names]
    for ending in ("sample/papers.jsonl", "sentence/system.md", "assistant/py.typed", "ui/py.typed", ".css", ".js"):
        assert [name for name in names if name.endswith(ending)], ending


def test_nothing_else_is_in_the_wheel(wheel):
    folders = {name.split("/", 1)[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert folders == {"assistant", "prompts", "ui", "vectorstore", f"paper_assistant-{VERSION}.dist-info"}


def test_the_installed_wheel_runs_without_the_checkout(wheel, tmp_path):
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", target, wheel]
    subprocess.run(pip, check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(target), "ASSISTANT_EMBEDDING_MODEL": "hashing"}

    def run(*words):
        command = [sys.executable, "-P", "-m", "assistant.cli", *words]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run("--version").stdout == f"assistant {VERSION}\n"
    where = "import assistant, prompts, ui; print(assistant.__file__, prompts.__file__, ui.__file__)"
    imported = subprocess.run([sys.executable, "-P", "-c", where], env=environment, capture_output=True, check=True)
    assert imported.stdout.decode().count(str(target)) == 3
    ended = run("ask", "What do bees do?", "--home", str(tmp_path / "home"), "--set", "mode=written")
    assert ended.returncode == 3, ended.stderr
    assert "assistant add" in ended.stdout
