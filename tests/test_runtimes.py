"""What computes embeddings: the compiled model gives the original's vectors, and where it cannot, the original computes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.models.embeddings import SentenceTransformerEmbeddings
from assistant.models.files import BUNDLED, embedding_model_folder
from assistant.models.runtimes import conversion, open_runtime
from assistant.models.runtimes.compiled import FACTS, GRAPH, TOKENIZER, WEIGHTS, Compiled, Facts
from assistant.models.runtimes.conversion import UNFIT, convert, prepare
from assistant.models.runtimes.reference import Reference

TEXTS = ["Bees.", "Which bees?", "Honey bees keep warm. " * 30, "β-carotene, 12.5 %", ""]


@pytest.fixture(scope="module")
def folder():
    return embedding_model_folder(BUNDLED)


@pytest.fixture(scope="module")
def original(folder):
    return Reference(folder, exact=True)


@pytest.fixture(scope="module")
def kept(folder, tmp_path_factory):
    """The bundled model, compiled; never change it."""
    kept = tmp_path_factory.mktemp("kept") / "model"
    assert prepare(folder, kept)
    return kept


@pytest.fixture(scope="module")
def small_model(tmp_path_factory, folder):
    """Return ``small_model(pooling, dense=False, **prompts)``: the folder of a model with chance weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    def make(pooling, *, dense=False, **prompts):
        torch.manual_seed(5)
        base = tmp_path_factory.mktemp("base")
        config = BertConfig(
            vocab_size=30522, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
            max_position_embeddings=96, initializer_range=0.3,
        )  # fmt: skip
        BertModel(config).save_pretrained(base)
        AutoTokenizer.from_pretrained(folder).save_pretrained(base)
        transformer = Transformer(str(base), max_seq_length=64)
        modules = [transformer, Pooling(32, pooling)] + ([Dense(32, 16)] if dense else [])
        model = SentenceTransformer(modules=modules, prompts=prompts or None, device="cpu")
        model.save(str(base / "whole"))
        return base / "whole"

    return make


def cosines(some, others):
    return np.einsum("ij,ij->i", some, others)


def test_a_compiled_model_gives_the_vectors_of_the_original(kept, original):
    model = Compiled(kept)
    assert (model.window, model.token_window) == (original.window, original.token_window) == (256, 512)
    assert cosines(model.pooled(TEXTS, "document"), original.pooled(TEXTS, "document")).min() > 0.9998
    assert model.count_tokens(TEXTS) == original.count_tokens(TEXTS)
    for one, other in zip(model.tokens(TEXTS), original.tokens(TEXTS), strict=True):
        assert np.array_equal(one.offsets, other.offsets)
        assert len(one.vectors) == len(other.vectors)
        if len(one.vectors):
            assert cosines(one.vectors, other.vectors).min() > 0.99
    assert 0.9998 < Facts.read(kept).cosine <= 1.0001


def test_a_text_has_one_vector_whatever_goes_beside_it(kept):
    model = Compiled(kept)
    together = model.pooled(TEXTS, "document")
    assert np.array_equal(np.vstack([model.pooled([text], "document") for text in TEXTS]), together)
    assert np.array_equal(model.pooled(TEXTS[::-1], "document")[::-1], together)


def test_it_is_compiled_once(kept, folder, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("compiled again"))
    assert prepare(folder, kept)


@pytest.mark.parametrize("name", [WEIGHTS, GRAPH, TOKENIZER, FACTS])
@pytest.mark.parametrize("damage", ["flip", "cut", "delete"])
def test_a_damaged_one_is_not_used(name, damage, kept, tmp_path, folder, monkeypatch):
    broken = shutil.copytree(kept, tmp_path / "broken")
    file = broken / name
    content = bytearray(file.read_bytes())
    if damage == "delete":
        file.unlink()
    else:
        content[len(content) // 2] ^= 0x10
        file.write_bytes(content if damage == "flip" else content[: len(content) // 2])
    asked = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command))
    usable = prepare(folder, broken)
    if (name, damage) == (FACTS, "flip") and usable:
        return  # a digit of the cosine
    assert not usable
    assert len(asked) == 1  # it was to be made again


def test_a_damaged_one_is_made_again(kept, folder, tmp_path):
    broken = shutil.copytree(kept, tmp_path / "broken")
    (broken / WEIGHTS).write_bytes(b"")
    old = broken.with_name("building-long-ago")
    old.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    young = broken.with_name("building-now")
    young.mkdir()
    assert prepare(folder, broken)
    assert Compiled(broken).pooled(["Bees."], "query").shape == (1, 384)
    assert {p.name for p in tmp_path.iterdir()} == {"broken", "building-now"}


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "lasttoken"])
def test_every_way_of_pooling_and_prompts_are_kept(pooling, small_model, tmp_path):
    folder = small_model(pooling, query="question: ", document="passage: ")
    convert(folder, tmp_path / "kept")
    model, original = Compiled(tmp_path / "kept"), Reference(folder, exact=True)
    for role in ("document", "query"):
        assert cosines(model.pooled(TEXTS, role), original.pooled(TEXTS, role)).min() > 0.999
    assert model.window == original.window == 64 - len(["passage", ":"])
    assert cosines(model.pooled(TEXTS, "document"), model.pooled(TEXTS, "query")).min() < 0.9999


def test_a_question_gets_the_prompt_of_questions(small_model, tmp_path):
    encoder = SentenceTransformerEmbeddings(small_model("cls", query="question: "), tmp_path)
    plain = SentenceTransformerEmbeddings(small_model("cls"), tmp_path)
    assert np.allclose(encoder.encode_query("Bees?"), plain.encode(["question: Bees?"])[0], atol=2e-2)
    assert np.allclose(encoder.encode(["Bees?"]), plain.encode(["Bees?"]), atol=2e-2)
    assert encoder.encode_query("Bees?") @ plain.encode(["Bees?"])[0] < 0.999


def test_a_model_of_more_parts_is_left_to_its_own_library(small_model, tmp_path):
    folder = small_model("mean", dense=True)
    runtime = open_runtime(folder, tmp_path / "kept")
    assert isinstance(runtime, Reference)
    assert runtime.pooled(TEXTS, "document").shape == (len(TEXTS), 16)
    assert "Dense" in (tmp_path / "kept" / UNFIT).read_text(encoding="utf-8")
    started = time.monotonic()
    assert not prepare(folder, tmp_path / "kept")  # and that is remembered
    assert time.monotonic() - started < 1


def test_a_model_that_comes_out_otherwise_is_not_used(small_model, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion, "_ALIKE", 1.1)
    convert(small_model("mean"), tmp_path / "kept")
    assert [p.name for p in (tmp_path / "kept").iterdir()] == [UNFIT]
    assert "cosine of" in (tmp_path / "kept" / UNFIT).read_text(encoding="utf-8")


def test_a_model_that_cannot_be_compiled_is_not_tried_again(small_model, tmp_path, monkeypatch):
    def fail(_):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(conversion, "_traced", fail)
    convert(small_model("mean"), tmp_path / "kept")
    assert "no such operation" in (tmp_path / "kept" / UNFIT).read_text(encoding="utf-8")
    assert not prepare(small_model("mean"), tmp_path / "kept")


def test_without_the_compiler_the_model_computes_by_itself(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(conversion.importlib.util, "find_spec", lambda _: None)
    assert isinstance(open_runtime(folder, tmp_path / "kept"), Reference)
    assert not (tmp_path / "kept").exists()


def test_a_folder_that_holds_no_model_is_still_an_error_that_names_it(tmp_path, folder):
    broken = shutil.copytree(folder, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"broken")
    with pytest.raises(ModelError, match=r"broken cannot be loaded .*; install or download it again"):
        SentenceTransformerEmbeddings(broken, tmp_path / "compiled").encode(["x"])
    assert not list((tmp_path / "compiled").glob("*"))


def test_the_first_components_alone_are_unit_vectors_with_a_digest_of_their_own(folder):
    whole, cut = SentenceTransformerEmbeddings(folder), SentenceTransformerEmbeddings(folder, dimensions=64)
    rows = cut.encode(TEXTS[:2])
    assert rows.shape == (2, 64)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert np.allclose(rows[0] / rows[0, 0], whole.encode(TEXTS[:2])[0, :64] / whole.encode(TEXTS[:2])[0, 0], atol=1e-3)
    assert cut.encode_query("Bees?").shape == (64,)
    assert cut.digest[:16] != whole.digest[:16]
    with pytest.raises(ModelError, match=r"embedding_dimensions is 1000, .* have 384; set it to 0"):
        SentenceTransformerEmbeddings(folder, dimensions=1000).encode(["x"])


ASKED = """
import json, sys
from assistant import Assistant
with Assistant.open(sys.argv[1], settings={"chat_model": "none"}) as assistant:
    answer = assistant.ask("On honey bees with field surveys, how far does the error fall?")
heavy = ("torch", "sentence_transformers", "transformers", "chromadb", "gradio", "openvino_telemetry", "llama_cpp")
print(json.dumps([answer.status, [name for name in heavy if sys.modules.get(name)]]))
"""


def test_a_question_imports_nothing_heavy_and_leaves_no_consent_to_be_watched(
    tmp_path, make_papers, write_jsonl, kept, folder
):
    home = tmp_path / "home"
    shutil.copytree(kept, home / "compiled" / SentenceTransformerEmbeddings(folder).digest[:16])
    environment = os.environ | {"HOME": str(tmp_path / "person")}
    (tmp_path / "person").mkdir()
    source = write_jsonl(tmp_path / "papers.jsonl", make_papers(12))
    add = [sys.executable, "-m", "assistant", "add", str(source), "--home", str(home)]
    subprocess.run(add, check=True, capture_output=True, env=environment)
    asked = subprocess.run(
        [sys.executable, "-c", ASKED, str(home)], check=True, capture_output=True, text=True, env=environment
    )
    assert json.loads(asked.stdout) == ["answered", []]
    assert not list((tmp_path / "person").glob("intel*"))  # where OpenVINO's telemetry would keep its consent


def test_a_process_whose_first_texts_are_read_by_several_threads_does_not_hang(kept):
    assert len(Compiled(kept)._idle) == 1  # one text went through before any other thread could
    program = (
        "import sys; sys.setswitchinterval(1e-6)\n"
        "from pathlib import Path; from assistant.models.runtimes.compiled import Compiled\n"
        "print(len(Compiled(Path(sys.argv[1])).tokens(['Bees keep warm.'] * 8)))"
    )
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", program, str(kept)], capture_output=True, text=True, timeout=60, check=True
        )
        assert done.stdout.strip() == "8"
