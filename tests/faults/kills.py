"""``python tests/faults/kills.py 500``: SIGKILL at random moments, in a loop that goes on in one home.

Papers are added, updated and removed, step after step; a step that is killed is done again until it ends by itself.
After each kill every paper that was acknowledged is there; every other time the library is searched as well, which
must work without anybody's help. At the end library and index equal those of a home in which nothing was killed.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import SETTINGS, Tell, Worker, contents, import_everything, open_home, paper, run, write_jsonl

from assistant import adding, indexing
from assistant.filters import Filters

_MOST = 400  # papers that the library grows to
_COMMAND_EVERY = 10  # kills between two of the command itself


@dataclass(frozen=True)
class Step:
    """Something that a person does to the library.

    Attributes:
        kind: ``add``, ``update`` or ``remove``.
        versions: The papers' numbers, in order, and what each becomes; None where it goes.
        sources: The files to add.
    """

    kind: str
    versions: dict[int, int | None]
    sources: tuple[Path, ...] = ()

    def do(self, home: Path, tell: Tell) -> None:
        """Do it, as the commands do, and report each batch that is written."""
        with open_home(home) as assistant:
            if self.kind == "remove":
                gone = [paper(n).paper_id for n in self.versions]
                assistant.remove(*assistant.library.ids(Filters(paper_ids=tuple(gone))))  # a kill may have left none
                tell("written", len(self.versions))
                return

            def progress(what: str, done: int, total: int) -> None:
                tell("written" if what == "reading" else what, done)

            assistant.add(*self.sources, progress=progress)


class Trial:
    """A home, what it must hold, and what comes next."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.chance = random.Random(seed)
        self.certain: dict[int, int] = {}
        self.done: list[Step] = []
        self.lengths: dict[str, list[float]] = defaultdict(lambda: [1.0])
        self.moments: Counter[str] = Counter()
        self.next_number = 0

    def next_step(self) -> Step:
        """Return what is done next."""
        known = list(self.certain)
        kind = self.chance.choice(["add", "add", "update", "remove"]) if len(known) > 60 else "add"
        if kind == "add" and len(known) > _MOST:
            kind = "remove"
        if kind == "remove":
            return Step(kind, dict.fromkeys(self.chance.sample(known, self.chance.randint(1, len(known) // 3))))
        if kind == "add":
            count = self.chance.randint(1, 90)
            versions = dict.fromkeys(range(self.next_number, self.next_number + count), 0)
            self.next_number += count
        else:
            versions = {n: self.certain[n] + 1 for n in self.chance.sample(known, self.chance.randint(1, 40))}
        return Step(kind, dict(versions), self._sources(versions))

    def _sources(self, versions: dict[int, int]) -> tuple[Path, ...]:
        papers = [paper(number, version) for number, version in versions.items()]
        cuts = sorted({0, len(papers), *(self.chance.randint(0, len(papers)) for _ in range(2))})
        names = [self.folder / f"step{len(self.done)}-{cut}.jsonl" for cut in cuts[1:]]
        for name, start, end in zip(names, cuts, cuts[1:], strict=False):
            write_jsonl(name, papers[start:end])
        return tuple(names)

    def attempt(self, step: Step) -> bool:
        """Do a step, kill it at a random moment; say whether it was killed."""
        started = time.monotonic()
        worker = Worker.start(lambda tell: step.do(self.home, tell))
        going_on = worker.read(self.chance.uniform(0, 1.3 * statistics.median(self.lengths[step.kind][-9:])))
        killed = going_on and worker.kill()
        if not killed:
            assert going_on or worker.end() == 0, worker.last("error")
            self.lengths[step.kind].append(time.monotonic() - started)
        self.moments[f"{step.kind}, last heard of: {worker.told[-1][0] if worker.told else 'nothing'}"] += killed
        self.settle(step, worker.last("written", 0) if killed else len(step.versions), finished=not killed)
        return killed

    def attempt_command(self, step: Step) -> bool:
        """Do a step by the command itself, which acknowledges everything at its end."""
        options = [w for key, value in SETTINGS.items() for w in ("--set", f"{key}={value}")]
        what = ["add", *map(str, step.sources)] if step.sources else ["papers", "remove"]
        hashes = run(lambda _: _look(self.home, searched=False))["papers"]
        ids = [] if step.sources else [i for n in step.versions if (i := paper(n).paper_id) in hashes]
        if not step.sources and not ids:
            return self.attempt(step)
        command = [sys.executable, "-m", "assistant", *what, *ids, "--home", str(self.home), *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _, said = process.communicate(timeout=self.chance.uniform(0.5, 1.2 * self.lengths["command"][-1] + 3))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.moments["the command"] += 1
            self.settle(step, 0, finished=False)
            return True
        assert process.returncode == 0, said
        self.settle(step, len(step.versions), finished=True)
        return False

    def settle(self, step: Step, acknowledged: int, *, finished: bool) -> None:
        """Check that what was acknowledged is there and nothing else is, and remember what is certain now."""
        searched = finished or self.chance.random() < 0.5
        found = run(lambda _: _look(self.home, searched=searched))
        before = {n: paper(n, v) for n, v in self.certain.items()}
        after = {n: paper(n, v) for n, v in step.versions.items() if v is not None}
        hashes = dict(found["papers"])
        for place, number in enumerate(step.versions):
            allowed = {after[number].content_hash if number in after else None}
            if place >= acknowledged:
                allowed.add(before[number].content_hash if number in before else None)
            now = hashes.pop(paper(number).paper_id, None)
            assert now in allowed, f"paper {number}, {place} of {acknowledged} acknowledged: {now} not in {allowed}"
        rest = {p.paper_id: p.content_hash for n, p in before.items() if n not in step.versions}
        assert hashes == rest, f"{len(hashes)} other papers instead of {len(rest)}"
        if searched and "indexed" in found:
            assert found["indexed"] == found["papers"], "the index is not the library's"
            assert all(first == wanted for wanted, first in found["found"].items()), found["found"]
        if finished:
            self.done.append(step)
            self.certain |= {n: v for n, v in step.versions.items() if v is not None}
            self.certain = {n: v for n, v in self.certain.items() if step.versions.get(n, v) is not None}


def _look(home: Path, *, searched: bool) -> dict[str, Any]:
    with open_home(home) as assistant:
        papers = assistant.library.hashes()
        if not searched or not papers:
            return {"papers": papers}
        some = list(papers)[:: max(1, len(papers) // 3)]
        found = {p: assistant.search(assistant.library.get(p).title)[0].paper_id for p in some}
        return {"papers": papers, "indexed": assistant.indexer.store.indexed(), "found": found}


def trial(kills: int, seed: int, folder: Path, note: Callable[[str], None]) -> dict[str, Any]:
    """Kill so often, compare with an undisturbed home, and report."""
    import_everything()
    adding._BATCH, indexing.BATCH = 20, 32  # more moments between two batches
    one = Trial(folder, seed)
    started, killed = time.monotonic(), 0
    while killed < kills:
        step = one.next_step()
        attempt = one.attempt
        while True:
            if killed % _COMMAND_EVERY == _COMMAND_EVERY - 1:
                attempt = one.attempt_command
            if not attempt(step):
                break
            killed += 1
            attempt = one.attempt
            if killed % 25 == 0:
                note(
                    f"{killed} kills, {len(one.done)} steps, {len(one.certain)} papers, {time.monotonic() - started:.0f} s"
                )
    quiet_home = folder / "undisturbed"
    for step in one.done:
        run(lambda tell, step=step: step.do(quiet_home, tell))
    disturbed, undisturbed = (run(lambda _, h=h: contents(h)) for h in (one.home, quiet_home))
    for part, value in undisturbed.items():
        assert disturbed[part] == value, f"{part} differ from those of an undisturbed home"
    left = [p.name for p in (one.home / "index").iterdir() if not p.name.startswith("g0") and p.name != "CURRENT"]
    return {
        "kills": killed,
        "steps": len(one.done),
        "papers": len(one.certain),
        "moments": dict(one.moments),
        "left_over": left,
        "seconds": round(time.monotonic() - started),
    }


def main() -> int:
    """Run the trial that the options name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, help="where the homes are made; kept, and by default not")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="kills"))
    folder.mkdir(parents=True, exist_ok=True)
    report = trial(args.kills, args.seed, folder, lambda text: sys.stderr.write(text + "\n") and None)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    if args.folder is None:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
