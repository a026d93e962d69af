"""Files that survive a crash, and that can be told from damaged ones: syncing, replacing, checking."""

from __future__ import annotations

import os
import shutil
import zlib
from pathlib import Path

_BLOCK_BYTES = 1 << 20
_FULL_BYTES = 1 << 20  # a write that fails with less than this left has failed for want of space


def sync_file(path: Path) -> None:
    """Make what was written into a file durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    sync_file(folder)


def sync_tree(folder: Path) -> None:
    """Make every file below a folder durable, and the names of all."""
    for path in [*folder.rglob("*"), folder]:
        sync_file(path)


def write_durably(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of a file's content: at once, and when this returns it survives a crash.

    Raises:
        OSError: The disk is full or the folder cannot be written; the file is as it was.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def checksum(path: Path) -> str:
    """Return the size and the CRC-32 of a file: it tells damage, not malice, at 2.5 GB a second."""
    code = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            code = zlib.crc32(block, code)
    return f"{path.stat().st_size}:{code:08x}"


def is_full(folder: Path) -> bool:
    """Say whether next to nothing can be written below ``folder``."""
    try:
        return shutil.disk_usage(folder).free < _FULL_BYTES
    except OSError:
        return False
