"""The index: found is what is there, and a generation is whole or it is not there."""

from __future__ import annotations

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from assistant.models.hashing import HashingEmbeddings
from assistant.words import stem
from vectorstore import EmbeddingShards, Entry, IndexDamagedError, IndexStore, LexicalIndex, Manifest

ENCODER = HashingEmbeddings()
IDENTITY = {"embeddings": "hashing", "chunking": 1}


def entry(paper):
    return Entry(paper.paper_id, paper.content_hash, paper.title, paper.abstract, ENCODER.encode([paper.abstract]))


@pytest.fixture
def store(tmp_path):
    return IndexStore(tmp_path / "index")


def publish(store, papers, removed=(), fresh=False, version=1):
    return store.publish(IDENTITY, version, map(entry, papers), set(removed), fresh=fresh)


def found(store, text, k=3, among=None):
    index = store.open()
    try:
        dense = [paper_id for paper_id, _, _ in index.search_dense(ENCODER.encode([text])[0], k, among)]
        return dense, [paper_id for paper_id, _ in index.search_lexical(text, k, among)]
    finally:
        index.close()


def test_a_paper_is_found_by_its_own_words_and_vector(store, make_papers):
    papers = make_papers(30)
    publish(store, papers)
    dense, lexical = found(store, papers[17].abstract)
    assert dense[0] == lexical[0] == papers[17].paper_id


def test_filtered_search_is_the_full_ranking_filtered(store, make_papers):
    papers = make_papers(40)
    publish(store, papers)
    among = frozenset(p.paper_id for p in papers[::3])
    everything = found(store, "We study honey bees with interviews", k=40)
    for full, part in zip(everything, found(store, "We study honey bees with interviews", k=40, among=among), strict=True):
        assert part == [paper_id for paper_id in full if paper_id in among]


def test_the_next_generation_is_the_last_one_with_the_changes(store, make_papers):
    papers = make_papers(10)
    first = publish(store, papers[:6])
    second = publish(store, papers[6:], removed=[papers[0].paper_id])
    assert first != second
    assert first.is_dir()  # the readers that have it open go on
    assert set(store.indexed()) == {p.paper_id for p in papers[1:]}
    assert store.current_manifest().papers == 9
    third = publish(store, [], removed=[papers[1].paper_id])
    assert not first.exists()
    assert store.current_folder() == third


def test_a_vector_that_is_no_vector_is_not_published(store, make_papers):
    publish(store, make_papers(3))
    before = store.current_folder()
    broken = Entry("t:bad", "hash", "Title", "Text", np.full((1, 512), np.nan, dtype=np.float32))
    with pytest.raises(IndexDamagedError):
        store.publish(IDENTITY, 2, [broken], set(), fresh=True)
    assert store.current_folder() == before
    assert not list(before.parent.glob("building-*"))


def test_a_torn_generation_is_never_the_current_one_and_is_swept_away(store, make_papers):
    publish(store, make_papers(3))
    torn = store.current_folder().parent / "building-0123"
    torn.mkdir()
    (torn / "half").write_text("half")
    publish(store, make_papers(1, start=10))
    assert not torn.exists()


def test_a_manifest_of_another_layout_counts_as_none(store, make_papers):
    folder = publish(store, make_papers(2))
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"schema": ', '"schema": 99'))
    assert Manifest.read(folder) is None


def test_shards_give_back_what_was_written_and_leave_out_what_is_damaged(tmp_path):
    vectors = ENCODER.encode(["one", "two", "three"])
    keys = [bytes([n]) * 32 for n in range(3)]
    EmbeddingShards(tmp_path / "e").append(keys[:2], vectors[:2])
    EmbeddingShards(tmp_path / "e").append(keys[2:], vectors[2:])
    loaded = EmbeddingShards(tmp_path / "e").load()
    assert all((loaded[key] == row).all() for key, row in zip(keys, vectors, strict=True))
    victim = sorted((tmp_path / "e").glob("*.npz"))[0]
    victim.write_bytes(victim.read_bytes()[:-7] + b"damaged")
    shards = EmbeddingShards(tmp_path / "e")
    assert len(shards.load()) in (1, 2)
    assert [path.name for path in shards.damaged] == [victim.name]


def test_the_words_ranking_agrees_with_an_independent_bm25(tmp_path, make_papers):
    # rank_bm25 has one field, k1 1.5 and another idf; the order of clearly different papers must be the same.
    texts = [
        "bees fly over the sea", "bees bees bees make honey in a hive", "protein folding by simulation",
        "graph colouring is hard for dense graphs", "honey from the hive sells well", "sea ice melts in summer",
    ]  # fmt: skip
    lexical = LexicalIndex(tmp_path / "l.sqlite3")
    lexical.add((f"p{n}", "", "", text, 1) for n, text in enumerate(texts))
    reference = BM25Okapi([[stem(word) for word in text.split()] for text in texts])
    for query in ("bees honey hive", "protein folding", "dense graph colouring", "sea ice"):
        scores = reference.get_scores([stem(word) for word in query.split()])
        assert lexical.search(query, 1)[0][0] == f"p{int(np.argmax(scores))}"
    lexical.close()


@pytest.mark.parametrize("query", ['"', "* AND (", "NEAR(a b)", "title:x", "a OR", "-", "the of and", "β-catenin 0.7%", "\x00"])
def test_no_query_is_taken_for_the_index_s_own_language(tmp_path, query):
    lexical = LexicalIndex(tmp_path / "l.sqlite3")
    lexical.add([("p", "", "β-catenin", "Levels fall by 0.7%.", 1)])
    assert lexical.search(query, 5) in ([], lexical.search("β catenin", 5)) or "0.7" in query
    lexical.close()
