"""How good rankings are with the bundled embedding model; `benchmarks/retrieval.py` has the other collections."""

from __future__ import annotations

import pytest

from assistant import Assistant
from assistant.evaluation.collections import read_collection
from assistant.evaluation.retrieval import measure, rank_all, retriever_of


def test_cranfield_is_ranked_as_well_as_was_measured(shared, tmp_path):
    folder = shared / "data" / "beir" / "cranfield"
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent")
    collection = read_collection(folder)
    with (
        Assistant.open(tmp_path, {"chat_model": "none"}) as assistant,
        retriever_of(collection, tmp_path / "collections", assistant.encoder, assistant.settings.dense_weight) as found,
    ):
        assert measure(collection, rank_all(found, collection.queries)).ndcg_at_10 >= 0.445
