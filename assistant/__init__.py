"""An offline assistant that answers questions about a person's own library of paper abstracts.

    from assistant import Assistant

    assistant = Assistant.open()
    assistant.add("papers.jsonl")
    print(assistant.ask("Does dense retrieval beat BM25 out of domain?"))

The modules in the order of the data: sources → papers → library → chunking → models → indexing → retrieval →
interaction → evidence → sufficiency → answering → writing → grounding → answer. Nothing heavy is imported here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.adding import AddReport
    from assistant.answer import Answer, AnswerReady, Citation, Event, EvidenceFound, History, Sentence, SentenceReady
    from assistant.assistant import Assistant
    from assistant.errors import AssistantError
    from assistant.filters import Filters
    from assistant.papers import Paper
    from assistant.restoring import restore
    from assistant.retrieval import SearchResult
    from assistant.settings import Settings

_HOMES = {
    "AddReport": "adding",
    "Answer": "answer",
    "AnswerReady": "answer",
    "Assistant": "assistant",
    "AssistantError": "errors",
    "Citation": "answer",
    "Event": "answer",
    "EvidenceFound": "answer",
    "Filters": "filters",
    "History": "answer",
    "Paper": "papers",
    "SearchResult": "retrieval",
    "Sentence": "answer",
    "SentenceReady": "answer",
    "Settings": "settings",
    "restore": "restoring",
}

__all__ = [
    "AddReport",
    "Answer",
    "AnswerReady",
    "Assistant",
    "AssistantError",
    "Citation",
    "Event",
    "EvidenceFound",
    "Filters",
    "History",
    "Paper",
    "SearchResult",
    "Sentence",
    "SentenceReady",
    "Settings",
    "restore",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that ``--help`` stays quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
