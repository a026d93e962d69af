"""Writing: one sentence of an answer for one quote.

In ``written`` mode the language model words it, and it is shown only if the quote supports it; otherwise the quote
itself takes its place. Does not know how quotes are chosen or where markers go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from langchain_core.exceptions import ContextOverflowError as ProvidersOverflowError
from langchain_core.language_models import BaseChatModel

from assistant.answer import AnswerMode, Sentence
from assistant.errors import AssistantError, ContextOverflowError, ModelError
from assistant.evidence import Evidence
from assistant.grounding import ClaimCheck
from assistant.prompts import Prompt
from assistant.sentences import split_sentences
from assistant.text import one_line, readable, shorten

PROMPT_VARIABLES = {"question", "quote"}
_MAX_CHARACTERS = 800  # that are read of a model that does not end its sentence; the longest of abstracts are shorter
_MAX_CHUNKS = 8192  # the same for one that sends chunks without text, as models do while they think
_ANY = 1 << 31
# Question and quote in characters, from one try to the next when a prompt does not fit into the context.
_ROOMS = ((_ANY, _ANY), (600, _ANY), (200, 400))

_BULLET = re.compile(r"^[^\S\n]*(?:\d{1,2}[.)]|[-*•])[^\S\n]+", re.MULTILINE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# Two whole words behind a sentence: what follows them cannot move the place where it is cut.
_BEGUN = re.compile(r"\W*[^\W\d_]{2,}\s[^\W\d_]{2,}\s")
_ENDS = re.compile(r"[.!?][\"'”’)\]}]*$")

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

    def warm(self) -> None:
        """Do what can be done before there is a question."""
        ...


@dataclass(frozen=True, slots=True)
class QuoteWriter:
    """Answers with the sentences of the abstracts themselves."""

    mode: AnswerMode = "quoted"

    def write(self, question: str, evidence: Evidence, stopped: Stopped) -> Sentence:
        """Return the quote, its LaTeX escapes made readable."""
        return Sentence(readable(evidence.quote), (), "quoted", 1.0)

    def warm(self) -> None:
        """Do nothing: quotes need no preparation."""


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """Lets the language model word each sentence, and checks it.

    Attributes:
        model: Any LangChain chat model; it is asked for nothing that only some of them take.
        prompt: With the variables of `PROMPT_VARIABLES`.
        check: Says how well a quote supports a sentence.
        support_threshold: Least support by the quote, 0 to 1.
    """

    model: BaseChatModel
    prompt: Prompt
    check: ClaimCheck
    support_threshold: float
    mode: AnswerMode = "written"

    def write(self, question: str, evidence: Evidence, stopped: Stopped) -> Sentence:
        """Return the model's sentence if the quote supports it, else the quote."""
        try:
            text = self._ask(question, evidence, stopped)
        except AssistantError:
            raise
        except Exception as error:
            raise ModelError(f"the language model failed: {error}; ask again, or set mode=quoted") from error
        support = self.check(text, evidence.quote, evidence.paper.title, question) if text else None
        if support is None or support.score < self.support_threshold:
            return QuoteWriter().write(question, evidence, stopped)
        return Sentence(text, (), "supported", round(support.score, 3))

    def warm(self) -> None:
        """Load a model of this machine and let it read what all prompts begin with; a remote one is not called."""
        if (warm := getattr(self.model, "warm", None)) is not None:
            warm(self.prompt.messages(question="?", quote="?"))

    def _ask(self, question: str, evidence: Evidence, stopped: Stopped) -> str:
        """Return the model's sentence, or nothing if no prompt fits into its context.

        The model itself says what does not fit, because only it knows its tokenizer.
        """
        quote = readable(evidence.quote)
        rooms = [(shorten(question, of_question), shorten(quote, of_quote)) for of_question, of_quote in _ROOMS]
        for texts in dict.fromkeys(rooms):
            with suppress(ContextOverflowError, ProvidersOverflowError):
                return first_sentence(self._pieces(*texts), stopped)
        return ""

    def _pieces(self, question: str, quote: str) -> Iterator[str]:
        """Yield what the model says, piece by piece; closing it stops the model."""
        stream = self.model.stream(self.prompt.messages(question=question, quote=quote))
        try:
            for chunk in islice(stream, _MAX_CHUNKS):
                yield str(chunk.text)
        finally:
            if isinstance(stream, Generator):
                stream.close()


def first_sentence(pieces: Iterable[str], stopped: Stopped = lambda: False) -> str:
    """Return the first sentence that says something, or nothing; read no further than that takes.

    However a text is cut into pieces, its first sentence is the same.

    >>> first_sentence(["It gains 0.7%, i.", "e. twice as much [Li et al. 2020]. It", " was never done before."])
    'It gains 0.7%, i.e. twice as much [Li et al. 2020].'
    """
    said = ""
    try:
        for piece in pieces:
            if stopped():
                return ""
            for character in piece:  # one at a time, so that it is the text that decides where reading ends
                said += character
                if len(said) >= _MAX_CHARACTERS or (character.isspace() and _first(said, settled=True)):
                    return _first(said, settled=False)
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    return _first(said, settled=False)


def _first(said: str, *, settled: bool) -> str:
    """Return the first sentence that says something; with ``settled`` only one that no continuation can change."""
    text = one_line(_BULLET.sub("", said))
    spans = split_sentences(text)
    place = next((n for n, span in enumerate(spans) if len(_LETTERS.findall(span.of(text))) > 1), len(spans))
    if place == len(spans):
        return ""  # "Yes." and "1." say nothing
    sentence, following = spans[place].of(text), spans[place + 1 :]
    if not following:
        return sentence if not settled and _is_whole(sentence) else ""
    begun = _BEGUN.match(f"{text[following[0].start :]} ") and not _is_open(text[: spans[place].end])
    return sentence if begun or not settled else ""


def _is_open(text: str) -> bool:
    """Say whether a bracket waits to be closed: a full stop within brackets ends nothing."""
    depth = 0
    for character in text:
        depth = max(0, depth + (character == "(") - (character == ")"))
    return depth > 0


def _is_whole(sentence: str) -> bool:
    """Say whether a text ends where a sentence does: not behind "i.e."."""
    return bool(_ENDS.search(sentence)) and len(split_sentences(f"{sentence} It follows.")) > 1
