"""``python tests/faults/writers.py 50``: two that add and one that serves, on one home at once.

Of the two, one waits or is told within a second who has the library, and tries again; meanwhile the server answers
every question. At the end nothing is lost, the index is the library's, and the server finds what was added.
"""

from __future__ import annotations

import json
import random
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from harness import (
    SETTINGS,
    Tell,
    Worker,
    command,
    contents,
    import_everything,
    name,
    open_home,
    paper,
    run,
    write_jsonl,
)

from assistant import adding
from assistant.errors import LibraryBusyError
from assistant.http import install

_THERE = 30  # papers that are there before
_EACH = 60  # papers that each adds; the last of one are the first of the other
_SHARED = 15


def serve(home: Path, listening: socket.socket, tell: Tell) -> None:
    """Serve the HTTP interface until the process is ended."""
    with open_home(home) as assistant:
        app = FastAPI()
        install(app, assistant, host="127.0.0.1")
        tell("ready")
        uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listening])


def add(home: Path, source: Path, tell: Tell) -> dict[str, Any]:
    """Add a file, again where another process was at it; report how often that was, and how long it took to say so."""
    told: list[float] = []
    with open_home(home) as assistant:
        while True:
            started = time.monotonic()
            try:
                report = assistant.add(source, progress=lambda what, done, _: tell(what, done))
                return {"told_after": told, "report": str(report)}
            except LibraryBusyError as error:
                assert "process" in str(error)
                told.append(time.monotonic() - started)
                time.sleep(0.05)


def trial(home: Path, sources: list[Path], chance: random.Random) -> dict[str, Any]:
    """Let all three at one home, and check what comes of it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Worker.start(lambda tell: serve(home, listening, tell))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    while not server.last("ready", 0) and not server.told:
        assert server.read(0.05), server.last("error")
    asked, wrong, writers = 0, [], []
    delays = [0.0, chance.uniform(0, 0.4)]
    started = time.monotonic()
    with httpx.Client(base_url=url, timeout=60) as client:
        running = True
        while running:
            while delays and time.monotonic() - started >= delays[0]:
                delays.pop(0)
                source = sources[len(writers)]
                writers.append(Worker.start(lambda tell, source=source: add(home, source, tell)))
            number = chance.randrange(_THERE)
            wrong += _ask(client, number)
            asked += 1
            going_on = [writer.read(0.02) for writer in writers]
            running = bool(delays) or any(going_on)
        codes = [writer.end() for writer in writers]
        wrong += [str(w.last("error")) for w, code in zip(writers, codes, strict=True) if code]
        for number in (_THERE, _THERE + _EACH - 1, _THERE + 2 * _EACH - _SHARED - 1):
            wrong += _ask(client, number)
    server.kill()
    return {
        "wrong": wrong,
        "asked": asked,
        "told_after": [round(s, 3) for w in writers for s in (w.last("result") or {}).get("told_after", [])],
    }


def _ask(client: httpx.Client, number: int) -> list[str]:
    found = client.post("/v1/search", json={"query": name(number), "k": 3})
    health = client.get("/healthz")
    if found.status_code != 200 or health.status_code != 200:
        return [f"{found.status_code} {found.text} {health.text}"]
    first = found.json()[0]["paper_id"] if found.json() else ""
    return [] if first == paper(number).paper_id else [f"a search for paper {number} finds {found.text[:300]}"]


def main() -> int:
    """Try so often."""
    trials, chance = int(sys.argv[1]), random.Random(7)
    adding._BATCH = 10
    import_everything()
    folder = Path(tempfile.mkdtemp(prefix="writers"))
    before = write_jsonl(folder / "before.jsonl", [paper(n) for n in range(_THERE)])
    starts = (_THERE, _THERE + _EACH - _SHARED)
    sources = [write_jsonl(folder / f"{n}.jsonl", [paper(i) for i in range(n, n + _EACH)]) for n in starts]
    options = [w for key, value in SETTINGS.items() for w in ("--set", f"{key}={value}")]
    assert command(folder / "template", "add", str(before), *options)[0] == 0
    wanted = {paper(n).paper_id: paper(n).content_hash for n in range(_THERE + 2 * _EACH - _SHARED)}
    reports = []
    for number in range(trials):
        home = shutil.copytree(folder / "template", folder / "home")
        report = trial(home, sources if number % 2 else sources[::-1], chance)
        found = run(lambda _, home=home: contents(home))
        if found["papers"] != wanted:
            report["wrong"].append(f"{len(found['papers'])} papers instead of {len(wanted)}")
        if found["indexed"] != found["papers"] or found["dense"] != found["chunks"]:
            report["wrong"].append("the index is not the library's")
        reports.append(report)
        shutil.rmtree(home)
        if report["wrong"]:
            sys.stderr.write(f"trial {number}: {report['wrong'][:3]}\n")
    told = [seconds for report in reports for seconds in report["told_after"]]
    summary = {
        "trials": trials,
        "wrong": sum(bool(report["wrong"]) for report in reports),
        "asked": sum(report["asked"] for report in reports),
        "told": len(told),
        "told_after_at_most_s": max(told, default=0.0),
    }
    sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    shutil.rmtree(folder)
    return 1 if summary["wrong"] or summary["told_after_at_most_s"] > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
