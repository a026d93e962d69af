"""Everything about the indexes on disk: vectors (Chroma and one mapped file), words, embedding shards, the manifest.

Speaks of papers only by id; knows no settings and no models. Everything in here can be rebuilt from the library.
"""

from vectorstore.dense import DenseIndex
from vectorstore.errors import IndexDamagedError, IndexWriteError, StoreError
from vectorstore.files import checksum, sync_file, sync_folder, sync_tree, write_durably
from vectorstore.index import Entry, Index
from vectorstore.lexical import LexicalIndex
from vectorstore.manifest import Manifest
from vectorstore.shards import EmbeddingShards, StoredVectors
from vectorstore.store import IndexStore, go_on
from vectorstore.word_vectors import WordVectors

__all__ = [
    "DenseIndex",
    "EmbeddingShards",
    "Entry",
    "Index",
    "IndexDamagedError",
    "IndexStore",
    "IndexWriteError",
    "LexicalIndex",
    "Manifest",
    "StoreError",
    "StoredVectors",
    "WordVectors",
    "checksum",
    "go_on",
    "sync_file",
    "sync_folder",
    "sync_tree",
    "write_durably",
]
