"""The doctor: what it finds wrong with models, library and index, and what it says to do."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import pytest

from assistant.cli import main
from assistant.doctor import examine
from assistant.models.files import BUNDLED, chat_model_file, embedding_model_folder

REPAIR = "assistant doctor --repair"


@pytest.fixture
def doctor(capsys, home_of_papers):
    """Return ``doctor(*options, **settings)``, which gives its exit code and what it says of each thing it checks."""

    def run(*options, home=home_of_papers, **settings):
        settings = {"embedding_model": "hashing", "chat_model": "none"} | settings
        words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        code = main(["doctor", "--json", "--home", str(home), *words, *options])
        findings = json.loads(capsys.readouterr().out)
        return code, {finding["what"]: (finding["ok"], finding["text"]) for finding in findings}

    return run


def index_files(home):
    return [path for path in (home / "index").rglob("*") if path.is_file()]


def test_all_is_well_with_a_library_that_was_just_built(doctor, home_of_papers):
    code, findings = doctor()
    assert (code, {ok for ok, _ in findings.values()}) == (0, {True})
    assert set(findings) == {
        "python", "home", "disk", "network", "library", "conversations", "embedding model", "chat model", "embeddings",
        "words", "index",
    }  # fmt: skip
    assert findings["home"][1] == str(home_of_papers)
    assert findings["library"][1] == "12 papers"
    assert findings["index"][1].startswith("12 papers")


def test_all_is_well_with_an_empty_library(doctor, tmp_path):
    code, findings = doctor(home=tmp_path / "new")
    assert (code, findings["index"]) == (0, (True, "none yet"))


def test_a_missing_index_is_found_and_repaired(doctor, home_of_papers):
    shutil.rmtree(home_of_papers / "index")
    code, findings = doctor()
    assert (code, findings["index"][0]) == (1, False)
    assert REPAIR in findings["index"][1]
    assert doctor("--repair")[0] == 0


def test_a_damaged_index_is_found_and_repaired(doctor, home_of_papers):
    largest = max(index_files(home_of_papers), key=lambda path: path.stat().st_size)
    largest.write_bytes(os.urandom(largest.stat().st_size // 2))
    code, findings = doctor()
    assert (code, findings["index"][0]) == (1, False)
    assert REPAIR in findings["index"][1]
    assert doctor("--repair")[0] == 0


def test_an_index_of_another_embedding_model_is_found(doctor, home_of_papers, open_assistant):
    assistant = open_assistant(home_of_papers)
    assistant.encoder.dimension = 256  # another model: its digest says so
    assert {finding.what: finding.ok for finding in examine(assistant)}["index"] is False


def test_a_library_behind_its_index_is_found(doctor, home_of_papers, open_assistant, make_papers):
    open_assistant(home_of_papers).library.put(make_papers(1, start=60))
    code, findings = doctor()
    assert (code, findings["index"][0]) == (1, False)
    assert REPAIR in findings["index"][1]
    assert doctor("--repair")[1]["index"][1].startswith("13 papers")


def test_a_damaged_library_is_found_and_what_the_index_holds_of_it_recovered(doctor, home_of_papers):
    path = home_of_papers / "library.sqlite3"
    path.write_bytes(b"no database" * 1000)
    code, findings = doctor()
    assert (code, findings["library"][0]) == (1, False)
    assert str(path) in findings["library"][1]
    assert REPAIR in findings["library"][1]
    code, findings = doctor("--repair")  # which says that the papers lack what only the library knew
    assert (code, findings["library"]) == (1, (True, "12 papers"))
    assert "12 of them with title and abstract only" in findings["repair: library"][1]
    assert (home_of_papers / "library.damaged-1.sqlite3").read_bytes() == b"no database" * 1000
    assert doctor()[0] == 0


def test_a_page_of_the_library_that_was_overwritten_is_found_and_mended(doctor, home_of_papers):
    path = home_of_papers / "library.sqlite3"
    raw = bytearray(path.read_bytes())
    raw[4096 : 3 * 4096] = os.urandom(2 * 4096)
    path.write_bytes(raw)
    code, findings = doctor()
    assert (code, findings["library"][0]) == (1, False)
    assert REPAIR in findings["library"][1]
    doctor("--repair")
    assert doctor()[0] == 0


def test_a_library_cut_short_keeps_the_papers_that_can_be_read(doctor, home_of_papers, open_assistant, make_papers):
    with open_assistant(home_of_papers) as assistant:
        assistant.library.put(make_papers(400, start=100))
    shutil.rmtree(home_of_papers / "index")  # nothing but the library holds them
    path = home_of_papers / "library.sqlite3"
    os.truncate(path, path.stat().st_size // 2)
    doctor("--repair")
    code, findings = doctor()
    assert code == 0
    assert 100 < int(findings["library"][1].split()[0]) < 412


def test_settings_that_cannot_be_read_are_found(doctor, home_of_papers):
    (home_of_papers / "assistant.toml").write_text("mode = ", encoding="utf-8")
    code, findings = doctor()
    assert (code, findings["settings"][0]) == (1, False)
    assert "mend it or remove it" in findings["settings"][1]
    assert findings["home"][0]
    assert doctor("--repair")[1]["repair: settings"][0]
    assert (home_of_papers / "assistant.toml").read_text(encoding="utf-8") == "# mode = \n"
    assert doctor()[0] == 0


def test_a_home_that_cannot_be_made_is_found(doctor, tmp_path):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    code, findings = doctor(home=tmp_path / "file")
    assert code == 1
    assert not findings["home"][0]
    assert "choose another with --home" in findings["home"][1]


def truncated(path):
    with chat_model_file(BUNDLED).open("rb") as whole:
        path.write_bytes(whole.read(20_000_000))


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda path: None, "set chat_model to a GGUF file"),
        (lambda path: path.write_text("text"), "download it again"),
        (truncated, "download it again"),
    ],
    ids=["missing", "text", "cut short"],
)
def test_a_chat_model_that_cannot_be_used_is_found(make, advice, doctor, tmp_path):
    path = tmp_path / "model.gguf"
    make(path)
    code, findings = doctor(chat_model=path, home=tmp_path / "new")
    assert (code, findings["chat model"][0]) == (1, False)
    assert str(path) in findings["chat model"][1]
    assert advice in findings["chat model"][1]


def test_an_embedding_model_that_cannot_be_used_is_found(doctor, tmp_path):
    code, findings = doctor(embedding_model=tmp_path / "missing", home=tmp_path / "home")
    assert (code, findings["embedding model"][0]) == (1, False)
    assert "set embedding_model" in findings["embedding model"][1]
    shutil.copytree(embedding_model_folder(BUNDLED), tmp_path / "broken")
    (tmp_path / "broken" / "model.safetensors").write_bytes(b"no weights")
    code, findings = doctor(embedding_model=tmp_path / "broken", home=tmp_path / "home")
    assert (code, findings["embedding model"][0]) == (1, False)
    assert "download it again" in findings["embedding model"][1]


def test_the_bundled_models_are_well_and_named_with_their_digests(doctor, tmp_path):
    code, findings = doctor(chat_model="bundled", embedding_model="bundled", home=tmp_path / "new")
    assert code == 0, findings
    assert findings["chat model"][1].startswith("SmolLM2-135M-Instruct")
    assert "sha256:" in findings["chat model"][1]
    assert "sha256:" in findings["embedding model"][1]


def test_a_remote_model_is_said_to_get_the_questions(doctor, tmp_path):
    assert "are sent to it" in doctor(chat_model="openai:gpt", home=tmp_path / "new")[1]["chat model"][1]
    assert doctor(chat_model="scripted", home=tmp_path / "new")[1]["chat model"] == (True, "scripted")


def test_tracing_that_would_send_questions_away_is_found(open_assistant, tmp_path, monkeypatch):
    assistant = open_assistant(tmp_path / "new")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    network = {finding.what: finding for finding in examine(assistant)}["network"]
    assert not network.ok
    assert "LANGSMITH_TRACING would send questions away; unset it" in network.text


def test_papers_with_the_same_text_share_the_vectors_of_their_words(open_assistant, tmp_path, make_papers, write_jsonl):
    one = make_papers(1)[0]
    other = replace(one, authors=("Somebody Else",), year=1999, doi="10.1000/182", paper_id="doi:10.1000/182")
    with open_assistant(tmp_path / "home") as assistant:
        assistant.library.put([replace(one, doi="10.1000/7", paper_id="doi:10.1000/7"), other])
        assistant.update()
        assert assistant.library.count() == 2
        told = {finding.what: finding.text for finding in examine(assistant)}
        assert told["words"] == "of 2 papers kept"


def test_embeddings_that_are_gone_are_counted_by_paper_and_two_papers_may_share_one(
    doctor, home_of_papers, tmp_path, capsys
):
    twins = [
        {
            "title": "A note",
            "abstract": "It was short.",
            "doi": f"10.1234/{n}",
            "year": 2000 + n,
            "authors": [f"Ann {n}ton"],
        }
        for n in range(2)
    ]
    (tmp_path / "twins.jsonl").write_text("\n".join(map(json.dumps, twins)), encoding="utf-8")
    words = ["--home", str(home_of_papers), "--set", "embedding_model=hashing", "--set", "chat_model=none"]
    assert main(["add", str(tmp_path / "twins.jsonl"), *words]) == 0
    assert capsys.readouterr().out.startswith("2 added")
    assert doctor()[1]["embeddings"][0]
    last = max((home_of_papers / "embeddings").glob("*/*.npz"), key=lambda path: path.stat().st_mtime_ns)
    last.unlink()  # what the two were embedded into
    code, findings = doctor()
    ok, said = findings["embeddings"]
    assert (code, ok) == (1, False)
    assert said.startswith("those of 2 of 14 papers are gone")
    assert doctor("--repair")[0] == 0
    assert doctor()[1]["embeddings"][0]
