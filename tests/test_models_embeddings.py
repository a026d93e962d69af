"""The embedding models: unit rows in order, from any thread, and what is said about folders that hold none."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.models.embeddings import Encoder, SentenceTransformerEmbeddings
from assistant.models.files import BUNDLED, digest, embedding_model_folder
from assistant.models.hashing import HashingEmbeddings
from assistant.models.runtimes import reference

TEXTS = ["Honey bees cluster in winter.", "", "x", "Bees " * 2000, "ünïcödé 🐝 \ue000", "\x00 control", "Sea ice."]


@pytest.fixture(scope="module")
def bundled():
    return SentenceTransformerEmbeddings(embedding_model_folder(BUNDLED))


@pytest.fixture(scope="module", params=["bundled", "compiled", "hashing"])
def encoder(request, bundled, tmp_path_factory):
    if request.param == "compiled":
        return SentenceTransformerEmbeddings(bundled.folder, tmp_path_factory.mktemp("compiled"))
    return bundled if request.param == "bundled" else HashingEmbeddings()


def test_both_are_what_the_assistant_needs(encoder):
    assert isinstance(encoder, Encoder)
    assert encoder.name
    assert 0 < encoder.window <= encoder.token_window


def test_reading_gives_the_same_vectors_and_the_tokens_that_they_are_made_of(encoder):
    vectors, read = encoder.encode_and_read(TEXTS, lambda text, tokens: (text, tokens))
    np.testing.assert_allclose((vectors * encoder.encode(TEXTS)).sum(axis=1), 1, atol=1e-3)
    assert [text for text, _ in read] == TEXTS
    for text, (_, found), tokens in zip(TEXTS, read, encoder.encode_tokens(TEXTS), strict=True):
        if len(text) < 1000:  # a longer one has more tokens than its vector is made of
            np.testing.assert_array_equal(found.offsets, tokens.offsets)
            np.testing.assert_allclose((found.vectors * tokens.vectors).sum(axis=1), 1, atol=1e-2)
    assert encoder.encode_and_read([], lambda text, _: text)[1] == []


def test_every_text_gets_a_unit_row_of_its_own(encoder):
    rows = encoder.encode(TEXTS)
    assert (rows.shape[0], rows.dtype) == (len(TEXTS), np.float32)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    for text, row in zip(TEXTS, rows, strict=True):
        assert encoder.encode([text])[0] @ row > 0.9995  # in bfloat16 a batch rounds otherwise than a text alone


def test_no_texts_are_no_error(encoder):
    assert encoder.encode([]).shape[0] == 0
    assert encoder.embed_documents([]) == []
    assert encoder.encode_tokens([]) == []
    assert encoder.count_tokens([]) == []


def test_tokens_are_counted_without_a_limit(encoder):
    counts = encoder.count_tokens(TEXTS)
    assert counts[1] == 0
    assert counts[3] >= 2000


def test_tokens_have_unit_vectors_and_stand_where_they_say(encoder):
    for text, tokens in zip(TEXTS, encoder.encode_tokens(TEXTS), strict=True):
        assert len(tokens.vectors) == len(tokens.offsets)
        assert tokens.offsets.shape == (len(tokens.offsets), 2)
        assert np.allclose(np.linalg.norm(tokens.vectors, axis=1), 1.0, atol=1e-4)
        assert all(0 <= start < end <= len(text) for start, end in tokens.offsets)
    (sea,) = encoder.encode_tokens(["Sea ice."])
    assert "Sea ice."[slice(*sea.offsets[0])] == "Sea"


def test_threads_get_the_rows_they_get_alone(encoder):
    def work(number):
        text = f"{TEXTS[0]} {number}" * (number % 5 + 1)
        return encoder.encode([text, "Sea ice."])[0], encoder.encode_tokens([text])[0], encoder.count_tokens([text])[0]

    alone = [work(number) for number in range(12)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(work, range(12)))
    for (row, tokens, count), (row_too, tokens_too, count_too) in zip(alone, together, strict=True):
        assert np.allclose(row, row_too, atol=1e-5)
        assert np.array_equal(tokens.offsets, tokens_too.offsets)
        assert np.allclose(tokens.vectors, tokens_too.vectors, atol=1e-4)
        assert count == count_too


def test_meaning_is_nearer_than_words_for_the_bundled_model(bundled):
    heart, cardiac, art = bundled.encode(["heart attack", "myocardial infarction", "art attack"])
    assert heart @ cardiac > heart @ art


def test_the_digest_changes_with_the_weights_and_not_with_the_folder(bundled, tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}", encoding="utf-8")
        (tmp_path / name / "model.safetensors").write_bytes(b"weights")
    same = digest(tmp_path / "one") == digest(tmp_path / "other")
    (tmp_path / "other" / "model.safetensors").write_bytes(b"other weights")
    assert same
    assert digest(tmp_path / "one") != digest(tmp_path / "other")
    assert len(bundled.digest) == 64


@pytest.mark.parametrize("fault", [AttributeError, RuntimeError])
def test_a_torch_that_does_not_tell_what_the_processor_can_computes_in_float32(fault, monkeypatch):
    import torch

    def moved():
        raise fault("no such function")

    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", moved)
    assert reference._precision(exact=False) is torch.float32
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported")
    assert reference._precision(exact=False) is torch.float32


def test_a_folder_without_a_model_is_an_error_that_says_what_to_set(tmp_path):
    with pytest.raises(ModelError, match=r"no sentence-transformers model in .*; set embedding_model"):
        embedding_model_folder(str(tmp_path))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_damaged_folder_is_an_error_with_its_path_and_what_to_do(name, tmp_path):
    folder = tmp_path / "broken"
    shutil.copytree(embedding_model_folder(BUNDLED), folder)
    (folder / name).write_bytes(b"broken")
    with pytest.raises(ModelError, match=r"cannot be loaded .*; install or download it again") as caught:
        SentenceTransformerEmbeddings(folder).encode(["x"])
    assert str(folder) in str(caught.value)
