"""A tiny embedding model without weights: words and letter groups hashed into a vector.

It knows which words texts share and nothing of what they mean. It ships for tests, also those of other people's
programs: it needs no file, no torch and no time, and gives the same vectors everywhere.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from langchain_core.embeddings import Embeddings

from assistant.models.runtimes import Read, Role, TokenVectors
from assistant.text import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray


class HashingEmbeddings(Embeddings):
    """Feature hashing (Weinberger et al. 2009, https://arxiv.org/abs/0902.2206) of words and their trigrams.

    Args:
        dimension: Length of the vectors.
    """

    def __init__(self, dimension: int = 512) -> None:
        self.dimension = dimension
        self.name = "hashing"
        self.window = 256
        self.token_window = 512

    @property
    def description(self) -> str:
        """What computes the vectors."""
        return "hashing of words"

    @property
    def digest(self) -> str:
        """Stands for the weights, of which there are none."""
        return f"hashing-{self.dimension}"

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Return how many words each text has."""
        return [len(text.split()) for text in texts]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension)."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for feature, weight in _features(text):
                code = zlib.crc32(feature.encode())
                row[code % self.dimension] += weight if code & 0x10000 else -weight
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        rows[norms[:, 0] == 0, 0] = 1.0  # an empty text still gets a unit vector
        return (rows / np.where(norms == 0, 1.0, norms)).astype(np.float32)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dimension,)."""
        row: NDArray[np.float32] = self.encode([text])[0]
        return row

    def encode_and_read(
        self, texts: Sequence[str], reader: Callable[[str, TokenVectors], Read], role: Role = "document"
    ) -> tuple[NDArray[np.float32], list[Read]]:
        """Return the vectors of texts and what ``reader`` makes of each text's words."""
        return self.encode(texts), list(map(reader, texts, self.encode_tokens(texts)))

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return a vector a word; the words around it do not matter."""
        found = [list(re.finditer(r"\w+", text)) for text in texts]
        return [
            TokenVectors(
                self.encode([m.group() for m in words]),
                np.array([m.span() for m in words], dtype=np.int64).reshape(len(words), 2),
            )
            for words in found
        ]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector a text, in order."""
        return self.encode(texts).tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question."""
        return self.encode_query(text).tolist()  # type: ignore[no-any-return]


def _features(text: str) -> list[tuple[str, float]]:
    words = re.findall(r"\w+", fold(text))
    whole = [(word, 1.0) for word in words if len(word) > 3]
    return whole + [(f"#{w[i : i + 3]}", 0.3) for w in words for i in range(len(w) - 2)]
