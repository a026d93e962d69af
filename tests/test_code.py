"""The code keeps the house's rules: style, types, and dependencies that point one way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent

CHECKS = {
    "ruff": [TOOLS / "ruff", "check", "--no-cache", "."],
    "mypy": [TOOLS / "mypy"],
    "lint-imports": [TOOLS / "lint-imports", "--no-cache"],
}


@pytest.mark.parametrize("tool", CHECKS)
def test_the_code_passes(tool):
    ended = subprocess.run(CHECKS[tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
