"""How fast texts are embedded, and whether rankings stay what they are in float32.

    python benchmarks/embedding.py TEXTS [DIR ...]

Texts a second of what the assistant uses, beside sentence-transformers as people call it and as it is at its best, in
one run: TEXTS is a corpus.jsonl(.gz), of which 512 papers are taken. Then nDCG@10 by cosine alone, over whole papers cut
at the model's window, for each test collection in BEIR's layout.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from assistant.evaluation.collections import read_collection
from assistant.evaluation.retrieval import measure
from assistant.models.files import BUNDLED, embedding_model_folder
from assistant.models.runtimes import open_runtime
from assistant.models.runtimes.reference import Reference

TAKEN, ROUNDS, DEPTH = 512, 3, 100


def rate(encode, texts):
    """Return the texts a second of the best of some rounds, the first of which warms up."""
    best = 0.0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        encode(texts)
        best = max(best, len(texts) / (time.perf_counter() - started))
    return best


def ndcg(collection, runtime):
    papers = list(collection.papers)
    texts = [f"{p.title}. {p.abstract}" for p in collection.papers.values()]
    rows = runtime.pooled(texts, "document")
    queries = runtime.pooled(list(collection.queries.values()), "query")
    rankings = {}
    for query_id, vector in zip(collection.queries, queries, strict=True):
        scores = rows @ vector
        best = np.argsort(-scores, kind="stable")[:DEPTH]
        rankings[query_id] = {papers[i]: float(scores[i]) for i in best}
    return measure(collection, rankings).ndcg_at_10


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("collections", type=Path, nargs="*")
    args = parser.parse_args()
    folder = embedding_model_folder(BUNDLED)
    exact, best = Reference(folder, exact=True), Reference(folder)
    with tempfile.TemporaryDirectory() as kept:
        used = open_runtime(folder, Path(kept) / "model")
    with (gzip.open if args.texts.suffix == ".gz" else open)(args.texts, "rt", encoding="utf-8") as lines:
        texts = [f"{record['title']}. {record['text']}" for record in map(json.loads, islice(lines, TAKEN))]
    rows = {
        "sentence-transformers, encode()": rate(lambda t: exact.model.encode(t, show_progress_bar=False), texts),
        f"sentence-transformers, {best.description}": rate(lambda t: best.pooled(t, "document"), texts),
        f"the assistant: {used.description}": rate(lambda t: used.pooled(t, "document"), texts),
    }
    slowest = min(rows.values())
    print(f"| {len(texts)} abstracts | texts/s | |\n|---|---|---|")
    for name, found in rows.items():
        print(f"| {name} | {found:.0f} | {found / slowest:.1f}x |", flush=True)
    print("\n| nDCG@10 | float32 | as used | difference |\n|---|---|---|---|")
    for path in args.collections:
        collection = read_collection(path)
        one, other = ndcg(collection, exact), ndcg(collection, used)
        print(f"| {path.name} | {one:.4f} | {other:.4f} | {other - one:+.4f} |", flush=True)


if __name__ == "__main__":
    main()
