"""How fast a large library is searched, beside numpy over all vectors and plain Chroma with the same embeddings.

    python benchmarks/search.py HOME QUESTIONS.jsonl

HOME holds a library, for instance of the ACL Anthology's abstracts; the questions are those of `evaluate answers`. Every
time is for one query on a warm process, its embedding counted unless said. A process of its own tells how long the
first search takes after its start, and its memory then.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from baselines.plain_chroma import plain_chroma

from assistant import Assistant
from assistant.filters import filters_from

CHILD = """
import resource, sys, time
from assistant import Assistant
with Assistant.open(home=sys.argv[1]) as assistant:
    assistant.retriever().rank("multilingual parsing", 10)
    print(time.time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def times(search, queries):
    taken = []
    for query in queries:
        start = time.perf_counter()
        search(query)
        taken.append(1000 * (time.perf_counter() - start))
    return np.percentile(taken, [50, 95])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("questions", type=Path)
    args = parser.parse_args()
    queries = [json.loads(line)["question"] for line in args.questions.read_text(encoding="utf-8").splitlines()]
    start = time.time()
    child = subprocess.run([sys.executable, "-c", CHILD, str(args.home)], capture_output=True, text=True, check=True)
    ready, memory = map(float, child.stdout.split())
    with tempfile.TemporaryDirectory() as folder, Assistant.open(home=args.home) as assistant:
        retriever, index, encode = assistant.retriever(), assistant.index(), assistant.encoder.encode
        plain = replace(retriever, matching_weight=0.0)
        rows = index.vectors.rows
        chroma = plain_chroma(folder, rows)
        print(
            f"{len(index.paper_ids)} papers, {len(rows)} chunks; first search {ready - start:.1f} s after the start, {memory:.0f} MB"
        )
        authors = [
            p.authors[0] for p in list(assistant.library.papers())[:: max(1, len(index.paper_ids) // 20)] if p.authors
        ]
        ways = {
            "hybrid": lambda q: retriever.rank(q, 10),
            "hybrid, no words in context": lambda q: plain.rank(q, 10),
            "hybrid, since 2019": lambda q: retriever.rank(q, 10, filters_from("2019..")),
            "hybrid, at EMNLP": lambda q: retriever.rank(q, 10, filters_from(venues=["EMNLP"])),
            "hybrid, by an author": lambda q: retriever.rank(
                q, 10, filters_from(authors=[authors[len(q) % len(authors)]])
            ),
            "embedding the query alone": lambda q: encode([q]),
            "words alone (BM25)": index.word_scores,
            "numpy over all vectors": lambda q: np.argpartition(-(rows @ encode([q])[0]), 10)[:10],
            "plain Chroma, 10 nearest": lambda q: chroma(encode([q])[0], 10),
            "plain Chroma, 400 nearest": lambda q: chroma(encode([q])[0], 400),
        }
        for name, search in ways.items():
            times(search, queries[:10])
            middle, late = times(search, queries)
            print(f"{name:28} p50 {middle:6.1f} ms   p95 {late:6.1f} ms", flush=True)
    print(f"memory at the end {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
