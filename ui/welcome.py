"""What a new visitor sees before the first question: header, notice, welcome or empty state, example questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from ui import texts
from ui.markup import data

if TYPE_CHECKING:
    from assistant.assistant import Assistant


def header(assistant: Assistant, models: str = texts.MODELS_LOADING) -> str:
    """Return the page's title with what stands behind it: how many papers, which models."""
    count = assistant.library.count()
    papers = texts.LIBRARY_ONE if count == 1 else texts.LIBRARY_MANY.format(count=f"{count:,}")
    return (
        f'<h1>{texts.TITLE}</h1><p class="pa-tagline">{texts.TAGLINE}</p>'
        f'<p class="pa-facts">{papers} · {data(models)}</p>'
    )


def model_names(assistant: Assistant) -> str:
    """Return which models are in use, without their digests, or what is wrong with them."""
    try:
        names = {role: name.partition(" ")[0] for role, name in assistant.models.items()}
    except AssistantError as error:
        return str(error)
    return texts.MODELS.format(**names)


def notice(assistant: Assistant) -> str:
    """Return the note that the library holds only summaries; nothing where it holds an abstract or is empty."""
    kinds = {"abstract"} if assistant.library.count() == 0 else (paper.kind for paper in assistant.library.papers())
    return "" if any(kind == "abstract" for kind in kinds) else f"<p>{texts.SUMMARIES_HTML}</p>"


def placeholder(assistant: Assistant) -> str:
    """Return what the chat shows before the first question."""
    return texts.WELCOME_HTML if assistant.library.count() else texts.EMPTY_HTML


def examples(assistant: Assistant) -> list[dict[str, str]]:
    """Return example questions as the chat component takes them; none where the library is empty or cannot say."""
    try:
        return [{"text": question} for question in assistant.example_questions(count=3)]
    except AssistantError:
        return []
