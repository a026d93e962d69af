"""Embeddings: text to unit vectors, by a sentence-transformers model.

LangChain's `Embeddings`, plus what indexing needs to know of a model: its window, its tokens, its digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from langchain_core.embeddings import Embeddings

from assistant.errors import ModelError
from assistant.loading import loaded_once
from assistant.models.files import digest
from assistant.models.runtimes import EmbeddingRuntime, Read, Role, TokenVectors, open_runtime, unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@runtime_checkable
class Encoder(Protocol):
    """What the assistant needs of an embedding model; rows are unit vectors, so that a dot product is the cosine."""

    name: str

    @property
    def description(self) -> str:
        """What computes the vectors, for people."""
        ...

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

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dimension,)."""
        ...

    def encode_and_read(
        self, texts: Sequence[str], reader: Callable[[str, TokenVectors], Read], role: Role = "document"
    ) -> tuple[NDArray[np.float32], list[Read]]:
        """Return the vectors of texts, and what ``reader`` makes of each text and its tokens, in the order given.

        The tokens are those that the text's vector is made of. ``reader`` is called from several threads.
        """
        ...

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens, up to ``token_window`` of them."""
        ...

    @property
    def token_window(self) -> int:
        """Tokens of a text that `encode_tokens` reads, special ones included."""
        ...


def named(encoder: Encoder) -> str:
    """Return the name of an embedding model and the start of its digest, as answers tell it."""
    return f"{encoder.name} sha256:{encoder.digest[:12]}"


class SentenceTransformerEmbeddings(Embeddings):
    """The embeddings of a sentence-transformers folder. Loading waits for the first use.

    Args:
        folder: A folder as `SentenceTransformer.save` writes it; nothing is ever fetched.
        kept: Folder in which the model's compiled form is kept, which is made at the first use (some seconds, once)
            and loads in 0.3 s; by default none is made, and sentence-transformers computes.
        dimensions: How many of a vector's components are kept, the first ones, for models that were trained for it
            (Matryoshka); 0 keeps all.
    """

    def __init__(self, folder: Path | str, kept: Path | None = None, dimensions: int = 0) -> None:
        self.folder = Path(folder)
        self.name = self.folder.parent.name if self.folder.name == "model" else self.folder.name
        self._kept = kept
        self._dimensions = dimensions

    @loaded_once
    def digest(self) -> str:
        """The SHA-256 of the folder's weights and configuration; another one where components are cut off."""
        cut = f"{self._model_digest}, {self._dimensions} dimensions"
        return hashlib.sha256(cut.encode()).hexdigest() if self._dimensions else self._model_digest

    @property
    def description(self) -> str:
        """What computes the vectors, for people."""
        return self._runtime.description

    @property
    def window(self) -> int:
        """Tokens of a text that the model reads."""
        return self._runtime.window

    @property
    def token_window(self) -> int:
        """Positions that the model has, which can be more than it was trained to pool."""
        return self._runtime.token_window

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many tokens each text has, without special ones."""
        return self._runtime.count_tokens(texts)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension)."""
        return self._cut(self._runtime.pooled(texts, "document"))

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dimension,)."""
        row: NDArray[np.float32] = self._cut(self._runtime.pooled([text], "query"))[0]
        return row

    def encode_and_read(
        self, texts: Sequence[str], reader: Callable[[str, TokenVectors], Read], role: Role = "document"
    ) -> tuple[NDArray[np.float32], list[Read]]:
        """Return the vectors of texts and what ``reader`` makes of each text's tokens."""
        vectors, found = self._runtime.read(texts, reader, role)
        return self._cut(vectors), found

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens."""
        return self._runtime.tokens(texts)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector a text, in order."""
        return self.encode(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question."""
        return self.encode_query(text).tolist()  # type: ignore[no-any-return]

    def _cut(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._dimensions > rows.shape[1] > 0:
            raise ModelError(
                f"embedding_dimensions is {self._dimensions}, but the vectors of {self.name} have {rows.shape[1]}; "
                "set it to 0 or to fewer"
            )
        return unit(rows[:, : self._dimensions]) if self._dimensions else rows

    @loaded_once
    def _model_digest(self) -> str:
        return digest(self.folder)

    @loaded_once
    def _runtime(self) -> EmbeddingRuntime:
        kept = self._kept / self._model_digest[:16] if self._kept is not None else None
        return open_runtime(self.folder, kept)
