"""The doctor: checks of everything an answer needs. It reads, it never repairs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant import trial
from assistant.conversations import FILE_NAME as CONVERSATIONS
from assistant.conversations import Conversations
from assistant.database import damaged
from assistant.errors import AssistantError, SettingsError
from assistant.indexing import index_errors
from assistant.models.embeddings import named
from assistant.models.files import chat_model_file
from assistant.models.opening import NONE, SCRIPTED, is_remote
from assistant.quiet import TRACING
from assistant.repair import closed_files
from vectorstore import StoreError

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.reembedding import Work

_LOW_DISK = 1 << 30
REPAIR = "run: assistant doctor --repair"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: whether it is right, and what it is or what to do."""

    what: str
    ok: bool
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def examine(assistant: Assistant) -> list[Finding]:
    """Return what was found, in the order of the way of a paper."""
    home = assistant.home
    return [
        *_surroundings(home),
        _finding("library", lambda: _library(assistant)),
        _finding("conversations", lambda: _conversations(home)),
        _finding("embedding model", lambda: _embeddings(assistant)),
        _finding("chat model", lambda: _chat(assistant)),
        _finding("embeddings", lambda: _shards(assistant)),
        _finding("words", lambda: _words(assistant)),
        _finding("index", lambda: _index(assistant)),
    ]


def examine_unopened(home: Path, error: AssistantError) -> list[Finding]:
    """Return what can be found where the library in ``home`` could not be opened because of ``error``."""
    what = "settings" if isinstance(error, SettingsError) else "library"
    conversations = _finding("conversations", lambda: _conversations(home))
    return [*_surroundings(home), Finding(what, False, str(error)), conversations]


def _surroundings(home: Path) -> list[Finding]:
    return [
        _finding("python", _python),
        _finding("home", lambda: _home(home)),
        _finding("disk", lambda: _disk(home)),
        _finding("network", _network),
    ]


def _finding(what: str, check: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        with index_errors():
            ok, text = check()
    except (AssistantError, OSError) as error:
        ok, text = False, str(error)
    return Finding(what, ok, text)


def _python() -> tuple[bool, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    return sys.version_info >= (3, 11), f"{version} (3.11 or newer is needed)"


def _home(home: Path) -> tuple[bool, str]:
    if not home.is_dir() or not os.access(home, os.W_OK):
        return False, f"{home} cannot be written; check its permissions or choose another with --home"
    if closed := closed_files(home):
        more = f" and {len(closed) - 1} others" if len(closed) > 1 else ""
        return False, f"{closed[0]}{more} cannot be read and written; {REPAIR}"
    return True, str(home)


def _disk(home: Path) -> tuple[bool, str]:
    free = shutil.disk_usage(next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())).free
    enough = free >= _LOW_DISK
    return enough, f"{free / (1 << 30):.1f} GiB free" + ("" if enough else "; free some space before adding papers")


def _library(assistant: Assistant) -> tuple[bool, str]:
    if damage := assistant.library.damage():
        return False, str(damaged(assistant.library.path, damage))
    return True, f"{assistant.library.count()} papers"


def _conversations(home: Path) -> tuple[bool, str]:
    if not (home / CONVERSATIONS).exists():
        return True, "none yet"
    with closing(Conversations(home)) as conversations:
        if damage := conversations.damage():
            return False, str(damaged(conversations.path, damage))
        return True, f"{conversations.count()} conversations"


def _shards(assistant: Assistant) -> tuple[bool, str]:
    shards, manifest = assistant.indexer.shards, assistant.store.current_manifest()
    kept, damaged_shards = shards.check()
    if damaged_shards:
        more = f" and {len(damaged_shards) - 1} others" if len(damaged_shards) > 1 else ""
        return False, f"{damaged_shards[0]}{more} is not what was written; to embed its texts again, {REPAIR}"
    if manifest and assistant.indexer.is_current() and (lacking := assistant.indexer.lacking(kept)):
        return False, f"those of {lacking} of {manifest.papers} papers are gone; to make them again, {REPAIR}"
    return True, f"{len(kept)} kept" if len(kept) else "none yet"


def _words(assistant: Assistant) -> tuple[bool, str]:
    words = (assistant.reembedding.old() or assistant.indexer).words  # those that a search reads now
    if damaged_files := words.check():
        more = f" and {len(damaged_files) - 1} others" if len(damaged_files) > 1 else ""
        return False, f"{damaged_files[0]}{more} is not what was written; to read its papers again, {REPAIR}"
    words.load()
    keys = list[int]()
    with suppress(StoreError):  # a damaged index is told of where it is looked at
        keys = assistant.store.words_keys()
    if lacking := sum(key not in words for key in keys):
        return True, f"of {lacking} papers they are not kept, and a search reads these; to keep them, {REPAIR}"
    return True, f"of {len(keys) or len(words)} papers kept" if len(words) else "none yet"


def _embeddings(assistant: Assistant) -> tuple[bool, str]:
    encoder = assistant.encoder
    norm = float(np.linalg.norm(encoder.encode_query("Which papers are in this library?")))
    if not 0.99 < norm < 1.01:
        return False, f"{encoder.name} gives vectors of length {norm:.2f} instead of 1; choose another embedding_model"
    return True, f"{named(encoder)}, computed by {encoder.description}"


def _chat(assistant: Assistant) -> tuple[bool, str]:
    setting = assistant.settings.chat_model
    if is_remote(setting):
        return True, f"{setting} (questions and evidence are sent to it)"
    if setting in (NONE, SCRIPTED):
        return True, setting
    # A file that llama.cpp cannot use, or a llama.cpp that this processor cannot run, may end the process.
    if failed := trial.failure("assistant.models.verify", chat_model_file(setting)):
        return False, failed
    return True, assistant.models["chat"]


def _index(assistant: Assistant) -> tuple[bool, str]:
    folder, manifest = assistant.store.current_folder(), assistant.store.current_manifest()
    if folder is None or manifest is None:
        empty = assistant.library.count() == 0
        return empty, "none yet" if empty else f"missing or without a manifest; {REPAIR}"
    if failed := trial.failure("vectorstore.verify", folder):  # opening a damaged index can end the process
        return False, f"damaged ({failed}); {REPAIR}"
    if (old := assistant.reembedding.old()) is not None:
        return _of_another_model(named(old.encoder), named(assistant.encoder), assistant.reembedding.work)
    if manifest.identity != assistant.indexer.identity:
        return False, f"built for another embedding model or chunking; {REPAIR}"
    if manifest.library_version != assistant.library.version:
        return False, f"behind the library; {REPAIR}"
    if assistant.store.indexed() != assistant.library.hashes():
        return False, f"holds other papers than the library; {REPAIR}"
    return True, f"{manifest.papers} papers, {manifest.chunks} chunks"


def _of_another_model(old: str, new: str, work: Work | None) -> tuple[bool, str]:
    text = f"built for {old}, which answers until it is made for {new}"
    if work is None:
        return False, f"{text}: assistant serve does that beside the answers; to do it at once, {REPAIR}"
    return not work.failure, f"{text}; {work}"


def _network() -> tuple[bool, str]:
    tracing = [name for name in TRACING if os.environ.get(name)]
    return not tracing, f"{', '.join(tracing)} would send questions away; unset it" if tracing else "nothing leaves"
