"""What stands around a conversation: header, notices, welcome or empty state, example questions."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from ui.markup import button, data, hidden
from ui.texts import Texts

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_LOOKED_AT = 500  # papers of which none is an abstract: the library counts as one of summaries


def header(assistant: Assistant, t: Texts, models: str, languages: tuple[Texts, ...]) -> str:
    """Return the page's title with what stands behind it: how many papers, which models; and the other languages."""
    count = assistant.library.count()
    papers = t.library_one if count == 1 else t.library_many.format(count=f"{count:,}")
    others = "".join(
        f'<a class="pa-language" lang="{other.code}" hreflang="{other.code}" href="{other.path}">{other.name}</a>'
        for other in languages
        if other is not t
    )
    words = "".join(f'<span class="pa-word-{name}">{text}</span>' for name, text in _words(t))
    return (
        f'<div class="pa-top"><a class="pa-skip pa-jump" href="#pa-question">{t.skip}</a>'
        f'<button type="button" id="pa-history-toggle">☰{hidden(t.history_toggle)}</button>'
        f'<div id="pa-words" lang="{t.code}" hidden>{words}</div>'
        f'<h1>{t.title}</h1><p class="pa-facts" title="{t.tagline}">{papers} · {data(models)}</p>'
        f'<p class="pa-corner">{others}{button("◐", "page-theme", about=f"{t.theme_light}, {t.theme_dark}")}</p></div>'
    )


def _words(t: Texts) -> tuple[tuple[str, str], ...]:
    """Return what `page.js` says."""
    return ("copied", t.copied), ("copy-failed", t.copy_failed), ("upload", t.add_more_files)


def model_names(assistant: Assistant, t: Texts) -> str:
    """Return which models are in use, without their digests, or that one is not there; `trouble` says what is wrong."""
    try:
        names = {role: name.partition(" ")[0] for role, name in assistant.models.items()}
    except AssistantError:
        return t.models_missing
    return t.models.format(**names)


def notice(assistant: Assistant, t: Texts, keeping: str = "") -> str:
    """Return the note that the library holds only summaries, or that nothing is kept; nothing where all is well."""
    if keeping:
        return f"<p>{data(keeping)}</p>"
    papers = list(islice(assistant.library.papers(), _LOOKED_AT))
    return f"<p>{t.summaries_html}</p>" if papers and all(paper.kind == "summary" for paper in papers) else ""


def trouble(assistant: Assistant, t: Texts) -> str:
    """Return what keeps the assistant from answering, found by opening its parts; nothing where all is well."""
    try:
        assistant.models  # noqa: B018 - looked at for its errors
        assistant.index()
    except AssistantError as error:
        return f'<p role="alert"><strong>{t.trouble}</strong> {data(str(error))}. {t.trouble_more}</p>'
    return ""


def placeholder(assistant: Assistant, t: Texts) -> str:
    """Return what the chat shows before the first question."""
    return t.welcome_html if assistant.library.count() else t.empty_html


def examples(assistant: Assistant) -> list[dict[str, str]]:
    """Return example questions as the chat component takes them; none where the library is empty or cannot say."""
    try:
        return [{"text": question} for question in assistant.example_questions(count=3)]
    except AssistantError:
        return []
