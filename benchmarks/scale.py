"""How time, memory and disk grow with the library, and what that says of one that is larger still.

    python benchmarks/scale.py FOLDER [PAPERS ...]

Libraries of made-up papers (10,000, 59,000 and 250,000 by default) go into FOLDER one after the other, which
needs about 20 KB of disk a paper, and are removed again. Their words are drawn as words of a language are (a few often,
most hardly ever), 150 a paper; their vectors, 384 numbers, around some thousand subjects. What embedding costs is a
constant for each text, which `adding.py` measures, and so are the 13 KB of the vectors of a paper's words, of which only a
few are made here. Each library is added in a process of its own and searched in another. What a million papers would take
is the straight line through the two largest.
"""

from __future__ import annotations

import json
import math
import random
import resource
import shutil
import subprocess
import sys
import time
import zlib
from itertools import accumulate
from pathlib import Path

import numpy as np
from adding import Stages

from assistant.assistant import Assistant
from assistant.filters import filters_from
from assistant.models.hashing import HashingEmbeddings

SIZES, PROJECTED = (10_000, 59_000, 250_000), (1_000_000,)
WORDS, VOCABULARY = 150, 200_000
QUERIES = 100
DIMENSION, SUBJECTS, READ = 384, 3_000, 8
SETTINGS = {"embedding_model": "hashing", "chat_model": "none"}
VENUES = [f"Venue {number}" for number in range(40)]


class Drawn(HashingEmbeddings):
    """Vectors around one of some thousand subjects, drawn by the text; words are read as `HashingEmbeddings` reads them."""

    def __init__(self):
        super().__init__(DIMENSION)
        self.subjects = np.random.default_rng(0).normal(size=(SUBJECTS, DIMENSION)).astype(np.float32)

    def encode_and_read(self, texts, reader, role="document"):
        if role == "query":
            return super().encode_and_read(texts, reader, role)
        rows = np.empty((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            code = zlib.crc32(text.encode())
            row[:] = self.subjects[code % SUBJECTS] + np.random.default_rng(code).normal(size=DIMENSION)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        few = [" ".join(text.split()[:READ]) for text in texts]
        return rows, list(map(reader, few, self.encode_tokens(few)))


def vocabulary(draw):
    """Return made-up words and how often each is used, by Zipf's law."""
    syllables = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
    words = {"".join(draw.choices(syllables, k=draw.randint(2, 5))) for _ in range(VOCABULARY)}
    ordered = sorted(words)
    draw.shuffle(ordered)
    return ordered, list(accumulate(1 / rank for rank in range(1, len(ordered) + 1)))


def sentences(draw, words, often):
    drawn = draw.choices(words, cum_weights=often, k=WORDS)
    return " ".join(" ".join(drawn[n : n + 15]).capitalize() + "." for n in range(0, WORDS, 15))


def write_papers(path, count):
    """Write made-up papers as JSON lines."""
    draw = random.Random(0)
    words, often = vocabulary(draw)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            paper = {
                "id": f"made-up:{number}",
                "title": f"{' '.join(draw.choices(words, cum_weights=often, k=8)).capitalize()} {number}",
                "abstract": sentences(draw, words, often),
                "authors": [" ".join(draw.choices(words, k=2)).title() for _ in range(3)],
                "year": draw.randint(1990, 2026),
                "venue": draw.choice(VENUES),
            }
            file.write(json.dumps(paper) + "\n")


def add(home, file):
    """Add a file; print seconds by part, and the peak of memory."""
    stages = Stages()
    with Assistant.open(home, settings=SETTINGS) as assistant, stages:
        assistant.encoder = Drawn()
        stages.mark(type(assistant.encoder), "encode_and_read", "embedding")
        started = time.perf_counter()
        report = assistant.add(file)
        taken = time.perf_counter() - started
    assert report.papers == report.added
    known = {"adding, s": taken - stages.seconds["embedding"], "adding, peak MB": max(stages.peaks.values())}
    print(json.dumps(known | {"writing Chroma, peak MB": stages.child_peak}))


def search(home):
    """Print how long the first search and those after it take, and the memory at the end."""
    draw = random.Random(1)
    words, often = vocabulary(random.Random(0))
    started = time.perf_counter()
    with Assistant.open(home, settings=SETTINGS) as assistant:
        assistant.encoder = Drawn()
        retriever = assistant.retriever()
        retriever.rank("first", 10)
        found = {"first search, s": time.perf_counter() - started}
        for name, filters in (("search", None), ("search since 2019", filters_from("2019.."))):
            taken = []
            for _ in range(QUERIES):
                query = " ".join(draw.choices(words, cum_weights=often, k=8))
                started = time.perf_counter()
                retriever.rank(query, 10, *([filters] if filters else []))
                taken.append(1000 * (time.perf_counter() - started))
            found |= {f"{name}, p{n} ms": float(np.percentile(taken, n)) for n in (50, 95)}
    print(json.dumps(found | {"searching, peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def megabytes(path):
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def measured(folder, count):
    """Return what a library of so many papers takes, by name."""
    home, file = folder / f"library-{count}", folder / f"papers-{count}.jsonl"
    shutil.rmtree(home, ignore_errors=True)
    write_papers(file, count)
    found = {}
    for arguments in (("add", home, file), ("search", home)):
        child = subprocess.run(
            [sys.executable, __file__, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True
        )
        found |= json.loads(child.stdout)
    found["library, MB"] = megabytes(home / "library.sqlite3")
    found |= {f"{part}, MB": megabytes(home / part) for part in ("index", "embeddings")}
    shutil.rmtree(home)
    file.unlink()
    return found


def main(folder, *counts):
    sizes = sorted(map(int, counts)) or list(SIZES)
    Path(folder).mkdir(parents=True, exist_ok=True)
    columns = {}
    for size in sizes:
        columns[size] = measured(Path(folder), size)
        print(f"{size:,}", columns[size], flush=True)
    if len(sizes) > 1:
        (less, few), (more, many) = [(size, columns[size]) for size in sizes[-2:]]
        for size in PROJECTED:
            columns[size] = {k: few[k] + (many[k] - few[k]) * (size - less) / (more - less) for k in many}
            columns[size] |= {k: math.nan for k in many if many[k] < few[k]}  # what runs differ by, no growth
    print("| |", " | ".join(f"{'' if size in sizes else 'projected '}{size:,}" for size in columns), "|")
    print("|---|" + "---|" * len(columns))
    for name in columns[sizes[0]]:
        print(f"| {name} |", " | ".join(f"{column[name]:,.3g}" if column[name] < 100 else f"{column[name]:,.0f}" for column in columns.values()), "|")  # fmt: skip


if __name__ == "__main__":
    commands = {"add": add, "search": search}
    command = commands.get(sys.argv[1]) if len(sys.argv) > 1 else None
    command(*map(Path, sys.argv[2:])) if command else main(*sys.argv[1:])
