"""Trials: opening a file in a process of its own, because what opens it may end the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def failure(module: str, path: Path) -> str:
    """Run a module that checks ``path`` in a process of its own; return what it says is wrong, or nothing."""
    check = subprocess.run([sys.executable, "-P", "-m", module, str(path)], capture_output=True, text=True, check=False)
    if check.returncode == 0:
        return ""
    said = check.stderr.strip().splitlines()
    return said[-1] if said else f"{path} ended the process that opened it, with code {check.returncode}"
