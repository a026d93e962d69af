"""A conversation as the chat shows it: pure functions from turns to messages.

Knows the markup of an answer; knows nothing of Gradio beyond the shape of a message. Everything that papers, people
and models wrote passes `markup.data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import Any

from assistant.answer import Answer, Citation, NearPaper, Sentence
from assistant.text import readable
from ui import texts
from ui.markup import blocks, data, details, hidden, hint, joined, lines, paper_link
from ui.turns import Turn, Turns, by_paper


def messages(turns: Turns) -> list[dict[str, Any]]:
    """Return the conversation as the chat component takes it."""
    pairs = ((_message("user", question(turn)), _message("assistant", reply(turn))) for turn in turns)
    return [message for pair in pairs for message in pair]


def _message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text}]}


def question(turn: Turn) -> str:
    """Return a question as it was typed."""
    return f'<p class="pa-question" dir="auto">{lines(turn.question)}</p>'


def reply(turn: Turn) -> str:
    """Return what stands under a question: progress, checked sentences, sources, or why there is no answer."""
    return blocks(_reply(turn))


def _reply(turn: Turn) -> Iterator[str]:
    if turn.answer and turn.answer.status == "abstained":
        yield from abstention(turn.answer)
        return
    yield from (sentence(turn, spoken) for spoken in turn.sentences)
    if turn.answer:
        yield f'<p class="pa-note">{origin(turn.answer)}</p>'
    if not turn.pending:
        yield cited(turn)
    yield ending(turn)


def origin(answer: Answer) -> str:
    """Return whose words the answer is in; what cites nothing was counted or looked up in the library."""
    quoted = [spoken.status == "quoted" for spoken in answer.sentences if spoken.citations]
    whose = texts.QUOTED_NOTE if all(quoted) else texts.MIXED_NOTE if any(quoted) else texts.WRITTEN_NOTE
    counted = len(quoted) < len(answer.sentences)
    return " ".join([texts.LIBRARY_NOTE] * counted + [whose] * bool(quoted))


def ending(turn: Turn) -> str:
    """Return the line that says how far an unfinished answer is, or how it ended; nothing for a whole one."""
    if turn.error:
        return f'<p class="pa-error" role="alert"><strong>{texts.ERROR_TITLE}</strong> {data(turn.error)}</p>'
    if turn.stopped:
        return f'<p class="pa-note">{texts.STOPPED_NOTE if turn.sentences else texts.STOPPED}</p>'
    if turn.pending:
        return f'<p class="pa-progress">{progress(turn)}</p>'
    return ""


def progress(turn: Turn) -> str:
    """Return what the assistant is doing now."""
    if turn.found is None:
        return texts.SEARCHING
    return texts.WRITING if turn.sentences else f"{evidence_line(turn)} {texts.WRITING}"


def evidence_line(turn: Turn) -> str:
    """Return in how many papers evidence was found; nothing before the search is done, or where none was read."""
    if turn.found is None or not turn.found.considered.passages:
        return ""
    papers = f"{turn.found.considered.papers:,}"
    found = len({citation.paper_id for citation in turn.found.evidence})
    return texts.EVIDENCE.format(found=found, papers=papers) if found else texts.NO_EVIDENCE.format(papers=papers)


def sentence(turn: Turn, spoken: Sentence) -> str:
    """Return one checked sentence with its markers; what is quoted stands in quotation marks."""
    citations = [citation for citation in turn.citations if citation.number in spoken.citations]
    markers = "".join(marker(turn, citation) for citation in citations)
    text = _in_quotation_marks(spoken.text, citations) if spoken.status == "quoted" else data(spoken.text)
    warning = f' <em class="pa-warning">({texts.UNSUPPORTED})</em>' if spoken.status == "unsupported" else ""
    return f'<p class="pa-sentence pa-{spoken.status}" dir="auto">{text}{warning}{markers}</p>'


def _in_quotation_marks(text: str, citations: Sequence[Citation]) -> str:
    """Return a quoted sentence; a title that was put before the quote stays outside the quotation marks."""
    quote = next((q for c in citations if text.endswith(q := readable(c.quote))), text)
    return f"{data(text.removesuffix(quote))}“{data(quote)}”"


def marker(turn: Turn, citation: Citation) -> str:
    """Return the ``[n]`` that leads to the sentence in its abstract."""
    key = f"{turn.number}-{citation.number}"
    label = f"[{hidden(texts.SOURCE_LABEL + ' ')}{citation.number}]"
    attributes = f'class="pa-jump pa-marker" id="marker-{key}" href="#mark-{key}" title="{hint(citation)}"'
    return f"&nbsp;<a {attributes}>{label}</a>"


def cited(turn: Turn) -> str:
    """Return the list of the cited papers; a quote stands here where the answer says it in other words."""
    if not turn.citations:
        return ""
    shown = {n for spoken in turn.sentences if spoken.status == "quoted" for n in spoken.citations}
    items = "".join(_cited(turn, citations, shown) for citations in by_paper(turn.citations))
    return f'<div class="pa-cited"><p class="pa-label">{texts.SOURCES}</p><ul>{items}</ul></div>'


def _cited(turn: Turn, citations: Sequence[Citation], shown: Set[int]) -> str:
    first = citations[0]
    numbers = "".join(_number(turn, citation) for citation in citations)
    about = joined(details(first), _kind(first), paper_link(first))
    quotes = "".join(
        f"<blockquote>[{c.number}] “{data(c.quote)}”</blockquote>" for c in citations if c.number not in shown
    )
    return (
        f'<li dir="auto">{numbers}'
        f'<a class="pa-jump pa-title" href="#mark-{turn.number}-{first.number}">{data(first.title)}</a> '
        f'<span class="pa-details">{about}</span>{quotes}</li>'
    )


def _number(turn: Turn, citation: Citation) -> str:
    return f'<span class="pa-number" id="cited-{turn.number}-{citation.number}">{citation.number}</span>'


def _kind(citation: Citation) -> str:
    return texts.SUMMARY_SHORT if citation.kind == "summary" else ""


def abstention(answer: Answer) -> Iterator[str]:
    """Yield the blocks that say that the library has no answer, and what comes nearest."""
    yield f'<p class="pa-abstained" dir="auto">{data(answer.text)}</p>'
    if answer.reason and answer.reason not in answer.text:
        yield f'<p dir="auto">{data(answer.reason)}</p>'
    if answer.nearest:
        yield nearest(answer.nearest)
    yield f'<p class="pa-note">{texts.ABSTAIN_TIP}</p>'


def nearest(papers: tuple[NearPaper, ...]) -> str:
    """Return the list of the papers nearest to a question."""
    items = "".join(f'<li dir="auto">{data(paper.title)}</li>' for paper in papers)
    return f'<div class="pa-nearest"><p class="pa-label">{texts.NEAREST}</p><ul>{items}</ul></div>'
