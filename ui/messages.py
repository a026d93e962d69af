"""A conversation as the chat shows it: pure functions from turns to messages.

Knows the markup of an answer; knows nothing of Gradio beyond the shape of a message. Everything that papers, people
and models wrote passes `markup.data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from assistant.answer import Answer, Citation, NearPaper, Sentence, by_paper
from assistant.text import readable, shorten
from ui.markup import blocks, button, data, details, hidden, joined, lines, paper_link, prose
from ui.texts import Texts
from ui.turns import Turn, Turns

_TITLE_CHARACTERS = 90  # of a title in a question that is proposed


def messages(turns: Turns, t: Texts) -> list[dict[str, Any]]:
    """Return the conversation as the chat component takes it."""
    pairs = ((_message("user", question(turn, t)), _message("assistant", reply(turn, t))) for turn in turns)
    return [message for pair in pairs for message in pair]


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


def question(turn: Turn, t: Texts) -> str:
    """Return a question as it was typed."""
    return f'<p class="pa-question" id="question-{turn.number}" dir="auto">{lines(turn.question)}</p>'


def reply(turn: Turn, t: Texts) -> str:
    """Return what stands under a question: progress, checked sentences, sources, or why there is no answer."""
    return blocks(_reply(turn, t))


def _reply(turn: Turn, t: Texts) -> Iterator[str]:
    yield searched(turn, t)
    if turn.abstained and turn.answer:
        yield from abstention(turn, turn.answer, t)
    else:
        yield from (sentence(turn, spoken, t) for spoken in turn.sentences)
        if turn.answer:
            yield f'<p class="pa-note">{origin(turn.answer, t)}</p>'
        if not turn.pending:
            yield cited(turn, t)
        yield ending(turn, t)
    yield actions(turn, t)


def searched(turn: Turn, t: Texts) -> str:
    """Return what was searched for where it is not just the question, and a way to change it."""
    query = " ".join(turn.found.query.split()) if turn.found else ""
    if query in ("", " ".join(turn.question.split())):
        return ""
    change = "" if turn.pending else button(t.change_query, "talk-query", turn.number, style="pa-quiet-act")
    return f'<p class="pa-searched" dir="auto">{t.searched_for} “{data(query)}” {change}</p>'


def origin(answer: Answer, t: Texts) -> str:
    """Return whose words the answer is in; what cites nothing was counted or looked up in the library."""
    if answer.considered.passages == 0 and answer.citations:
        return t.table_note
    quoted = [spoken.status == "quoted" for spoken in answer.sentences if spoken.citations]
    whose = t.quoted_note if all(quoted) else t.mixed_note if any(quoted) else t.written_note
    counted = len(quoted) < len(answer.sentences)
    return " ".join([t.library_note] * counted + [whose] * bool(quoted))


def ending(turn: Turn, t: Texts) -> str:
    """Return the line that says how far an unfinished answer is, or how it ended; nothing for a whole one."""
    if turn.error:
        return f'<p class="pa-error" role="alert"><strong>{t.error_title}</strong> {data(turn.error)}</p>'
    if turn.stopped:
        return f'<p class="pa-note">{t.stopped_note if turn.sentences else t.stopped}</p>'
    if turn.pending:
        return f'<p class="pa-progress">{progress(turn, t)}</p>'
    return ""


def progress(turn: Turn, t: Texts) -> str:
    """Return what the assistant is doing now."""
    if turn.place:
        return t.waiting_one if turn.place == 1 else t.waiting.format(place=turn.place)
    if turn.found is None:
        return t.searching
    return t.writing if turn.sentences else f"{evidence_line(turn, t)} {t.writing}"


def evidence_line(turn: Turn, t: Texts) -> str:
    """Return in how many papers evidence was found; nothing before the search is done, or where none was read."""
    if turn.found is None or not turn.found.considered.passages:
        return ""
    papers = f"{turn.found.considered.papers:,}"
    found = len({citation.paper_id for citation in turn.found.evidence})
    return t.evidence.format(found=found, papers=papers) if found else t.no_evidence.format(papers=papers)


def sentence(turn: Turn, spoken: Sentence, t: Texts) -> str:
    """Return one checked sentence with its markers and its status; what is quoted stands in quotation marks."""
    citations = [citation for citation in turn.citations if citation.number in spoken.citations]
    markers = "".join(marker(turn, citation, t) for citation in citations)
    text = _in_quotation_marks(spoken.text, citations) if spoken.status == "quoted" else prose(spoken.text)
    return f'<p class="pa-sentence pa-{spoken.status}" dir="auto">{text}{markers}{_status(turn, spoken, t)}</p>'


def _status(turn: Turn, spoken: Sentence, t: Texts) -> str:
    """Return how far a sentence can be trusted, small but seen, and read aloud after it."""
    if not spoken.citations:
        return ""
    considered = turn.answer.considered if turn.answer else turn.found.considered if turn.found else None
    read_off = considered is not None and considered.passages == 0  # no abstract was read for it
    name, why = {
        "quoted": (t.status_quoted, t.status_quoted_why),
        "supported": (t.status_table, t.table_note) if read_off else (t.status_checked, t.status_checked_why),
    }.get(spoken.status, (t.unsupported, t.unsupported_why))
    return f'&nbsp;<span class="pa-tag pa-tag-{spoken.status}" title="{why}">{name}</span>'


def _in_quotation_marks(text: str, citations: Sequence[Citation]) -> str:
    """Return a quoted sentence; a title that was put before the quote stays outside the quotation marks."""
    quote = next((q for c in citations if text.endswith(q := readable(c.quote))), text)
    return f"{prose(text.removesuffix(quote))}“{prose(quote)}”"


def marker(turn: Turn, citation: Citation, t: Texts) -> str:
    """Return the ``[n]`` that leads to the sentence in its abstract."""
    key = f"{turn.number}-{citation.number}"
    label = f"[{hidden(t.source_label + ' ')}{citation.number}]"
    return f'&nbsp;<a class="pa-jump pa-marker" id="marker-{key}" href="#mark-{key}">{label}</a>'


def cited(turn: Turn, t: Texts) -> str:
    """Return the list of the cited papers; a quote stands here where the answer says it in other words."""
    if not turn.citations:
        return ""
    items = "".join(_cited(turn, citations, t) for citations in by_paper(turn.citations))
    return f'<div class="pa-cited"><p class="pa-label">{t.sources}</p><ul>{items}</ul></div>'


def _cited(turn: Turn, citations: Sequence[Citation], t: Texts) -> str:
    first = citations[0]
    shown = {n for spoken in turn.sentences if spoken.status == "quoted" for n in spoken.citations}
    numbers = "".join(_number(turn, citation) for citation in citations)
    about = joined(details(first, t), _kind(first, t), paper_link(first, t))
    quotes = "".join(
        f"<blockquote>[{c.number}] “{prose(c.quote)}”</blockquote>" for c in citations if c.number not in shown
    )
    return (
        f'<li dir="auto">{numbers}'
        f'<a class="pa-jump pa-title" href="#mark-{turn.number}-{first.number}">{prose(first.title)}</a> '
        f'<span class="pa-details">{about}</span>{quotes}</li>'
    )


def _number(turn: Turn, citation: Citation) -> str:
    return f'<span class="pa-number" id="cited-{turn.number}-{citation.number}">{citation.number}</span>'


def _kind(citation: Citation, t: Texts) -> str:
    return t.summary_short if citation.kind == "summary" else ""


def abstention(turn: Turn, answer: Answer, t: Texts) -> Iterator[str]:
    """Yield the blocks that say that the library has no answer, what comes nearest, and what could be asked instead."""
    yield f'<p class="pa-abstained" dir="auto">{prose(answer.text)}</p>'
    if answer.reason and answer.reason not in answer.text:
        yield f'<p dir="auto">{prose(answer.reason)}</p>'
    if answer.nearest:
        yield nearest(turn, answer.nearest, t)
        instead = f"What is “{shorten(answer.nearest[0].title, _TITLE_CHARACTERS)}” about?"
        if instead != turn.question:
            yield f'<p class="pa-instead">{t.ask_instead} {button(data(instead), "ask-alone", instead)}</p>'
    yield f'<p class="pa-note">{t.abstain_tip}</p>'


def nearest(turn: Turn, papers: tuple[NearPaper, ...], t: Texts) -> str:
    """Return the list of the papers nearest to a question; each leads to its abstract."""
    items = "".join(
        f'<li dir="auto"><a class="pa-jump pa-title" href="#near-{turn.number}-{n}">{prose(paper.title)}</a></li>'
        for n, paper in enumerate(papers, start=1)
    )
    return f'<div class="pa-nearest"><p class="pa-label">{t.nearest}</p><ul>{items}</ul></div>'


def actions(turn: Turn, t: Texts) -> str:
    """Return what can be done with a question and its answer once it has ended."""
    if turn.pending:
        return ""
    about = t.question_number.format(number=turn.number)
    copy = button(t.copy_answer, "copy-answer", turn.number, about=about) if turn.answer else ""
    again = button(t.retry, "ask-again", turn.number, about=about)
    edit = button(t.edit_question, "talk-edit", turn.number, about=about)
    return f'<div class="pa-actions">{copy}{again}{edit}</div>'
