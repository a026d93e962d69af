"""What callers send: the request bodies, checked, and what they mean to the assistant."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant.answer import History
from assistant.errors import QuestionError
from assistant.filters import Filters, filters_from
from assistant.text import clean, one_line

MODEL_ID = "paper-assistant"


class FilterBody(BaseModel):
    """Which papers are meant; what is left out does not restrict. A misspelt filter is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")

    year: int | str | None = Field(
        default=None, description="One year or a range, ends included.", examples=["2019..2023"]
    )
    author: list[str] = Field(default=[], description="Names, of which one must occur among the authors.")
    venue: list[str] = Field(default=[], description="Parts of names, of which one must occur in the venue.")
    paper: list[str] = Field(default=[], description="Ids of the papers themselves.")

    def filters(self) -> Filters:
        """Return them as the library takes them.

        Raises:
            QuestionError: One of them cannot be read.
        """
        return filters_from(None if self.year is None else str(self.year), self.author, self.venue, self.paper)


class PapersQuery(FilterBody):
    """Which part of the library is listed, in the order the papers were added."""

    limit: int = Field(default=50, ge=1, le=1000, description="How many papers, at most.")
    offset: int = Field(default=0, ge=0, description="How many to pass over first.")


class FilteredBody(BaseModel):
    """What every question and search may bring along."""

    filters: FilterBody | None = Field(default=None, description="Which papers are meant; all, when left out.")

    def chosen(self) -> Filters:
        """Return the filters as the library takes them.

        Raises:
            QuestionError: One of them cannot be read.
        """
        return (self.filters or FilterBody()).filters()


class SearchBody(FilteredBody):
    """A search without the language model."""

    query: Annotated[str, AfterValidator(one_line), Field(min_length=1, description="What to find.")]
    k: int = Field(default=10, ge=1, le=100, description="How many papers, at most.")


class Part(BaseModel):
    """One piece of a message; only those of type ``text`` can be read."""

    type: str = "text"
    text: str | None = None


class Message(BaseModel):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def plain(self) -> str:
        """Return the message's text, cleaned.

        Raises:
            QuestionError: It holds something else than text.
        """
        if not isinstance(self.content, list):
            return clean(self.content or "")
        if other := [part.type for part in self.content if part.type != "text"]:
            raise QuestionError(f"a message holds a part of type {other[0]!r}; only text can be read")
        return clean("\n".join(part.text or "" for part in self.content))


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool | None = Field(default=False, description="End with a chunk that carries the usage.")


class ChatBody(FilteredBody):
    """A chat completion request of the OpenAI API, with filters beside it.

    The last message of the user is the question; the exchanges before it are the history, in which a question that got
    no answer is left out. System messages are ignored: what the assistant does is fixed, and it says nothing that no
    abstract says. Whatever else the OpenAI API knows (temperature, tools, n) is taken and ignored.
    """

    model: str = Field(default=MODEL_ID, description="Any name; there is one model.")
    messages: list[Message] = Field(min_length=1)
    stream: bool | None = Field(default=False, description="Send each checked sentence as soon as it is there.")
    stream_options: StreamOptions | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with a chunk that carries the usage."""
        return bool(self.stream_options and self.stream_options.include_usage)

    def conversation(self) -> tuple[str, History]:
        """Return the question and the exchanges before it.

        Raises:
            QuestionError: There is no question, or a message holds something else than text.
        """
        said: list[tuple[str, str]] = [(m.role, m.plain()) for m in self.messages if m.role in ("user", "assistant")]
        last = max((i for i, (role, _) in enumerate(said) if role == "user"), default=None)
        if last is None or not said[last][1].strip():
            raise QuestionError("there is no question: the last message of the user is missing or empty")
        return said[last][1], _exchanges(said[:last])


def _exchanges(said: list[tuple[str, str]]) -> History:
    """Return every text of the user that is followed by one of the assistant, with that."""
    pairs = pairwise(said)
    return tuple((asked, replied) for (one, asked), (other, replied) in pairs if (one, other) == ("user", "assistant"))
