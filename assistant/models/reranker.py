"""A local model that ranks: a sentence-transformers CrossEncoder with one output, as those trained on MS MARCO.

It reads a query and a paper together. Knows no settings and no other ranking.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from assistant.errors import ModelError
from assistant.models.cross_encoder import CrossEncoderModel, Role, labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROLE = Role("reranker", "set reranker to the folder of a CrossEncoder with one output, or to 'none'")


class CrossEncoderReranker:
    """Scores texts for a query with the model in a folder, which is loaded at the first query.

    Args:
        folder: As sentence-transformers or transformers save a model.

    Raises:
        ModelError: There is no such model, it is no cross-encoder, or it has several outputs.
    """

    def __init__(self, folder: Path) -> None:
        if len(found := labels(folder, _ROLE)) > 1:
            raise _several(folder, len(found))
        self._folder = folder
        self._model = CrossEncoderModel(folder, _ROLE)

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text fits the query, in order, shape (texts,); they compare within one query.

        Raises:
            ModelError: The model cannot be loaded, or gives no numbers.
        """
        from torch.nn import Identity  # a sigmoid makes the best ones equal

        found = self._model.predict([(query, text) for text in texts], Identity())
        if found.shape != (len(texts),):
            raise _several(self._folder, found.shape[-1])
        if not np.isfinite(found).all():
            raise ModelError(f"the reranker in {self._folder} gives no finite scores; {_ROLE.advice}")
        return found


def _several(folder: Path, outputs: int) -> ModelError:
    return ModelError(f"the model in {folder} has {outputs} outputs, a reranker has one; {_ROLE.advice}")
