"""The settings file: one setting written into ``assistant.toml``, everything else in it left as it stands."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from assistant.errors import SettingsError
from assistant.settings import FILE_NAME


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
