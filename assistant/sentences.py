"""Sentences of an abstract, with their exact character offsets.

Rules, not a model: abstracts are edited English with a known set of traps (abbreviations, decimals, initials,
"et al.", numbers in brackets), and a quote must be cut at the same place every time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a text from character ``start`` up to but not including ``end``."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the piece itself."""
        return text[self.start : self.end]


_ABBREVIATIONS = frozenset(
    """e.g i.e et al vs cf fig figs eq eqs sec secs tab ref refs no nos vol pp ch approx ca resp dr mr mrs ms prof st jr
    sr inc ltd dept univ viz esp incl excl max min avg wrt w.r.t a.k.a i.i.d u.s u.k e.u ph.d m.sc b.sc a.m
    p.m""".split()
)
# A full stop, question or exclamation mark, what may close behind it, white space, and what can begin a sentence.
# Possessive, and only from the first mark of a run: a line of 100,000 dots must not take quadratic time.
_BOUNDARY = re.compile(
    r"(?<![.!?])[.!?]++[\"'”’)\]}]*+(?P<space>\s++)(?=[\"'“‘(\[{$\\]*[A-Z0-9#@\u00c0-\u024f\u0370-\uffff])"
)
# Two sentences that lost the space between them: "… results.We propose".
_GLUED = re.compile(r"(?<=[a-z]{3})[.!?](?=[A-Z][a-z]+\s)")
_STARTER = re.compile(
    r"\s+(It|We|This|These|The|In|Our|However|Its|They|Here|To|On|For|As|An|With|By|That|Then|Thus|Moreover|Finally)\b"
)
_WORD_BEFORE = re.compile(r"([^\s(\[{\"'“‘]+)$")


def split_sentences(text: str) -> list[Span]:
    r"""Return the sentences of ``text`` in order; together they cover all of it but the white space between.

    >>> text = "It gains 0.7\\%, i.e. Twice as much. Smith et al. Disagree."
    >>> [s.of(text) for s in split_sentences(text)]
    ['It gains 0.7\\%, i.e. Twice as much.', 'Smith et al. Disagree.']
    """
    ends = [m.start("space") for m in _BOUNDARY.finditer(text) if _ends_sentence(text, m.start(), m.group())]
    ends += [m.end() for m in _GLUED.finditer(text)]
    spans, start = [], 0
    for end in [*sorted(ends), len(text)]:
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + len(piece) - len(piece.lstrip())
            spans.append(Span(first, first + len(stripped)))
        start = end
    return _join_fragments(text, spans)


def _ends_sentence(text: str, mark: int, found: str) -> bool:
    if found[0] != ".":
        return True
    match = _WORD_BEFORE.search(text[max(0, mark - 40) : mark])
    word = match[1] if match else ""
    if word.lower() in _ABBREVIATIONS:
        return False
    if re.fullmatch(r"[A-Z]", word):  # an initial, unless a sentence begins behind it: "we propose X. It works"
        return bool(_STARTER.match(text, mark + 1))
    return not _inside_brackets(text, mark)


def _inside_brackets(text: str, position: int) -> bool:
    """Say whether a bracket that was opened in the last 200 characters is closed within the next 200."""
    before = text[max(0, position - 200) : position]
    depth = before.count("(") - before.count(")")
    return depth > 0 and ")" in text[position + 1 : position + 200].split("(", 1)[0]


def _join_fragments(text: str, spans: list[Span]) -> list[Span]:
    """Join what is too short to be a sentence, such as "(iii)" or a lone number, to the sentence before it."""
    joined: list[Span] = []
    for span in spans:
        if joined and len(re.findall(r"[^\W\d_]{2,}", span.of(text))) < 2:
            joined[-1] = Span(joined[-1].start, span.end)
        else:
            joined.append(span)
    return joined
