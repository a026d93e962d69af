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
from typing import Any, Literal, cast, get_args

from assistant.errors import SettingsError

Mode = Literal["auto", "quoted", "written"]
FILE_NAME = "assistant.toml"
PREFIX = "ASSISTANT_"

DESCRIPTIONS: dict[str, str] = {
    "chat_model": "the language model: `bundled`, the path of a GGUF file, `none`, or `provider:model` for "
    "LangChain's `init_chat_model`",
    "embedding_model": "the embedding model: `bundled`, or the path of a sentence-transformers folder",
    "embedding_dimensions": "how many components of each vector are kept, the first ones, for models that were trained "
    "for it (Matryoshka); 0 keeps all. Another number is another model: see “Another embedding model”",
    "mode": "`quoted` (sentences of the abstracts), `written` (the model's sentences, each checked) or `auto` (what "
    "the model earned in measurement)",
    "context_tokens": "size of the language model's context, in tokens",
    "threads": "threads for the language model; 0 means the machine's cores, at most 8",
    "dense_weight": "share of the embedding score in the fused ranking, 0 to 1; the rest is the words' score",
    "candidates": "papers that are read sentence by sentence for an answer",
    "reranker": "what ranks the first 30 papers again: `none`, or the path of a sentence-transformers CrossEncoder "
    "folder with one output, which reads the query with each paper",
    "max_sentences": "sentences from one paper in an answer, at most; where it needs two papers, each gets one less, "
    "and a question for all papers that share something gets one a paper",
    "max_papers": "papers that an answer to a question for all papers that share something names and quotes, at most",
    "answer_threshold": "how sure the assistant must be that the evidence answers the question, 0 to 1; "
    "below it abstains",
    "support_threshold": "how well a written sentence must be supported by its quote to be shown, 0 to 1",
    "claim_checker": "what checks written sentences: `rules`, or the path of a sentence-transformers CrossEncoder "
    "folder with a label “entailment”, which checks in addition: a sentence must pass both",
    "max_question_characters": "longest question that is taken; a pasted abstract has about 1,500",
    "token": "the secret that HTTP callers send; required as soon as the server listens beyond this machine",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be chosen; see ``DESCRIPTIONS`` for what each setting means."""

    chat_model: str = "bundled"
    embedding_model: str = "bundled"
    embedding_dimensions: int = 0
    mode: Mode = "auto"
    context_tokens: int = 2048
    threads: int = 0
    dense_weight: float = 0.5
    candidates: int = 16
    reranker: str = "none"
    max_sentences: int = 3
    max_papers: int = 5
    answer_threshold: float = 0.45
    support_threshold: float = 0.7
    claim_checker: str = "rules"
    max_question_characters: int = 20_000
    token: str = ""

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            if not least <= getattr(self, name) <= most:
                raise SettingsError(f"setting {name!r} is {getattr(self, name)}; set it between {least} and {most}")
        if self.mode not in get_args(Mode):
            raise SettingsError(f"setting 'mode' is {self.mode!r}; set it to {', '.join(get_args(Mode))}")


_RANGES: dict[str, tuple[float, float]] = {
    "context_tokens": (512, 1 << 20),
    "threads": (0, 512),
    "embedding_dimensions": (0, 1 << 16),
    "dense_weight": (0.0, 1.0),
    "candidates": (1, 100),
    "max_sentences": (1, 20),
    "max_papers": (1, 24),
    "answer_threshold": (0.0, 1.0),
    "support_threshold": (0.0, 1.0),
    "max_question_characters": (100, 1_000_000),
}
_TYPES: dict[str, type] = {f.name: type(f.default) for f in fields(Settings)}


def default_home() -> Path:
    """Return ``ASSISTANT_HOME``, or the platform's user data folder."""
    if home := os.environ.get(f"{PREFIX}HOME"):
        return Path(home).expanduser()
    from platformdirs import user_data_path

    return user_data_path("paper-assistant")


def load_settings(home: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings in force for the library in ``home``.

    Raises:
        SettingsError: A key is unknown (the error names the nearest), or a value has the wrong type or range.
    """
    file = home / FILE_NAME
    values: dict[str, Any] = {}
    for source, prefix, found in (
        (str(file), "", _from_file(file)),
        ("the environment", PREFIX, _from_environment()),
        ("the options", "", dict(overrides or {})),
    ):
        values |= {key: _typed(source, prefix, key, value) for key, value in found.items()}
    return replace(Settings(), **values)


def usable(data: bytes) -> bool:
    """Say whether a settings file with this content can be used."""
    try:
        values = tomllib.loads(data.decode())
        replace(Settings(), **{key: _typed("", "", key, value) for key, value in values.items()})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, SettingsError):
        return False
    return True


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):  # that the home is no folder is for the library to say
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        advice = "mend it or remove it, or keep the lines that can be used: assistant doctor --repair"
        raise SettingsError(f"{path} cannot be read ({error}); {advice}") from error


def _from_environment() -> dict[str, Any]:
    """Return the variables that are set to something; ``ASSISTANT_MODE=`` is the shell's way to unset one."""
    found = {k.removeprefix(PREFIX).lower(): v for k, v in os.environ.items() if k.startswith(PREFIX) and v}
    found.pop("home", None)
    return found


def _typed(source: str, prefix: str, key: str, value: Any) -> Any:
    written = f"{prefix}{key.upper()}" if prefix else key
    if key not in _TYPES:
        near = difflib.get_close_matches(key, _TYPES, n=1, cutoff=0.0)[0]
        nearest = f"{prefix}{near.upper()}" if prefix else near
        raise SettingsError(f"unknown setting {written!r} in {source}; the nearest known one is {nearest!r}")
    wanted = _TYPES[key]
    converted = _convert(value, wanted)
    if converted is None:
        raise SettingsError(f"setting {written!r} in {source} is {value!r}; it must be {_NAMES[wanted]}")
    return converted


def _convert(value: Any, wanted: type) -> str | int | float | None:
    """Return ``value`` as the wanted type, or None; text is read as a number, a number is never taken for text."""
    if isinstance(value, os.PathLike) and wanted is str:
        return str(os.fspath(value))
    readable = {str: (str,), int: (str, int), float: (str, int, float)}[wanted]
    if isinstance(value, bool) or not isinstance(value, readable):
        return None
    try:
        return cast("str | int | float", wanted(value))
    except (ValueError, OverflowError):
        return None


_NAMES = {str: "text", int: "a whole number", float: "a number"}
