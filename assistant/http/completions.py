"""Chat completions in the OpenAI API's form: the assistant's events become chunks, or one response.

The form is described at https://platform.openai.com/docs/api-reference/chat. What it has no place for, the answer
record, stands beside it as ``answer``.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from anyio import CancelScope, from_thread
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from assistant.answer import Answer, AnswerReady, Event, SentenceReady
from assistant.errors import AssistantError
from assistant.http.bodies import MODEL_ID
from assistant.http.problems import problem, status_of

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.types import Receive, Scope, Send

_USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}  # not counted, but clients expect the fields
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # a proxy must not hold sentences back


@dataclass(frozen=True, slots=True)
class Reply:
    """What every chunk of one completion has in common."""

    reply_id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def completion(self, answer: Answer) -> dict[str, Any]:
        """Return the whole response to a request that does not stream."""
        message = {"role": "assistant", "content": answer.text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._object("chat.completion", [choice]) | {"usage": _USAGE, "answer": answer.to_dict()}

    def chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
        """Return one chunk of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return self._object("chat.completion.chunk", [choice])

    def usage_chunk(self) -> dict[str, Any]:
        """Return the chunk that follows the last one when the caller asked for the usage."""
        return self._object("chat.completion.chunk", []) | {"usage": _USAGE}

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.reply_id, "object": kind, "created": self.created, "model": MODEL_ID, "choices": choices}


def whole_answer(events: Iterator[Event], request: Request) -> Answer | None:
    """Return the answer, or nothing when the caller goes before it is there; then the model is stopped.

    Runs in a worker thread of the server's. The caller's presence is looked up between two events, because nothing
    can be stopped during one.
    """
    try:
        for event in events:
            if isinstance(event, AnswerReady):
                return event.answer
            if from_thread.run(request.is_disconnected):
                return None
    finally:
        _stop(events)
    raise AssertionError("a stream of events ends with the answer")


def _stop(events: Iterator[Event]) -> None:
    """Stop the model, if it is still at it."""
    if isinstance(events, Generator):
        events.close()


class CompletionStream(StreamingResponse):
    """Server-sent events: one checked sentence a chunk, and the answer record in the last.

    The first sentence is awaited before the response begins, so that what fails until then gets its own status.

    Args:
        events: The assistant's; closed when the response ends, however it ends.
        include_usage: Whether a chunk with the usage follows.
    """

    def __init__(self, events: Iterator[Event], *, include_usage: bool = False) -> None:
        self._events = events
        chunks = _chunks(events, Reply(), include_usage)
        lines = _lines(chain([next(chunks)], chunks))
        super().__init__(lines, headers=_HEADERS, media_type="text/event-stream")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until they end or the caller goes."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(_stop, self._events)


def _chunks(events: Iterator[Event], reply: Reply, include_usage: bool) -> Iterator[dict[str, Any]]:
    written = ""
    for event in events:
        if isinstance(event, SentenceReady):
            yield reply.chunk(_delta(event.text, first=not written))
            written += event.text
        elif isinstance(event, AnswerReady):
            yield from _last_chunks(event.answer, written, reply, include_usage)


def _last_chunks(answer: Answer, written: str, reply: Reply, include_usage: bool) -> Iterator[dict[str, Any]]:
    """Yield what of the text no sentence brought (all of it, when the assistant abstains), then the record."""
    if rest := answer.text.removeprefix(written) if answer.text.startswith(written) else "":
        yield reply.chunk(_delta(rest, first=not written))
    record = {"answer": answer.to_dict()}
    yield reply.chunk({}, "stop") | record
    if include_usage:
        yield reply.usage_chunk() | record


def _delta(text: str, *, first: bool) -> dict[str, str]:
    return ({"role": "assistant"} if first else {}) | {"content": text}


def _lines(chunks: Iterator[dict[str, Any]]) -> Iterator[str]:
    try:
        for chunk in chunks:
            yield _line(chunk)
    except AssistantError as error:
        yield _line(problem(status_of(error), str(error)))
    else:
        yield "data: [DONE]\n\n"


def _line(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value)}\n\n"
