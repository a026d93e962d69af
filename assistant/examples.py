"""Example questions for a first look, made of a library's own papers; each is asked before it is offered.

Proposes and chooses; who answers is handed in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from assistant.answer import Answer
from assistant.papers import Paper
from assistant.text import one_line, shorten
from vectorstore.terms import STOP_WORDS

Ask = Callable[[str], Answer]

_TRIED = 6  # questions of each kind that are asked at most: somebody waits for them
_SHARED_BY = 3, 0.04  # titles with a topic that is asked for, at least, and the most of all titles: not what all share
_TITLE_CHARACTERS = 90
_WORD = re.compile(r"[^\W\d_]{3,}", re.UNICODE)
_NO_ARTICLE = re.compile(
    r"(s|ing|ion|ity|[ae]nce|ment)$"
)  # several things or none to count: "about bees", not "about bee"
_SAYS_LITTLE = frozenset("using based via towards toward approach case novel study new task shared system".split())


def example_questions(papers: Sequence[Paper], ask: Ask, count: int) -> list[str]:
    """Return at most ``count`` questions that ``ask`` answers: first one for several papers, then for one paper each.

    Args:
        papers: From all over the library.
        ask: Answers a question; what it refuses, or answers from another paper than the question is made of, is not
            returned.
        count: How many questions at most.
    """
    topics = (f"Which papers are about {topic}?" for topic in shared_topics(papers))
    several = (question for question in islice(topics, _TRIED) if len(_cited(ask(question))) > 1)
    chosen = list(islice(several, min(1, count)))
    step = max(1, len(papers) // _TRIED)
    proposed = ((about(paper.title), paper.paper_id) for paper in papers[step // 2 :: step])
    single = (question for question, paper_id in proposed if _cited(ask(question))[:1] == [paper_id])
    return chosen + list(islice(single, count - len(chosen)))


def about(title: str) -> str:
    """Return a question about the paper of this title.

    >>> about("UniAP: Towards Universal Animal Perception in Vision via Few-shot Learning")
    'How does UniAP work?'
    """
    name, colon, _ = title.partition(":")
    if colon and len(name.split()) == 1:
        return f"How does {name} work?"
    return f"What is “{shorten(one_line(title), _TITLE_CHARACTERS)}” about?"


def shared_topics(papers: Sequence[Paper]) -> list[str]:
    """Return pairs of words that several titles share, those of most titles first; of as many, the earlier one."""
    counts = Counter(pair for paper in papers for pair in dict.fromkeys(_pairs(paper.title)))
    least, part = _SHARED_BY
    return [pair for pair, shared in counts.most_common() if least <= shared <= max(least, part * len(papers))]


def _pairs(title: str) -> Iterator[str]:
    """Yield the last two words of each row of words that say something: the whole ends there, as in "language models".

    >>> list(_pairs("Large Language Models for Neural Machine Translation: A Language Model"))
    ['language models', 'machine translation']
    """
    row, end = list[str](), -1
    for word in (*_WORD.finditer(title.lower()), None):
        goes_on = word is not None and title[end : word.start()] == " " and not _is_little(word.group())
        if not goes_on and len(row) > 1 and _NO_ARTICLE.search(row[-1]):
            yield " ".join(row[-2:])
        if word is not None:
            row = [*row, word.group()] if goes_on else [word.group()] * (not _is_little(word.group()))
            end = word.end()


def _is_little(word: str) -> bool:
    return word in STOP_WORDS or word in _SAYS_LITTLE


def _cited(answer: Answer) -> list[str]:
    """Return the ids of the papers that an answer cites, in order; none of one that was refused."""
    return list(dict.fromkeys(citation.paper_id for citation in answer.citations))
