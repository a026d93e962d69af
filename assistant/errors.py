"""Every way the assistant can fail, each with a text that is fit to show a person.

A message is the fact with its values, then the command that mends it. Errors of third-party libraries are turned
into these in exactly one place each; whatever else is raised is a defect of ours.
"""

from __future__ import annotations

from pathlib import Path


class AssistantError(Exception):
    """The base of every error a user may see; ``str(error)`` is one line for that user."""


class SettingsError(AssistantError):
    """A setting is unknown or its value cannot be used."""


class QuestionError(AssistantError):
    """The question cannot be asked: it is empty or too long."""


class SourceError(AssistantError):
    """A whole source file cannot be read; single bad records are skipped and reported instead."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class FetchError(AssistantError):
    """What was named cannot be fetched; ``status`` is what the server answered, 0 where it did not."""

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class OutputError(AssistantError):
    """A file that a command is to write cannot be written."""


class LibraryError(AssistantError):
    """The library on disk cannot be opened or written."""


class LibraryDamagedError(LibraryError):
    """A file of the home folder is not what was written, or is gone; what can be read of it can be recovered."""


class LibraryBusyError(LibraryError):
    """Another process is changing the library."""


class BackupError(AssistantError):
    """A backup cannot be written, or cannot be read back."""


class PaperNotFoundError(LibraryError):
    """No paper of the library has this id."""

    def __init__(self, paper_id: str) -> None:
        super().__init__(f"no paper with id {paper_id!r} is in the library; see the ids with: assistant papers list")
        self.paper_id = paper_id


class SearchIndexError(LibraryError):
    """The search index is missing, damaged or made for other settings."""


class ModelError(AssistantError):
    """A model file is missing or cannot be loaded."""


class DownloadError(ModelError):
    """A model cannot be fetched: no network, no such file, no space, or another file than it should be."""


class ModelBusyError(ModelError):
    """Too many questions are waiting for the language model."""


class ContextOverflowError(ModelError):
    """A prompt does not fit into the model's context."""


class PromptError(AssistantError):
    """A prompt file is missing or names other variables than the code fills."""


class DependencyError(AssistantError):
    """An optional package is not installed."""


class ServerError(AssistantError):
    """The page cannot be served."""
