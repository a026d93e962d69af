"""The index: found is what is there, and a generation is whole or it is not there."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import subprocess
import sys
from contextlib import closing

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from assistant.models.hashing import HashingEmbeddings
from vectorstore import (
    EmbeddingShards,
    Entry,
    IndexDamagedError,
    IndexStore,
    IndexWriteError,
    Manifest,
    arrays,
    bm25,
    dense,
    go_on,
)
from vectorstore import index as index_module
from vectorstore.bm25 import Bm25
from vectorstore.dense import DenseIndex, DensePart, parts
from vectorstore.graph import GraphProcess
from vectorstore.index import verify
from vectorstore.terms import stem

ENCODER = HashingEmbeddings()
IDENTITY = {"embeddings": "hashing", "chunking": 1}


def entry(paper):
    return Entry(paper.paper_id, paper.content_hash, paper.title, paper.abstract, ENCODER.encode([paper.abstract]))


@pytest.fixture
def store(tmp_path):
    return IndexStore(tmp_path / "index")


def publish(store, papers, removed=(), fresh=False, version=1):
    return store.publish(IDENTITY, version, map(entry, papers), set(removed), fresh=fresh)


def best(index, scores, k):
    return [index.paper_ids[at] for at in np.argsort(-scores, kind="stable")[:k]]


def found(store, text, k=3):
    with closing(store.open()) as index:
        dense = best(index, index.similarities(ENCODER.encode([text])[0]), k)
        return dense, best(index, index.word_scores(text), k)


def test_a_paper_is_found_by_its_own_words_and_vector(store, make_papers):
    papers = make_papers(30)
    publish(store, papers)
    dense, lexical = found(store, papers[17].abstract)
    assert dense[0] == lexical[0] == papers[17].paper_id


def test_scores_stay_with_their_papers_when_others_come_and_go(store, make_papers):
    papers = make_papers(12)
    publish(store, papers[:8])
    publish(store, papers[8:], removed=[papers[0].paper_id, papers[5].paper_id, papers[7].paper_id])
    publish(store, papers[5:6], removed=[papers[11].paper_id])
    left = [p for n, p in enumerate(papers) if n not in (0, 5, 7, 11)] + [papers[5]]
    fresh = IndexStore(store.current_folder().parent.parent / "fresh")
    publish(fresh, left)
    query = "honey bees and sea ice in 117 experiments"
    with closing(store.open()) as grown, closing(fresh.open()) as new:
        assert grown.paper_ids == new.paper_ids == [p.paper_id for p in left]
        vector = ENCODER.encode([query])[0]
        np.testing.assert_allclose(grown.similarities(vector), new.similarities(vector), atol=1e-6)
        np.testing.assert_allclose(grown.word_scores(query), new.word_scores(query), rtol=1e-5)


def test_beyond_the_exact_limit_the_graph_gives_the_same_best_papers(store, make_papers, monkeypatch):
    papers = make_papers(60)
    publish(store, papers)
    exact = found(store, papers[33].abstract, k=10)
    monkeypatch.setattr(index_module, "EXACT", 0)
    assert found(store, papers[33].abstract, k=10) == exact


def test_an_index_without_papers_is_searched_in_vain(store, make_papers):
    papers = make_papers(2)
    publish(store, papers)
    publish(store, [], removed=[p.paper_id for p in papers])
    assert found(store, "bees") == ([], [])


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
    assert (loaded.take(keys) == vectors).all()
    victim = sorted((tmp_path / "e").glob("*.npz"))[0]
    victim.write_bytes(victim.read_bytes()[:-7] + b"damaged")
    shards = EmbeddingShards(tmp_path / "e")
    assert len(shards.load()) in (1, 2)
    assert [path.name for path in shards.damaged] == [victim.name]


def test_shards_know_the_chunks_of_papers_whose_vectors_are_all_there(tmp_path):
    keys, vectors = [bytes([n]) * 32 for n in range(4)], np.eye(4, dtype=np.float32)
    one, two, torn = b"1" * 32, b"2" * 32, b"3" * 32
    shards = EmbeddingShards(tmp_path / "e")
    shards.append(keys[:3], vectors[:3], {one: keys[:2]})
    shards.append(keys[3:], vectors[3:], {two: [keys[3], keys[0]], torn: [keys[3], b"x" * 32]})
    for stored in (shards.load(), EmbeddingShards(tmp_path / "e").load()):
        assert [list(stored.chunks(paper)) for paper in (one, two)] == [keys[:2], [keys[3], keys[0]]]
        assert stored.chunks(torn) is None, "one of its chunks has no vector"
        assert stored.chunks(b"4" * 32) is None


def test_shards_of_an_earlier_version_know_vectors_and_no_papers(tmp_path):
    keys, vectors = [b"a" * 32, b"b" * 32], np.eye(2, dtype=np.float32)
    buffer = io.BytesIO()
    np.savez(buffer, keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(2, -1), vectors=vectors)
    path = tmp_path / f"{hashlib.sha256(buffer.getvalue()).hexdigest()}.npz"
    path.write_bytes(buffer.getvalue())
    stored = EmbeddingShards(tmp_path).load()
    assert (stored.take(keys) == vectors).all()
    assert stored.chunks(keys[0]) is None


def test_shards_hold_few_vectors_in_memory_and_give_all_of_them_in_any_order(tmp_path, monkeypatch):
    monkeypatch.setattr("vectorstore.shards._HELD", 2)
    monkeypatch.setattr("vectorstore.shards._NEWEST", 25)
    rng = np.random.default_rng(7)
    keys = [bytes([n]) * 30 + bytes(2) for n in range(50)]  # zeros at the end are part of a key
    vectors = rng.normal(size=(50, 8)).astype(np.float32)
    shards = EmbeddingShards(tmp_path / "e")
    for start in range(0, 50, 10):
        shards.append(keys[start : start + 10], vectors[start : start + 10])
    shards.append(keys[:2], vectors[:2])  # once more, as two processes may
    for stored in (shards.load(), EmbeddingShards(tmp_path / "e").load()):
        for order in (rng.permutation(50), np.array([3, 3, 41, 3])):
            assert (stored.take([keys[n] for n in order]) == vectors[order]).all()
        assert len(stored._held) == 2
        assert stored.take([]).size == 0
        assert len(stored) == len(keys)
        assert stored.has(keys)
        assert b"x" * 32 not in stored
        with pytest.raises(KeyError):
            stored.take([keys[0], b"x" * 32])
    missing = sorted((tmp_path / "e").glob("*.npz"))
    for path in missing:
        path.unlink()
    with pytest.raises(IndexDamagedError, match="is not what was written"):
        stored.take(keys)


def test_the_words_ranking_agrees_with_an_independent_bm25(tmp_path):
    # rank_bm25 has one field, k1 1.5 and another idf; the order of clearly different papers must be the same.
    texts = [
        "bees fly over the sea", "bees bees bees make honey in a hive", "protein folding by simulation",
        "graph colouring is hard for dense graphs", "honey from the hive sells well", "sea ice melts in summer",
    ]  # fmt: skip
    bm25.write(tmp_path / "words", None, [("", text) for text in texts])
    words = Bm25(tmp_path / "words")
    reference = BM25Okapi([[stem(word) for word in text.split()] for text in texts])
    for query in ("bees honey hive", "protein folding", "dense graph colouring", "sea ice"):
        scores = reference.get_scores([stem(word) for word in query.split()])
        assert words.scores(query).argmax() == np.argmax(scores)


def test_the_score_of_a_word_is_lucene_s(tmp_path):
    bm25.write(tmp_path / "words", None, [("", "bees bees hive"), ("", "hive"), ("bees", "sea ice melts")])
    lengths, counts = np.array([3, 1, 5]), np.array([2, 0, 2])  # a word of the title counts twice
    idf = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    expected = idf * counts * 2.2 / (counts + 1.2 * (0.25 + 0.75 * lengths / lengths.mean()))
    np.testing.assert_allclose(Bm25(tmp_path / "words").scores("bees, bees!"), expected, rtol=1e-5)


@pytest.mark.parametrize("query", ['"', "* AND (", "NEAR(a b)", "title:x", "a OR", "-", "the of and", "\x00", ""])
def test_a_query_without_a_word_of_the_library_scores_nothing(tmp_path, query):
    bm25.write(tmp_path / "words", None, [("β-catenin", "Levels fall by 0.7% with GPT-4 and 2DMSE.")])
    assert not Bm25(tmp_path / "words").scores(query).any()


@pytest.mark.parametrize(
    "query", ["β-catenin", "Β-Catenin", "0.7%", "a fall of 0.7 %", "GPT-4", "gpt4", "GPT 4", "2dmse", "level"]
)
def test_names_and_numbers_are_found_however_they_are_written(tmp_path, query):
    bm25.write(
        tmp_path / "words", None, [("β-catenin", "Levels fall by 0.7% with GPT-4 and 2DMSE."), ("Bees", "They fly.")]
    )
    scores = Bm25(tmp_path / "words").scores(query)
    assert scores[0] > 0 == scores[1]


@pytest.mark.parametrize("name", ["terms.txt", "paper_starts.i64", "posting_starts.i64", "postings.i32", "weights.f32"])
def test_a_missing_or_cut_file_is_damage_not_a_crash(tmp_path, name):
    bm25.write(tmp_path / "words", None, [("Bees", "They fly.")])
    path = tmp_path / "words" / name
    path.unlink() if name == "terms.txt" else path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(IndexDamagedError):
        Bm25(tmp_path / "words")


@pytest.fixture
def small_graphs(monkeypatch, tmp_path):
    """Give every graph four papers, also in the process that writes them."""
    (tmp_path / "sitecustomize.py").write_text("from vectorstore import dense\ndense.PART = 4\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setattr(dense, "PART", 4)


@pytest.mark.usefixtures("small_graphs")
def test_chroma_is_written_in_parts_and_searched_as_one(store, make_papers, monkeypatch):
    papers = make_papers(14)
    folder = publish(store, papers[:6])
    assert parts(folder / "chroma") == [0, 1]
    gone = [*papers[:4], papers[5]]  # all of the first graph, one of the second, which the next ones go on filling
    folder = publish(store, papers[6:], removed=[p.paper_id for p in gone])
    assert parts(folder / "chroma") == [1, 2, 3]
    left = [papers[4], *papers[6:]]
    monkeypatch.setattr(index_module, "EXACT", 0)
    with closing(store.open()) as index:
        assert index.dense.count() == len(left)
        for paper in left:
            hits = index.dense.search(ENCODER.encode([paper.abstract])[0], 1)
            assert hits[0][:2] == (f"{paper.paper_id}#0", paper.paper_id)
            assert hits[0][2] == pytest.approx(1.0, abs=1e-4)
            assert len(hits) == 1
        everything = index.dense.search(index.vectors.rows[0], 14)
        assert {paper_id for _, paper_id, _ in everything} == {p.paper_id for p in left}
        assert [hit[2] for hit in everything] == sorted((hit[2] for hit in everything), reverse=True)
        ids = [f"{p.paper_id}#0" for p in papers]
        assert index.dense.vectors(ids).shape == (len(left), len(index.vectors.rows[0]))
    (folder / "chroma" / "00007").mkdir()
    with pytest.raises(IndexDamagedError, match=r"has the graphs \[1, 2, 3, 7\] instead of \[1, 2, 3\]"):
        verify(folder)


@pytest.mark.usefixtures("small_graphs")
def test_a_graph_with_all_the_nearest_is_asked_for_more_than_its_share(tmp_path):
    rng, rows = np.random.default_rng(3), []
    for number in range(3):  # each graph has a subject of its own
        vectors = np.eye(3, 8, dtype=np.float32)[number] + 0.05 * rng.normal(size=(40, 8)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        with closing(DensePart(tmp_path, number)) as part:
            part.add([f"p{number}.{n}#0" for n in range(40)], vectors)
        rows.append(vectors)
    query = np.eye(3, 8, dtype=np.float32)[1]
    expected = np.sort(np.concatenate(rows) @ query)[::-1][:30]
    with closing(DenseIndex(tmp_path)) as every:
        hits = every.search(query, 30, 5)
        assert {hit[0].split(".")[0] for hit in hits} == {"p1"}
        np.testing.assert_allclose([hit[2] for hit in hits], expected, atol=1e-4)
        assert len(every.search(query, 500, 5)) == 120


@pytest.mark.usefixtures("small_graphs")
@pytest.mark.parametrize("lost", ["00001/chroma.sqlite3", "00001"])
def test_a_graph_that_is_gone_is_damage_where_graphs_are_searched(store, make_papers, monkeypatch, lost):
    path = publish(store, make_papers(9)) / "chroma" / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    monkeypatch.setattr(index_module, "EXACT", 0)
    with pytest.raises(IndexDamagedError, match=r"has \d vectors instead of 9|cannot be read"):
        store.open()


def test_more_files_may_be_open_for_many_graphs(monkeypatch):
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        dense._allow_files(100)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(min(soft, 512) + 100, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Full(io.BytesIO):
    """A file for which there is no room."""

    def write(self, _data):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_rows_that_find_no_room_are_an_error_and_not_lost(tmp_path):
    with pytest.raises(OSError, match="No space left"):
        arrays.write(Full(), np.zeros(3))
    source = tmp_path / "rows"
    source.write_bytes(np.arange(6, dtype=np.int32).tobytes())
    kept, starts = np.array([True, False, True]), arrays.starts_of([1, 3, 2])
    with pytest.raises(OSError, match="No space left"):
        arrays.copy_rows(source, Full(), starts, kept)
    target = io.BytesIO()
    arrays.copy_rows(source, target, starts, kept)
    assert np.frombuffer(target.getvalue(), dtype=np.int32).tolist() == [0, 4, 5]


@pytest.fixture
def child(monkeypatch, tmp_path):
    """Return ``child(program)``: a graph process that runs it in the place of the real one."""

    def start(program):
        folder = tmp_path / "program"
        (folder / "vectorstore").mkdir(parents=True)
        (folder / "vectorstore" / "__init__.py").touch()
        (folder / "vectorstore" / "child.py").write_text(program, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(folder))
        return GraphProcess(tmp_path)

    return start


@pytest.mark.parametrize(
    ("program", "error", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", IndexDamagedError, "ended with -11"),
        ("import sys; sys.exit('a link file of terabytes')", IndexDamagedError, "a link file of terabytes"),
        ("import sys; print('full', file=sys.stderr); sys.exit(3)", IndexWriteError, "full"),
        (
            "import os, sys; print('noise', file=sys.stderr); os.kill(os.getpid(), 9)",
            IndexWriteError,
            "memory is short",
        ),
        ("import sys; sys.stdin.readline()", IndexDamagedError, "ended with 0"),
    ],
)
def test_whatever_ends_the_process_that_writes_the_graph_is_an_error_with_its_reason(child, program, error, said):
    with child(program) as graph, pytest.raises(error, match=said):
        graph.start_verifying()
        graph.wait(go_on)


def test_what_is_no_text_is_an_answer_as_well_and_not_waited_for(child):
    program = "import sys, time; sys.stdout.buffer.write(bytes([255, 10])); sys.stdout.flush(); time.sleep(600)"
    with child(program) as graph:
        graph.wait(go_on)


def test_what_libraries_print_in_the_process_that_writes_the_graph_is_no_answer(
    store, make_papers, monkeypatch, tmp_path
):
    (tmp_path / "sitecustomize.py").write_text("import os; os.write(1, b'hello from a library')", encoding="utf-8")
    noisy = tmp_path / "chromadb"
    noisy.mkdir()
    (noisy / "__init__.py").write_text(
        "import os, sys\nos.write(1, b'noise'); print('more')\nsys.path.remove(os.path.dirname(os.path.dirname(__file__)))\n"
        "del sys.modules['chromadb']\nimport chromadb\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}")
    publish(store, make_papers(3))
    with closing(store.open()) as index:
        assert index.dense.count() == 3


def test_the_process_that_writes_the_graph_ends_where_nobody_waits_for_it(tmp_path, store, make_papers):
    folder = publish(store, make_papers(3))
    command = [sys.executable, "-m", "vectorstore.child", str(folder), "1"]  # as if its parent had ended at once
    step = '{"after": 0, "first": 0, "chunks": 3, "removed": []}\n'
    ended = subprocess.run(command, input=step, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "nobody waits" in ended.stderr


def test_the_process_that_writes_the_graph_is_ended_with_the_one_that_waits(child):
    class StopError(Exception):
        pass

    def look():
        raise StopError

    with child("import time; time.sleep(600)") as graph, pytest.raises(StopError):
        graph.wait(look)
    assert graph._process.returncode == -9


def test_a_generation_whose_graph_cannot_be_written_is_not_published(store, make_papers, monkeypatch):
    first = publish(store, make_papers(3))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(IndexDamagedError, match="ended with 1"):
        publish(store, make_papers(5, start=3), version=2)
    assert store.current_folder() == first
    assert [path.name for path in store._folder.iterdir() if path.is_dir()] == [first.name]


def test_terms_that_are_sorted_in_parts_are_those_that_are_sorted_at_once(tmp_path, make_papers, monkeypatch):
    papers = [(p.title, p.abstract) for p in make_papers(20)]
    bm25.write(tmp_path / "once", None, papers)
    monkeypatch.setattr(arrays, "BLOCK", 3)
    monkeypatch.setattr(bm25, "_RANGE", 40)
    bm25.write(tmp_path / "parts", None, papers[:8])
    bm25.write(tmp_path / "parts", np.ones(8, dtype=np.bool_), papers[8:])
    for one, other in zip(bm25.files(tmp_path / "once"), bm25.files(tmp_path / "parts"), strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
