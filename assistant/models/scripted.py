"""A chat model that follows a script: for tests, also those of other people's programs.

It needs no file and no time. By default it repeats the evidence it is shown, which is an honest answer; a script makes
it say anything, for instance what a bad model would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from assistant.models.produced import Produced, last_chunk, whole


def repeat_evidence(messages: Sequence[BaseMessage]) -> str:
    """Return what follows "Evidence:" or "Sentence:" on a line of the last message, or the whole message."""
    text = str(messages[-1].text)
    found = re.search(r"^(?:Evidence|Sentence):\s*(.*)", text, re.MULTILINE)
    return found[1] if found else text


class ScriptedChatModel(BaseChatModel):
    """A chat model whose answers are a function of the messages.

    Attributes:
        script: Returns the answer to a list of messages: a text, or its tokens, which may have no end.
        model_name: How it is called in answers.
        max_tokens: Longest answer, in words; None for any.
        stop: Strings that end an answer.
    """

    script: Callable[[Sequence[BaseMessage]], str | Iterable[str]] = repeat_evidence
    model_name: str = "scripted"
    max_tokens: int | None = None
    stop: list[str] | None = None

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
        return whole(self._stream(messages, stop, run_manager, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        produced = Produced(stop or self.stop or [])
        max_tokens = kwargs.get("max_tokens", self.max_tokens)
        for token in islice(_tokens(self.script(messages)), max_tokens):
            if text := produced.feed(token.encode(errors="replace")):
                chunk = ChatGenerationChunk(message=AIMessageChunk(content=text))
                if run_manager:
                    run_manager.on_llm_new_token(text, chunk=chunk)
                yield chunk
            if produced.stopped:
                break
        asked = sum(self.get_num_tokens(str(message.text)) for message in messages)
        yield last_chunk(produced, asked, max_tokens, self.model_name)


def _tokens(script: str | Iterable[str]) -> Iterable[str]:
    """Return a text's words with the white space before them; what is tokens already is left as it is."""
    return re.findall(r"\s*\S+|\s+$", script) if isinstance(script, str) else script
