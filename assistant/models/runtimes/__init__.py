"""What computes embeddings: the model's own library, or the same model compiled for this processor.

`open_runtime` chooses. Importing this package imports neither torch nor OpenVINO.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Read = TypeVar("Read")

Role = Literal["document", "query"]
"""What a text is; some models put other words before a question than before what is searched."""


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The tokens of one text as the model sees them in their context.

    Attributes:
        vectors: Unit rows, shape (tokens, dimension); special tokens are left out.
        offsets: First and one past the last character of each token, shape (tokens, 2).
    """

    vectors: NDArray[np.float32]
    offsets: NDArray[np.int64]


class EmbeddingRuntime(Protocol):
    """A loaded embedding model. Any thread may call it.

    Attributes:
        description: What computes, for people.
        window: Tokens of a document that are read for its vector, special ones included.
        token_window: Tokens of a text that `tokens` reads, special ones included.
    """

    description: str
    window: int
    token_window: int

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without special ones and without a limit."""
        ...

    def pooled(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension), in the order given."""
        ...

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens."""
        ...

    def read(
        self, texts: Sequence[str], reader: Callable[[str, TokenVectors], Read], role: Role
    ) -> tuple[NDArray[np.float32], list[Read]]:
        """Return the vectors of texts, as `pooled`, and what ``reader`` makes of the tokens of each.

        Args:
            texts: As for `pooled`.
            reader: Gets each text and those of its tokens that its vector is made of. Called from several threads.
            role: What they are.
        """
        ...


def open_runtime(folder: Path, kept: Path | None) -> EmbeddingRuntime:
    """Return what computes the embeddings of a sentence-transformers folder fastest and alike.

    Args:
        folder: The model.
        kept: Where its compiled form lies or is to be put, once; None for the model's own library alone.

    Raises:
        ModelError: The folder holds no model that can be loaded.
    """
    from assistant.models.runtimes import conversion
    from assistant.models.runtimes.reference import Reference

    if kept is not None and conversion.prepare(folder, kept):
        from assistant.models.runtimes.compiled import Compiled

        return Compiled(kept)
    return Reference(folder)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows of length one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def offline_tokenizers() -> None:
    """Set what Hugging Face's libraries read when they are imported."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
