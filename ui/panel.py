"""The sources panel: the full abstracts behind an answer, with the quoted sentences marked.

One section a turn, the latest one shown; the others wait hidden until a marker of theirs is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assistant.answer import Citation, by_paper
from assistant.papers import Paper
from assistant.retrieval import SearchResult
from assistant.text import shorten
from ui.markup import blocks, button, data, details, hidden, joined, paper_link, prose, summary_note
from ui.messages import evidence_line
from ui.texts import Texts
from ui.turns import Turn, Turns

Similar = Mapping[tuple[int, str], Sequence[SearchResult]]
"""Papers like one of them, by turn and paper id."""

_QUESTION_CHARACTERS = 200  # of a long one; all of it stands in the conversation
_TURNS_KEPT = 30  # a marker of an older answer leads to the list under that answer
_FITS = ((0.75, "fits_well"), (0.45, "fits"), (0.0, "fits_partly"))
"""Likelihoods that a sentence answers the question, and what they are called."""


def panel(turns: Turns, t: Texts, similar: Similar | None = None) -> str:
    """Return the panel of a conversation."""
    if not turns:
        return f'<p class="pa-quiet">{t.sources_empty}</p>'
    return blocks(section(turn, t, similar or {}, shown=turn is turns[-1]) for turn in turns[-_TURNS_KEPT:])


def section(turn: Turn, t: Texts, similar: Similar, *, shown: bool) -> str:
    """Return the sources of one answer."""
    question = data(shorten(turn.question, _QUESTION_CHARACTERS))
    parts = (
        f'<p class="pa-for" dir="auto">{t.sources_for} <q>{question}</q></p>',
        _status(turn, t),
        *(card(turn, citations, t, similar) for citations in by_paper(turn.citations)),
        _other_evidence(turn, t),
        *_nearest(turn, t, similar),
    )
    return f'<section class="pa-turn" id="sources-{turn.number}"{"" if shown else " hidden"}>{"".join(parts)}</section>'


def _status(turn: Turn, t: Texts) -> str:
    if turn.found is None:
        return f'<p class="pa-quiet">{t.searching}</p>' if turn.pending else ""
    if turn.answer and not (turn.citations or turn.abstained):
        return f'<p class="pa-quiet">{t.sources_none}</p>'
    return f'<p class="pa-status" dir="auto">{evidence_line(turn, t)}</p>'


def card(turn: Turn, citations: Sequence[Citation], t: Texts, similar: Similar) -> str:
    """Return one cited paper: title, details and its abstract with every quote marked, and what can be done with it."""
    first = citations[0]
    numbers = "".join(f'<span class="pa-number">{citation.number}</span>' for citation in citations)
    like_it = alike(similar.get((turn.number, first.paper_id)), t)
    return (
        f'<article class="pa-paper" id="source-{turn.number}-{first.number}">'
        f'<h3 dir="auto">{numbers}{prose(first.title)}</h3>{_about(first, t)}{_fit(citations, t)}'
        f"{summary_note(first.kind, t)}"
        f'<p class="pa-abstract" dir="auto">{_abstract(turn, citations, t)}</p>'
        f"{paper_actions(turn.number, first.paper_id, first.title, t)}{like_it}</article>"
    )


def _about(source: Citation | Paper, t: Texts) -> str:
    about = joined(details(source, t), paper_link(source, t))
    return f'<p class="pa-details" dir="auto">{about}</p>' if about else ""


def _fit(citations: Sequence[Citation], t: Texts) -> str:
    """Return in words how well the best quote of a paper fits the question."""
    best = max(citation.score for citation in citations)
    name = next(name for least, name in _FITS if best >= least)
    return f'<p class="pa-fit" title="{t.fit_why.format(score=f"{best:.2f}")}">{getattr(t, name)}</p>'


def cite_menu(paper_id: str, title: str, t: Texts) -> str:
    """Return the menu that copies a paper as a reference."""
    forms = (t.copy_bibtex, "bib"), (t.copy_ris, "ris"), (t.copy_reference, "txt")
    copies = "".join(button(label, f"copy-{form}", paper_id, about=title) for label, form in forms)
    return f'<details class="pa-menu"><summary>{t.cite}</summary><div>{copies}</div></details>'


def paper_actions(turn: int, paper_id: str, title: str, t: Texts) -> str:
    """Return the buttons under a paper: how to cite it, find its like, keep to it or leave it out."""
    key = f"{turn} {paper_id}"
    verbs = (t.more_like, "talk-similar"), (t.only_this, "talk-only"), (t.leave_out, "talk-without")
    buttons = "".join(button(label, name, key, about=title) for label, name in verbs)
    return f'<div class="pa-actions">{cite_menu(paper_id, title, t)}{buttons}</div>'


def alike(found: Sequence[SearchResult] | None, t: Texts) -> str:
    """Return the list of papers like one; nothing where nobody has asked for it."""
    if found is None:
        return ""
    if not found:
        return f'<p class="pa-quiet">{t.none_alike}</p>'
    items = "".join(
        f"<li>{button(prose(result.title), 'shelf-paper', result.paper_id, style='pa-title')}</li>" for result in found
    )
    return f'<div class="pa-alike" role="status"><p class="pa-label">{t.alike}</p><ul>{items}</ul></div>'


def _abstract(turn: Turn, citations: Sequence[Citation], t: Texts) -> str:
    paper = turn.papers.get(citations[0].paper_id)
    if paper is None or any(paper.abstract[c.start : c.end] != c.quote for c in citations):
        return " … ".join(mark(turn, citation, t) for citation in citations)  # the paper changed since it was read
    return "".join(_marked(turn, paper.abstract, citations, t))


def _marked(turn: Turn, abstract: str, citations: Iterable[Citation], t: Texts) -> Iterator[str]:
    position = 0
    for citation in sorted(citations, key=lambda c: (c.start, c.number)):
        start = max(citation.start, position)
        yield prose(abstract[position:start])
        yield mark(turn, citation, t, abstract[start : max(citation.end, start)])
        position = max(citation.end, position)
    yield prose(abstract[position:])


def mark(turn: Turn, citation: Citation, t: Texts, text: str | None = None) -> str:
    """Return a quote, or the part of it that no earlier mark holds, with the way back to the answer."""
    key = f"{turn.number}-{citation.number}"
    back = f'<a class="pa-jump pa-back" href="#marker-{key}" title="{t.back}">{_back(citation, t)}</a>'
    shown = prose(citation.quote if text is None else text)
    return f'<mark id="mark-{key}" tabindex="-1">{shown}</mark>&NoBreak;{back}'


def _back(citation: Citation, t: Texts) -> str:
    return f"[{citation.number}]{hidden(' ' + t.back)}"


def _other_evidence(turn: Turn, t: Texts) -> str:
    """Return the evidence that the answer does not cite: shown while it is written, folded away afterwards."""
    cited = {(citation.paper_id, citation.start) for citation in turn.citations}
    others = [c for c in (turn.found.evidence if turn.found else ()) if (c.paper_id, c.start) not in cited]
    cards = "".join(_quotes(citations, t) for citations in by_paper(others))
    if turn.pending or not others:
        return cards
    heading = t.other_evidence.format(count=len(others))
    return f'<details class="pa-other"><summary>{heading}</summary>{cards}</details>'


def _quotes(citations: Sequence[Citation], t: Texts) -> str:
    first = citations[0]
    quotes = "".join(f'<blockquote dir="auto">“{prose(citation.quote)}”</blockquote>' for citation in citations)
    return (
        f'<article class="pa-paper"><h3 dir="auto">{prose(first.title)}</h3>'
        f"{_about(first, t)}{summary_note(first.kind, t)}{quotes}</article>"
    )


def _nearest(turn: Turn, t: Texts, similar: Similar) -> Iterator[str]:
    if not (turn.answer and turn.answer.nearest):
        return
    yield f'<p class="pa-label">{t.nearest}</p>'
    for number, near in enumerate(turn.answer.nearest, start=1):
        paper = turn.papers.get(near.paper_id)
        text = ""
        if paper:
            text = f'{_about(paper, t)}{summary_note(paper.kind, t)}<p dir="auto">{prose(paper.abstract)}</p>'
            text += paper_actions(turn.number, paper.paper_id, paper.title, t)
            text += alike(similar.get((turn.number, paper.paper_id)), t)
        state = " open" if number == 1 else ""
        yield (
            f'<details class="pa-near"{state}><summary dir="auto" id="near-{turn.number}-{number}">{prose(near.title)}'
            f"</summary>{text}</details>"
        )
