"""Comparison: a question about two works, asked once for each of its sides.

"What do X and Y each adjust?" finds neither paper well and votes for no sentence of either; "What does X adjust?" does.
Knows questions and judged papers; searching is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from assistant.evidence import Judged, JudgedPaper, Query
from assistant.questions import coordinated, mentions

Judge = Callable[[Query], Judged]

_LONGEST = 500  # characters; a longer text is pasted, and its words could be cut in very many ways
_WORK = r"(?:work|paper|study|article|method|model|approach|project|system)"
# "One work does this, another that. What does each …?"
_DESCRIBED = re.compile(
    rf"^(?P<lead>.*?)\bone (?:{_WORK}|of them)?\b(?P<one>.+?)[,;]?\s+(?:and |while |whereas |but )?"
    rf"(?:another|the other|a second)(?: one| {_WORK})?\b(?P<other>.+?)[.;?:]\s*(?P<rest>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_TERM = r"[\w\-@]+(?:\.[\w\-@]+)*"
_SIDE = rf"{_TERM}(?: {_TERM}){{0,4}}?"
_BETWEEN = re.compile(
    rf"\b(?:differences? between|compare|comparison (?:of|between))\s+(?:the )?({_SIDE})\s+"
    rf"(?:and|with|to|versus|vs\.?)\s+(?:the )?({_SIDE})\s*(?=[?.,;]|$)|"
    rf"\bhow do(?:es)?\s+(?:the )?({_SIDE})\s+"
    rf"(?:(?:and|versus|vs\.?)\s+(?:the )?({_SIDE})\s+(?:differ|compare|relate)\b|"
    rf"(?:differ from|compare (?:to|with))\s+(?:the )?({_SIDE})\s*(?=[?.,;]|$))|"
    rf"^\W*({_SIDE})\s+(?:versus|vs\.?)\s+({_SIDE})\s*[?.]?$",
    re.IGNORECASE,
)
_AND = r"(?:and|or|nor|with|versus|vs\.?)"


def sides(question: str) -> tuple[str, ...]:
    """Return a comparison of works that are described, or of two topics, as one question for each; else nothing.

    >>> sides("One work sorts lists, another draws maps. Which data does each use?")
    ('sorts lists. Which data does each use?', 'draws maps. Which data does each use?')
    >>> sides("How do bi-encoders and cross-encoders differ?")
    ('bi-encoders', 'cross-encoders')
    """
    if len(question) > _LONGEST:
        return ()
    if match := _DESCRIBED.match(question):
        return tuple(f"{match[part].strip()}. {match['rest']}" for part in ("one", "other"))
    if match := _BETWEEN.search(question):
        return tuple(part.strip() for part in match.groups() if part)
    return ()


def compared(judged: Judged, judge: Judge) -> list[JudgedPaper]:
    """Return the papers that a comparison is about, each judged for its own side, in the order of the question.

    Empty where the question compares nothing, or one paper speaks of both sides.
    """
    named = _named(judged)
    if named:
        return _in_order(judged.query.question, [(name, _for_name(judged, name, named, judge)) for name in named])
    found: dict[str, JudgedPaper] = {}
    for side in sides(judged.query.question) if not judged.query.papers else ():
        papers = judge(replace(judged.query, question=side, text=side)).papers
        for paper in papers[:1]:
            found.setdefault(paper.paper.paper_id, paper)
    return list(found.values()) if len(found) > 1 else []


def _named(judged: Judged) -> list[str]:
    """Return the names of a question that stand for its sides: what the best paper does not mention, and what it does.

    Two names of one paper, as in "on VQA and NLVR2", are no comparison.
    """
    question, names = judged.query.question, judged.asked.names
    if not judged.papers or not names:
        return []
    text = judged.papers[0].paper.text
    strange = [name for name in names if not mentions(text, name)]
    own = [name for name in names if name not in strange] or _joined_title_words(question, strange, judged.papers[0])
    joined = [s for s in strange if judged.asked.beside or any(coordinated(question, s, o) for o in own)]
    return [*own[:1], *joined] if own and joined else []


def _joined_title_words(question: str, strange: Sequence[str], paper: JudgedPaper) -> list[str]:
    words = re.findall(r"[\w\-]{4,}", paper.paper.title)
    return [word for word in words if any(coordinated(question, word, name) for name in strange)]


def _for_name(judged: Judged, name: str, names: Sequence[str], judge: Judge) -> JudgedPaper | None:
    """Return the best paper that mentions a name, judged without the names of the other sides."""
    side = without(judged.query.question, [other for other in names if other != name])
    papers = judge(replace(judged.query, question=side, text=side)).papers
    return next((paper for paper in papers if mentions(paper.paper.text, name)), None)


def without(question: str, names: Iterable[str]) -> str:
    """Return a question without some names and what joins them to others.

    >>> without("What do CoRe and TexForce each adjust?", ["TexForce"])
    'What do CoRe each adjust?'
    """
    for name in names:
        bare = rf"{re.escape(name)}(?:'s)?(?!\w)"
        before = rf"(?:\s*,\s*(?:{_AND}\s+)?|\s+{_AND}\s+)(?:the\s+)?{bare}"
        question, count = re.subn(before, " ", question, count=1)
        if not count:
            question = re.sub(rf"(?<!\w){bare}(?:\s*,)?(?:\s+{_AND}\b)?", " ", question, count=1)
    question = re.sub(r"\b(both|between|either)\b", " ", question)
    return re.sub(r"\s+([?.,:;])", r"\1", re.sub(r"\s+", " ", question)).strip()


def _in_order(question: str, found: Sequence[tuple[str, JudgedPaper | None]]) -> list[JudgedPaper]:
    """Return the papers in the order their names have in the question, each once; nothing unless there are two."""
    ordered = sorted(found, key=lambda pair: question.find(pair[0]))
    papers = {paper.paper.paper_id: paper for _, paper in reversed(ordered) if paper is not None}
    kept = [paper for _, paper in ordered if paper is not None and papers.pop(paper.paper.paper_id, None) is not None]
    return kept if len(kept) > 1 else []
