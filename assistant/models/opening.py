"""From settings to models. Only the composition root calls this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import DependencyError, ModelError
from assistant.grounding import ClaimCheck, check_claim, check_with_both
from assistant.models.files import BUNDLED, chat_model_file, digest, embedding_model_folder

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.models.embeddings import Encoder
    from assistant.reranking import Reranker
    from assistant.settings import Settings

NONE, SCRIPTED, HASHING, RULES = "none", "scripted", "hashing", "rules"
_MAX_TOKENS = 80  # of a sentence, which is all that a model is asked for


def open_encoder(settings: Settings, home: Path) -> Encoder:
    """Return the embedding model that the settings name; it is loaded at its first use.

    Its compiled form is kept in the ``home``.
    """
    if settings.embedding_model == HASHING:
        from assistant.models.hashing import HashingEmbeddings

        dimensions = settings.embedding_dimensions
        return HashingEmbeddings(dimensions) if dimensions else HashingEmbeddings()
    from assistant.models.embeddings import SentenceTransformerEmbeddings

    folder = embedding_model_folder(settings.embedding_model)
    return SentenceTransformerEmbeddings(folder, home / "compiled", settings.embedding_dimensions)


def encoder_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that open the same embedding model again, from whatever folder the program is started."""
    name = settings.embedding_model
    if name not in (BUNDLED, HASHING):
        name = str(embedding_model_folder(name).absolute())
    return {"embedding_model": name, "embedding_dimensions": settings.embedding_dimensions}


def reopen_encoder(model: Mapping[str, Any], settings: Settings, home: Path) -> Encoder:
    """Return the embedding model that `encoder_settings` described.

    Raises:
        ModelError: It is not there any more.
        LookupError, TypeError, ValueError: This is not what `encoder_settings` returns.
    """
    name, dimensions = str(model["embedding_model"]), int(model["embedding_dimensions"])
    return open_encoder(replace(settings, embedding_model=name, embedding_dimensions=dimensions), home)


def open_chat_model(settings: Settings) -> BaseChatModel | None:
    """Return the chat model that the settings name, or None for ``none``; it is loaded at its first use.

    Raises:
        ModelError: The model file is missing, or the remote model cannot be opened.
        DependencyError: The package for a remote model is not installed.
    """
    name = settings.chat_model
    if name == NONE:
        return None
    if name == SCRIPTED:
        from assistant.models.scripted import ScriptedChatModel

        return ScriptedChatModel()
    if is_remote(name):
        return _remote(name)
    from assistant.models.chat import ChatLlamaCpp

    return ChatLlamaCpp(
        model_path=str(chat_model_file(name)),
        context_tokens=settings.context_tokens,
        max_tokens=_MAX_TOKENS,
        threads=settings.threads,
    )


def open_claim_check(settings: Settings) -> ClaimCheck:
    """Return what checks claims: the rules alone, or the rules and the model that the settings name.

    Raises:
        ModelError: There is no such model, or none of its labels is entailment.
    """
    if settings.claim_checker == RULES:
        return check_claim
    from assistant.models.entailment import EntailmentChecker

    return check_with_both(check_claim, EntailmentChecker(Path(settings.claim_checker).expanduser()).check)


def open_reranker(settings: Settings) -> Reranker | None:
    """Return what ranks the first papers again, or None for ``none``; it is loaded at its first use.

    Raises:
        ModelError: There is no such model, or it is none that ranks.
    """
    if settings.reranker == NONE:
        return None
    from assistant.models.reranker import CrossEncoderReranker

    return CrossEncoderReranker(Path(settings.reranker).expanduser())


def is_remote(name: str) -> bool:
    """Say whether a setting names a model of LangChain's `init_chat_model`, ``provider:model``."""
    provider, colon, model = name.partition(":")
    if Path(name).expanduser().is_file():
        return False
    return bool(colon and model and provider.replace("_", "").replace("-", "").isalnum() and len(provider) > 1)


def chat_digest(settings: Settings) -> str:
    """Return the name of the chat model and the start of its file's SHA-256, which takes a second for a large one."""
    path = chat_file(settings)
    return f"{path.stem} sha256:{digest(path)[:12]}" if path else settings.chat_model


def chat_file(settings: Settings) -> Path | None:
    """Return the file of the chat model; None where the settings name none, or one that is no file.

    Raises:
        ModelError: The file is not there.
    """
    if settings.chat_model in (NONE, SCRIPTED) or is_remote(settings.chat_model):
        return None
    return chat_model_file(settings.chat_model)


def _remote(name: str) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(name, temperature=0)
    except ImportError as error:
        package = f"langchain-{name.split(':', 1)[0].replace('_', '-')}"
        raise DependencyError(f"{error}; run: pip install {package}") from error
    except Exception as error:  # a provider's package raises what it likes, e.g. for a key that is not set
        raise ModelError(f"the chat model {name!r} cannot be opened ({error}); set chat_model to another") from error
    return model
