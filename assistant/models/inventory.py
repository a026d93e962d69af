"""The inventory: which chat and embedding models there are, which are in use, and what to do about what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import ModelError
from assistant.models.downloads import record_of
from assistant.models.files import BUNDLED, chat_model_file, digest, embedding_model_folder, is_embedding_model
from assistant.models.opening import HASHING, NONE, SCRIPTED, is_remote
from assistant.models.recommended import RECOMMENDED
from assistant.settings import Settings

Role = Literal["chat", "embedding"]
Origin = Literal["bundled", "home", "elsewhere", "remote", "recommended", "none"]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model.

    Attributes:
        name: What `assistant models use` or `pull` takes.
        role: What it is for.
        origin: Where it comes from: the ``bundled`` packages, the folder of models in the ``home``, a path
            ``elsewhere``, a ``remote`` server, the list of ``recommended`` ones, or ``none`` at all.
        in_use: The settings name it.
        path: Its file or folder; nothing where it is not here.
        size: Bytes; 0 where that is not known.
        sha256: Its digest; nothing where it is not known.
        licence: SPDX identifier, where it is known.
        todo: The command that fetches it or chooses it, or what is wrong with it; nothing for one that is in use.
    """

    name: str
    role: Role
    origin: Origin
    in_use: bool
    path: str = ""
    size: int = 0
    sha256: str = ""
    licence: str = ""
    todo: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def models_folder(home: Path) -> Path:
    """Return the folder of a library's own models."""
    return home / "models"


def list_models(home: Path, settings: Settings) -> list[ListedModel]:
    """Return the models: those in use first, then what is here, then what can be fetched."""
    here = [*_chat_models(home, settings), *_embedding_models(home, settings)]
    listed = here + list(_recommended(home, settings))
    return sorted(listed, key=lambda model: (not model.in_use, model.origin == "recommended", model.role))


def _chat_models(home: Path, settings: Settings) -> Iterator[ListedModel]:
    setting = settings.chat_model
    if setting in (NONE, SCRIPTED):
        yield ListedModel(setting, "chat", "none", in_use=True)
    elif is_remote(setting):
        yield ListedModel(setting, "chat", "remote", in_use=True)
    yield _bundled("chat", setting == BUNDLED, chat_model_file)
    files = [path for path in _entries(home) if path.is_file() and path.suffix.lower() == ".gguf"]
    yield from _on_disk("chat", files, setting, chat_model_file)


def _embedding_models(home: Path, settings: Settings) -> Iterator[ListedModel]:
    setting = settings.embedding_model
    if setting == HASHING:
        yield ListedModel(setting, "embedding", "none", in_use=True)
    yield _bundled("embedding", setting == BUNDLED, embedding_model_folder)
    folders = [path for path in _entries(home) if is_embedding_model(path)]
    yield from _on_disk("embedding", folders, setting, embedding_model_folder)


def _recommended(home: Path, settings: Settings) -> Iterator[ListedModel]:
    for model in RECOMMENDED:
        if not (models_folder(home) / model.file).exists():
            todo = f"assistant models pull {model.name}"
            yield ListedModel(
                model.name, "chat", "recommended", False, "", model.size, model.sha256, model.licence, todo
            )


def _entries(home: Path) -> list[Path]:
    folder = models_folder(home)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _bundled(role: Role, in_use: bool, find: Callable[[str], Path]) -> ListedModel:
    try:
        path = find(BUNDLED)
    except ModelError as error:
        return ListedModel(BUNDLED, role, "bundled", in_use, todo=str(error))
    option = "" if role == "chat" else " --as embedding"
    todo = "" if in_use else f"assistant models use {BUNDLED}{option}"
    return _described(ListedModel(BUNDLED, role, "bundled", in_use, licence="Apache-2.0", todo=todo), path)


def _on_disk(role: Role, found: list[Path], setting: str, find: Callable[[str], Path]) -> Iterator[ListedModel]:
    """Yield the models of the home, and the one in use where it is elsewhere."""
    used = Path(setting).expanduser()
    for path in found:
        in_use = path.absolute() == used.absolute()
        licence = next((model.licence for model in RECOMMENDED if model.file == path.name), "")
        todo = "" if in_use else f"assistant models use {path.name}"
        yield _described(ListedModel(path.name, role, "home", in_use, licence=licence, todo=todo), path)
    named = setting in (BUNDLED, NONE, SCRIPTED, HASHING) or (role == "chat" and is_remote(setting))
    if not named and used.absolute() not in [path.absolute() for path in found]:
        model = ListedModel(used.name, role, "elsewhere", in_use=True, path=str(used))
        try:
            yield _described(model, find(setting))
        except ModelError as error:
            yield ListedModel(used.name, role, "elsewhere", in_use=True, path=str(used), todo=str(error))


def _described(model: ListedModel, path: Path) -> ListedModel:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    values = model.to_dict() | {"path": str(path), "size": sum(file.stat().st_size for file in files)}
    return ListedModel(**values | {"sha256": _known_digest(path) or digest(path)})


def _known_digest(path: Path) -> str:
    """Return the digest that was kept when the file came, unless the file has changed since; reading it takes time."""
    record = record_of(path)
    if not path.is_file() or not record.is_file() or record.stat().st_mtime_ns < path.stat().st_mtime_ns:
        return ""
    return record.read_text(encoding="utf-8").partition(" ")[0]
