"""Words in context: what is kept of them, that a cache it is and no more, and what they do for a ranking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from assistant import Assistant
from assistant.chunking import Chunker
from assistant.models.embeddings import SentenceTransformerEmbeddings
from assistant.models.files import BUNDLED, embedding_model_folder
from assistant.models.hashing import HashingEmbeddings
from assistant.models.runtimes import unit
from assistant.papers import Paper
from assistant.word_matching import WordMatching, key_of, packed_words, word_vectors
from vectorstore.word_vectors import WordVectors, pack, products


@pytest.fixture(scope="module", params=["compiled", "hashing"])
def encoder(request, tmp_path_factory):
    if request.param == "hashing":
        return HashingEmbeddings()
    return SentenceTransformerEmbeddings(embedding_model_folder(BUNDLED), tmp_path_factory.mktemp("compiled"))


SETTINGS = {"embedding_model": "hashing", "chat_model": "none"}


def unpacked(codes, dimension):
    return products(codes, np.eye(dimension, dtype=np.float32))


def words_of(text, encoder):
    return word_vectors(text, encoder.encode_tokens([text])[0])


@given(
    arrays(np.float32, st.tuples(st.integers(0, 5), st.integers(1, 40)), elements=st.floats(-1, 1, width=32)).map(unit)
)
@settings(max_examples=200, deadline=None)
def test_packed_rows_come_back_as_nearly_the_same(rows):
    dimension = rows.shape[1]
    codes = pack(rows)
    assert codes.shape == (len(rows), (dimension + 1) // 2)
    back = unpacked(codes, dimension)
    assert back.shape == rows.shape
    limit = 2.5 / np.sqrt(dimension)  # what is greater is cut
    assert np.abs(np.clip(rows, -limit, limit) - back).max(initial=0.0) <= limit / 16 + 1e-6


def test_packed_rows_keep_their_cosines():
    rows = unit(np.random.default_rng(0).normal(size=(400, 384)).astype(np.float32))
    near = unit(rows + 0.7 * np.roll(rows, 1, axis=0))
    back = unpacked(pack(near), 384)
    differences = np.abs((rows * near).sum(axis=1) - (rows * back).sum(axis=1))
    assert differences.mean() < 0.02
    assert differences.max() < 0.06


def test_words_that_mean_something_get_a_row_a_stem(encoder):
    stems, rows = words_of("The bees of the hive: a bee's hives, and βeta-2.", encoder)
    assert stems == ["bee", "hive", "s", "βeta", "2"]
    assert rows.shape == (5, len(encoder.encode(["x"])[0]))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    for empty in ("", "of the", "?!"):
        assert words_of(empty, encoder)[0] == []


def test_words_beyond_the_window_have_no_row(encoder):
    tail = "zebra crossing"
    text = "Bees keep warm. " * 400 + tail
    stems, rows = words_of(text, encoder)
    assert "zebra" not in stems or isinstance(encoder, HashingEmbeddings)
    assert len(stems) == len(rows)


def test_what_is_kept_is_found_again_and_damage_is_not_believed(tmp_path):
    kept, rng = WordVectors(tmp_path / "words"), np.random.default_rng(1)
    kept.load()
    assert kept.get(7, 4) is None
    first = {7: rng.integers(0, 255, (3, 4), dtype=np.uint8), 2**63 + 5: rng.integers(0, 255, (0, 4), dtype=np.uint8)}
    second = {9: rng.integers(0, 255, (2, 4), dtype=np.uint8)}
    kept.append(first)
    kept.append(second)
    kept.load()
    assert len(kept) == 3
    for key, codes in (first | second).items():
        assert key in kept
        np.testing.assert_array_equal(kept.get(key, 4), codes)
    assert kept.get(7, 5) is None  # of a model with other dimensions
    assert kept.check() == []
    path = max(tmp_path.glob("words/*.words"), key=lambda p: p.stat().st_size)
    data = bytearray(path.read_bytes())
    for damaged in (bytes(data[:-1]), bytes(data[:-1]) + bytes([data[-1] ^ 1]), bytes(data[:40]), b""):
        path.write_bytes(damaged)
        assert kept.get(7, 4) is None
        assert kept.check() == [path]
        fresh = WordVectors(tmp_path / "words")
        fresh.load()
        assert fresh.get(7, 4) is None
        np.testing.assert_array_equal(fresh.get(9, 4), second[9])
    path.unlink()
    assert kept.get(7, 4) is None
    (tmp_path / "words" / "x.words.partial").touch()
    kept.sweep()
    assert [p.suffix for p in (tmp_path / "words").iterdir()] == [".words"]


def matching(tmp_path, encoder, papers=()):
    chunker, kept = Chunker(encoder.count_tokens, encoder.window), WordVectors(tmp_path / "words")
    for paper in papers:
        chunks = chunker.chunks(paper)
        read = encoder.encode_and_read([c.text for c in chunks], packed_words)[1]
        kept.append({key_of([c.text_hash for c in chunks]): np.concatenate(read)})
    kept.load()
    keys = {paper.paper_id: key_of([c.text_hash for c in chunker.chunks(paper)]) for paper in PAPERS}
    return WordMatching(encoder, chunker, kept), keys


PAPERS = [
    Paper("Bees in winter", "Honey bees keep the hive warm by shivering. " * 30 + "They eat honey."),
    Paper("Sea ice", "We measure how thick the ice is. Salt makes it thinner."),
    Paper("Graph colouring", "Four colours are enough for every map."),
]


def test_papers_are_scored_alike_whether_their_words_are_kept_or_read(tmp_path, encoder):
    queries = ("How do honey bees stay warm?", "salt in sea ice", "the of", "")
    unkept, keys = matching(tmp_path / "none", encoder)
    kept, _ = matching(tmp_path / "all", encoder, PAPERS)
    for query in queries:
        asked = []

        def papers(ids, asked=asked):
            asked += ids
            return [paper for paper in PAPERS if paper.paper_id in ids]

        read = unkept.scores(words_of(query, encoder), keys, papers, lambda _: 1.0)
        assert asked == ([paper.paper_id for paper in PAPERS] if query in queries[:2] else [])
        found = kept.scores(words_of(query, encoder), keys, pytest.fail, lambda _: 1.0)
        np.testing.assert_allclose(found, read, atol=2e-3)
    assert kept.scores(words_of(queries[0], encoder), keys, pytest.fail, lambda _: 1.0).argmax() == 0
    assert kept.scores(words_of(queries[1], encoder), keys, pytest.fail, lambda _: 1.0).argmax() == 1


def test_rare_words_count_for_more_and_a_paper_that_is_gone_for_nothing(tmp_path):
    encoder = HashingEmbeddings()
    ranking, keys = matching(tmp_path, encoder, PAPERS[:2])
    common = ranking.scores(words_of("honey ice", encoder), keys, lambda _: [], {"honey": 9.0, "ice": 1.0}.__getitem__)
    rare = ranking.scores(words_of("honey ice", encoder), keys, lambda _: [], {"honey": 1.0, "ice": 9.0}.__getitem__)
    assert common.argmax() == 0
    assert rare.argmax() == 1
    assert common[2] == rare[2] == 0.0


def test_a_library_without_kept_words_is_searched_alike_and_a_repair_keeps_them(home_of_papers):
    with Assistant.open(home_of_papers, settings=SETTINGS) as assistant:
        before = assistant.retriever().rank("honey bees in the hive", 10)
        files = sorted(home_of_papers.glob("words/*/*.words"))
        assert files
    for path in files:
        path.unlink()
    with Assistant.open(home_of_papers, settings=SETTINGS) as assistant:
        without = assistant.retriever().rank("honey bees in the hive", 10)
        assert [f.paper_id for f in without] == [f.paper_id for f in before]
        np.testing.assert_allclose([f.score for f in without], [f.score for f in before], atol=1e-5)
        assistant.repair()
        assert sorted(home_of_papers.glob("words/*/*.words"))
        assert assistant.retriever().rank("honey bees in the hive", 10) == before
