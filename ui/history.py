"""The conversations that were kept, as a list, and what is chosen for the one that is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from assistant.errors import AssistantError
from ui.conversation import Conversation, Scope
from ui.markup import button, data
from ui.texts import Texts

if TYPE_CHECKING:
    from assistant.conversations import Conversations, Kept

_LISTED = 200


def history_list(keep: Conversations | None, conversation: Conversation, words: str, t: Texts) -> str:
    """Return the list of kept conversations, newest first, under the days of their last turns."""
    current = f'<span class="pa-current" id="conversation-{conversation.conversation_id}"></span>'
    try:
        kept = keep.find(words, _LISTED) if keep else []
    except AssistantError as error:
        return f'{current}<p class="pa-error" role="alert">{data(str(error))}</p>'
    if not kept:
        return f'{current}<p class="pa-quiet">{t.history_none if words.strip() else t.history_empty}</p>'
    days = "".join(
        f'<p class="pa-label">{_called(day, t)}</p><ul>{"".join(_item(one, conversation, t) for one in of_day)}</ul>'
        for day, of_day in groupby(kept, _day)
    )
    return f"{current}{days}"


def _day(kept: Kept) -> date:
    return datetime.fromisoformat(kept.updated_at).replace(tzinfo=UTC).astimezone().date()


def _called(day: date, t: Texts) -> str:
    today = datetime.now().astimezone().date()
    return {today: t.today, today - timedelta(days=1): t.yesterday}.get(day, day.isoformat())


def _item(kept: Kept, conversation: Conversation, t: Texts) -> str:
    is_open = kept.conversation_id == conversation.conversation_id
    link = f'<a class="pa-conversation{" pa-here" if is_open else ""}" href="?c={kept.conversation_id}" dir="auto">'
    return f"<li>{link}{data(kept.title)}</a></li>"


def exports(conversation: Conversation, t: Texts, *, has_sources: bool) -> str:
    """Return the links that export the open conversation; nothing before it is kept."""
    if not conversation.conversation_id:
        return ""
    base = f"{t.path}page/conversations/{conversation.conversation_id}"
    links = "".join(
        f'<a href="{base}.{form}"{target}>{label}</a>'
        for form, label, target in (
            ("md", t.export_markdown, " download"),
            ("html", t.export_html, ' target="_blank"'),
            ("bib", t.export_bibtex, " download"),
            ("ris", t.export_ris, " download"),
        )
        if has_sources or form in ("md", "html")
    )
    return f'<details class="pa-menu"><summary>{t.export}</summary><div>{links}</div></details>'


def scope_chips(scope: Scope, t: Texts) -> str:
    """Return what narrows the next question, each with a way to take it off; nothing where all papers count."""
    chips = [
        (name, getattr(t, f"scope_{name}").format(value=data(getattr(scope, name))))
        for name in ("year", "author", "venue")
        if getattr(scope, name)
    ]
    chips += [(f"only {i}", t.scope_only.format(value=data(title))) for i, title in scope.only.items()]
    chips += [(f"without {i}", t.scope_without.format(value=data(title))) for i, title in scope.without.items()]
    if not chips:
        return ""
    items = "".join(
        f'<li><span dir="auto">{label}</span>{button("×", "talk-widen", key, about=t.scope_remove)}</li>'
        for key, label in chips
    )
    return f'<p class="pa-label">{t.scope}</p><ul class="pa-chips">{items}</ul>'


def editing_note(conversation: Conversation, t: Texts) -> str:
    """Return the line that says that a question is being edited; nothing otherwise."""
    if not conversation.editing:
        return ""
    note = t.editing.format(number=conversation.editing)
    return f'<p role="status">{note} {button(t.cancel, "talk-cancel", style="pa-quiet-act")}</p>'
