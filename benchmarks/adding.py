"""``python benchmarks/adding.py FILE [MODEL [HOME]]``: what adding a file takes, part by part: seconds and the peak of memory.

MODEL is an embedding model, by default ``hashing``, with which everything but the embedding shows. The library goes into
the folder HOME, by default a temporary one. Then the file is added again.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import nullcontext, suppress
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
    """Which part is running, sampled from a thread: seconds and the greatest resident memory of each.

    Beside it, the same of a child process. The system's own account of children begins with the memory of the process
    that starts them, and so tells nothing of a small child.
    """

    def __init__(self):
        self.now = "other"
        self.seconds, self.peaks, self.child_peak = Counter(), Counter(), 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def _sample(self):
        last = time.perf_counter()
        while not self._ended.wait(EVERY_S):
            part, now = self.now, time.perf_counter()
            self.seconds[part] += now - last
            self.peaks[part] = max(self.peaks[part], resident_mb("self"))
            self.child_peak = max([self.child_peak, *map(resident_mb, children())])
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


def resident_mb(process):
    try:
        pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):  # it has ended
        return 0.0
    return int(pages) * 4096 / 1e6


def children():
    """Return the numbers of the processes that write Chroma; one that is just starting still is a copy of this one."""
    numbers = []
    for thread in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            numbers += (thread / "children").read_text(encoding="ascii").split()
    return [number for number in numbers if "vectorstore.child" in command_of(number)]


def command_of(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""


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
        print(
            f"the process that writes Chroma and checks the index, beside the ranking by words: {stages.child_peak:.0f} MB"
        )
        started = time.perf_counter()
        print(assistant.add(file), f"in {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
