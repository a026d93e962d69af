"""How long a person waits: for the evidence, the first checked sentence, the whole answer, and for a start.

    python benchmarks/latency.py HOME QUESTIONS.jsonl [--textbook] [--mode written] [--busy] [--first N]

The questions are those of `evaluate answers`. ``--textbook`` puts the pipeline of LangChain's tutorials beside it, with
the same models over the same papers (a library of some hundred papers: it embeds them first). ``--busy`` lets another
process keep one core.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from baselines.textbook import textbook

from assistant import AnswerReady, Assistant, EvidenceFound, SentenceReady

PROGRAM = shutil.which("assistant", path=str(Path(sys.executable).parent))
TEXTBOOK_ASKED = 5


def seconds(values):
    found = [v for v in values if v is not None]
    return "-" if not found else f"{np.median(found):.3f} / {np.percentile(found, 95):.3f}"


@contextmanager
def burning(wanted):
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if wanted else None
    try:
        yield
    finally:
        if process:
            process.kill()


def answered(assistant, question):
    """Return the seconds to the evidence, to the first sentence (None if it abstains) and to the whole answer."""
    started, seen = time.perf_counter(), {}
    for event in assistant.stream(question):
        seen.setdefault(type(event), time.perf_counter() - started)
    return seen[EvidenceFound], seen.get(SentenceReady), seen[AnswerReady]


def command(*words):
    """Return the seconds a command takes, the least of three."""
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def healthy(home):
    """Return the seconds until the server answers that it is well, the least of three."""
    taken = []
    for _ in range(3):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        started = time.perf_counter()
        process = subprocess.Popen([PROGRAM, "serve", "--home", home, "--port", str(port)], stderr=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        taken.append(time.perf_counter() - started)
        process.terminate()
        process.wait()
    return min(taken)


def resident():
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--textbook", action="store_true")
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--first", type=int)
    args = parser.parse_args()
    questions = [json.loads(line)["question"] for line in args.questions.read_text(encoding="utf-8").splitlines()]
    questions = questions[: args.first]
    if not args.busy:
        print("python itself       ", f"{command(sys.executable, '-c', 'pass'):.2f} s")
        print("assistant --help    ", f"{command(PROGRAM, '--help'):.2f} s")
        print("assistant ask, cold ", f"{command(PROGRAM, 'ask', questions[0], '--home', str(args.home)):.2f} s")
        print("serve, /healthz     ", f"{healthy(args.home):.2f} s", flush=True)
    with Assistant.open(home=args.home, settings={"mode": args.mode}) as assistant, burning(args.busy):
        assistant.warm()
        assistant.ask(questions[-1])
        times = [answered(assistant, question) for question in questions]
        print(f"{assistant.library.count()} papers, {len(questions)} questions, seconds: median / 95th percentile")
        for name, values in zip(("evidence", "first sentence", "whole answer"), zip(*times, strict=True), strict=True):
            print(f"{name:20} {seconds(values)}")
        print(f"resident             {resident():.0f} MB", flush=True)
        if args.textbook:
            ask = textbook(list(assistant.library.papers()))
            ask(questions[-1])
            few = [ask(question) for question in questions[: TEXTBOOK_ASKED * 4 : 4]]
            ours = [first for _, first, _ in times if first is not None]
            print(f"textbook, first word {seconds(few)}, {np.median(few) / np.median(ours):.0f} times ours")


if __name__ == "__main__":
    main()
