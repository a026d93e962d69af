"""What a register answers about one paper, read by the reader of its format."""

from __future__ import annotations

from assistant.papers import Paper
from assistant.sources import read_documents
from assistant.sources.files import Document

MAX_BYTES = 8 << 20
"""Of an answer about one paper."""


def paper_in(data: bytes, name: str, source: str, format_name: str | None = None) -> Paper | str:
    """Return the first paper in an answer, or why there is none.

    Args:
        data: The answer.
        name: What a file of this content would be called.
        source: What the paper is to say that it is from.
        format_name: What to read the answer as; by default its content tells.
    """
    reason = "no abstract"
    for found in read_documents([Document.held(data, name, source)], format_name):
        if isinstance(found, Paper):
            return found
        reason = found.reason
    return reason
