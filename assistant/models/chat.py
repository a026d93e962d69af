"""The chat model: LangChain's `BaseChatModel` over llama.cpp.

One llama.cpp context belongs to one thread, because two threads on one context crash the process; questions wait in a
bounded queue and can be stopped at every token. What people and papers wrote is tokenised as plain text, so that
``<|im_start|>`` in an abstract is only text.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field, PrivateAttr

from assistant.errors import ContextOverflowError, ModelError
from assistant.models.engine import Engine

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "user", "function": "user", "chat": "user"}
_MARK = "\ue000{}\ue001"  # private-use characters stand for the messages while the template is rendered


class ChatLlamaCpp(BaseChatModel):
    """A GGUF model in this process.

    Attributes:
        model_path: The GGUF file; its own chat template is used.
        model_name: How the model is called in answers; the file's name if empty.
        context_tokens: Size of the context, prompt and answer together.
        max_tokens: Longest answer.
        temperature: 0 always takes the likeliest token.
        seed: For temperatures above 0.
        threads: 0 means the processors this process may use, at most 8.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model_path: str
    model_name: str = Field(default="", alias="model")
    context_tokens: int = 2048
    max_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0
    threads: int = 0
    stop: list[str] | None = None

    _engine: Engine | None = PrivateAttr(default=None)

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.model_name = self.model_name or Path(self.model_path).stem

    @property
    def engine(self) -> Engine:
        """The thread that owns the model; started at the first use.

        Raises:
            ModelError: The file is missing or is no model that llama.cpp can load.
        """
        if self._engine is None:
            path = Path(self.model_path)
            if not path.is_file():
                raise ModelError(f"no model file at {path}; set chat_model to a GGUF file, 'bundled' or 'none'")
            self._engine = Engine(path, self.context_tokens, self.threads or _processors())
        return self._engine

    def close(self) -> None:
        """Free the model; it is loaded again when it is needed."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def get_num_tokens(self, text: str) -> int:
        """Return how many tokens the model's own tokenizer makes of ``text``."""
        return len(self.engine.tokenize(text, special=False))

    def get_num_tokens_from_messages(self, messages: Sequence[BaseMessage], tools: Any = None) -> int:  # type: ignore[override]  # noqa: ARG002
        """Return how many tokens the prompt made of ``messages`` has."""
        return len(self._prompt(messages))

    @property
    def _llm_type(self) -> str:
        return "llama-cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "context_tokens": self.context_tokens, "seed": self.seed}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> Any:
        params = super()._get_ls_params(stop=stop, **kwargs)
        params["ls_model_name"] = self.model_name
        return params

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = list(self._stream(messages, stop, run_manager, **kwargs))
        last = chunks[-1].message
        message = AIMessage(
            content="".join(str(chunk.message.content) for chunk in chunks),
            usage_metadata=last.usage_metadata if isinstance(last, AIMessageChunk) else None,
            response_metadata=last.response_metadata,
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt = self._prompt(messages)
        max_tokens = int(kwargs.get("max_tokens", self.max_tokens))
        self._check_room(len(prompt), max_tokens)
        produced = _Produced(stop or self.stop or [])
        pieces = self.engine.generate(
            prompt, max_tokens, float(kwargs.get("temperature", self.temperature)), int(kwargs.get("seed", self.seed))
        )
        try:
            for piece in pieces:
                if text := produced.feed(piece):
                    chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                    if run_manager:
                        run_manager.on_llm_new_token(text, chunk=chunk)
                    yield chunk
                if produced.stopped:
                    break
        finally:
            pieces.close()
        yield self._last(produced, len(prompt), max_tokens)

    def _last(self, produced: _Produced, prompt_tokens: int, max_tokens: int) -> ChatGenerationChunk:
        reason = "length" if produced.tokens >= max_tokens and not produced.stopped else "stop"
        usage = UsageMetadata(
            input_tokens=prompt_tokens, output_tokens=produced.tokens, total_tokens=prompt_tokens + produced.tokens
        )
        metadata = {"finish_reason": reason, "model_name": self.model_name}
        message = AIMessageChunk(
            content=produced.rest(), usage_metadata=usage, response_metadata=metadata, chunk_position="last"
        )
        return ChatGenerationChunk(message=message, generation_info={"finish_reason": reason})

    def _check_room(self, prompt_tokens: int, max_tokens: int) -> None:
        if prompt_tokens + max_tokens > self.context_tokens:
            raise ContextOverflowError(
                f"the prompt has {prompt_tokens} tokens and the answer may have {max_tokens}, together more than the "
                f"context of {self.context_tokens}; ask a shorter question or set context_tokens higher"
            )

    def _prompt(self, messages: Sequence[BaseMessage]) -> list[int]:
        """Render the model's template with marks in the messages' places, then tokenise part by part."""
        contents = [str(message.text) for message in messages]
        marked = [
            {"role": _ROLES.get(message.type, "user"), "content": _MARK.format(number)}
            for number, message in enumerate(messages)
        ]
        rendered = self._template(messages=marked)
        tokens: list[int] = []
        for number, content in enumerate(contents):
            before, _, rendered = rendered.partition(_MARK.format(number))
            tokens += self.engine.tokenize(before, special=True) + self.engine.tokenize(content, special=False)
        return tokens + self.engine.tokenize(rendered, special=True)

    @cached_property
    def _template(self) -> Any:
        return self.engine.chat_template()


class _Produced:
    """Text as it arrives: holds back what may become a stop string, and counts tokens."""

    def __init__(self, stop: list[str]) -> None:
        self._stop = [text for text in stop if text]
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self.tokens = 0
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """Take the bytes of one token and return the text that is certain by now."""
        self.tokens += 1
        self._held += self._decode.decode(piece)
        for text in self._stop:
            place = self._held.find(text)
            if place >= 0:
                self._held, self.stopped = self._held[:place], True
        keep = 0 if self.stopped else max((_overlap(self._held, text) for text in self._stop), default=0)
        ready, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return ready

    def rest(self) -> str:
        """Return what was held back when the model ended."""
        rest, self._held = self._held + self._decode.decode(b"", final=True), ""
        return "" if self.stopped else rest


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of ``stop``."""
    return next((n for n in range(min(len(stop) - 1, len(text)), 0, -1) if text.endswith(stop[:n])), 0)


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)
