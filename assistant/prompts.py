"""Prompts: text files with named variables, loaded, checked and filled. No logic is in them and no text is in here."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from langchain_core.messages import BaseMessage
from langchain_core.prompts import ChatPromptTemplate

from assistant.errors import PromptError

_ROLES = {"system": "system", "user": "human"}


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt of several messages.

    Attributes:
        name: The folder it was read from.
        digest: SHA-256 of its files: says which wording led to an answer.
        template: LangChain's template over its files.
    """

    name: str
    digest: str
    template: ChatPromptTemplate

    def messages(self, **values: str) -> list[BaseMessage]:
        """Return the messages with the variables filled in."""
        return self.template.format_messages(**values)


def load_prompt(name: str, variables: set[str]) -> Prompt:
    """Return the prompt in ``prompts/<name>/<role>.md``.

    Raises:
        PromptError: A file is missing, or its variables are not exactly ``variables``.
    """
    texts = {role: _read(name, role) for role in _ROLES}
    _check(name, texts, variables)
    template = ChatPromptTemplate.from_messages([(_ROLES[role], text) for role, text in texts.items()])
    return Prompt(name, hashlib.sha256("\0".join(texts.values()).encode()).hexdigest(), template)


def _read(name: str, role: str) -> str:
    try:
        return (resources.files("prompts") / name / f"{role}.md").read_text(encoding="utf-8").strip()
    except (OSError, ImportError, UnicodeDecodeError) as error:
        raise PromptError(f"prompts/{name}/{role}.md cannot be read ({error}); install the package again") from error


def _check(name: str, texts: Mapping[str, str], variables: set[str]) -> None:
    found = {variable for text in texts.values() for variable in _variables(name, text)}
    if found != variables:
        raise PromptError(
            f"prompts/{name} uses {sorted(found)}, but the program fills {sorted(variables)}; make them the same"
        )


def _variables(name: str, text: str) -> Iterator[str]:
    """Yield the names between braces, as they stand there: an attribute or an empty name is none that is filled."""
    try:
        yield from (field for _, field, _, _ in string.Formatter().parse(text) if field is not None)
    except ValueError as error:
        raise PromptError(f"prompts/{name} has a single brace ({error}); write {{{{ for one that is text") from error
