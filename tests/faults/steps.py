"""``python tests/faults/steps.py``: kill a restoring, and a repair, at each of its steps on the disk.

``steps.py 5`` takes every fifth.
A step is whatever Python reports to an audit hook about a file of the home: opening, renaming, removing, making. After
each kill the home holds the old library or the new one, whole, and a rerun finishes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import SETTINGS, Tell, Worker, contents, import_everything, open_home, paper, run, write_jsonl
from kinds import LIBRARY, overwrite_pages

from assistant import restoring
from assistant.repair import repair_files
from assistant.restoring import restore

_EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "shutil.rmtree", "sqlite3.connect"}
_DONE = 7


def killed_at(step: int, home: Path, work: Callable[[], Any]) -> bool:
    """Do ``work`` in a process that is killed at a step; say whether it came so far."""

    def body(_tell: Tell) -> None:
        left = step

        def hook(event: str, args: tuple[Any, ...]) -> None:
            nonlocal left
            if event in _EVENTS and args and str(home) in str(args[0]):
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        work()

    worker = Worker.start(body)
    code = worker.end()
    assert code in (0, _DONE, -signal.SIGKILL), worker.last("error")
    return code == -signal.SIGKILL


def restoring_trial(folder: Path, every: int) -> dict[str, Any]:
    """Restore a backup over another library, killed at each step in turn."""
    old, new = folder / "old", folder / "new"
    for home, numbers in ((old, range(20)), (new, range(100, 130))):
        run(lambda _, home=home, numbers=numbers: _fill(home, numbers, home.with_suffix(".zip")))
    wanted = {home: run(lambda _, home=home: contents(home))["texts"] for home in (old, new)}
    step, wrong, seen = 0, [], {old: 0, new: 0}

    def work() -> None:
        restoring.Assistant.open = lambda *_: os._exit(_DONE)  # the rest is what `kills` tries
        restore(new.with_suffix(".zip"), folder / "home", settings=SETTINGS, replace=True)

    while True:
        home = _copied(old, folder / "home")
        killed = killed_at(step, home, work)
        texts = run(lambda _, home=home: contents(home))["texts"]
        if texts not in wanted.values():
            wrong.append(f"step {step}: {len(texts)} papers")
        seen[old if texts == wanted[old] else new] += 1
        if not killed:
            return {"trial": "restore", "steps": step, "old": seen[old], "new": seen[new], "wrong": wrong}
        run(lambda _, home=home: str(restore(new.with_suffix(".zip"), home, settings=SETTINGS, replace=True)))
        if run(lambda _, home=home: contents(home))["texts"] != wanted[new]:
            wrong.append(f"step {step}: the rerun did not restore it")
        step += every


def repair_trial(folder: Path, every: int) -> dict[str, Any]:
    """Recover a damaged library, killed at each step in turn."""
    whole = folder / "whole"
    run(lambda _: _fill(whole, range(40), None))
    wanted = run(lambda _: contents(whole))["texts"]
    step, wrong = 0, []
    while True:
        home = _copied(whole, folder / "home")
        overwrite_pages(home / LIBRARY)
        killed = killed_at(step, home, lambda home=home: repair_files(home))
        done = run(lambda _, home=home: repair_files(home))
        found = run(lambda _, home=home: contents(home))["texts"]
        if found != wanted:
            wrong.append(f"step {step}: {done}")
        if left := [
            p.name for p in home.iterdir() if p.name.endswith((".partial", ".recovering", ".recovered", ".reading"))
        ]:
            wrong.append(f"step {step}: left over: {left}")
        if not killed:
            return {"trial": "repair", "steps": step, "wrong": wrong}
        step += every


def _fill(home: Path, numbers: range, backup: Path | None) -> None:
    with open_home(home) as assistant:
        assistant.add(write_jsonl(home / "papers.jsonl", [paper(n) for n in numbers]))
        assistant.conversations.begin("What is this?")
        if backup:
            assistant.backup(backup)


def _copied(source: Path, home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    return shutil.copytree(source, home)


def main() -> int:
    """Try both."""
    import_everything()
    failed = 0
    for trial in (restoring_trial, repair_trial):
        folder = Path(tempfile.mkdtemp(prefix="steps"))
        report = trial(folder, int((sys.argv[1:2] or ["1"])[0]))
        failed += bool(report["wrong"])
        sys.stdout.write(json.dumps(report) + "\n")
        shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
