"""A chat model that follows a script: for tests, also those of other people's programs.

It needs no file and no time. By default it repeats the evidence it is shown, which is an honest answer; a script makes
it say anything, for instance what a bad model would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


def repeat_evidence(messages: Sequence[BaseMessage]) -> str:
    """Return the line after "Evidence:" in the last message, or the whole message."""
    text = str(messages[-1].text)
    _, found, rest = text.partition("Evidence:")
    return rest.strip().split("\n", 1)[0] if found else text


class ScriptedChatModel(BaseChatModel):
    """A chat model whose answers are a function of the messages.

    Attributes:
        script: Returns the answer to a list of messages.
        model_name: How it is called in answers.
    """

    script: Callable[[Sequence[BaseMessage]], str] = repeat_evidence
    model_name: str = "scripted"

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def get_num_tokens(self, text: str) -> int:
        """Count words."""
        return len(text.split())

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(c.message.content) for c in self._stream(messages, stop, run_manager, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> Iterator[ChatGenerationChunk]:
        words = self.script(messages).split(" ")
        asked = sum(self.get_num_tokens(str(m.text)) for m in messages)
        usage = UsageMetadata(input_tokens=asked, output_tokens=len(words), total_tokens=asked + len(words))
        for number, word in enumerate(words, start=1):
            text = word if number == 1 else f" {word}"
            if any(s in text for s in stop or ()):
                break
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
            if run_manager:
                run_manager.on_llm_new_token(text, chunk=chunk)
            yield chunk
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage, chunk_position="last"))
