"""Conversation: from a question asked in the middle of one to a question that stands alone.

A follow-up leaves out what was said before; what it needs is put back behind it, so that it can be searched and shown.
"""

from __future__ import annotations

import re

from assistant.answer import History
from assistant.words import content_words

_MARKERS = re.compile(r"\s*\[\d+\]")
_REFERS = re.compile(
    r"\b(it|its|it's|they|them|their|that|those|this|these|there|he|she|one|ones|former|latter|first|second|third|same|"
    r"other|others|else|also|too|instead|so|then|both)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"^\s*(and|but|so|or|what about|how about|why|how come|then|also|no[,.]|yes[,.])\b", re.IGNORECASE
)
_SHORT = 6  # content words; a question with fewer seldom names its subject anew
_WORDS_KEPT = 60  # of the last answer: the model reads 256 tokens


def standalone(question: str, history: History) -> str:
    """Return ``question`` as it can be searched without the conversation.

    A question that refers to something, continues a sentence or is very short gets the last turn put before it. One
    that stands alone is left as it is, so a change of topic carries nothing along.
    """
    if not history or not is_follow_up(question):
        return question
    asked, answered = history[-1]
    context = " ".join(_MARKERS.sub("", answered).split()[:_WORDS_KEPT])
    return f"{asked.strip()} {context} {question}".strip()


def is_follow_up(question: str) -> bool:
    """Say whether a question, asked after others, leans on them.

    >>> is_follow_up("And on Gossipcop?"), is_follow_up("Which loss is it trained with?")
    (True, True)
    >>> is_follow_up("What tasks was the universal animal perception model UniAP evaluated on?")
    False
    """
    return bool(_CONTINUES.match(question) or _REFERS.search(question)) or len(content_words(question)) < _SHORT
