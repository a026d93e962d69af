"""Another embedding model: the old one answers until the index is made for it, whatever happens on the way."""

from __future__ import annotations

import gc
import html
import json
import subprocess
import sys
import threading
import time
import weakref
from contextlib import contextmanager

import pytest

from assistant import reembedding
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.doctor import examine
from assistant.http.api import api_router
from assistant.locking import writing
from assistant.models.embeddings import named
from assistant.models.hashing import HashingEmbeddings
from ui.status import facts
from ui.texts import Texts
from vectorstore import EmbeddingShards

QUESTION = "What does part 3 on sea ice rely on?"
OTHER = {"embedding_dimensions": 128, "answer_threshold": 0}
OLD, NEW = "hashing sha256:hashing-512", "hashing sha256:hashing-128"


class Waiting(HashingEmbeddings):
    """Waits before each batch until it is let through, and tells what it embedded."""

    def __init__(self, dimension=128, batches=0, window=256):
        super().__init__(dimension)
        self.window = window
        self.let_through = threading.Semaphore(batches)
        self.waits = threading.Event()
        self.embedded = []

    def encode_and_read(self, texts, reader, role="document"):
        if role == "document":
            self.waits.set()
            assert self.let_through.acquire(timeout=60)
            read = super().encode_and_read(texts, reader, role)
            self.embedded += texts
            return read
        return super().encode_and_read(texts, reader, role)

    def go(self):
        self.let_through.release(1000)


@pytest.fixture(autouse=True)
def _small_batches_and_short_waits(monkeypatch):
    monkeypatch.setattr("assistant.indexing.BATCH", 2)
    monkeypatch.setattr(reembedding, "_BUSY_S", 0.02)


@pytest.fixture
def changed(open_assistant, home_of_papers):
    """Return ``changed(encoder)``: an assistant over 12 papers whose settings name another model than the index's."""

    def open_one(encoder=None, **settings):
        assistant = open_assistant(home_of_papers, **OTHER | settings)
        assistant.encoder = encoder or Waiting()
        return assistant

    return open_one


def until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def answering(assistant):
    return assistant.ask(QUESTION).models["embeddings"]


@contextmanager
def let_go_when_stopped(assistant):
    """Let the blocked encoder of an assistant go on once somebody wants it to stop."""

    def wait():
        until(assistant.reembedding._stop.is_set)
        assistant.encoder.go()

    thread = threading.Thread(target=wait)
    thread.start()
    yield
    thread.join()


def kept(home):
    return len(EmbeddingShards(home / "embeddings" / "hashing-128").load())


# -- while the index is made ------------------------------------------------------------------------------------------


def test_the_old_index_answers_at_once_and_the_new_one_as_soon_as_it_is_there(changed, open_assistant, home_of_papers):
    before = open_assistant(home_of_papers, answer_threshold=0)
    assistant = changed()
    answer = assistant.ask(QUESTION)
    assert answer.models["embeddings"] == assistant.models["embeddings"] == OLD
    assert answer.text == before.ask(QUESTION).text
    assert assistant.search("sea ice") == before.search("sea ice")
    assert assistant.encoder.waits.wait(60)
    assert answering(assistant) == OLD
    assert str(assistant.reembedding.work) == "re-embedding for hashing: 0 of 12 papers"
    assistant.encoder.go()
    until(lambda: assistant.reembedding.work is None)
    assert answering(assistant) == assistant.models["embeddings"] == NEW
    assert assistant.index().vectors.rows.shape == (12, 128)
    assert len(assistant.encoder.embedded) == 12
    assert assistant.as_retriever(k=1).invoke("sea ice")


def test_a_question_keeps_to_the_model_that_it_was_begun_with(changed):
    assistant = changed()
    events = assistant.stream(QUESTION)
    next(events)
    assistant.encoder.go()
    until(lambda: assistant.reembedding.work is None)
    assert assistant.search("sea ice")
    assert list(events)[-1].answer.models["embeddings"] == OLD
    assert answering(assistant) == NEW


def test_a_model_with_another_window_cuts_the_papers_anew(changed):
    assistant = changed(Waiting(window=24))
    assert answering(assistant) == OLD
    assert assistant.index().manifest.chunks == 12
    assistant.encoder.go()
    until(lambda: assistant.reembedding.work is None)
    assert answering(assistant) == NEW
    assert assistant.index().manifest.chunks > 12
    assert assistant.indexer.is_current()


def test_going_back_to_the_old_model_embeds_nothing(changed, open_assistant, home_of_papers):
    assistant = changed()
    assistant.encoder.go()
    assistant.update()
    back = open_assistant(home_of_papers, answer_threshold=0)
    back.encoder = Waiting(dimension=512)
    assert answering(back) == NEW
    until(lambda: back.reembedding.work is None)
    assert answering(back) == OLD
    assert back.encoder.embedded == []


def test_a_paper_that_is_removed_meanwhile_is_in_no_answer_and_nothing_is_waited_for(changed):
    assistant = changed()
    (cited, *_) = assistant.ask(QUESTION).citations
    assert assistant.encoder.waits.wait(60)
    with let_go_when_stopped(assistant):
        assistant.remove(cited.paper_id)
    assert cited.paper_id not in [result.paper_id for result in assistant.search(QUESTION, k=12)]
    until(lambda: assistant.reembedding.work is None)
    assert answering(assistant) == NEW
    assert len(assistant.index().paper_ids) == 11


def test_adding_takes_over_what_is_under_way(changed, tmp_path, make_papers, write_jsonl):
    assistant = changed()
    assert answering(assistant) == OLD
    assert assistant.encoder.waits.wait(60)
    steps = []
    with let_go_when_stopped(assistant):
        source = write_jsonl(tmp_path / "new.jsonl", make_papers(1, start=40))
        assert assistant.add(source, progress=lambda *step: steps.append(step)).papers == 13
    assert ("embedding", 13, 13) in steps
    assert answering(assistant) == NEW
    assert assistant.reembedding.work is None


def test_answers_go_on_while_another_process_changes_the_library(changed, home_of_papers):
    assistant = changed()
    assistant.encoder.go()
    with writing(home_of_papers):
        for _ in range(3):
            assert answering(assistant) == OLD
            time.sleep(0.05)
        assert assistant.reembedding.work.failure == ""
        assert assistant.encoder.embedded == []
    until(lambda: assistant.reembedding.work is None)
    assert answering(assistant) == NEW


def test_what_another_process_has_made_is_taken(changed, open_assistant, home_of_papers):
    assistant = changed(background=False)
    assert answering(assistant) == OLD
    open_assistant(home_of_papers, **OTHER).update()
    assert answering(assistant) == NEW


# -- stopped, killed, failed ------------------------------------------------------------------------------------------


def test_closing_stops_it_and_the_next_start_embeds_only_the_rest(changed, home_of_papers):
    assistant = changed(Waiting(batches=3))
    assert answering(assistant) == OLD
    until(lambda: len(assistant.encoder.embedded) == 6)
    with let_go_when_stopped(assistant):
        assistant.close()
    assert not assistant.reembedding._thread.is_alive()
    assert kept(home_of_papers) == 6
    again = changed(Waiting(batches=1000))
    assert answering(again) == OLD
    until(lambda: again.reembedding.work is None)
    assert answering(again) == NEW
    assert len(again.encoder.embedded) == 6


PROGRAM = """
import sys, time
import assistant.indexing
from assistant.assistant import Assistant
from assistant.models.embeddings import named
from assistant.models.hashing import HashingEmbeddings

class Slow(HashingEmbeddings):
    batches = 0

    def encode_and_read(self, texts, reader, role="document"):
        if role == "document":
            self.batches += 1
            print(self.batches, flush=True)
            time.sleep({sleep} if self.batches > 3 else 0)
        return super().encode_and_read(texts, reader, role)

assistant.indexing.BATCH = 2
opened = Assistant.open(sys.argv[1], {{"embedding_model": "hashing", "chat_model": "none", "embedding_dimensions": 128}})
opened.encoder = Slow(128)
assert opened.search("sea ice")
"""


def test_a_kill_costs_two_batches_at_most(changed, home_of_papers):
    program = PROGRAM.format(sleep=60) + "time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", program, home_of_papers], stdout=subprocess.PIPE, text=True
    ) as process:
        assert [process.stdout.readline() for _ in range(4)] == ["1\n", "2\n", "3\n", "4\n"]
        process.kill()
    assert kept(home_of_papers) >= 4
    again = changed(Waiting(batches=1000))
    left = 12 - kept(home_of_papers)
    assert answering(again) == OLD
    until(lambda: again.reembedding.work is None)
    assert (answering(again), len(again.encoder.embedded)) == (NEW, left)


def test_a_program_that_closes_nothing_ends_all_the_same(home_of_papers):
    program = PROGRAM.format(sleep=0.3)
    ended = subprocess.run(
        [sys.executable, "-c", program, home_of_papers], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert kept(home_of_papers) < 12


def test_what_goes_wrong_is_told_and_tried_again_while_answers_go_on(changed, monkeypatch):
    class Broken(Waiting):
        broken = True

        def encode_and_read(self, texts, reader, role="document"):
            if self.broken and role == "document":
                raise MemoryError("no memory for so large a model")
            return super().encode_and_read(texts, reader, role)

    assistant = changed(Broken(batches=1000))
    assert answering(assistant) == OLD
    until(lambda: assistant.reembedding.work.failure)
    assert answering(assistant) == OLD
    finding = {finding.what: finding for finding in examine(assistant)}["index"]
    assert not finding.ok
    assert "failed: no memory for so large a model" in finding.text
    assistant.encoder.broken = False
    assert answering(assistant) == OLD  # not tried at every question
    assert assistant.reembedding.work.failure
    monkeypatch.setattr(assistant.reembedding, "_again_at", 0.0)
    assert answering(assistant) == OLD
    until(lambda: assistant.reembedding.work is None)
    assert answering(assistant) == NEW


@pytest.mark.parametrize(
    "model",
    [
        {},
        [],
        {"embedding_model": "/gone", "embedding_dimensions": 0},
        {"embedding_model": "hashing", "embedding_dimensions": 64},
        {"embedding_model": "hashing", "embedding_dimensions": "many"},
    ],
    ids=["not said", "damaged", "gone", "another one", "no number"],
)
def test_where_the_old_model_cannot_be_opened_the_new_index_is_waited_for(model, changed, home_of_papers):
    (manifest,) = home_of_papers.glob("index/g*/manifest.json")
    manifest.write_text(
        json.dumps(json.loads(manifest.read_text(encoding="utf-8")) | {"model": model}), encoding="utf-8"
    )
    steps = []
    assistant = changed(Waiting(batches=1000), progress=lambda *step: steps.append(step))
    assert assistant.reembedding.old() is None
    assert answering(assistant) == NEW
    assert len(assistant.encoder.embedded) == 12
    assert steps[-1] == ("embedding", 12, 12)
    assert assistant.reembedding.work is None


# -- what shows -------------------------------------------------------------------------------------------------------


def test_the_doctor_the_health_route_and_the_page_say_how_far_it_is(changed):
    assistant = changed()
    health = next(r.endpoint for r in api_router(assistant).routes if getattr(r, "path", "") == "/healthz")
    assert "reembedding" not in health()
    assert answering(assistant) == OLD
    assert assistant.encoder.waits.wait(60)
    said = {finding.what: finding for finding in examine(assistant)}
    assert said["index"].ok
    assert said["index"].text == (
        f"built for {OLD}, which answers until it is made for {NEW}; re-embedding for hashing: 0 of 12 papers"
    )
    assert said["words"].text == "of 12 papers kept"
    assert NEW in said["embedding model"].text
    assert health()["reembedding"] == {"model": "hashing", "done": 0, "papers": 12, "failure": ""}
    assert "re-embedding for hashing: 0 of 12" in html.unescape(facts(assistant, 0, None, Texts()))
    assistant.encoder.go()
    until(lambda: assistant.reembedding.work is None)
    assert "re-embedding" not in html.unescape(facts(assistant, 0, None, Texts()))
    assert {finding.what: finding.ok for finding in examine(assistant)}["index"]
    assert "reembedding" not in health()


@pytest.fixture
def run(capsys, home_of_papers, tmp_path):
    """Return ``run(*words)``, which gives exit code, stdout and stderr of a command that names another model."""

    def run_one(*words):
        settings = ["embedding_model=hashing", "chat_model=none", "embedding_dimensions=128", "answer_threshold=0"]
        named = [word for setting in settings for word in ("--set", setting)]
        code = main([*map(str, words), "--home", str(home_of_papers), *named])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run_one


def test_one_question_is_answered_from_the_old_index_and_says_what_makes_the_new_one(run, home_of_papers):
    note = f"the index is of {OLD}, which answers until it is made for {NEW}; at once: assistant doctor --repair\n"
    code, out, err = run("ask", QUESTION, "--json")
    assert (code, err) == (0, note)
    assert json.loads(out)["models"]["embeddings"] == OLD
    assert run("ask", QUESTION)[2].endswith(note)
    assert run("search", "sea ice")[2] == note
    assert not (home_of_papers / "embeddings" / "hashing-128").exists()
    code, out, _ = run("doctor")
    assert code == 1
    assert "answers until it is made for" in out
    assert "assistant doctor --repair" in out
    assert run("doctor", "--repair")[0] == 0
    code, out, err = run("ask", QUESTION, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["models"]["embeddings"] == NEW


def test_many_answers_are_of_one_model(run, tmp_path):
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "q", "question": QUESTION}), encoding="utf-8")
    assert run("batch", questions, tmp_path / "answers.jsonl")[0] == 0
    assert json.loads((tmp_path / "answers.jsonl").read_text(encoding="utf-8"))["models"]["embeddings"] == NEW


def test_an_evaluation_is_of_the_model_that_the_settings_name(run, tmp_path):
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "q", "question": QUESTION}), encoding="utf-8")
    assert run("evaluate", "answers", questions)[0] == 0
    assert run("ask", QUESTION)[2].count("the index is of") == 0


def test_removing_by_command_embeds_nothing(run, home_of_papers):
    paper_id = run("papers", "list")[1].split("\t")[0]
    assert run("papers", "remove", paper_id)[0] == 0
    assert not (home_of_papers / "embeddings" / "hashing-128").exists()
    assert paper_id not in run("search", "sea ice", "-k", 12)[1]


def test_adding_by_command_makes_the_index_anew(run, tmp_path, make_papers, write_jsonl):
    assert run("add", write_jsonl(tmp_path / "new.jsonl", make_papers(1, start=40)))[0] == 0
    assert run("search", "sea ice")[2] == ""


def test_a_conversation_makes_the_new_index_beside_its_answers(run, monkeypatch, home_of_papers):
    asked = iter([QUESTION, "wait", ""])

    def next_one():
        question = next(asked)
        if question == "wait":
            until(lambda: (home_of_papers / "index" / "g000002").exists())
            question = QUESTION
        return question

    monkeypatch.setattr("assistant.commands.chat._next", next_one)
    code, out, err = run("chat")
    assert (code, out.count("\nSources:\n")) == (0, 2)
    assert f"until it is made for {NEW}, which goes on beside the conversation\n" in err
    with Assistant.open(home_of_papers, {"embedding_model": "hashing", "chat_model": "none", **OTHER}) as assistant:
        assert answering(assistant) == NEW


def test_what_is_left_is_still_found_where_most_of_a_subject_is_removed_meanwhile(changed):
    assistant = changed()
    assistant.reembedding.close()  # as with commands, which make nothing in the background
    gone, left = [paper.paper_id for paper in assistant.library.papers()][:10], assistant.library.count() - 10
    assistant.remove(*gone)
    assert len(assistant.search("sea ice bees", k=12)) == left
    assert assistant.index().manifest.papers == left
    assert named(assistant.searcher().indexer.encoder) == OLD
    assert assistant.index().manifest.model, "the index still says what opens its model"


def test_the_old_model_is_let_go_once_the_new_index_is_there(changed):
    assistant = changed()
    assistant.ask(QUESTION)
    old = weakref.ref(assistant.searcher().indexer.encoder)
    assert old().name == "hashing"
    assistant.encoder.go()
    until(lambda: assistant.reembedding.old() is None)
    assistant.search("sea ice")
    until(lambda: gc.collect() is not None and old() is None)
