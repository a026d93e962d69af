"""All vectors in one collection of Chroma, as its own documentation does it: what our search is measured against."""

from __future__ import annotations

import chromadb
from chromadb.config import Settings

BATCH = 5_000


def plain_chroma(folder, rows):
    """Return ``search(vector, k)``, the ids of the nearest, over a new collection in ``folder`` of unit rows."""
    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    collection = client.create_collection("rows", embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        collection.add([str(start + number) for number in range(len(part))], part)
    return lambda vector, k: collection.query(vector[None], n_results=k, include=["distances"])["ids"][0]
