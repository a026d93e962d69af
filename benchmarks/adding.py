"""``python benchmarks/adding.py FILE [MODEL [HOME]]``: what adding a file takes, part by part: seconds and the peak of memory.

MODEL is an embedding model, by default ``hashing``, with which everything but the embedding shows. The library goes into
the folder HOME, by default a temporary one. Then the file is added again.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

from assistant.assistant import Assistant
from vectorstore import index
from vectorstore.graph import GraphProcess

PARTS = (
    (index.bm25, "write", "ranking by words"), (index.LexicalIndex, "add", "words and phrases"),
    (GraphProcess, "wait", "Chroma, beyond that"),
)  # fmt: skip
EVERY_S = 0.05


class Stages:
    """Which part is running, sampled from a thread: seconds and the greatest resident memory of each."""

    def __init__(self):
        self.now = "other"
        self.seconds, self.peaks = Counter(), Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self):
        last = time.perf_counter()
        while not self._ended.wait(EVERY_S):
            part, now = self.now, time.perf_counter()
            self.seconds[part] += now - last
            self.peaks[part] = max(self.peaks[part], resident_mb())
            last = now

    def mark(self, owner, name, part):
        function = getattr(owner, name)

        def marked(*args, **options):
            before, self.now = self.now, part
            try:
                return function(*args, **options)
            finally:
                self.now = before

        setattr(owner, name, marked)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


def resident_mb():
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4096 / 1e6


def main(file, model="hashing", kept=None):
    stages = Stages()
    with (
        nullcontext(kept) if kept else tempfile.TemporaryDirectory() as home,
        Assistant.open(home, settings={"embedding_model": model, "chat_model": "none"}) as assistant,
    ):
        for part in (*PARTS, (type(assistant.encoder), "encode_and_read", "embedding")):
            stages.mark(*part)

        def progress(what, done, total):
            if stages.now in ("other", "reading", "chunks and shards"):
                stages.now = {"reading": "reading", "embedding": "chunks and shards"}.get(what, "other")
            if what == "embedding" and done == total:
                stages.now = "other"

        assistant.encoder.encode(["The model is loaded and compiled before it is timed."])
        started = time.perf_counter()
        stages.now = "reading"
        with stages:
            print(assistant.add(file, progress=progress))
        wall_s = time.perf_counter() - started
        for part, seconds in stages.seconds.most_common():
            print(f"{part:20} {seconds:7.1f} s {seconds / wall_s:6.1%}   peak {stages.peaks[part]:5.0f} MB")
        child_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            "Chroma is written, and all of it checked, in a process of its own, beside the ranking by words; peak of that "
            f"or, where it was made just now, of what compiled the model: {child_mb:.0f} MB"
        )
        started = time.perf_counter()
        print(assistant.add(file), f"in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
