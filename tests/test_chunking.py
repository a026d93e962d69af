"""Chunks: every sentence is read, none is cut, and what the model cannot read is not given to it."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from assistant.chunking import VERSION, Chunker
from assistant.papers import Paper
from assistant.sentences import split_sentences


def count_words(texts):
    return [len(text.split()) for text in texts]


def words(count, start=0):
    return " ".join(f"word{n}" for n in range(start, start + count))


def test_a_short_abstract_is_one_chunk_with_its_title():
    paper = Paper(title="On bees", abstract="We count bees. They are many.")
    (chunk,) = Chunker(count_words, window=64).chunks(paper)
    assert chunk.text == "On bees\nWe count bees. They are many."
    assert paper.abstract[chunk.start : chunk.end] == paper.abstract


@given(st.lists(st.integers(1, 40), min_size=1, max_size=25), st.integers(60, 120), st.integers(0, 2))
def test_chunks_hold_whole_sentences_cover_all_and_fit_the_window(lengths, window, overlap):
    abstract = " ".join(f"Sentence{n} {words(length)}." for n, length in enumerate(lengths))
    paper = Paper(title="A title of five words", abstract=abstract)
    sentences = split_sentences(abstract)
    chunks = Chunker(count_words, window=window, overlap=overlap).chunks(paper)
    assert chunks[0].start == sentences[0].start
    assert chunks[-1].end == sentences[-1].end
    assert all(any(c.start <= s.start and s.end <= c.end for c in chunks) for s in sentences)
    assert [c.number for c in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        single = sum(chunk.start <= s.start < chunk.end for s in sentences) == 1
        assert single or len(chunk.text.split()) <= window
        assert chunk.text.endswith(abstract[chunk.start : chunk.end])


def test_a_text_is_embedded_again_only_if_it_changes():
    chunker = Chunker(count_words, window=64)
    one = chunker.chunks(Paper(title="On bees", abstract="We count bees."))
    same = chunker.chunks(Paper(title="On bees", abstract="We count bees.", year=2020))
    other = chunker.chunks(Paper(title="On bees", abstract="We count wasps."))
    assert one[0].text_hash == same[0].text_hash != other[0].text_hash


def test_which_chunks_come_out_belongs_to_the_version():
    """Chunks are remembered under the version: whoever changes what comes out raises it, and then these."""
    texts = [
        "Short.",
        "We study bees, e.g. in winter. They gain 0.7\\%, i.e. little! Smith et al. disagree (cf. Fig. 3). Is it so?",
        " ".join(f"Sentence number {n} has some words and a full stop." for n in range(40)),
        "word " * 200,
        "x" * 900,
    ]
    chunker = Chunker(lambda texts: [len(text.split()) for text in texts], window=60)
    chunks = chunker.chunks_of([Paper("A title of five words", text) for text in texts])
    told = "\n".join(f"{c.number} {c.start} {c.end} {c.text}" for of in chunks for c in of)
    assert (VERSION, hashlib.sha256(told.encode()).hexdigest()[:12]) == (2, "c5af722fbf7f")
