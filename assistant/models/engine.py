"""The thread that owns a llama.cpp context. Everything else talks to it through a bounded queue.

Knows tokens and bytes; knows no messages. llama.cpp's errors become ours here and nowhere else.
"""

from __future__ import annotations

import ctypes
import queue
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from assistant.errors import ModelBusyError, ModelError
from assistant.models.files import CHOOSE_CHAT_MODEL
from assistant.models.pace import Pace
from assistant.models.template import CHATML, ChatTemplate

_WAITING = 16  # questions in the queue; one more is told that the model is busy
_BATCH = 512  # tokens evaluated at once: 256 to 1,024 measured alike
_MEASURED = 3  # tokens that one thread decodes at the start
_CLOSED = "the language model was closed before it had answered; ask again"


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt as the model reads it.

    Attributes:
        fixed: The tokens that other prompts begin with as well: what the program always says.
        rest: Those behind them.
    """

    fixed: list[int]
    rest: list[int]

    def __len__(self) -> int:
        return len(self.fixed) + len(self.rest)


@dataclass(slots=True)
class _Job:
    prompt: PromptTokens
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
        self._pace = Pace(threads)
        self._measure_one_thread()
        self.template = self._read_template()
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=_WAITING)
        self._kept: list[int] = []  # the fixed tokens that the context begins with
        self._closing = False
        self._submitting = threading.Lock()  # nothing may be put behind the None that ends the thread
        self._thread = threading.Thread(target=self._work, name=f"llama {path.name}", daemon=True)
        self._thread.start()

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        """Return the tokens of ``text``; with ``special`` the names of control tokens become those tokens."""
        # The vocabulary is read only, so this is safe from any thread.
        return list(self._llama.tokenize(text.encode(errors="replace"), add_bos=False, special=special)) if text else []

    def generate(
        self, prompt: PromptTokens, max_tokens: int, temperature: float, seed: int
    ) -> Generator[bytes, None, None]:
        """Yield the bytes of each token that the model adds to ``prompt``. Closing the generator stops the model.

        Raises:
            ModelBusyError: Too many questions are waiting.
            ModelError: The model failed, or was closed before it had answered.
        """
        job = _Job(prompt, max_tokens, temperature, seed)
        self._submit(job)
        try:
            while (piece := job.pieces.get()) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            job.cancelled.set()

    def close(self) -> None:
        """Stop what is being written, end the thread and free the model."""
        with self._submitting:
            if self._closing:
                return
            self._closing = True
        self._jobs.put(None)
        self._thread.join()
        self._llama.close()

    def _submit(self, job: _Job) -> None:
        with self._submitting:
            if self._closing:
                raise ModelError(_CLOSED)
            try:
                self._jobs.put_nowait(job)
            except queue.Full as error:
                raise ModelBusyError(f"{_WAITING} questions wait for the language model; ask again soon") from error

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            ending: ModelError | None = None
            try:
                self._run(job)
            except Exception as error:  # noqa: BLE001 - handed to the thread that asked
                self._kept = []  # what the context holds after a failure is unknown
                ending = ModelError(f"the language model failed ({error}); ask again, or run: assistant doctor")
            job.pieces.put(ending)

    def _run(self, job: _Job) -> None:
        if self._stopped(job):
            return
        self._keep(job.prompt.fixed)
        self._llama.set_seed(job.seed)
        tokens = self._llama.generate(job.prompt.fixed + job.prompt.rest, temp=job.temperature, top_k=40, top_p=0.95)
        for count, token in enumerate(self._paced(tokens), start=1):
            if self._stopped(job) or self._ends(token):
                return
            job.pieces.put(self._bytes(token))
            if count >= job.max_tokens:
                return

    def _paced(self, tokens: Iterator[int]) -> Iterator[int]:
        """Yield the tokens, each decoded by as many threads as the ones before it make look best."""
        self._use_threads(self._pace.most)  # the prompt goes through in one piece, in which threads wait less
        started = 0.0
        for token in tokens:
            if started:
                self._pace.took(time.perf_counter() - started)
            self._use_threads(self._pace.threads)
            yield token
            started = time.perf_counter()

    def _measure_one_thread(self) -> None:
        """Learn how fast one thread is: from that on it is known when several are too slow."""
        if self._pace.most < 2:
            return
        self._use_threads(1)
        for _ in range(_MEASURED):
            started = time.perf_counter()
            self._llama.eval([max(self._llama.token_bos(), 0)])
            self._pace.alone_s = min(self._pace.alone_s, time.perf_counter() - started)
        self._llama.reset()

    def _use_threads(self, count: int) -> None:
        import llama_cpp

        llama_cpp.llama_set_n_threads(self._llama._ctx.ctx, count, count)  # there is no public way

    def _keep(self, fixed: list[int]) -> None:
        """Make the context hold exactly ``fixed``, which is evaluated once for all prompts that begin with it.

        Left alone, llama.cpp keeps the longest prefix that a prompt shares with the last one. But tokens that are
        evaluated in other batches give slightly other numbers, so an answer would depend on what was asked before.
        """
        if fixed and fixed == self._kept:
            self._llama.n_tokens = len(fixed)
            return
        self._llama.reset()
        self._llama.eval(fixed)
        self._kept = fixed

    def _stopped(self, job: _Job) -> bool:
        if self._closing:
            job.pieces.put(ModelError(_CLOSED))
        return self._closing or job.cancelled.is_set()

    def _ends(self, token: int) -> bool:
        import llama_cpp

        return bool(llama_cpp.llama_vocab_is_eog(self._llama._model.vocab, token))  # there is no public way

    def _bytes(self, token: int) -> bytes:
        return bytes(self._llama.detokenize([token], special=False))

    def _read_template(self) -> ChatTemplate:
        bos, eos = (
            self._llama.detokenize([token], special=True).decode(errors="replace") if token >= 0 else ""
            for token in (self._llama.token_bos(), self._llama.token_eos())
        )
        return ChatTemplate(self._llama.metadata.get("tokenizer.chat_template") or CHATML, bos, eos)


def check_file(path: Path) -> None:
    """Check that a file begins as a model does.

    Raises:
        ModelError: It is missing, cannot be read or is no GGUF file.
    """
    if not path.is_file():
        raise ModelError(f"no model file at {path}; {CHOOSE_CHAT_MODEL}")
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); {CHOOSE_CHAT_MODEL}") from error
    if begins != _MAGIC:
        found = "no GGUF file" if begins else "empty"
        raise ModelError(f"{path} is {found}; download it again, or {CHOOSE_CHAT_MODEL}")


_MAGIC = b"GGUF"


def _load(path: Path, context_tokens: int, threads: int) -> Any:
    import llama_cpp

    check_file(path)
    _keep_silent()
    try:
        with usable_kernels():
            return llama_cpp.Llama(
                str(path),
                n_ctx=context_tokens,
                n_batch=_BATCH,
                n_threads=threads,
                n_threads_batch=threads,
                verbose=False,
            )
    except (ValueError, RuntimeError, OSError, AssertionError) as error:
        if "context" in str(error):
            raise ModelError(f"no memory for a context of {context_tokens} tokens; set context_tokens lower") from error
        message = f"{path} cannot be loaded: it is cut short, damaged or of a kind that this llama.cpp does not know"
        raise ModelError(f"{message}; download it again, or {CHOOSE_CHAT_MODEL}") from error


@cache
def _keep_silent() -> None:
    """Let llama.cpp say nothing.

    Its binding's own way sends the process's stdout and stderr to nowhere while it loads a file, and with them what
    other threads print meanwhile, such as an answer.
    """
    import llama_cpp
    from llama_cpp import _internals, llama

    for module in (_internals, llama):
        module.suppress_stdout_stderr = lambda **_: nullcontext()
    _called_by_c.append(llama_cpp.llama_log_callback(lambda *_: None))
    llama_cpp.llama_log_set(_called_by_c[-1], ctypes.c_void_p(0))


_called_by_c: list[Any] = []  # must not be freed


@contextmanager
def usable_kernels() -> Iterator[None]:
    """Keep llama.cpp from AMX where the processor names it.

    Virtual machines pass the name on without the registers; the first evaluation then ends the process with SIGSEGV in
    ``ldtilecfg``, though the kernel has granted the use. `llama_cpp.Llama` has no option for it.
    """
    from llama_cpp import llama_cpp

    if "amx_tile" not in _processor_flags():
        yield
        return
    with _LOADING:
        defaults = llama_cpp.llama_model_default_params
        without = defaults()
        without.use_extra_bufts = False
        llama_cpp.llama_model_default_params = lambda: without
        try:
            yield
        finally:
            llama_cpp.llama_model_default_params = defaults


_LOADING = threading.Lock()


def _processor_flags() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
