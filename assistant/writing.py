"""Writing: one sentence of an answer for one quote.

In ``written`` mode the language model words it, and it is shown only if the quote supports it; otherwise the quote
itself takes its place. Does not know how quotes are chosen or where markers go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from langchain_core.language_models import BaseChatModel

from assistant.answer import AnswerMode, Sentence
from assistant.errors import AssistantError, ContextOverflowError, ModelError
from assistant.evidence import Evidence
from assistant.grounding import check_claim
from assistant.prompts import Prompt
from assistant.text import one_line, readable

PROMPT_VARIABLES = {"question", "title", "quote"}
_MAX_TOKENS = 80  # of one written sentence
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)

Stopped = Callable[[], bool]
"""Says whether nobody waits for the answer any more."""


class Writer(Protocol):
    """Turns a piece of evidence into a sentence of the answer."""

    @property
    def mode(self) -> AnswerMode:
        """What its sentences are."""
        ...

    def write(self, question: str, evidence: Evidence, stopped: Stopped) -> Sentence:
        """Return the sentence, checked, without its markers' numbers; ``stopped`` is asked between tokens."""
        ...


@dataclass(frozen=True, slots=True)
class QuoteWriter:
    """Answers with the sentences of the abstracts themselves."""

    mode: AnswerMode = "quoted"

    def write(self, question: str, evidence: Evidence, stopped: Stopped) -> Sentence:
        """Return the quote, its LaTeX escapes made readable."""
        return Sentence(readable(evidence.quote), (), "quoted", 1.0)


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """Lets the language model word each sentence, and checks it.

    Attributes:
        model: Any LangChain chat model.
        prompt: With the variables of `PROMPT_VARIABLES`.
        support_threshold: Least support by the quote, 0 to 1.
    """

    model: BaseChatModel
    prompt: Prompt
    support_threshold: float
    mode: AnswerMode = "written"

    def write(self, question: str, evidence: Evidence, stopped: Stopped) -> Sentence:
        """Return the model's sentence if the quote supports it, else the quote."""
        try:
            text = self._ask(question, evidence, stopped)
        except ContextOverflowError:
            text = ""
        except AssistantError:
            raise
        except Exception as error:
            raise ModelError(f"the language model failed: {error}; ask again, or set mode=quoted") from error
        support = check_claim(text, evidence.quote, evidence.paper.title, question) if text else None
        if support is None or support.score < self.support_threshold:
            return QuoteWriter().write(question, evidence, stopped)
        return Sentence(text, (), "supported", round(support.score, 3))

    def _ask(self, question: str, evidence: Evidence, stopped: Stopped) -> str:
        messages = self.prompt.messages(question=question, title=evidence.paper.title, quote=readable(evidence.quote))
        text = ""
        stream = self.model.stream(messages, max_tokens=_MAX_TOKENS)
        try:
            for chunk in stream:
                text += str(chunk.text)
                if stopped():
                    return ""
                if _SENTENCE.match(text.strip()) and len(text.split()) > 3 and text.rstrip() != text:
                    break
        finally:
            if isinstance(stream, Generator):
                stream.close()
        match = _SENTENCE.match(one_line(text))
        return match[1] if match else ""
