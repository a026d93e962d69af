"""The kinds of damage that a home can take, and what the doctor says of each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LIBRARY, CONVERSATIONS, TOML = "library.sqlite3", "conversations.sqlite3", "assistant.toml"


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def zero_first_page(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes(4096) + data[4096:])


def overwrite_pages(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[3 * 4096 : 6 * 4096] = bytes(range(256)) * 48
    path.write_bytes(data)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def flip_in_text(text: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        data = path.read_bytes()
        place = data.index(text)
        path.write_bytes(data[:place] + bytes([data[place] ^ 0x01]) + data[place + 1 :])

    return damage


def break_json(path: Path) -> None:
    data = path.read_bytes()
    assert b'["Ada' in data
    path.write_bytes(data.replace(b'["Ada', b"[qAda"))


def remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def swap_with(other: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        first, second = path.read_bytes(), (path.parent / other).read_bytes()
        path.write_bytes(second)
        (path.parent / other).write_bytes(first)

    return damage


def swap_shards(path: Path) -> None:
    one, other = sorted(path.parent.glob("*.npz"))[:2]
    first = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(first)


def write(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def close_file(path: Path) -> None:
    path.chmod(0)


@dataclass(frozen=True)
class Damage:
    """One kind of damage.

    Attributes:
        what: Its name.
        where: The file or folder, as a pattern below the home; the first match is damaged.
        do: Damages it.
        named: What the doctor says is wrong; empty where nothing can be seen, because what is left is sound.
        kept: Whether everything is as before after the repair; else papers may lack what only the library knew.
        aside: Where the damaged file is kept.
        other_user: Whether the commands run as somebody without special rights.
        prepare: What a command finds changed, other than the home.
    """

    what: str
    where: str
    do: Callable[[Path], None]
    named: str
    kept: bool = True
    aside: str = ""
    other_user: bool = False
    prepare: Callable[[], None] = lambda: None


def another_model() -> None:
    from assistant.models.hashing import HashingEmbeddings

    HashingEmbeddings.__init__.__defaults__ = (256,)


LOST = {"named": LIBRARY, "aside": "library.damaged-1.sqlite3"}
KEPT = {"named": CONVERSATIONS, "aside": "conversations.damaged-1.sqlite3"}
GENERATION = "index/g000002"
DAMAGES = [
    Damage("library cut short", LIBRARY, truncate, kept=False, **LOST),
    Damage("library emptied", LIBRARY, empty, kept=False, **LOST),
    Damage("library zeroed", LIBRARY, zero, kept=False, **LOST),
    Damage("library without first page", LIBRARY, zero_first_page, **LOST),
    Damage("library with pages overwritten", LIBRARY, overwrite_pages, kept=False, **LOST),
    Damage("library with a letter changed", LIBRARY, flip_in_text(b"We study sea ice"), **LOST),
    Damage("library with a broken list", LIBRARY, break_json, "record of", kept=False, aside=LOST["aside"]),
    Damage("library that says no version", LIBRARY, flip_in_text(b"version"), **LOST),
    Damage("library gone", LIBRARY, remove, named=LIBRARY, kept=False),
    Damage("library and conversations swapped", LIBRARY, swap_with(CONVERSATIONS), kept=False, **LOST),
    Damage("conversations cut short", CONVERSATIONS, truncate, **KEPT),
    Damage("conversations zeroed", CONVERSATIONS, zero, **KEPT),
    Damage("conversations without first page", CONVERSATIONS, zero_first_page, **KEPT),
    Damage("conversations with a broken record", CONVERSATIONS, flip_in_text(b'{"question"'), **KEPT),
    Damage("conversations gone", CONVERSATIONS, remove, named=""),
    Damage("CURRENT zeroed", "index/CURRENT", zero, named="index"),
    Damage("CURRENT gone", "index/CURRENT", remove, named="index"),
    Damage("CURRENT naming the generation before", "index/CURRENT", write(b"g000001"), named="behind the library"),
    Damage("CURRENT naming what is not there", "index/CURRENT", write(b"g000077"), named="index"),
    Damage("manifest cut short", f"{GENERATION}/manifest.json", truncate, named="manifest"),
    Damage("manifest zeroed", f"{GENERATION}/manifest.json", zero, named="manifest"),
    Damage("manifest with a digit changed", f"{GENERATION}/manifest.json", flip_in_text(b"40"), named="manifest"),
    Damage("words flipped", f"{GENERATION}/lexical.sqlite3", flip, named="lexical.sqlite3"),
    Damage("words gone", f"{GENERATION}/lexical.sqlite3", remove, named="lexical.sqlite3"),
    Damage("vectors flipped", f"{GENERATION}/vectors.f32", flip, named="vectors.f32"),
    Damage("vectors cut short", f"{GENERATION}/vectors.f32", truncate, named="vectors.f32"),
    Damage("postings zeroed", f"{GENERATION}/words/postings.i32", zero, named="postings.i32"),
    Damage("terms emptied", f"{GENERATION}/words/terms.txt", empty, named="terms.txt"),
    Damage("graph flipped", f"{GENERATION}/chroma/*/*/data_level0.bin", flip, named="data_level0.bin"),
    Damage("graph's pickle cut short", f"{GENERATION}/chroma/*/*/index_metadata.pickle", truncate, named="pickle"),
    Damage("graph's links gone", f"{GENERATION}/chroma/*/*/link_lists.bin", remove, named="link_lists.bin"),
    Damage("Chroma's database zeroed", f"{GENERATION}/chroma/*/chroma.sqlite3", zero, named="chroma"),
    Damage("Chroma's database cut short", f"{GENERATION}/chroma/*/chroma.sqlite3", truncate, named="chroma"),
    Damage("Chroma's database gone", f"{GENERATION}/chroma/*/chroma.sqlite3", remove, named="index"),
    Damage("Chroma gone", f"{GENERATION}/chroma", remove, named="index"),
    Damage("generation gone", GENERATION, remove, named="index"),
    Damage("index gone", "index", remove, named="index"),
    Damage("index of another embedding model", "index", lambda _: None, named="another", prepare=another_model),
    Damage("shard flipped", "embeddings/*/*.npz", flip, named=".npz"),
    Damage("shard cut short", "embeddings/*/*.npz", truncate, named=".npz"),
    Damage("shard gone", "embeddings/*/*.npz", remove, named="embeddings"),
    Damage("shards swapped", "embeddings/*/*.npz", swap_shards, named=".npz"),
    Damage("shard that is a folder", "embeddings/*/*.npz", replace_by_folder, named=".npz"),
    Damage("kept words flipped", "words/*/*.words", flip, named=".words"),
    Damage("kept words cut short", "words/*/*.words", truncate, named=".words"),
    Damage("kept words zeroed", "words/*/*.words", zero, named=".words"),
    Damage("kept words gone", "words", remove, named=""),
    Damage("settings zeroed", TOML, zero, named=TOML, aside="assistant.damaged-1.toml"),
    Damage("settings cut short", TOML, write(b'# of ours\nmode = "quo'), named=TOML, aside="assistant.damaged-1.toml"),
    Damage(
        "settings with a letter changed", TOML, flip_in_text(b"max_"), named="setting", aside="assistant.damaged-1.toml"
    ),
    Damage(
        "settings that are no text", TOML, write(bytes(range(256)) * 3), named=TOML, aside="assistant.damaged-1.toml"
    ),
    Damage("library closed", LIBRARY, close_file, named=LIBRARY, other_user=True),
    Damage("settings closed", TOML, close_file, named=TOML, other_user=True),
    Damage("shard closed", "embeddings/*/*.npz", close_file, named=".npz", other_user=True),
    Damage("kept words closed", "words/*/*.words", close_file, named=".words", other_user=True),
    Damage("vectors closed", f"{GENERATION}/vectors.f32", close_file, named="vectors.f32", other_user=True),
    Damage("index closed", "index", close_file, named="index", other_user=True),
    Damage("lock closed", "write.lock", close_file, named="write.lock", other_user=True),
]
