"""Text as a chat model produces it: token by token, cut at stop strings, counted, and closed as LangChain expects.

Knows bytes and LangChain's chunks; does not know which model they come from.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult


class Produced:
    """The text so far: holds back what may become a stop string, and counts tokens.

    The text ends before the stop string that is complete first, however the bytes arrive.

    Args:
        stop: Strings that end the text and do not belong to it.
    """

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = [text for text in stop if text]
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self.tokens = 0
        self.stopped = False

    def feed(self, piece: bytes) -> str:
        """Take the bytes of one token and return the text that is certain by now."""
        if self.stopped:
            return ""
        self.tokens += 1
        self._held += self._decode.decode(piece)
        found = [(start + len(text), start) for text in self._stop if (start := self._held.find(text)) >= 0]
        if found:
            _, start = min(found)
            self._held, self.stopped = self._held[:start], True
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


def last_chunk(produced: Produced, prompt_tokens: int, max_tokens: int | None, model_name: str) -> ChatGenerationChunk:
    """Return the chunk that ends a stream: the rest of the text, the usage, and why it ended."""
    cut = max_tokens is not None and produced.tokens >= max_tokens and not produced.stopped
    usage = UsageMetadata(
        input_tokens=prompt_tokens, output_tokens=produced.tokens, total_tokens=prompt_tokens + produced.tokens
    )
    ending = {"finish_reason": "length" if cut else "stop"}
    message = AIMessageChunk(
        content=produced.rest(),
        usage_metadata=usage,
        response_metadata=ending | {"model_name": model_name},
        chunk_position="last",
    )
    return ChatGenerationChunk(message=message, generation_info=ending)


def whole(stream: Iterable[ChatGenerationChunk]) -> ChatResult:
    """Return a stream's text, usage and ending as one result."""
    chunks = list(stream)
    last = chunks[-1].message
    message = AIMessage(
        content="".join(str(chunk.message.content) for chunk in chunks),
        usage_metadata=last.usage_metadata if isinstance(last, AIMessageChunk) else None,
        response_metadata=last.response_metadata,
    )
    return ChatResult(generations=[ChatGeneration(message=message)])
