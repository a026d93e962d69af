"""The manifest: what an index was built from, read before anything in it is opened."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FILE_NAME = "manifest.json"
SCHEMA = 6


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index holds.

    Attributes:
        identity: What it must share with the program to be of use: embedding model and digest, chunking.
        library_version: The library's version that it reflects.
        papers: How many papers.
        chunks: How many chunks.
        files: The checksum of every file that is never written again, by its path in the folder.
        schema: The layout of the index's files.
        model: What opens its embedding model again; empty where that is not known.
    """

    identity: dict[str, Any]
    library_version: int
    papers: int
    chunks: int
    files: dict[str, str]
    schema: int = SCHEMA
    model: dict[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the manifest into an index folder."""
        (folder / FILE_NAME).write_text(json.dumps(asdict(self), indent=2, sort_keys=True), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """Return the manifest of an index folder, or None where there is none that this program understands."""
        try:
            fields = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
            manifest = cls(**fields)
        except (OSError, ValueError, TypeError):
            return None
        return manifest if manifest.schema == SCHEMA else None
