"""The settings file: one setting written into ``assistant.toml``, or what is damaged in it set aside."""

from __future__ import annotations

import os
import stat
from itertools import count
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from assistant.errors import SettingsError
from assistant.settings import FILE_NAME, usable

_MOST_LINES = 500  # of a damaged file that are looked at; there are a dozen settings


def write_setting(home: Path, key: str, value: str) -> Path:
    """Set ``key`` in the settings file of ``home``, which is made if it is missing; return the file.

    Comments, order and all other settings stay, and so do the file's permissions, because it may hold the token. The
    file is replaced at once: whoever reads it meanwhile reads the old one or the new one.

    Raises:
        SettingsError: The file is no TOML, or cannot be written; it is as it was.
    """
    path = home / FILE_NAME
    try:
        home.mkdir(parents=True, exist_ok=True)
        path = path.resolve()  # a link to where a person keeps such files stays one
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
        document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else "")
        document[key] = value
        _replace(path, tomlkit.dumps(document).encode(), mode)
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"{path} cannot be changed ({reason}); mend it, or write there: {key} = '{value}'"
        raise SettingsError(message) from error
    return path


def _replace(path: Path, data: bytes, mode: int) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def mend_settings(home: Path) -> str:
    """Keep the lines of a settings file that can be used, make comments of the others; return what was done.

    The file as it was is kept beside it. Nothing is done, and nothing returned, where all of it can be used.

    Raises:
        SettingsError: The file cannot be read or written; it is as it was.
    """
    path = (home / FILE_NAME).resolve()
    try:
        if not path.exists() or usable(data := path.read_bytes()):
            return ""
        lines, unusable = _usable_lines(data.decode(errors="replace"))
        mode, aside = stat.S_IMODE(path.stat().st_mode), _free_name(path)
        _replace(aside, data, mode)
        _replace(path, "".join(f"{line}\n" for line in lines).encode(), mode)
    except OSError as error:
        raise SettingsError(f"{path} cannot be changed ({error.strerror}); mend it or remove it") from error
    return f"{path}: what could not be used is a comment now ({unusable} lines); the file is kept as {aside}"


def _usable_lines(text: str) -> tuple[list[str], int]:
    lines: list[str] = []
    unusable = 0
    for line in text.splitlines()[:_MOST_LINES]:
        printable = "".join(c for c in line if c.isprintable() or c == "\t")
        good = "\ufffd" not in line and usable("\n".join([*lines, line]).encode())
        lines.append(line if good else f"# {printable}")
        unusable += not good
    return lines, unusable


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.stem}.damaged-{number}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())
