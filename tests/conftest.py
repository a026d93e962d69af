"""What many tests share: papers, a home to start from, assistants without models, the data beside the checkout."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from assistant.papers import Paper
from assistant.quiet import quiet

quiet()  # before anything imports Chroma, Gradio or transformers; clears LangSmith's tracing too
for _name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
    del os.environ[_name]  # the settings of whoever runs the tests are not under test

FAST = {"embedding_model": "hashing", "chat_model": "none"}
_TOPICS = ("dense retrieval", "honey bees", "protein folding", "sea ice", "graph colouring", "speech codecs", "tax law")
_METHODS = ("transformers", "field surveys", "Monte Carlo sampling", "linear programs", "interviews")


def _paper(number: int) -> Paper:
    topic, method = _TOPICS[number % len(_TOPICS)], _METHODS[number % len(_METHODS)]
    return Paper(
        title=f"On {topic} with {method}, part {number}",
        abstract=f"We study {topic} in setting {number}. Our approach relies on {method}, i.e. on known tools. "
        f"In {100 + number} experiments the error falls by {number % 90 + 0.5}%. Code number {number} is released.",
        authors=(f"Ada Author{number % 4}", "Émile Côté"),
        year=2000 + number % 25,
        venue=("EMNLP", "Journal of Trees", "")[number % 3],
    )


def _write_jsonl(path: Path, papers: list[Paper]) -> Path:
    records = [{k: v for k, v in paper.to_dict().items() if k != "paper_id"} for paper in papers]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def make_papers():
    """Return ``make_papers(count, start=0)``: different papers, the same for the same numbers."""
    return lambda count, start=0: [_paper(number) for number in range(start, start + count)]


@pytest.fixture(scope="session")
def write_jsonl():
    """Return ``write_jsonl(path, papers)``, which writes a source file and returns its path."""
    return _write_jsonl


@pytest.fixture(scope="session")
def prebuilt_home(tmp_path_factory, make_papers, write_jsonl):
    """A home with 12 papers and their index, built once; never change it, take ``home_of_papers``."""
    from assistant.assistant import Assistant

    folder = tmp_path_factory.mktemp("prebuilt")
    with Assistant.open(folder / "home", settings=FAST) as assistant:
        assistant.add(write_jsonl(folder / "papers.jsonl", make_papers(12)))
    return folder / "home"


@pytest.fixture
def home_of_papers(prebuilt_home, tmp_path):
    """A home of this test alone that holds ``make_papers(12)``, indexed."""
    return shutil.copytree(prebuilt_home, tmp_path / "home_of_papers")


@pytest.fixture
def open_assistant():
    """Return ``open_assistant(home, **settings)``: an assistant without model files, closed after the test."""
    from assistant.assistant import Assistant
    from assistant.indexing import silent

    opened = []

    def open_one(home, background=True, progress=silent, **settings):
        opened.append(Assistant.open(home, FAST | settings, background=background, progress=progress))
        return opened[-1]

    yield open_one
    for assistant in opened:
        assistant.close()


_VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "bees", "dance", "ants", "sing", "do", "not", "."]


@pytest.fixture
def make_cross_encoder(tmp_path):
    """Return ``make_cross_encoder(labels, kind=…)``: the folder of a tiny BERT with weights drawn from a seed.

    Called again, it writes over the model of before.
    """

    def make(labels, kind="BertForSequenceClassification"):
        import torch
        import transformers

        folder = tmp_path / "model"
        folder.mkdir(exist_ok=True)
        torch.manual_seed(0)
        config = transformers.BertConfig(
            vocab_size=len(_VOCABULARY), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=16, max_position_embeddings=64, initializer_range=1.0,
            id2label=dict(enumerate(labels)), label2id={name: place for place, name in enumerate(labels)},
        )  # fmt: skip
        getattr(transformers, kind)(config).eval().save_pretrained(folder)
        tokenizer = transformers.BertTokenizerFast(vocab={word: place for place, word in enumerate(_VOCABULARY)})
        tokenizer.save_pretrained(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def shared():
    """The folder of data that lies beside a checkout and is not part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "data").is_dir():
        pytest.skip(f"{folder} is absent: the data it holds is not part of the project")
    return folder
