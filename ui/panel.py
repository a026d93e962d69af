"""The sources panel: the full abstracts behind an answer, with the quoted sentences marked.

One section a turn, the latest one shown; the others wait hidden until a marker of theirs is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from assistant.answer import Citation
from assistant.papers import Paper
from assistant.text import shorten
from ui import texts
from ui.markup import blocks, data, details, hidden, joined, paper_link, summary_note
from ui.messages import evidence_line
from ui.turns import Turn, Turns, by_paper

_QUESTION_CHARACTERS = 200  # of a long one; all of it stands in the conversation
_TURNS_KEPT = 30  # a marker of an older answer leads to the list under that answer


def panel(turns: Turns) -> str:
    """Return the panel of a conversation."""
    if not turns:
        return f'<p class="pa-quiet">{texts.SOURCES_EMPTY}</p>'
    return blocks(section(turn, shown=turn is turns[-1]) for turn in turns[-_TURNS_KEPT:])


def section(turn: Turn, *, shown: bool) -> str:
    """Return the sources of one answer."""
    question = data(shorten(turn.question, _QUESTION_CHARACTERS))
    parts = (
        f'<p class="pa-for" dir="auto">{texts.SOURCES_FOR} <q>{question}</q></p>',
        _status(turn),
        *(card(turn, citations) for citations in by_paper(turn.citations)),
        _other_evidence(turn),
        *_nearest(turn),
    )
    return f'<section class="pa-turn" id="sources-{turn.number}"{"" if shown else " hidden"}>{"".join(parts)}</section>'


def _status(turn: Turn) -> str:
    if turn.found is None:
        return f'<p class="pa-quiet">{texts.SEARCHING}</p>' if turn.pending else ""
    return f'<p class="pa-status" dir="auto">{evidence_line(turn)}</p>{_query(turn.question, turn.found.query)}'


def _query(question: str, query: str) -> str:
    """Return what was searched for, folded, where it is not just the question."""
    if " ".join(query.split()) == " ".join(question.split()):
        return ""
    return f'<details class="pa-query"><summary>{texts.SEARCHED_FOR}</summary><p dir="auto">{data(query)}</p></details>'


def card(turn: Turn, citations: Sequence[Citation]) -> str:
    """Return one cited paper: title, details and its abstract with every quote marked."""
    first = citations[0]
    numbers = "".join(f'<span class="pa-number">{citation.number}</span>' for citation in citations)
    return (
        f'<article class="pa-paper" id="source-{turn.number}-{first.number}">'
        f'<h3 dir="auto">{numbers}{data(first.title)}</h3>{_about(first)}{summary_note(first.kind)}'
        f'<p class="pa-abstract" dir="auto">{_abstract(turn, citations)}</p></article>'
    )


def _about(source: Citation | Paper) -> str:
    about = joined(details(source), paper_link(source))
    return f'<p class="pa-details">{about}</p>' if about else ""


def _abstract(turn: Turn, citations: Sequence[Citation]) -> str:
    paper = turn.papers.get(citations[0].paper_id)
    if paper is None or any(paper.abstract[c.start : c.end] != c.quote for c in citations):
        return " … ".join(mark(turn, citation) for citation in citations)  # the paper changed since it was read
    return "".join(_marked(turn, paper.abstract, citations))


def _marked(turn: Turn, abstract: str, citations: Iterable[Citation]) -> Iterator[str]:
    position = 0
    for citation in sorted(citations, key=lambda c: (c.start, c.number)):
        start = max(citation.start, position)
        yield data(abstract[position:start])
        yield mark(turn, citation, abstract[start : max(citation.end, start)])
        position = max(citation.end, position)
    yield data(abstract[position:])


def mark(turn: Turn, citation: Citation, text: str | None = None) -> str:
    """Return a quote, or the part of it that no earlier mark holds, with the way back to the answer."""
    key = f"{turn.number}-{citation.number}"
    back = f'<a class="pa-jump pa-back" href="#marker-{key}" title="{texts.BACK}">{_back(citation)}</a>'
    return f'<mark id="mark-{key}" tabindex="-1">{data(citation.quote if text is None else text)}</mark>&NoBreak;{back}'


def _back(citation: Citation) -> str:
    return f"[{citation.number}]{hidden(' ' + texts.BACK)}"


def _other_evidence(turn: Turn) -> str:
    """Return the evidence that the answer does not cite: shown while it is written, folded away afterwards."""
    cited = {(citation.paper_id, citation.start) for citation in turn.citations}
    others = [c for c in (turn.found.evidence if turn.found else ()) if (c.paper_id, c.start) not in cited]
    cards = "".join(_quotes(citations) for citations in by_paper(others))
    if turn.pending or not others:
        return cards
    heading = texts.OTHER_EVIDENCE.format(count=len(others))
    return f'<details class="pa-other"><summary>{heading}</summary>{cards}</details>'


def _quotes(citations: Sequence[Citation]) -> str:
    first = citations[0]
    quotes = "".join(f'<blockquote dir="auto">“{data(citation.quote)}”</blockquote>' for citation in citations)
    return (
        f'<article class="pa-paper"><h3 dir="auto">{data(first.title)}</h3>'
        f"{_about(first)}{summary_note(first.kind)}{quotes}</article>"
    )


def _nearest(turn: Turn) -> Iterator[str]:
    if not (turn.answer and turn.answer.nearest):
        return
    yield f'<p class="pa-label">{texts.NEAREST}</p>'
    for near in turn.answer.nearest:
        paper = turn.papers.get(near.paper_id)
        text = f'{_about(paper)}{summary_note(paper.kind)}<p dir="auto">{data(paper.abstract)}</p>' if paper else ""
        yield f'<details class="pa-near"><summary dir="auto">{data(near.title)}</summary>{text}</details>'
