"""Retrieval on test collections: read as BEIR has them, measured as TREC does, the library left alone."""

from __future__ import annotations

import gzip
import json
import math

import pytest

from assistant.errors import SourceError
from assistant.evaluation.collections import read_collection
from assistant.evaluation.retrieval import measure, read_run, write_run

CORPUS = [
    {"_id": "a", "title": "Bees", "text": "Honey bees sleep in winter."},
    {"_id": "b", "title": "", "text": "Sea ice melts."},
    {"_id": "c", "title": "A title alone", "text": ""},
    {"_id": "d", "title": "", "text": ""},
]
QUERIES = [{"_id": "1", "text": "sleeping bees"}, {"_id": "2", "text": "melting ice"}, {"_id": "3", "text": "unjudged"}]
QRELS = "query-id\tcorpus-id\tscore\n1\ta\t2\n1\tb\t1\n1\tc\t0\n2\tb\t1\n"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "collection"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, CORPUS)), encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)), encoding="utf-8")
    (folder / "qrels.tsv").write_text(QRELS, encoding="utf-8")
    return folder


def test_a_collection_is_read_plain_or_compressed(folder):
    plain = read_collection(folder)
    assert list(plain.papers) == ["a", "b", "c"]  # a paper without any text cannot be found
    assert plain.papers["c"].abstract == "A title alone"
    assert plain.queries == {"1": "sleeping bees", "2": "melting ice"}
    assert plain.relevant == {"1": {"a": 2, "b": 1}, "2": {"b": 1}}
    packed = gzip.compress((folder / "corpus.jsonl").read_bytes())
    (folder / "corpus.jsonl").unlink()
    (folder / "corpus.jsonl.gz").write_bytes(packed)
    assert read_collection(folder).papers == plain.papers


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("corpus.jsonl", None, "holds no corpus.jsonl"),
        ("queries.jsonl", None, "queries.jsonl: is missing"),
        ("qrels.tsv", None, "qrels.tsv: is missing"),
        ("corpus.jsonl", '{"_id": "a", "title": "x"}\n{"_id": 7', "line 2 is no JSON"),
        ("corpus.jsonl", "[1]", "line 1 is no JSON object"),
        ("corpus.jsonl", '{"title": "x"}', "line 1 has no text in '_id'"),
        ("corpus.jsonl", "", "holds no paper"),
        ("qrels.tsv", "1\ta\t1\n1 b 1\n", "line 2 is not"),
        ("qrels.tsv", "9\ta\t1\n", "holds no query that qrels.tsv judges"),
        ("queries.jsonl", b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(folder, name, content, says):
    path = folder / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError, match=says):
        read_collection(folder)


def test_the_measures_are_those_of_the_textbook(folder):
    collection = read_collection(folder)
    run = {"1": {"b": 3.0, "c": 2.0, "a": 1.0}, "2": {"a": 2.0, "b": 1.0}}
    measures = measure(collection, run)
    first = (1 + 2 / math.log2(4)) / (2 + 1 / math.log2(3))
    assert measures.ndcg_at_10 == pytest.approx((first + 1 / math.log2(3)) / 2)
    assert measures.mrr_at_10 == pytest.approx((1 + 1 / 2) / 2)
    assert (measures.recall_at_10, measures.recall_at_100, measures.first) == (1.0, 1.0, 0.5)
    assert (measures.papers, measures.queries) == (3, 2)


def test_a_query_without_results_counts_as_missed(folder):
    assert measure(read_collection(folder), {"2": {"b": 1.0}}).ndcg_at_10 == pytest.approx(0.5)


def test_two_configurations_are_compared_query_by_query(folder):
    collection = read_collection(folder)
    good, bad = {"1": {"a": 2.0, "b": 1.0}, "2": {"b": 1.0}}, {"1": {"b": 2.0, "a": 1.0}, "2": {"a": 1.0}}
    than = measure(collection, good, bad).comparison
    assert (than.better, than.worse) == (2, 0)
    assert than.difference == pytest.approx(1.0 - than.ndcg_at_10)
    assert 0 < than.p <= 1
    same = measure(collection, good, good).comparison
    assert (same.difference, same.better, same.worse, same.p) == (0.0, 0, 0, 1.0)


def test_a_run_is_written_as_trec_does_and_read_again(tmp_path):
    run = {"1": {"b": 3.0, "a": 1.5}, "2": {"a": 0.25}}
    write_run(tmp_path / "x.run", run)
    assert (tmp_path / "x.run").read_text().splitlines()[1] == "1 Q0 a 2 1.500000 paper-assistant"
    assert read_run(tmp_path / "x.run") == run
    (tmp_path / "x.run").write_text("1 Q0 a 1 1.0 x\nnonsense\n")
    with pytest.raises(SourceError, match="line 2"):
        read_run(tmp_path / "x.run")
    with pytest.raises(SourceError, match="cannot be written"):
        write_run(tmp_path / "no" / "x.run", run)
    with pytest.raises(SourceError, match="cannot be read"):
        read_run(tmp_path / "absent.run")
