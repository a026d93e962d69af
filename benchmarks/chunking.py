"""Compare ways to cut papers into chunks by how well the embeddings alone, and the fused ranking, find papers.

    python benchmarks/chunking.py ../shared

Collections: the development questions over the 81 seed papers, PubMedQA's questions over 1,000 abstracts without
titles, Cranfield's 225 queries over 1,400 abstracts. nDCG@10 by scikit-learn, over papers (a paper's best chunk).
"""

import argparse
import gzip
import json
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.metrics import ndcg_score

from assistant.chunking import Chunk, Chunker
from assistant.models.embeddings import SentenceTransformerEmbeddings
from assistant.models.files import embedding_model_folder
from assistant.papers import Paper
from assistant.retrieval import fuse
from vectorstore import bm25


def read(path):
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


def paper(record):
    return Paper(title=record.get("title") or record["_id"], abstract=record.get("text") or record["abstract"])


def seed(shared):
    papers = {r["title"]: paper(r) for r in read(shared / "data/seed_papers.jsonl")}
    asked = [q for q in read(shared / "eval/seed_questions_dev.jsonl") if q["answerable"] and not q["history"]]
    return papers, [(q["question"], dict.fromkeys(q["gold_titles"], 1)) for q in asked]


def pubmedqa(shared):
    papers = {r["_id"]: paper(r) for r in read(shared / "data/pubmedqa/corpus.jsonl.gz")}
    return papers, [(q["question"], {str(q["doc_id"]): 1}) for q in read(shared / "data/pubmedqa/qa.jsonl")]


def cranfield(shared):
    folder = shared / "data/beir/cranfield"
    papers = {r["_id"]: paper(r) for r in read(folder / "corpus.jsonl.gz") if r["text"].strip()}
    relevant = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        relevant[query][document] = int(grade)
    return papers, [(q["text"], relevant[q["_id"]]) for q in read(folder / "queries.jsonl") if relevant[q["_id"]]]


def whole(chunker, of):
    """One chunk, cut off by the model where its window ends."""
    return [Chunk(of.paper_id, 0, f"{of.title}\n{of.abstract}", 0, len(of.abstract))]


def measure(papers, questions, encoder, cut):
    ids = list(papers)
    chunks = [(i, c) for i, key in enumerate(ids) for c in cut(papers[key])]
    vectors = encoder.encode([c.text for _, c in chunks])
    owners = np.array([i for i, _ in chunks])
    with tempfile.TemporaryDirectory() as folder:
        bm25.write(Path(folder) / "words", None, [(p.title, p.abstract) for p in papers.values()])
        words = bm25.Bm25(Path(folder) / "words")
        found = {"dense": [], "fused": []}
        for (text, grades), vector in zip(questions, encoder.encode([q for q, _ in questions]), strict=True):
            best = np.full(len(ids), -1.0, dtype=np.float32)
            np.maximum.at(best, owners, vectors @ vector)
            truth = [[grades.get(key, 0) for key in ids]]
            found["dense"].append(ndcg_score(truth, [best], k=10))
            found["fused"].append(ndcg_score(truth, [fuse(best, words.scores(text), 0.5)], k=10))
    return len(chunks), {name: float(np.mean(values)) for name, values in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path)
    args = parser.parse_args()
    encoder = SentenceTransformerEmbeddings(embedding_model_folder("bundled"))
    count = encoder.count_tokens
    ways = {
        "whole, cut off at 256 tokens": lambda p: whole(None, p),
        "sentences up to 256 tokens, no overlap": Chunker(count, 256, overlap=0).chunks,
        "sentences up to 256 tokens, 1 repeated": Chunker(count, 256, overlap=1).chunks,
        "sentences up to 128 tokens, 1 repeated": Chunker(count, 128, overlap=1).chunks,
    }
    for name, load in (("seed", seed), ("PubMedQA", pubmedqa), ("Cranfield", cranfield)):
        papers, questions = load(args.shared)
        for way, cut in ways.items():
            chunks, scores = measure(papers, questions, encoder, cut)
            print(
                f"{name:10} {way:40} {chunks:6} chunks  dense {scores['dense']:.3f}  fused {scores['fused']:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
