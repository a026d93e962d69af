"""Choosing: the model that a person names, tried before the settings name it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant import trial
from assistant.errors import ModelError
from assistant.models.embeddings import SentenceTransformerEmbeddings
from assistant.models.files import BUNDLED, chat_model_file, embedding_model_folder, is_embedding_model
from assistant.models.inventory import Role, models_folder
from assistant.models.opening import NONE
from assistant.models.recommended import recommended

_SETTINGS: dict[Role, str] = {"chat": "chat_model", "embedding": "embedding_model"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model that works, as the settings name it.

    Attributes:
        role: What it is for.
        value: The value of the setting.
    """

    role: Role
    value: str

    @property
    def setting(self) -> str:
        """The setting that names it."""
        return _SETTINGS[self.role]


def choose(wanted: str, home: Path, role: Role | None = None) -> Choice:
    """Return the model that a name or a path stands for, after it was loaded once.

    Args:
        wanted: ``bundled``, ``none``, a recommended name, a name in the folder of models, or a path.
        home: The library's folder.
        role: What ``bundled`` is to be used for; by default for chat. Files and folders tell it themselves.

    Raises:
        ModelError: There is no such model, or it cannot be loaded.
    """
    if wanted == NONE:
        return Choice("chat", NONE)
    if wanted == BUNDLED:
        _ = embedding_model_folder(BUNDLED) if role == "embedding" else chat_model_file(BUNDLED)
        return Choice(role or "chat", BUNDLED)
    path = _found(wanted, home)
    if path.is_dir():
        SentenceTransformerEmbeddings(embedding_model_folder(str(path))).encode(["Does it work?"])
        return Choice("embedding", str(path))
    if failed := trial.failure("assistant.models.verify", path):
        raise ModelError(failed)
    return Choice("chat", str(path))


def _found(wanted: str, home: Path) -> Path:
    """Return the file or folder: of the models of the home first, then anywhere."""
    known = recommended(wanted)
    names = [known.file] if known else [wanted, f"{wanted}.gguf"]
    places = [models_folder(home) / name for name in names] + [Path(wanted).expanduser()]
    for place in places:
        if place.is_file() or is_embedding_model(place):
            return place.absolute()
    if known:
        raise ModelError(f"{known.name} is not here yet; run: assistant models pull {known.name}")
    if places[-1].is_dir():
        raise ModelError(f"no sentence-transformers model in {places[-1]}; name the folder that holds its modules.json")
    raise ModelError(f"there is no model {wanted!r}; see what there is with: assistant models list")
