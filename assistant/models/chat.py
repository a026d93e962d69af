"""The chat model: LangChain's `BaseChatModel` over llama.cpp.

One llama.cpp context belongs to one thread, because two threads on one context crash the process; questions wait in a
bounded queue and can be stopped at every token. What people and papers wrote is tokenised as plain text, so that
``<|im_start|>`` in an abstract is only text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, Field, PrivateAttr

from assistant.errors import ContextOverflowError
from assistant.models.engine import Engine, PromptTokens
from assistant.models.produced import Produced, last_chunk, whole

_ROLES = {"human": "user", "ai": "assistant", "system": "system"}  # whatever else there is speaks for the user


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
    _opening: Lock = PrivateAttr(default_factory=Lock)

    def __init__(self, **fields: Any) -> None:
        super().__init__(**fields)
        self.model_name = self.model_name or Path(self.model_path).stem

    @property
    def engine(self) -> Engine:
        """The thread that owns the model; started at the first use.

        Raises:
            ModelError: The file is missing or is no model that llama.cpp can load.
        """
        with self._opening:
            if self._engine is None:
                self._engine = Engine(Path(self.model_path), self.context_tokens, self.threads or _processors())
            return self._engine

    def warm(self, messages: Sequence[BaseMessage]) -> None:
        """Load the model and evaluate what the prompt made of ``messages`` begins with, which others begin with too.

        Raises:
            ModelError: The file is missing or is no model that llama.cpp can load.
        """
        for _ in self.engine.generate(PromptTokens(self._prompt(messages).fixed, []), 1, 0.0, 0):
            break

    def close(self) -> None:
        """Free the model; it is loaded again when it is needed."""
        with self._opening:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def get_num_tokens(self, text: str) -> int:
        """Return how many tokens the model's own tokenizer makes of ``text``."""
        return len(self.engine.tokenize(text, special=False))

    def get_num_tokens_from_messages(
        self,
        messages: Sequence[BaseMessage],
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool] | None = None,
    ) -> int:
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
        params["ls_model_name"] = kwargs.get("model", self.model_name)
        return params

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return whole(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        prompt = self._prompt(messages)
        max_tokens = int(kwargs.get("max_tokens") or self.max_tokens)
        self._check_room(len(prompt), max_tokens)
        produced = Produced(stop or self.stop or [])
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
        yield last_chunk(produced, len(prompt), max_tokens, self.model_name)

    def _check_room(self, prompt_tokens: int, max_tokens: int) -> None:
        if prompt_tokens + max_tokens > self.context_tokens:
            raise ContextOverflowError(
                f"the prompt has {prompt_tokens} tokens and the answer may have {max_tokens}, together more than the "
                f"context of {self.context_tokens}; ask a shorter question or set context_tokens higher"
            )

    def _prompt(self, messages: Sequence[BaseMessage]) -> PromptTokens:
        engine = self.engine
        said = [(_ROLES.get(message.type, "user"), str(message.text)) for message in messages]
        prompt = PromptTokens([], [])
        for part in engine.template.parts(said):
            own = part.message is None or said[part.message][0] == "system"
            tokens = engine.tokenize(part.text, special=part.message is None)
            (prompt.fixed if own and not prompt.rest else prompt.rest).extend(tokens)
        return prompt


def _processors() -> int:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)
