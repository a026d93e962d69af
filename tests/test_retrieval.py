"""Retrieval: a filtered ranking is the full one with papers left out, and each part of the ranking does its work."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import Assistant
from assistant.filters import filters_from
from assistant.library import Filters
from assistant.papers import Paper
from assistant.retrieval import fuse

WORDS = "bees honey hive winter graph colouring protein folding ice sea simulation survey model error".split()
VENUES, AUTHORS = ["Bee Science", "Ice Letters", ""], ["Ada Lovelace", "Sanh, V.", "José Núñez", "Bo Li"]
PAPERS = [
    Paper(
        f"The {WORDS[n % 14]} and {WORDS[(n * 5 + 3) % 14]} no. {n}",
        f"We look at {WORDS[(n * 3) % 14]} and {WORDS[(n * 7 + 1) % 14]}. It is {n}% better with {WORDS[n % 11]}.",
        authors=(AUTHORS[n % 4],), year=2010 + n % 13 if n % 6 else None, venue=VENUES[n % 3],
    )
    for n in range(60)
]  # fmt: skip


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retrieval")
    records = folder / "papers.jsonl"
    records.write_text("\n".join(json.dumps(paper.to_dict()) for paper in PAPERS), encoding="utf-8")
    with Assistant.open(folder / "home", settings={"embedding_model": "hashing", "chat_model": "none"}) as assistant:
        assistant.add(records)
        yield assistant.retriever()


def passes(paper, filters):
    first, last = filters.years
    year = paper.year is not None and (first or 0) <= paper.year <= (last or 9999)
    return (
        (filters.years == (None, None) or year)
        and (not filters.authors or any(set(a.split()) <= set(paper.authors[0].split()) for a in filters.authors))
        and (not filters.venues or any(v in paper.venue for v in filters.venues))
        and (not filters.paper_ids or paper.paper_id in filters.paper_ids)
    )


chosen = st.builds(
    Filters,
    years=st.tuples(st.none() | st.integers(2009, 2024), st.none() | st.integers(2009, 2024)),
    authors=st.lists(st.sampled_from(["Ada Lovelace", "José Núñez", "Bo Li"]), max_size=2).map(tuple),
    venues=st.lists(st.sampled_from(["Bee", "Ice Letters", "Nowhere"]), max_size=2).map(tuple),
    paper_ids=st.lists(st.sampled_from([p.paper_id for p in PAPERS]), max_size=9).map(tuple),
)


@given(
    filters=chosen,
    words=st.lists(st.sampled_from([*WORDS, "unheard", "7%"]), min_size=1, max_size=5),
    k=st.integers(1, 70),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_filtered_ranking_is_the_full_ranking_filtered(retriever, filters, words, k):
    query = " ".join(words)
    known = {paper.paper_id: paper for paper in PAPERS}
    full = retriever.rank(query, len(PAPERS))
    assert len(full) == len(PAPERS)
    expected = [found for found in full if passes(known[found.paper_id], filters)]
    assert retriever.rank(query, k, filters) == expected[:k]


def test_an_author_is_found_with_initials_accents_and_in_any_order(retriever):
    for written, borne in (
        ("Victor Sanh", "Sanh, V."),
        ("V. Sanh", "Sanh, V."),
        ("nunez, jose", "José Núñez"),
        ("Lovelace A.", "Ada Lovelace"),
    ):
        found = retriever.rank("bees", 60, filters_from(authors=[written]))
        assert {p.authors[0] for p in PAPERS if p.paper_id in {f.paper_id for f in found}} == {borne}, written


def test_a_change_of_the_library_is_seen_by_filters_at_once(tmp_path):
    records = tmp_path / "papers.jsonl"
    with Assistant.open(tmp_path / "home", settings={"embedding_model": "hashing", "chat_model": "none"}) as assistant:
        for papers in (PAPERS[1:3], PAPERS[1:6]):
            records.write_text("\n".join(json.dumps(paper.to_dict()) for paper in papers), encoding="utf-8")
            assistant.add(records)
            assert len(assistant.retriever().rank("bees", 60, Filters(years=(2000, 2030)))) == len(papers)


def test_the_fused_score_is_one_for_a_paper_that_is_best_in_both():
    dense, lexical = np.array([0.1, 0.5, 0.3], np.float32), np.array([0.0, 8.0, 4.0], np.float32)
    fused = fuse(dense, lexical, 0.4)
    assert fused.argmax() == 1
    assert fused[1] == pytest.approx(1.0)
    assert fuse(dense, np.zeros(3, np.float32), 0.5).argmax() == 1
    assert fuse(np.zeros(3, np.float32), lexical, 0.5).argmax() == 1


def test_feedback_lifts_papers_that_are_like_the_best_ones(retriever):
    plain = {f.paper_id: f.score for f in replace(retriever, feedback=0.0).rank("bees in winter", 60)}
    lifted = {f.paper_id: f.score for f in replace(retriever, feedback=0.5).rank("bees in winter", 60)}
    best = max(plain, key=plain.get)
    near = retriever.index.vectors.similarities(
        retriever.index.vectors.mean_of([retriever.index.paper_ids.index(best)], [1.0])
    )
    gain = np.array([lifted[p] - plain[p] for p in retriever.index.paper_ids])
    assert np.corrcoef(gain, near)[0, 1] > 0.5


@pytest.mark.parametrize(("query", "k"), [("bees", 0), ("?", 5), ("the of", 5), ("ಠ", 5)])
def test_a_query_without_words_still_gets_a_ranking(retriever, query, k):
    assert len(retriever.rank(query, k)) == k
