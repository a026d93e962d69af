"""Embeddings as sentence-transformers computes them, over torch: every model it can load, several seconds to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import ModelError
from assistant.models.runtimes import Read, Role, TokenVectors, offline_tokenizers, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BATCH = 16  # texts that go through the model at once


class Reference:
    """A model of a sentence-transformers folder.

    Args:
        folder: A folder as `SentenceTransformer.save` writes it; nothing is ever fetched.
        exact: Compute in float32 even where the processor is faster in bfloat16.

    Raises:
        ModelError: It cannot be loaded.
    """

    def __init__(self, folder: Path, *, exact: bool = False) -> None:
        self.model = _load(folder, exact=exact)
        self._lock = RLock()  # two threads in one fast tokenizer: "Already borrowed"; torch uses all cores anyway
        config = self.model[0].auto_model.config
        whole = int(self.model.max_seq_length or 512)
        self.window = max(whole - self._length_of_prompt(), 1)
        # Positions that the model has, which can be more than it was trained to pool. RoBERTa and its like count them
        # from behind the id of the padding token.
        positions = int(getattr(config, "max_position_embeddings", whole))
        padding = getattr(getattr(self.model[0].auto_model, "embeddings", None), "padding_idx", None)
        self.token_window = max(positions - (0 if padding is None else int(padding) + 1), whole)
        self.description = f"torch, {str(self.model.dtype).removeprefix('torch.')}"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without special ones."""
        if not texts:
            return []
        with self._lock:
            encoded = self.model.tokenizer(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def pooled(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension)."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        encode = self.model.encode_query if role == "query" else self.model.encode_document
        with self._lock:
            vectors = encode(list(texts), batch_size=_BATCH, convert_to_tensor=True, show_progress_bar=False).float()
        return unit(vectors.numpy().reshape(len(texts), -1))

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # a batch takes as long as its longest text
        found: dict[int, TokenVectors] = {}
        with self._lock:
            for start in range(0, len(order), _BATCH):
                part = order[start : start + _BATCH]
                found.update(zip(part, self._tokens([texts[i] for i in part]), strict=True))
        return [found[i] for i in range(len(texts))]

    def read(
        self, texts: Sequence[str], reader: Callable[[str, TokenVectors], Read], role: Role
    ) -> tuple[NDArray[np.float32], list[Read]]:
        """Return one unit row a text and what ``reader`` makes of its tokens, from two passes."""
        return self.pooled(texts, role), list(map(reader, texts, self.tokens(texts)))

    def prompt(self, role: Role) -> str:
        """Return what the model has put before a text."""
        names = ("query",) if role == "query" else ("document", "passage", "corpus")
        found = [self.model.prompts[name] for name in names if self.model.prompts.get(name)]
        default = self.model.prompts.get(self.model.default_prompt_name or "", "")
        return str(found[0] if found else default)

    def _tokens(self, texts: list[str]) -> list[TokenVectors]:
        import torch

        encoded = self.model.tokenizer(
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
            hidden = self.model[0].auto_model(**encoded).last_hidden_state.float().numpy()
        return [
            TokenVectors(unit(vectors[kept]), spans[kept].astype(np.int64))
            for vectors, spans, kept in zip(hidden, offsets, plain, strict=True)
        ]

    def _length_of_prompt(self) -> int:
        prompt = self.prompt("document")
        return len(self.model.tokenizer(prompt, add_special_tokens=False)["input_ids"]) if prompt else 0


def _load(folder: Path, *, exact: bool) -> Any:
    offline_tokenizers()
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        return SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": _precision(exact=exact)}
        )
    except Exception as error:  # whatever torch, safetensors or transformers make of a broken folder
        message = f"the embedding model in {folder} cannot be loaded ({error}); install or download it again"
        raise ModelError(message) from error


def _precision(*, exact: bool) -> Any:
    """Return bfloat16 where the processor multiplies it by itself, else float32.

    With AMX it embeds 5 to 20 times as many texts a second; the vectors' cosine to those of float32 is 0.9999.
    torch tells what the processor can only by a function that it may rename.
    """
    import torch

    try:
        fast = not exact and torch.cpu._is_avx512_bf16_supported()
    except (AttributeError, RuntimeError):
        fast = False
    return torch.bfloat16 if fast else torch.float32
