"""What is here: papers, index, models with sizes, how fast, what is wrong; as HTML.

Looks at files and at what is open already; only `findings` checks everything, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.answer import Timings
from assistant.assistant import VERSION
from assistant.doctor import Finding
from assistant.errors import AssistantError
from assistant.models.files import chat_model_file
from assistant.models.opening import NONE, SCRIPTED, is_remote
from ui.markup import data
from ui.texts import Texts

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_MB = 1_000_000


def facts(assistant: Assistant, waiting: int, last: Timings | None, t: Texts) -> str:
    """Return the list of what is here."""
    rows = "".join(f"<dt>{name}</dt><dd>{data(value)}</dd>" for name, value in _facts(assistant, waiting, last, t))
    return f'<dl class="pa-status-list">{rows}</dl>'


def _facts(assistant: Assistant, waiting: int, last: Timings | None, t: Texts) -> Iterator[tuple[str, str]]:
    chat = assistant.settings.chat_model
    yield t.status_papers, f"{assistant.library.count():,}"
    yield t.status_index, _index(assistant, t)
    yield t.status_chat, _chat(assistant, t)
    yield t.status_embeddings, _embeddings(assistant, t)
    speed = {"retrieve": f"{last.retrieve:.1f}", "total": f"{last.total:.1f}"} if last else {}
    yield t.status_speed, t.status_speed_value.format(**speed) if last else t.status_speed_none
    yield t.status_waiting, str(waiting)
    yield t.status_network, t.status_network_remote.format(model=chat) if is_remote(chat) else t.status_network_value
    yield t.status_home, str(assistant.home)
    yield t.status_version, VERSION


def _index(assistant: Assistant, t: Texts) -> str:
    if (manifest := assistant.store.current_manifest()) is None:
        return t.status_index_none
    known = t.status_index_value.format(papers=f"{manifest.papers:,}", chunks=f"{manifest.chunks:,}")
    if (work := assistant.reembedding.work) is None:
        return known
    told = t.status_reembedding_failed if work.failure else t.status_reembedding
    return f"{known}; " + told.format(
        model=work.model, done=f"{work.done:,}", total=f"{work.papers:,}", reason=work.failure
    )


def _chat(assistant: Assistant, t: Texts) -> str:
    setting = assistant.settings.chat_model
    try:
        if setting in (NONE, SCRIPTED) or is_remote(setting):
            return setting
        return _sized(assistant.models["chat"], chat_model_file(setting), t)
    except AssistantError as error:
        return str(error)


def _embeddings(assistant: Assistant, t: Texts) -> str:
    try:
        return assistant.reembedding.encoder().name
    except AssistantError as error:
        return str(error)


def _sized(name: str, path: Path, t: Texts) -> str:
    return t.status_size.format(name=name.partition(" ")[0], size=f"{path.stat().st_size / _MB:,.0f}")


def findings(found: Sequence[Finding], t: Texts) -> str:
    """Return what a check of everything found."""
    rows = "".join(
        f'<tr class="{"pa-good" if one.ok else "pa-bad"}"><th scope="row">{data(one.what)}</th>'
        f"<td>{t.good if one.ok else t.bad}</td><td>{data(one.text)}</td></tr>"
        for one in found
    )
    verdict = f"<p role=status>{t.all_well}</p>" if all(one.ok for one in found) else ""
    return f'{verdict}<table class="pa-table pa-findings"><caption>{t.checked}</caption><tbody>{rows}</tbody></table>'
