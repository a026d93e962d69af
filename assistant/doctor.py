"""The doctor: checks of everything an answer needs. It reads, it never repairs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from assistant.errors import AssistantError
from assistant.models.files import chat_model_file, digest, embedding_model_folder
from assistant.models.opening import HASHING, NONE, SCRIPTED, is_remote

if TYPE_CHECKING:
    from assistant.assistant import Assistant

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
    checks: dict[str, Callable[[Assistant], tuple[bool, str]]] = {
        "python": _python,
        "home": _home,
        "disk": _disk,
        "library": _library,
        "embedding model": _embeddings,
        "chat model": _chat,
        "index": _index,
        "network": _network,
    }
    return list(_run(assistant, checks))


def _run(assistant: Assistant, checks: dict[str, Callable[[Assistant], tuple[bool, str]]]) -> Iterator[Finding]:
    for what, check in checks.items():
        try:
            ok, text = check(assistant)
        except (AssistantError, OSError) as error:
            ok, text = False, str(error)
        yield Finding(what, ok, text)


def _python(_: Assistant) -> tuple[bool, str]:
    version = ".".join(map(str, sys.version_info[:3]))
    return sys.version_info >= (3, 11), f"{version} (3.11 or newer is needed)"


def _home(assistant: Assistant) -> tuple[bool, str]:
    writable = os.access(assistant.home, os.W_OK)
    return writable, str(assistant.home) if writable else f"{assistant.home} cannot be written; check its permissions"


def _disk(assistant: Assistant) -> tuple[bool, str]:
    free = shutil.disk_usage(assistant.home).free
    enough = free >= _LOW_DISK
    return enough, f"{free / (1 << 30):.1f} GiB free" + ("" if enough else "; free some space before adding papers")


def _library(assistant: Assistant) -> tuple[bool, str]:
    if damage := assistant.library.damage():
        return False, f"SQLite finds {damage}; restore {assistant.library.path} from a backup"
    return True, f"{assistant.library.count()} papers"


def _embeddings(assistant: Assistant) -> tuple[bool, str]:
    setting = assistant.settings.embedding_model
    if setting == HASHING:
        return True, "hashing (knows words, not meaning)"
    folder = embedding_model_folder(setting)
    return True, f"{folder} sha256:{digest(folder)[:12]}"


def _chat(assistant: Assistant) -> tuple[bool, str]:
    setting = assistant.settings.chat_model
    if setting in (NONE, SCRIPTED) or is_remote(setting):
        return True, setting
    path = chat_model_file(setting)
    if path.open("rb").read(4) != b"GGUF":
        return False, f"{path} is no GGUF file; download it again"
    return True, f"{path} sha256:{digest(path)[:12]}"


def _index(assistant: Assistant) -> tuple[bool, str]:
    folder = assistant.indexer.store.current_folder()
    manifest = assistant.indexer.store.current_manifest()
    if folder is None or manifest is None:
        empty = assistant.library.count() == 0
        return empty, "none yet" if empty else f"missing or without a manifest; {REPAIR}"
    if manifest.identity != assistant.indexer.identity:
        return False, f"built for another embedding model or chunking; {REPAIR}"
    # Opening a damaged index can end the process, so a child does it.
    check = subprocess.run(
        [sys.executable, "-m", "vectorstore.verify", str(folder)], capture_output=True, text=True, check=False
    )
    if check.returncode != 0:
        reason = (check.stderr.strip().splitlines() or [f"the check ended with {check.returncode}"])[-1]
        return False, f"damaged ({reason}); {REPAIR}"
    if manifest.library_version != assistant.library.version:
        return False, f"behind the library; {REPAIR}"
    return True, f"{manifest.papers} papers, {manifest.chunks} chunks"


def _network(_: Assistant) -> tuple[bool, str]:
    tracing = [name for name in os.environ if name.endswith(("TRACING_V2", "LANGSMITH_TRACING")) and os.environ[name]]
    return not tracing, f"{', '.join(tracing)} would send questions away; unset it" if tracing else "nothing leaves"
