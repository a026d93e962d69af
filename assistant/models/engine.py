"""The thread that owns a llama.cpp context. Everything else talks to it through a bounded queue.

Knows tokens and bytes; knows no messages. llama.cpp's errors become ours here and nowhere else.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.errors import ModelBusyError, ModelError

_WAITING = 16  # questions in the queue; one more is told that the model is busy
_BATCH = 512  # tokens evaluated at once: 256 to 1,024 measured alike


@dataclass(slots=True)
class _Job:
    tokens: list[int]
    max_tokens: int
    temperature: float
    seed: int
    pieces: queue.Queue[bytes | BaseException | None] = field(default_factory=queue.Queue)
    cancelled: threading.Event = field(default_factory=threading.Event)


class Engine:
    """One model file, loaded once, used by one thread.

    Args:
        path: The GGUF file.
        context_tokens: Size of the context.
        threads: Threads of one evaluation; more than there are cores makes it slower.

    Raises:
        ModelError: llama.cpp cannot load the file.
    """

    def __init__(self, path: Path, context_tokens: int, threads: int) -> None:
        self._llama = _load(path, context_tokens, threads)
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=_WAITING)
        self._thread = threading.Thread(target=self._work, name=f"llama {path.name}", daemon=True)
        self._thread.start()

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of ``text``; with ``special`` the names of control tokens become those tokens."""
        # The vocabulary is read only, so this is safe from any thread.
        return list(self._llama.tokenize(text.encode(), add_bos=False, special=special)) if text else []

    def chat_template(self) -> Any:
        """Return a function of ``messages`` that renders the model's own chat template, ready for the answer."""
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        template = self._llama.metadata.get("tokenizer.chat_template") or _CHATML
        bos, eos = (self._text(token) for token in (self._llama.token_bos(), self._llama.token_eos()))
        formatter = Jinja2ChatFormatter(template, eos_token=eos, bos_token=bos)

        def render(messages: list[dict[str, str]]) -> str:
            try:
                return str(formatter(messages=messages).prompt)
            except Exception:  # noqa: BLE001 - templates raise what they like, e.g. for a system message
                return str(formatter(messages=_without_system(messages)).prompt)

        return render

    def generate(self, tokens: list[int], max_tokens: int, temperature: float, seed: int) -> Iterator[bytes]:
        """Yield the bytes of each token that the model adds to ``tokens``. Closing the iterator stops the model.

        Raises:
            ModelBusyError: Too many questions are waiting.
        """
        job = _Job(tokens, max_tokens, temperature, seed)
        try:
            self._jobs.put_nowait(job)
        except queue.Full as error:
            raise ModelBusyError(f"{_WAITING} questions are waiting for the language model; ask again soon") from error
        try:
            while (piece := job.pieces.get()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            job.cancelled.set()

    def close(self) -> None:
        """End the thread and free the model."""
        self._jobs.put(None)
        self._thread.join()
        self._llama.close()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._run(job)
                job.pieces.put(None)
            except Exception as error:  # noqa: BLE001 - handed to the thread that asked
                job.pieces.put(ModelError(f"the language model failed: {error}"))

    def _run(self, job: _Job) -> None:
        if job.cancelled.is_set():
            return
        self._llama.set_seed(job.seed)
        # generate() keeps the longest prefix that this prompt shares with the last one.
        for count, token in enumerate(self._llama.generate(job.tokens, temp=job.temperature, top_k=40, top_p=0.95)):
            if job.cancelled.is_set() or count >= job.max_tokens or self._ends(token):
                return
            job.pieces.put(self._bytes(token))

    def _ends(self, token: int) -> bool:
        import llama_cpp

        return bool(llama_cpp.llama_vocab_is_eog(self._llama._model.vocab, token))  # noqa: SLF001 - no public way

    def _bytes(self, token: int) -> bytes:
        return bytes(self._llama.detokenize([token], special=False))

    def _text(self, token: int) -> str:
        return self._llama.detokenize([token], special=True).decode(errors="replace") if token >= 0 else ""


_CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Put the system message's words before the first user message, for templates that have no system role."""
    system = "\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [m for m in messages if m["role"] != "system"]
    return [{"role": rest[0]["role"], "content": f"{system}\n{rest[0]['content']}"}, *rest[1:]]


def _load(path: Path, context_tokens: int, threads: int) -> Any:
    import llama_cpp

    try:
        return llama_cpp.Llama(
            str(path), n_ctx=context_tokens, n_batch=_BATCH, n_threads=threads, n_threads_batch=threads, verbose=False
        )
    except (ValueError, RuntimeError, OSError, AssertionError) as error:
        raise ModelError(f"{path} cannot be loaded as a GGUF model ({error}); download it again") from error
