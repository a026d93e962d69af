"""A conversation as a file: Markdown to keep, HTML to print, each with its quotes, sources and BibTeX.

Pure functions. What papers, people and models wrote is data here as well: it is escaped for the format it goes into.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from assistant.answer import source_line
from assistant.references import bibtex, formatted
from ui.texts import Texts
from ui.turns import Turn, Turns, cited_papers

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&^:-])")
_PRINT_STYLE = """
:root { color-scheme: light; } body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1c1917;
font: 11pt/1.5 Georgia, 'Noto Serif', serif; overflow-wrap: anywhere; } h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { margin-top: 2rem; font-size: 1.1rem; } blockquote { margin: 0.3rem 0 0.8rem; padding-left: 0.8rem;
border-left: 3px solid #ca8a04; } .quiet { color: #57534e; font-size: 0.9rem; } pre { white-space: pre-wrap;
font-size: 0.8rem; } ol, ul { padding-left: 1.4rem; } @media print { body { margin: 0; max-width: none; }
h2, li, blockquote { break-inside: avoid; } pre { break-before: page; } }
"""


def markdown(title: str, turns: Turns, note: str, t: Texts) -> str:
    """Return a conversation as Markdown."""
    parts = [f"# {_md(title)}", *(part for turn in turns for part in _turn_markdown(turn, t))]
    papers = cited_papers(turns)
    if papers:
        parts += [f"## {t.exported_sources}", "\n".join(f"- {_md(line)}" for line in formatted(papers).splitlines())]
        parts += [f"## {t.exported_bibtex}", _fenced(bibtex(papers))]
    return "\n\n".join([*parts, f"*{_md(note)}*"]) + "\n"


def _turn_markdown(turn: Turn, t: Texts) -> Iterator[str]:
    yield f"## {_md(turn.question)}"
    yield _md(answer_text(turn, t)).replace("\n", "\n\n")
    quotes = [f"> \\[{c.number}\\] {_md(source_line(c))}\n>\n> “{_md(c.quote)}”" for c in turn.citations]
    quotes += [f"- {_md(near.title)}" for near in (turn.answer.nearest if turn.answer else ())]
    yield from quotes


def answer_text(turn: Turn, t: Texts) -> str:
    """Return an answer as text with its markers, or why there is none."""
    if turn.answer:
        return turn.answer.text
    return turn.error or " ".join([*(spoken.marked for spoken in turn.sentences), t.stopped])


def answer_with_sources(turn: Turn, t: Texts) -> str:
    """Return one answer as plain text with what it cites, for a clipboard."""
    lines = [answer_text(turn, t), ""]
    lines += [f"[{c.number}] {source_line(c)}: “{' '.join(c.quote.split())}”" for c in turn.citations]
    lines += [f"- {near.title}" for near in (turn.answer.nearest if turn.answer else ())]
    return "\n".join(lines).strip() + "\n"


def _md(text: str) -> str:
    return "\n".join(_MARKDOWN.sub(r"\\\1", " ".join(line.split())) for line in text.strip().splitlines())


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}bibtex\n{text.strip()}\n{fence}"


def printable(title: str, turns: Turns, note: str, t: Texts) -> str:
    """Return a conversation as a page of HTML that prints well; nothing in it loads or acts."""
    papers = cited_papers(turns)
    body = [f"<h1 dir=auto>{_h(title)}</h1>", *(part for turn in turns for part in _turn_html(turn, t))]
    if papers:
        references = "".join(f"<li dir=auto>{_h(line)}</li>" for line in formatted(papers).splitlines())
        body += [f"<h2>{t.exported_sources}</h2><ul>{references}</ul>"]
        body += [f"<h2>{t.exported_bibtex}</h2><pre>{_h(bibtex(papers))}</pre>"]
    return (
        f'<!doctype html><html lang="{t.code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{_h(title)}</title><style>{_PRINT_STYLE}</style>'
        f'</head><body>{"".join(body)}<p class="quiet">{_h(note)}</p></body></html>'
    )


def _turn_html(turn: Turn, t: Texts) -> Iterator[str]:
    yield f"<h2 dir=auto>{_h(turn.question)}</h2>"
    yield "".join(f"<p dir=auto>{_h(line)}</p>" for line in answer_text(turn, t).splitlines())
    for citation in turn.citations:
        yield f"<p class=quiet dir=auto>[{citation.number}] {_h(source_line(citation))}</p>"
        yield f"<blockquote dir=auto>“{_h(citation.quote)}”</blockquote>"
    near = "".join(f"<li dir=auto>{_h(paper.title)}</li>" for paper in (turn.answer.nearest if turn.answer else ()))
    yield f"<p class=quiet>{t.nearest}</p><ul>{near}</ul>" if near else ""


def _h(text: str) -> str:
    return html.escape(text)
