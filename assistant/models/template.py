"""Chat templates: from messages to the text a model was trained on.

A template is a program in the model's file. It is given marks in the messages' places, so that what people and papers
wrote never passes through it and is never mistaken for the template's own control tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import ModelError

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
_MARK = "\ue000{}\ue001"  # private-use characters; only the template's own text is searched for them
_MARKS = re.compile("\ue000([0-9]+)\ue001")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a prompt.

    Attributes:
        text: Its text.
        message: Which message it is the content of; None for the template's own words, whose control tokens count.
    """

    text: str
    message: int | None


class ChatTemplate:
    """The chat template of one model.

    Args:
        source: The template, in Jinja.
        bos: The text of the token that begins a text.
        eos: The text of the token that ends one.

    Raises:
        ModelError: The template is no Jinja.
    """

    def __init__(self, source: str, bos: str = "", eos: str = "") -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        try:
            self._formatter: Any = Jinja2ChatFormatter(source, eos_token=eos, bos_token=bos)
        except Exception as error:
            raise ModelError(f"the model's chat template is no Jinja ({error}); choose another chat_model") from error

    def parts(self, messages: Sequence[tuple[str, str]]) -> list[Part]:
        """Return the prompt up to where the answer begins.

        A template that has no system role, and refuses or drops such messages, gets their words in the first other one.

        Args:
            messages: Role and content of each.

        Raises:
            ModelError: The template does not take these roles in this order.
        """
        marked = [(role, _MARK.format(number)) for number, (role, _) in enumerate(messages)]
        reason = "it leaves out a message"
        for attempt in (marked, _without_system(marked)):
            try:
                pieces = _MARKS.split(self._render(attempt))
            except Exception as error:  # noqa: BLE001 - templates raise what they like
                reason = str(error)
                continue
            if set(pieces[1::2]) == {str(number) for number in range(len(messages))}:
                contents = [content for _, content in messages]
                return [
                    Part(contents[int(piece)], int(piece)) if place % 2 else Part(piece, None)
                    for place, piece in enumerate(pieces)
                    if piece
                ]
        raise ModelError(f"the model's chat template refuses these messages ({reason}); choose another chat_model")

    def _render(self, messages: Sequence[tuple[str, str]]) -> str:
        said = [{"role": role, "content": text} for role, text in messages]
        # What a model thinks aloud first is not shown and fills the room of the one sentence that it is asked for.
        return str(self._formatter(messages=said, enable_thinking=False).prompt)


def _without_system(messages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    system = [text for role, text in messages if role == "system"]
    rest = [(role, text) for role, text in messages if role != "system"] or [("user", "")]
    role, text = rest[0]
    return [(role, "\n".join([*system, text]).rstrip("\n")), *rest[1:]]
