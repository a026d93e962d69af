"""What the fault trials share: papers, workers that can be killed, and a look at what a home holds.

A worker is forked from a process that has everything imported and has opened nothing, so that a trial takes half a
second and not five. It calls what the command line calls; the index is verified in a process of its own, as always.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import chromadb  # noqa: F401 - imported once, before the workers are forked

from assistant import trial
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.doctor import examine
from assistant.papers import Paper
from assistant.quiet import quiet
from vectorstore import StoreError, child, store
from vectorstore.graph import GraphProcess

SETTINGS = {"embedding_model": "hashing", "chat_model": "none"}
TOPICS = ("dense retrieval", "honey bees", "protein folding", "sea ice", "graph colouring", "speech codecs", "tax law")
METHODS = ("transformers", "field surveys", "Monte Carlo sampling", "linear programs", "interviews")

Tell = Callable[[str, Any], None]
"""Reports something to the parent: what, and a value."""


def name(number: int) -> str:
    """Return a word that no other paper has, so that a search for it must find this one."""
    code = zlib.crc32(str(number).encode())
    syllables = ("bdfgklmnprstvzhw"[code >> 4 * n & 0xF] + "aeio"[code >> n & 3] for n in range(8))
    return "".join(syllables).title()


def paper(number: int, version: int = 0) -> Paper:
    """Return a paper; each version has a fuller abstract than the one before, so that it takes its place."""
    topic, method = TOPICS[number % len(TOPICS)], METHODS[number % len(METHODS)]
    more = "".join(f" Addendum {n} reports run {number * 7 + n} in full." for n in range(1, version + 1))
    return Paper(
        title=f"{name(number)}: on {topic} with {method}, part {number}",
        abstract=f"We study {topic} in setting {number} and call it {name(number)}. Our approach relies on {method}, i.e. on known tools. "
        f"In {100 + number} experiments the error falls by {number % 90 + 0.5}%. Code number {number} is released.{more}",
        authors=(f"Ada Author{number % 4}", "Émile Côté"),
        year=2000 + number % 25,
        venue=("EMNLP", "Journal of Trees", "")[number % 3],
    )


def write_jsonl(path: Path, papers: list[Paper]) -> Path:
    """Write papers into a source file."""
    records = [{k: v for k, v in p.to_dict().items() if k != "paper_id"} for p in papers]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def open_home(home: Path) -> Assistant:
    """Open a home without models of language and with an embedding model that takes no time."""
    return Assistant.open(home, settings=SETTINGS)


class ForkedGraph(GraphProcess):
    """The process that writes Chroma and checks an index, forked from one that has everything imported.

    A trial as another user needs it, who may not read where Python lies; and it starts in no time.
    """

    def __init__(self, folder: Path) -> None:
        self._said = tempfile.TemporaryFile(dir=folder.parent)  # noqa: SIM115 - closed with the context
        (asked, asks), (tells, told), parent = os.pipe(), os.pipe(), os.getpid()
        pid = os.fork()
        if pid == 0:
            try:
                for number, end in enumerate((asked, told, self._said.fileno())):
                    os.dup2(end, number)
                os.closerange(3, 4096)
                sys.stdin, sys.stderr = open(0, closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
                child.run(folder, parent)
                os._exit(0)
            except BaseException:  # noqa: BLE001 - told, and ended with
                traceback.print_exc(file=sys.stderr)
                sys.stderr.flush()
            finally:
                os._exit(1)
        os.close(asked)
        os.close(told)
        self._process = Forked(pid)
        self._asks, self._tells = os.fdopen(asks, "w"), os.fdopen(tells, errors="replace")
        self._answers = SimpleQueue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()


@dataclass
class Forked:
    """As much of `subprocess.Popen` as a `GraphProcess` needs."""

    pid: int
    status: int | None = None

    def kill(self) -> None:
        """End it."""
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Return its exit status, below zero a signal."""
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


def _failure(_module: str, path: Path) -> str:
    try:
        with ForkedGraph(path) as graph:
            graph.start_verifying()
            graph.wait(lambda: None)
    except StoreError as error:
        return str(error)
    return ""


@dataclass
class Worker:
    """A forked process that runs a function, and what it has reported so far.

    Attributes:
        pid: The process.
        told: What it reported, in order.
    """

    pid: int
    told: list[tuple[str, Any]] = field(default_factory=list)
    _pipe: int = -1
    _unread: bytes = b""

    @classmethod
    def start(cls, function: Callable[[Tell], Any]) -> Worker:
        """Run ``function`` in a process of its own; it is handed what reports to this one."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid:
            os.close(writing)
            return cls(pid, _pipe=reading)
        os.close(reading)
        code = 1

        def tell(what: str, value: Any = None) -> None:
            os.write(writing, json.dumps([what, value]).encode() + b"\n")

        try:
            tell("result", function(tell))
            code = 0
        except BaseException as error:  # noqa: BLE001 - everything is for the parent to judge
            tell("error", [type(error).__name__, str(error), traceback.format_exc()])
        finally:
            sys.stdout.flush()
            os._exit(code)

    def read(self, seconds: float) -> bool:
        """Take in what is reported within some seconds; say whether the process goes on."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._pipe], [], [], left)[0]:
                return True
            data = os.read(self._pipe, 1 << 16)
            if not data:
                return False
            *lines, self._unread = (self._unread + data).split(b"\n")
            self.told += [tuple(json.loads(line)) for line in lines]
        return True

    def kill(self) -> bool:
        """Send SIGKILL, take in what was reported before, and say whether it found the process alive."""
        os.kill(self.pid, signal.SIGKILL)
        while self.read(60):
            pass
        return self.end() == -signal.SIGKILL

    def end(self) -> int:
        """Wait for the process and return its exit code; below zero it is the signal that ended it."""
        while self.read(600):
            pass
        os.close(self._pipe)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def last(self, what: str, default: Any = None) -> Any:
        """Return the value that was reported last under a name."""
        return next((value for name, value in reversed(self.told) if name == what), default)


def run(function: Callable[[Tell], Any]) -> Any:
    """Run a function in a process of its own and return its result.

    Raises:
        AssertionError: It failed, or a signal ended it.
    """
    worker = Worker.start(function)
    code = worker.end()
    assert code == 0, f"exit code {code}: {worker.last('error')}"
    return worker.last("result")


def import_everything() -> None:
    """Import here what a worker imports, so that workers spend their time on what is tried."""

    def everything(_tell: Tell) -> list[str]:
        with tempfile.TemporaryDirectory() as folder, open_home(Path(folder) / "home") as assistant:
            assistant.add(write_jsonl(Path(folder) / "papers.jsonl", [paper(1)]))
            assistant.ask(paper(1).title)
            assistant.index().dense.count()
            examine(assistant)
            assistant.conversations.find()
            return [name for name in sys.modules if not name.startswith("__")]

    for module in run(everything):
        with suppress(ImportError):
            importlib.import_module(module)


def command(home: Path, *words: str, prepare: Callable[[], None] = lambda: None) -> tuple[int, str, str]:
    """Run a command in a process of its own and return its exit code (below zero a signal), stdout and stderr."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:

        def body(_tell: Tell) -> int:
            store.GraphProcess, trial.failure = ForkedGraph, _failure
            prepare()
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
            try:
                return main([*words, "--home", str(home)])
            finally:
                sys.stdout.flush()
                sys.stderr.flush()

        worker = Worker.start(body)
        code = worker.end()
        out.seek(0), err.seek(0)
        said = err.read().decode()
        if failed := worker.last("error"):
            said += failed[2]
        return worker.last("result", code) if code == 0 else code, out.read().decode(), said


def contents(home: Path) -> dict[str, Any]:
    """Return what a home holds, in full: papers, index, vectors, rankings. For a process of its own."""
    with open_home(home) as assistant:
        papers = assistant.library.hashes()
        index = assistant.index()
        if index is None:
            return {"papers": papers}
        some = list(papers)[:: max(1, len(papers) // 15)]
        rows = {p: index.dense.vectors([f"{p}#0"]).round(5).tolist() for p in some}
        found = {p: [r.paper_id for r in assistant.search(assistant.library.get(p).title, k=3)] for p in some}
        return {
            "papers": papers,
            "texts": [p.to_dict() for p in assistant.library.papers()],
            "indexed": assistant.indexer.store.indexed(),
            "dense": index.dense.count(),
            "rows": len(index.vectors.rows),
            "chunks": index.manifest.chunks,
            "vectors": rows,
            "found": found,
        }


quiet()
