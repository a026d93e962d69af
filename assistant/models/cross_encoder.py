"""A cross-encoder in a folder, as sentence-transformers or transformers save one: reads two texts together.

Knows no settings; whoever uses it says what it is for and what to choose instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import ModelError
from assistant.loading import loaded_once

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Role:
    """What a model is used for, in the words of its errors.

    Attributes:
        name: As in "no claim checker in FOLDER".
        advice: What to do where the model cannot be used.
    """

    name: str
    advice: str


class CrossEncoderModel:
    """Scores pairs of texts. The model is loaded at the first pair, from its folder alone.

    Args:
        folder: Where it lies.
        role: What it is for.
    """

    def __init__(self, folder: Path, role: Role) -> None:
        self._folder, self._role = folder, role
        self._predicting = Lock()  # tokenizers are not made for several threads

    def predict(self, pairs: Sequence[tuple[str, str]], activation: Callable[[Any], Any]) -> NDArray[np.float32]:
        """Return the model's output for each pair, in order, shape (pairs,) or, with several outputs, (pairs, outputs).

        A pair that is longer than the model reads is cut.

        Raises:
            ModelError: The folder holds no such model, or it fails.
        """
        with self._predicting:
            try:
                found = self._model.predict(list(pairs), activation_fn=activation, show_progress_bar=False)
            except (RuntimeError, ValueError, IndexError) as error:
                raise self._error(f"the {self._role.name} in {self._folder} failed ({error})") from error
        return np.asarray(found, dtype=np.float32)

    @loaded_once
    def _model(self) -> Any:
        from sentence_transformers import CrossEncoder

        try:
            return CrossEncoder(str(self._folder), local_files_only=True, device="cpu")
        except Exception as error:  # what a damaged folder raises depends on which file is damaged
            raise self._error(f"the {self._role.name} in {self._folder} cannot be loaded ({error})") from error

    def _error(self, what: str) -> ModelError:
        return ModelError(f"{what}; {self._role.advice}")


def labels(folder: Path, role: Role) -> dict[int, str]:
    """Return the names of a classifier's outputs by their places.

    Raises:
        ModelError: There is no model, or it is no cross-encoder, which would be given weights drawn at random.
    """
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kinds = [str(kind) for kind in config.get("architectures") or ()]
        named = {int(place): str(name) for place, name in config.get("id2label", {}).items()}
    except FileNotFoundError as error:
        raise ModelError(f"no {role.name} in {folder}; {role.advice}") from error
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ModelError(f"{folder / 'config.json'} cannot be read ({error}); {role.advice}") from error
    if not any(kind.endswith("ForSequenceClassification") for kind in kinds) and not _is_cross_encoder(folder):
        kind = ", ".join(kinds) or "no architecture"
        raise ModelError(f"the model in {folder} is no cross-encoder ({kind}); {role.advice}")
    return named


def _is_cross_encoder(folder: Path) -> bool:
    """Say whether sentence-transformers has saved it as one, which a language model may be."""
    with suppress(OSError, ValueError, AttributeError):
        about = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
        return bool(about.get("model_type") == "CrossEncoder")
    return False
