"""What each part of retrieval is worth on test collections in BEIR's layout.

    python benchmarks/retrieval.py HOME DIR [DIR ...]

One table: nDCG@10 of each collection with parts left out, and the share of queries whose first paper is right. HOME keeps
the collections' indexes; its library is not touched.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from assistant import Assistant
from assistant.evaluation.collections import read_collection
from assistant.evaluation.retrieval import measure, rank_all, retriever_of

WAYS = {
    "words alone (BM25)": {"dense_weight": 0.0, "matching_weight": 0.0, "feedback": 0.0},
    "embeddings alone": {"dense_weight": 1.0, "matching_weight": 0.0, "feedback": 0.0},
    "both": {"matching_weight": 0.0, "feedback": 0.0},
    "both, with feedback": {"matching_weight": 0.0},
    "both, with words in context": {"feedback": 0.0},
    "all of it": {},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("collections", type=Path, nargs="+")
    args = parser.parse_args()
    rows = {name: [] for name in WAYS}
    with Assistant.open(home=args.home) as assistant:
        for folder in args.collections:
            collection, weight = read_collection(folder), assistant.settings.dense_weight
            with retriever_of(collection, assistant.home / "collections", assistant.encoder, weight) as retriever:
                for name, changed in WAYS.items():
                    measures = measure(collection, rank_all(replace(retriever, **changed), collection.queries))
                    rows[name].append(f"{measures.ndcg_at_10:.3f} ({measures.first:.3f})")
    print("| nDCG@10 (first right) | " + " | ".join(folder.name for folder in args.collections) + " |")
    print("|---|" + "---|" * len(args.collections))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
