"""Answering: from judged evidence to checked sentences with markers.

Code chooses the quotes and places the markers. In ``written`` mode the language model words one short sentence for
each quote, which is shown only if the quote supports it; otherwise the quote itself takes its place.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from langchain_core.language_models import BaseChatModel

from assistant.answer import AnswerMode, Citation, Sentence
from assistant.errors import ContextOverflowError
from assistant.evidence import Evidence, Judged, JudgedPaper
from assistant.grounding import check_claim
from assistant.prompts import Prompt
from assistant.text import one_line, readable
from assistant.words import stems

_MAX_WORDS = 75  # of an answer about one paper: three sentences of abstracts have 75 words on average
_MAX_TOKENS = 80  # of one written sentence
_SENTENCE = re.compile(r"(.+?[.!?])(?:\s|$)", re.DOTALL)


class Writer(Protocol):
    """Turns a piece of evidence into a sentence of the answer."""

    mode: AnswerMode

    def write(self, question: str, evidence: Evidence) -> Sentence:
        """Return the sentence, checked, without its markers' numbers."""
        ...


@dataclass(frozen=True, slots=True)
class QuoteWriter:
    """Answers with the sentences of the abstracts themselves."""

    mode: AnswerMode = "quoted"

    def write(self, question: str, evidence: Evidence) -> Sentence:  # noqa: ARG002
        """Return the quote, its LaTeX escapes made readable."""
        return Sentence(readable(evidence.quote), (), "quoted", 1.0)


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """Lets the language model word each sentence, and checks it.

    Attributes:
        model: Any LangChain chat model.
        prompt: With the variables of `PROMPT_VARIABLES`.
        support_threshold: Least support by the quote, 0 to 1.
    """

    model: BaseChatModel
    prompt: Prompt
    support_threshold: float
    mode: AnswerMode = "written"

    def write(self, question: str, evidence: Evidence) -> Sentence:
        """Return the model's sentence if the quote supports it, else the quote."""
        try:
            text = self._ask(question, evidence)
        except ContextOverflowError:
            text = ""
        support = check_claim(text, evidence.quote, evidence.paper.title, question) if text else None
        if support is None or support.score < self.support_threshold:
            return QuoteWriter().write(question, evidence)
        return Sentence(text, (), "supported", round(support.score, 3))

    def _ask(self, question: str, evidence: Evidence) -> str:
        messages = self.prompt.messages(
            question=question, title=evidence.paper.title, quote=readable(evidence.quote)
        )
        text = ""
        stream = self.model.stream(messages, max_tokens=_MAX_TOKENS)
        try:
            for chunk in stream:
                text += str(chunk.text)
                if _SENTENCE.match(text.strip()) and len(text.split()) > 3 and text.rstrip() != text:
                    break
        finally:
            if isinstance(stream, Generator):
                stream.close()
        match = _SENTENCE.match(one_line(text))
        return match[1] if match else ""


PROMPT_VARIABLES = {"question", "title", "quote"}


def choose_evidence(judged: Judged, max_sentences: int) -> list[Evidence]:
    """Return the quotes that an answer will rest on, in the order of the answer.

    One paper answers a question, unless it asks to compare: then each of the two best gets its say.
    """
    papers = _papers_needed(judged)
    if len(papers) > 1:
        return [e for paper in papers for e in _best(paper, 2, _MAX_WORDS)]
    return _best(papers[0], max_sentences, _MAX_WORDS) if papers else []


def _papers_needed(judged: Judged) -> Sequence[JudgedPaper]:
    if not judged.asked.comparison or len(judged.papers) < 2:
        return judged.papers[:1]
    first, *others = judged.papers[:6]
    missing = {t: w for t, w in judged.term_weights.items() if t not in _words(first)}
    total = sum(judged.term_weights.values()) or 1.0
    gains = [sum(w for t, w in missing.items() if t in _words(other)) / total for other in others]
    best = max(range(len(others)), key=lambda i: (gains[i], -i))
    return [first, others[best]] if gains[best] >= _COMPARED_GAIN else [first]


_COMPARED_GAIN = 0.1  # share of the question's words that the second paper must bring


def _words(judged: JudgedPaper) -> set[str]:
    return stems(f"{judged.paper.title} {judged.paper.abstract}")


def _best(judged: JudgedPaper, count: int, max_words: int) -> list[Evidence]:
    chosen: list[Evidence] = []
    words = 0
    for evidence in judged.evidence[:count]:
        length = len(evidence.quote.split())
        if chosen and words + length > max_words:
            continue
        chosen.append(evidence)
        words += length
    return chosen


def write_answer(
    writer: Writer, question: str, chosen: Sequence[Evidence], *, name_papers: bool
) -> Iterator[tuple[Sentence, Citation]]:
    """Yield each sentence with its marker and the citation behind it, in order.

    Args:
        writer: Words the sentences.
        question: As asked.
        chosen: The evidence, in order.
        name_papers: Put each paper's title before its first sentence, for questions that ask which work it is.
    """
    named: set[str] = set()
    for number, evidence in enumerate(chosen, start=1):
        sentence = writer.write(question, evidence)
        text = sentence.text
        if name_papers and evidence.paper.paper_id not in named:
            text = f"{evidence.paper.title}: {text}"
            named.add(evidence.paper.paper_id)
        yield replace(sentence, text=text, citations=(number,)), cite(number, evidence)


def cite(number: int, evidence: Evidence) -> Citation:
    """Return the citation of a piece of evidence."""
    paper = evidence.paper
    return Citation(
        number=number,
        paper_id=paper.paper_id,
        title=paper.title,
        authors=paper.authors,
        year=paper.year,
        venue=paper.venue,
        url=paper.url,
        doi=paper.doi,
        quote=evidence.quote,
        start=evidence.span.start,
        end=evidence.span.end,
        score=round(evidence.score, 4),
        kind=paper.kind,
    )
