"""Sentences: where abstracts are cut, and that a quote is always an exact piece of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.sentences import split_sentences


def split(text):
    return [span.of(text) for span in split_sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        r"It gains 0.7\%, i.e. Twice as much as before.",
        "Smith et al. Show that bees, e.g. Apis mellifera, fly.",
        "We compare BERT vs. GPT on v1.5 data.",
        "As A. B. Smith wrote, it holds.",
        "It holds in most cases (see Fig. 3. Note the scale) and for all k.",
        "Accuracy is 0.817 on NMEDW and 12.5 on WCM.",
    ],
)
def test_traps_do_not_end_a_sentence(text):
    assert split(text) == [text]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("We propose X. It works well! Does it scale? Yes, it does.", 4),
        ("The results improve.We release the code.", 2),
        ("It reaches 95 %. 3D models follow from this.", 2),
        ('He said "it works." Then it broke down.', 2),
        ("We use vitamin C. This helps.", 2),
    ],
)
def test_sentences_end_where_they_do(text, count):
    assert len(split(text)) == count


@given(st.text(max_size=400))
def test_spans_are_ordered_disjoint_and_leave_out_only_white_space(text):
    spans, end = split_sentences(text), 0
    for span in spans:
        assert not text[end : span.start].strip()
        assert span.of(text) == span.of(text).strip() != ""
        end = span.end
    assert not text[end:].strip()


def test_real_abstracts_have_sentences_of_sensible_length(shared):
    lines = (shared / "data/seed_papers.jsonl").read_text(encoding="utf-8").splitlines()
    lengths = [len(s.split()) for line in lines for s in split(json.loads(line)["abstract"])]
    assert 700 <= len(lengths) <= 800
    assert sum(length > 90 for length in lengths) == 0
    assert sum(length < 3 for length in lengths) == 0
