"""Embeddings: text to unit vectors, over sentence-transformers.

LangChain's `Embeddings`, plus what indexing needs to know of a model: its window, its tokens, its digest.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant.errors import ModelError
from assistant.loading import loaded_once
from assistant.models.files import digest

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 16  # texts that go through the model at once


@runtime_checkable
class Encoder(Protocol):
    """What the assistant needs of an embedding model; rows are unit vectors, so that a dot product is the cosine."""

    name: str

    @property
    def digest(self) -> str:
        """What identifies the weights and configuration.

        Equal digests give vectors that may stand in one index: the same to the last bit on one machine, and with a
        cosine of 0.9999 between a processor that computes in bfloat16 and one that does not.
        """
        ...

    @property
    def window(self) -> int:
        """Tokens of a text that are read, special ones included."""
        ...

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text has, without special ones and without a limit."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension), in the order given."""
        ...

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens, up to ``token_window`` of them."""
        ...

    @property
    def token_window(self) -> int:
        """Tokens of a text that `encode_tokens` reads, special ones included."""
        ...


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of one text as the model sees them in their context.

    Attributes:
        vectors: Unit rows, shape (tokens, dimension); special tokens are left out.
        offsets: First and one past the last character of each token, shape (tokens, 2).
    """

    vectors: NDArray[np.float32]
    offsets: NDArray[np.int64]


class SentenceTransformerEmbeddings(Embeddings):
    """The embeddings of a sentence-transformers folder. Loading waits for the first use (several seconds).

    Args:
        folder: A folder as `SentenceTransformer.save` writes it; nothing is ever fetched.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.name = self.folder.parent.name if self.folder.name == "model" else self.folder.name
        self._lock = RLock()  # two threads in one fast tokenizer: "Already borrowed"; torch uses all cores anyway

    @loaded_once
    def digest(self) -> str:
        """The SHA-256 of the folder's weights and configuration."""
        return digest(self.folder)

    @property
    def window(self) -> int:
        """Tokens of a text that the model reads."""
        return int(self._model.max_seq_length or 512)

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text has, without special ones."""
        if not texts:
            return []
        with self._lock:
            encoded = self._model.tokenizer(texts, add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension)."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        with self._lock:
            vectors = self._model.encode(
                list(texts), batch_size=_BATCH, convert_to_tensor=True, show_progress_bar=False
            ).float()
        return _unit(vectors.numpy().reshape(len(texts), -1))

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # a batch takes as long as its longest text
        found: dict[int, TokenVectors] = {}
        with self._lock:
            for start in range(0, len(order), _BATCH):
                part = order[start : start + _BATCH]
                found.update(zip(part, self._tokens([texts[i] for i in part]), strict=True))
        return [found[i] for i in range(len(texts))]

    @property
    def token_window(self) -> int:
        """Positions that the model has, which can be more than it was trained to pool."""
        return int(getattr(self._model[0].auto_model.config, "max_position_embeddings", self.window))

    def _tokens(self, texts: list[str]) -> list[TokenVectors]:
        import torch

        encoded = self._model.tokenizer(
            texts,
            truncation=True,
            max_length=self.token_window,
            padding=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_tensors="pt",
        )
        offsets = encoded.pop("offset_mapping").numpy()
        plain = encoded.pop("special_tokens_mask").numpy() == 0  # padding counts as special
        with torch.inference_mode():
            hidden = self._model[0].auto_model(**encoded).last_hidden_state.float().numpy()
        return [
            TokenVectors(_unit(vectors[kept]), spans[kept].astype(np.int64))
            for vectors, spans, kept in zip(hidden, offsets, plain, strict=True)
        ]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector a text, in order."""
        return self.encode(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question."""
        return self.encode([text])[0].tolist()  # type: ignore[no-any-return]

    @loaded_once
    def _loaded(self) -> Any:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()  # type: ignore[no-untyped-call]
            return SentenceTransformer(
                str(self.folder), device="cpu", local_files_only=True, model_kwargs={"dtype": _precision()}
            )
        except Exception as error:  # whatever torch, safetensors or transformers make of a broken folder
            message = f"the embedding model in {self.folder} cannot be loaded ({error}); install or download it again"
            raise ModelError(message) from error

    @property
    def _model(self) -> Any:
        with self._lock:
            return self._loaded


def _precision() -> Any:
    """Return bfloat16 where the processor multiplies it by itself, else float32.

    With AMX it embeds 5 to 20 times as many texts a second; the vectors' cosine to those of float32 is 0.9999.
    torch tells what the processor can only by a function that it may rename.
    """
    import torch

    try:
        fast = torch.cpu._is_avx512_bf16_supported()
    except (AttributeError, RuntimeError):
        fast = False
    return torch.bfloat16 if fast else torch.float32


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of length one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)
