"""``python docs/update_readme.py``: write the help texts and the settings table of the program into the README.

Between ``<!-- help:assistant ask -->`` and ``<!-- /help -->`` goes what ``assistant ask --help`` prints; between
``<!-- settings -->`` and ``<!-- /settings -->`` what `assistant.settings` says. A test fails while they differ.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
from dataclasses import fields
from pathlib import Path

from assistant.cli import main
from assistant.settings import DESCRIPTIONS, Settings

README = Path(__file__).resolve().parent.parent / "README.md"
_HELP = re.compile(r"(<!-- help:assistant ?(?P<command>[a-z ]*) -->\n).*?(<!-- /help -->)", re.DOTALL)
_SETTINGS = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)


def updated(readme: str) -> str:
    """Return the text of the README with every generated part as the program is now."""
    readme = _HELP.sub(lambda m: f"{m[1]}```text\n{help_text(m['command'])}```\n{m[3]}", readme)
    return _SETTINGS.sub(lambda m: f"{m[1]}{settings_table()}{m[2]}", readme)


def help_text(command: str) -> str:
    """Return what ``assistant COMMAND --help`` prints on a terminal of 80 columns."""
    os.environ["COLUMNS"] = "80"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main([*command.split(), "--help"])
    return printed.getvalue()


def settings_table() -> str:
    """Return the settings with their defaults and meanings as a table in Markdown."""
    rows = [(f.name, f"`{f.default}`" if f.default != "" else "", DESCRIPTIONS[f.name]) for f in fields(Settings)]
    table = [("setting", "default", "meaning"), ("---", "---", "---"), *((f"`{n}`", d, m) for n, d, m in rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in table)


if __name__ == "__main__":
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
