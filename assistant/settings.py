"""Settings: what a person can choose, where it is read from, and nothing else.

Later wins: defaults, ``assistant.toml`` in the home folder, ``ASSISTANT_*`` environment variables, options given in
code or on the command line. This is the only module that reads the environment.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from assistant.errors import SettingsError

Mode = Literal["auto", "quoted", "written"]
FILE_NAME = "assistant.toml"

DESCRIPTIONS: dict[str, str] = {
    "chat_model": "the language model: `bundled`, the path of a GGUF file, `none`, or `provider:model` for LangChain's "
    "`init_chat_model`",
    "embedding_model": "the embedding model: `bundled`, or the path of a sentence-transformers folder",
    "mode": "`quoted` (sentences of the abstracts), `written` (the model's sentences, each checked) or `auto` (what the "
    "model earned in measurement)",
    "context_tokens": "size of the language model's context, in tokens",
    "threads": "threads for the language model; 0 means the machine's cores, at most 8",
    "dense_weight": "share of the embedding score in the fused ranking, 0 to 1; the rest is the words' score",
    "candidates": "papers that are read sentence by sentence for an answer",
    "max_sentences": "sentences in an answer, at most",
    "answer_threshold": "how sure the assistant must be that the evidence answers the question, 0 to 1; below it abstains",
    "support_threshold": "how well a written sentence must be supported by its quote to be shown, 0 to 1",
    "max_question_characters": "longest question that is taken",
    "token": "the secret that HTTP callers send; required as soon as the server listens beyond this machine",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be chosen; see ``DESCRIPTIONS`` for what each setting means."""

    chat_model: str = "bundled"
    embedding_model: str = "bundled"
    mode: Mode = "auto"
    context_tokens: int = 2048
    threads: int = 0
    dense_weight: float = 0.5
    candidates: int = 8
    max_sentences: int = 3
    answer_threshold: float = 0.75
    support_threshold: float = 0.7
    max_question_characters: int = 4000
    token: str = ""

    def __post_init__(self) -> None:
        for name in ("dense_weight", "answer_threshold", "support_threshold"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise SettingsError(f"setting {name!r} is {getattr(self, name)}; it must lie between 0 and 1")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise SettingsError(f"setting {name!r} is {getattr(self, name)}; the least is {least}")
        if self.mode not in ("auto", "quoted", "written"):
            raise SettingsError(f"setting 'mode' is {self.mode!r}; it can be auto, quoted or written")


_LEAST = {"context_tokens": 512, "threads": 0, "candidates": 1, "max_sentences": 1, "max_question_characters": 100}
_TYPES: dict[str, type] = {f.name: type(f.default) for f in fields(Settings)}


def default_home() -> Path:
    """Return ``ASSISTANT_HOME``, or the platform's user data folder."""
    if home := os.environ.get("ASSISTANT_HOME"):
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("paper-assistant")


def load_settings(home: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings in force for the library in ``home``.

    Raises:
        SettingsError: A key is unknown (the error names the nearest), or a value has the wrong type or range.
    """
    values: dict[str, Any] = {}
    for source, found in (
        (str(home / FILE_NAME), _from_file(home / FILE_NAME)),
        ("the environment", _from_environment()),
        ("the options", dict(overrides or {})),
    ):
        values |= {key: _typed(source, key, value) for key, value in found.items()}
    return replace(Settings(), **values)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error


def _from_environment() -> dict[str, Any]:
    prefix = "ASSISTANT_"
    found = {k.removeprefix(prefix).lower(): v for k, v in os.environ.items() if k.startswith(prefix)}
    found.pop("home", None)
    return found


def _typed(source: str, key: str, value: Any) -> Any:
    if key not in _TYPES:
        near = difflib.get_close_matches(key, _TYPES, n=1, cutoff=0.0)[0]
        raise SettingsError(f"unknown setting {key!r} in {source}; the nearest known one is {near!r}")
    wanted = _TYPES[key]
    try:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise TypeError
        return wanted(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"setting {key!r} in {source} is {value!r}; it must be {_NAMES[wanted]}") from error


_NAMES = {str: "text", int: "a whole number", float: "a number"}
