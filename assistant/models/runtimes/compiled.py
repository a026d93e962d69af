"""Embeddings from a model that was compiled for this processor by OpenVINO: loaded in 0.3 s, without torch.

On processors that multiply bfloat16 it computes in that, elsewhere in float32 (float16 on ARM).
"""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from assistant.models.runtimes import Read, Role, TokenVectors, offline_tokenizers, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAPH, WEIGHTS, TOKENIZER, FACTS = "model.xml", "model.bin", "tokenizer.json", "model.json"
_STEP = 16  # lengths are padded to a multiple of this: few shapes to prepare kernels for, and whole tiles

# OpenVINO's binding sets up its types at the first text: a thread that waits for another one to do so keeps Python's
# lock, which the other needs, and both wait for ever.
_FIRST = Lock()
_COUNTED = 256  # texts whose tokens one core counts at a time

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the graph does not say.

    Attributes:
        window: Tokens that are read for a text's vector, special ones and the prompt included.
        prompt_tokens: How many of them a document's prompt takes.
        token_window: Tokens that are read for vectors of tokens.
        pad: The id of the padding token.
        pooling: How a text's vector comes from those of its tokens: a key of `POOLING`.
        prompts: What is put before a text, by its role.
        hashes: SHA-256 of the files beside this, by name.
        cosine: The least cosine to the original's vectors that was seen when it was compiled.
    """

    window: int
    prompt_tokens: int
    token_window: int
    pad: int
    pooling: str
    prompts: dict[str, str]
    hashes: dict[str, str]
    cosine: float

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Return the facts of a folder. Raises OSError, ValueError or TypeError where it holds none."""
        return cls(**json.loads((folder / FACTS).read_text(encoding="utf-8")))

    def text(self) -> str:
        """Return them as `read` reads them."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


class Compiled:
    """A compiled model.

    Args:
        folder: What `conversion.convert` wrote.
    """

    def __init__(self, folder: Path) -> None:
        offline_tokenizers()
        from tokenizers import Tokenizer

        facts = Facts.read(folder)
        self._facts = facts
        self._plain, self._for_pooling, self._for_tokens = (Tokenizer.from_file(str(folder / TOKENIZER)) for _ in "123")
        for tokenizer, limit in ((self._for_pooling, facts.window), (self._for_tokens, facts.token_window)):
            tokenizer.no_padding()
            tokenizer.enable_truncation(limit)
        self._plain.no_padding()
        self._plain.no_truncation()
        self._model = _on_streams(folder / GRAPH)
        self._streams = int(self._model.get_property("NUM_STREAMS"))
        self._idle: deque[Any] = deque()  # requests: each has the memory of one text on its way through the model
        precision = self._model.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self.description = f"OpenVINO, {precision} (cosine to the original at least {facts.cosine:.4f})"
        self.window, self.token_window = facts.window - facts.prompt_tokens, facts.token_window
        with _FIRST:
            self._through(self._for_tokens.encode("first"), lambda hidden, _: hidden.sum())

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without special ones."""
        parts = [texts[start : start + _COUNTED] for start in range(0, len(texts), _COUNTED)]
        if len(parts) < 2:
            return [length for part in parts for length in self._lengths(part)]
        with ThreadPoolExecutor(self._streams) as pool:
            return [length for lengths in pool.map(self._lengths, parts) for length in lengths]

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        return [len(e) for e in self._plain.encode_batch_fast(list(texts), add_special_tokens=False)]

    def pooled(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Return one unit row a text, shape (texts, dimension)."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        prompt, pool = self._facts.prompts[role], POOLING[self._facts.pooling]
        prompted = [prompt + text for text in texts]
        return unit(np.stack(self._run(self._for_pooling, prompted, lambda _, hidden, __: pool(hidden))))

    def tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Return the contextual vectors of each text's tokens."""
        return self._run(self._for_tokens, texts, lambda _, hidden, encoding: _of_tokens(hidden, encoding))

    def read(
        self, texts: Sequence[str], reader: Callable[[str, TokenVectors], Read], role: Role
    ) -> tuple[NDArray[np.float32], list[Read]]:
        """Return one unit row a text and what ``reader`` makes of its tokens, from one pass."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32), []
        if self._facts.prompts[role]:  # tokens are read without the prompt that the text's vector is made with
            return self.pooled(texts, role), list(map(reader, texts, self.tokens(texts)))
        pool = POOLING[self._facts.pooling]

        def both(text: str, hidden: NDArray[np.float32], encoding: Any) -> tuple[NDArray[np.float32], Read]:
            return pool(hidden), reader(text, _of_tokens(hidden, encoding))

        vectors, found = zip(*self._run(self._for_pooling, texts, both), strict=True)
        return unit(np.stack(vectors)), list(found)

    def _run(
        self, tokenizer: Any, texts: Sequence[str], read: Callable[[str, NDArray[np.float32], Any], Result]
    ) -> list[Result]:
        """Return what ``read`` makes of each text, the hidden states of its tokens, (tokens, dimension), and these.

        Each text goes through the model by itself, on one core, and several at once: as fast as batches are, the same
        vector to the last bit whatever goes beside it, and a question never waits for more than one text of an `add`.
        """

        def through(text: str) -> Result:
            return self._through(tokenizer.encode(text), lambda hidden, encoding: read(text, hidden, encoding))

        if len(texts) < 2:
            return list(map(through, texts))
        with ThreadPoolExecutor(self._streams) as pool:
            return list(pool.map(through, texts))

    def _through(self, encoding: Any, read: Callable[[NDArray[np.float32], Any], Result]) -> Result:
        length = max(len(encoding.ids), 1)
        ids = np.full((1, -(-length // _STEP) * _STEP), self._facts.pad, dtype=np.int64)
        mask = np.zeros_like(ids)
        ids[0, : len(encoding.ids)], mask[0, : len(encoding.ids)] = encoding.ids, 1
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._model.create_infer_request()
        request.infer([ids, mask], share_inputs=True)
        # A view of the request's own memory, which the next text overwrites.
        result = read(request.get_output_tensor(0).data[0, :length], encoding)
        self._idle.append(request)
        return result


def _on_streams(graph: Path) -> Any:
    """Return the compiled graph with a stream a core: what computes never waits for a core that others keep busy."""
    core = openvino().Core()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return core.compile_model(str(graph), "CPU", {"NUM_STREAMS": cores, "INFERENCE_NUM_THREADS": cores})


def _of_tokens(hidden: NDArray[np.float32], encoding: Any) -> TokenVectors:
    plain = np.flatnonzero(np.array(encoding.special_tokens_mask) == 0)
    offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
    return TokenVectors(unit(hidden[plain]), offsets[plain])


POOLING: dict[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "mean": lambda hidden: np.asarray(hidden.mean(axis=0)),
    "cls": lambda hidden: hidden[0].copy(),
    "lasttoken": lambda hidden: hidden[-1].copy(),
    "max": lambda hidden: np.asarray(hidden.max(axis=0)),
}
"""A text's vector, (dimension,), from those of its tokens, (tokens, dimension)."""


def openvino() -> Any:
    """Return OpenVINO. Its package that reports every import to its makers is kept from being found.

    Without that package it goes on without a word (``openvino/tools/ovc/telemetry_stub.py``).
    """
    for name in ("openvino_telemetry", "openvino_telemetry.backend"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    import openvino

    return openvino
