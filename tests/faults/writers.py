"""``python tests/faults/writers.py 50``: two that add and one that serves, on one home at once.

The server is ``assistant serve`` in a process of its own, started for each trial, with its page. Of the two, one waits or
is told within a second who has the library, and tries again; meanwhile the server shows its page, says that it is well,
and answers every search and question. At the end nothing is lost, the index is the library's, and the server finds what
was added.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
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

_THERE = 30  # papers that are there before
_EACH = 60  # papers that each adds; the last of one are the first of the other
_SHARED = 15
_START_S = 120
_ADDRESS = re.compile(r"The chat page is at (http://\S+)/")
OPTIONS = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]


@contextmanager
def served(home: Path, wrong: list[str]) -> Iterator[str]:
    """Run ``assistant serve`` and yield its address once the page is open; ``wrong`` gets what it complains of."""
    words = [sys.executable, "-m", "assistant", "serve", "--home", str(home), "--port", "0", "--no-sample", *OPTIONS]
    words += ["--set", "answer_threshold=0"]  # the hashing model is never sure
    said = home.with_name("serve.txt")
    with said.open("w") as output, subprocess.Popen(words, stdout=output, stderr=output) as process:
        try:
            yield _address(process, said)
            if process.poll() is not None:
                wrong.append(f"the server ended with {process.returncode}")
        finally:
            process.terminate()
            process.wait(60)
    wrong += [line for line in said.read_text().splitlines() if line and not _ADDRESS.fullmatch(line)]


def _address(process: subprocess.Popen[bytes], said: Path) -> str:
    started = time.monotonic()
    while (found := _ADDRESS.search(said.read_text())) is None:
        assert process.poll() is None, said.read_text()
        assert time.monotonic() - started < _START_S, "the page has not opened"
        time.sleep(0.05)
    return found[1]


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
    asked, wrong, writers = 0, list[str](), list[Worker]()
    delays = [0.0, chance.uniform(0, 0.4)]
    with served(home, wrong) as url, httpx.Client(base_url=url, timeout=60) as client:
        started, running = time.monotonic(), True
        while running:
            while delays and time.monotonic() - started >= delays[0]:
                delays.pop(0)
                source = sources[len(writers)]
                writers.append(Worker.start(lambda tell, source=source: add(home, source, tell)))
            wrong += _ask(client, chance.randrange(_THERE))
            asked += 1
            going_on = [writer.read(0.02) for writer in writers]
            running = bool(delays) or any(going_on)
        codes = [writer.end() for writer in writers]
        wrong += [str(w.last("error")) for w, code in zip(writers, codes, strict=True) if code]
        for number in (_THERE, _THERE + _EACH - 1, _THERE + 2 * _EACH - _SHARED - 1):
            wrong += _ask(client, number)
    return {
        "wrong": wrong,
        "asked": asked,
        "told_after": [round(s, 3) for w in writers for s in (w.last("result") or {}).get("told_after", [])],
    }


def _ask(client: httpx.Client, number: int) -> list[str]:
    """Ask the server in every way; return what is not as it should be."""
    page, health = client.get("/"), client.get("/healthz")
    found = client.post("/v1/search", json={"query": name(number), "k": 3})
    content = f"How does the paper “{paper(number).title}” go about it?"
    answered = client.post(
        "/v1/chat/completions", json={"model": "assistant", "messages": [{"role": "user", "content": content}]}
    )
    if any(response.status_code != httpx.codes.OK for response in (page, health, found, answered)):
        return [
            f"{r.url} said {r.status_code} {r.text[:300]}" for r in (page, health, found, answered) if not r.is_success
        ]
    wanted, wrong = paper(number).paper_id, []
    if "gradio" not in page.text:
        wrong.append(f"the page is {page.text[:300]}")
    if [result["paper_id"] for result in found.json()][:1] != [wanted]:
        wrong.append(f"a search for paper {number} finds {found.text[:300]}")
    if wanted not in [citation["paper_id"] for citation in answered.json()["answer"]["citations"]]:
        wrong.append(f"a question about paper {number} is answered with {answered.text[:300]}")
    return wrong


def main() -> int:
    """Try so often."""
    trials, chance = int(sys.argv[1]), random.Random(7)
    adding._BATCH = 10
    import_everything()
    folder = Path(tempfile.mkdtemp(prefix="writers"))
    before = write_jsonl(folder / "before.jsonl", [paper(n) for n in range(_THERE)])
    starts = (_THERE, _THERE + _EACH - _SHARED)
    sources = [write_jsonl(folder / f"{n}.jsonl", [paper(i) for i in range(n, n + _EACH)]) for n in starts]
    assert command(folder / "template", "add", str(before), *OPTIONS)[0] == 0
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
