"""The model files of other sizes that the benchmarks measure."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from gguf.quants import dequantize

from assistant.models.chat import ChatLlamaCpp
from assistant.models.files import BUNDLED, chat_model_file


@pytest.fixture
def random_model(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[1] / "benchmarks"))
    import random_model

    return random_model


@pytest.mark.parametrize(("name", "parameters"), [("0.5b", 494_032_768), ("1.5b", 1_543_714_304)])
def test_a_shape_has_as_many_parameters_as_the_model_that_it_is_named_for(random_model, name, parameters):
    sizes = (size for *_, size in random_model.tensors(random_model.SHAPES[name], "q4_0"))
    assert sum(map(math.prod, sizes)) == parameters


@pytest.mark.parametrize("kind", ["q4_0", "q4_k", "q8_0"])
def test_random_weights_lie_around_0_as_those_of_models_do(random_model, kind):
    data = random_model.weights(np.random.default_rng(0), kind, (64, 256))
    weights = dequantize(data, random_model.TYPES[kind][0])
    assert weights.shape == (64, 256)
    assert np.std(weights) == pytest.approx(random_model.SPREAD, rel=0.02)
    assert abs(np.mean(weights)) < 0.2 * random_model.SPREAD


@pytest.mark.parametrize("kind", ["q4_0", "q4_k", "q8_0"])
def test_a_random_model_runs_and_reads_the_same_tokens_as_the_bundled_one(random_model, kind, tmp_path):
    path, vocabulary = tmp_path / "random.gguf", 50_000
    shape = random_model.Shape(2, hidden=256, heads=4, kv_heads=2, feed_forward=256, vocabulary=vocabulary)
    random_model.write(path, shape, kind)
    tokens = []
    for file in (path, chat_model_file(BUNDLED)):
        model = ChatLlamaCpp(model_path=str(file))
        tokens.append(model.engine.tokenize("<|im_start|>Die Grüße der Bienen: 12.5 %", special=True))
        llama = model.engine._llama
        written = list(itertools.islice(llama.generate(tokens[-1], temp=0.0), 3))
        assert len(written) == 3
        if file == path:
            assert llama.n_vocab() == vocabulary
            assert llama.metadata["general.architecture"] == "qwen2"
        model.close()
    assert tokens[0] == tokens[1]
