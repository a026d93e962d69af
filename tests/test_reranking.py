"""The reranker: the first papers in a cross-encoder's order, in search, answers and measurement; off unless named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from assistant.cli import main
from assistant.errors import ModelError
from assistant.evaluation.retrieval import read_run
from assistant.evidence import Query
from assistant.filters import Filters
from assistant.models.opening import open_reranker
from assistant.papers import Paper
from assistant.reranking import RERANKED, rerank
from assistant.retrieval import RankedPaper
from assistant.settings import Settings

QUERY = "bees dance"
TOPICS = ["bees", "ants", "dance", "sing", "bees sing", "ants dance", "not bees", "ants do not sing"]
PAPERS = [Paper(f"{t} {n}", f"bees dance. {t} {t}.", paper_id=f"t:{n}") for n, t in enumerate(TOPICS)]


def by_hand(folder, query, papers):
    """The model's order of papers, computed without sentence-transformers."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForSequenceClassification.from_pretrained(folder)
    scores = {}
    for paper in papers:
        tokens = tokenizer(
            query, f"{paper.title}. {paper.abstract}", return_tensors="pt", truncation=True, max_length=64
        )
        with torch.no_grad():
            scores[paper.paper_id] = model(**tokens).logits[0, 0].item()
    return sorted(scores, key=lambda paper_id: -scores[paper_id])


@pytest.fixture
def folder(make_cross_encoder):
    return make_cross_encoder(("relevance",))


@pytest.fixture
def home(tmp_path, open_assistant, write_jsonl):
    with open_assistant(tmp_path / "home") as assistant:
        assistant.library.put(PAPERS)
        assistant.update()
    return tmp_path / "home"


class Backwards:
    """Likes texts the better the later they come."""

    def scores(self, query, texts):
        assert all(text.startswith("T") for text in texts)
        return np.arange(len(texts), dtype=np.float32)


def test_the_first_papers_change_places_and_scores_stay_where_they_are():
    papers = {f"t:{n}": Paper(f"T{n}", "A.", paper_id=f"t:{n}") for n in range(RERANKED + 5)}
    ranked = [RankedPaper(paper_id, 1.0 - n / 100, 0.5, 0.1) for n, paper_id in enumerate(papers)]
    again = rerank(Backwards(), "q", ranked, lambda found: papers[found.paper_id])
    assert [r.paper_id for r in again[:RERANKED]] == [r.paper_id for r in ranked[RERANKED - 1 :: -1]]
    assert again[RERANKED:] == ranked[RERANKED:]
    assert [r.score for r in again] == [r.score for r in ranked]
    assert rerank(Backwards(), "q", [], papers.get) == []


def test_search_and_answers_are_in_the_models_order(folder, home, open_assistant):
    wanted = by_hand(folder, QUERY, PAPERS)
    with open_assistant(home) as plain, open_assistant(home, reranker=folder, answer_threshold=0.0) as assistant:
        before = plain.search(QUERY)
        found = assistant.search(QUERY)
        assert [r.paper_id for r in found] == wanted != [r.paper_id for r in before]
        assert [r.score for r in found] == [r.score for r in before]
        judged = assistant.searcher().judge(Query(QUERY, QUERY), Filters(), 8)
        assert [j.paper.paper_id for j in judged.papers] == wanted
        answer = assistant.ask("How do bees dance?")
        assert answer.citations[0].paper_id == by_hand(folder, "How do bees dance?", PAPERS)[0]


def test_evaluation_ranks_again_as_search_does(folder, tmp_path, capsys):
    place = tmp_path / "collection"
    place.mkdir()
    records = [{"_id": p.paper_id, "title": p.title, "text": p.abstract} for p in PAPERS]
    (place / "corpus.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (place / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": QUERY}) + "\n")
    (place / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\tt:1\t1\n")
    orders = {}
    for reranker in ("none", str(folder)):
        words = [
            w for k, v in {"embedding_model": "hashing", "reranker": reranker}.items() for w in ("--set", f"{k}={v}")
        ]
        run = ["evaluate", "retrieval", str(place), "--run", str(tmp_path / "run"), "--home", str(tmp_path / "home")]
        assert main([*run, *words]) == 0, capsys.readouterr()
        orders[reranker] = list(read_run(tmp_path / "run")["q"])
    assert orders[str(folder)] == by_hand(folder, QUERY, PAPERS) != orders["none"]


def test_it_is_off_by_default_and_loaded_at_the_first_query_alone(folder):
    assert open_reranker(Settings()) is None
    reranker = open_reranker(Settings(reranker=str(folder)))
    assert "_model" not in vars(reranker._model)
    assert reranker.scores(QUERY, ["bees", "ants " * 500]).shape == (2,)
    assert "_model" in vars(reranker._model)


@pytest.mark.parametrize(
    ("labels", "kind", "message"),
    [
        (("a", "b", "c"), "BertForSequenceClassification", "has 3 outputs, a reranker has one"),
        (("a", "b"), "BertForSequenceClassification", "has 2 outputs, a reranker has one"),
        (("a",), "BertModel", r"is no cross-encoder \(BertModel\)"),
    ],
)
def test_a_model_that_does_not_rank_is_refused(make_cross_encoder, home, capsys, labels, kind, message):
    folder = make_cross_encoder(labels, kind=kind)
    with pytest.raises(ModelError, match=rf"{message}; set reranker to .* or to 'none'"):
        open_reranker(Settings(reranker=str(folder))).scores("bees", ["bees"])
    capsys.readouterr()  # what making the model said
    options = ["--set", "embedding_model=hashing", "--set", f"reranker={folder}", "--home", str(home)]
    assert main(["search", "bees", *options]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_or_damaged_model_is_an_error_that_says_what_to_do(tmp_path, folder):
    with pytest.raises(ModelError, match=r"no reranker in .*set reranker"):
        open_reranker(Settings(reranker=str(tmp_path / "nowhere")))
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"the reranker in .* cannot be loaded .*set reranker"):
        open_reranker(Settings(reranker=str(folder))).scores("bees", ["bees"])
    (folder / "config.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ModelError, match=r"config\.json cannot be read"):
        open_reranker(Settings(reranker=str(folder)))


def test_a_model_with_broken_weights_is_named_instead_of_ranking_by_nothing(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"][:] = float("nan")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="no finite scores"):
        open_reranker(Settings(reranker=str(folder))).scores("bees", ["bees"])
