"""The answer record, and the events that lead to it.

The fields are the contract: programs read them. Values only; nothing in here computes an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["answered", "abstained"]
AnswerMode = Literal["quoted", "written"]
SentenceStatus = Literal["quoted", "supported", "unsupported"]
History = tuple[tuple[str, str], ...]
"""Earlier turns as (user, assistant) texts, oldest first."""


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words of one abstract that a sentence rests on.

    Attributes:
        number: The n of ``[n]``, from 1 in order of appearance.
        paper_id: The paper's id in the library.
        title: The paper's title, exactly.
        authors: Its authors, in order.
        year: Its year, where known.
        venue: Its journal or conference, where known.
        url: Where it can be read.
        doi: Its DOI.
        quote: ``abstract[start:end]``, exactly.
        start: First character of the quote in the abstract.
        end: One past its last.
        score: How well the quote fits the question, 0 to 1.
        kind: ``"abstract"``, or ``"summary"`` where the library has only a summary in other words.
    """

    number: int
    paper_id: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    venue: str
    url: str
    doi: str
    quote: str
    start: int
    end: int
    score: float
    kind: str = "abstract"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer.

    Attributes:
        text: The sentence without its markers.
        citations: Numbers of the citations it rests on.
        status: ``"quoted"`` (it is the quote), ``"supported"`` (the model's words, which passed the check) or
            ``"unsupported"`` (they did not, and nothing could take their place).
        support: How well the quotes support it, 0 to 1; 1 for a quote.
    """

    text: str
    citations: tuple[int, ...]
    status: SentenceStatus
    support: float

    @property
    def marked(self) -> str:
        """The sentence with its ``[n]`` markers."""
        return self.text + "".join(f" [{n}]" for n in self.citations)


@dataclass(frozen=True, slots=True)
class NearPaper:
    """A paper near a question that could not be answered."""

    paper_id: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Considered:
    """What was looked at: papers in the library after filters, passages read sentence by sentence."""

    papers: int
    passages: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds: until the evidence was there, until the first checked words, until the end."""

    retrieve: float
    first_token: float
    total: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and everything that shows where it comes from; see `to_dict` for the record.

    Attributes:
        confidence: How sure it is that the library is about the question, 0 to 1: what ``answer_threshold`` is held
            against. 0 where nothing was read.
        missing: What the question asks about and the nearest paper does not mention; any of it makes it abstain.
    """

    question: str
    query: str
    status: Status
    reason: str | None
    text: str
    mode: AnswerMode
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[NearPaper, ...]
    considered: Considered
    models: Mapping[str, str]
    timings: Timings
    version: str
    confidence: float = 0.0
    missing: tuple[str, ...] = ()
    earlier: History = field(default=(), repr=False)

    @property
    def history(self) -> History:
        """This conversation so far, this turn included: what a follow-up question needs."""
        return (*self.earlier, (self.question, self.text))

    def to_dict(self) -> dict[str, Any]:
        """Return the answer record as plain JSON values."""
        record = asdict(self) | {"models": dict(self.models)}
        del record["earlier"]
        for name in ("sentences", "citations", "nearest", "missing"):
            record[name] = list(record[name])
        return record

    def __str__(self) -> str:
        """Return the answer with its sources, for a terminal."""
        lines = [self.text, ""]
        lines += [f"[{c.number}] {source_line(c)}\n    “{c.quote}”" for c in self.citations]
        if self.nearest:
            lines += ["Nearest papers:", *(f"  - {paper.title}" for paper in self.nearest)]
        return "\n".join(lines).rstrip()

    def _repr_markdown_(self) -> str:
        """Return what a notebook shows: papers' own markup as text, so that nothing of it acts or loads."""
        rows = [f"{c.number}. **{_literal(source_line(c))}** “{_literal(c.quote)}”" for c in self.citations]
        rows += [f"- {_literal(paper.title)}" for paper in self.nearest]
        return "\n\n".join([_literal(self.text), "\n".join(rows)]).strip()


_ACTIVE = re.compile(r"[!-/:-@\[-`{-~]")  # ASCII's punctuation: whatever acts in HTML, Markdown or LaTeX is among it


def _literal(text: str) -> str:
    return _ACTIVE.sub(lambda match: f"&#{ord(match[0])};", " ".join(text.split()))


def source_line(citation: Citation) -> str:
    """Return title, authors, year and venue on one line; a summary is named as one."""
    names = ", ".join(citation.authors[:3]) + (" et al." if len(citation.authors) > 3 else "")
    details = ", ".join(part for part in (names, citation.venue, str(citation.year or "")) if part)
    note = " [summary]" if citation.kind == "summary" else ""
    return citation.title + (f" ({details})" if details else "") + note


def by_paper(citations: Iterable[Citation]) -> list[list[Citation]]:
    """Return citations grouped by their papers, in order of the papers' first numbers."""
    papers: dict[str, list[Citation]] = {}
    for citation in citations:
        papers.setdefault(citation.paper_id, []).append(citation)
    return list(papers.values())


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The first event: what was searched, and the evidence, best first, before any word is written.

    ``evidence`` is numbered by rank; the numbers of an answer's citations follow their order in the text. Empty when
    the assistant is about to abstain. ``read`` has the papers that were read, best first, ``taken`` the ids of those
    that an answer would rest on.
    """

    query: str
    evidence: tuple[Citation, ...]
    considered: Considered
    read: tuple[NearPaper, ...] = ()
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """The next sentence of the answer, checked.

    Attributes:
        sentence: The sentence.
        citations: Those that appear in it for the first time.
        lead: What stands between it and the sentence before it in the answer's text.
    """

    sentence: Sentence
    citations: tuple[Citation, ...]
    lead: str = ""

    @property
    def text(self) -> str:
        """What it adds to the answer's text: all of them in a row are the text."""
        return self.lead + self.sentence.marked


@dataclass(frozen=True, slots=True)
class AnswerReady:
    """The last event: the whole answer."""

    answer: Answer


Event = EvidenceFound | SentenceReady | AnswerReady
