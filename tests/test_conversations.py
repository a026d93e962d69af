"""Conversations that are kept: they come back as they were, are found, renamed and deleted, and survive a crash."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from assistant.conversations import Conversations
from assistant.errors import LibraryError


@pytest.fixture
def keep(tmp_path):
    conversations = Conversations(tmp_path)
    yield conversations
    conversations.close()


def test_a_conversation_comes_back_as_it_was_kept(keep, tmp_path):
    record = {"question": "Was ist “das”?\n\x00 𝔘", "numbers": [1, 2], "nested": {"a": None}}
    key = keep.begin("Was ist das?", {"year": "2019.."})
    assert keep.keep(key, 1, record, "Was ist das")
    keep.close()
    again = Conversations(tmp_path)
    assert again.turns(key) == [record]
    assert again.get(key).title == "Was ist das?"
    assert again.get(key).options == {"year": "2019.."}
    assert again.get(key).turns == 1
    again.close()


def test_a_turn_takes_the_place_of_its_number_and_of_all_later_ones(keep):
    key = keep.begin("One")
    for number in (1, 2, 3):
        keep.keep(key, number, {"n": number}, "")
    keep.keep(key, 2, {"n": "new"}, "")
    assert keep.turns(key) == [{"n": 1}, {"n": "new"}]


def test_conversations_are_found_by_their_titles_and_by_what_was_said(keep):
    bees, ice = keep.begin("Bees in winter"), keep.begin("Sea ice")
    keep.keep(bees, 1, {}, "Do bees cluster? They form a Café-like ball.")
    keep.keep(ice, 1, {}, "How thick is it?")
    assert [kept.conversation_id for kept in keep.find()] == [ice, bees]
    assert [kept.conversation_id for kept in keep.find("cafe BEES")] == [bees]
    assert keep.find("bees ice") == []
    assert keep.find("100%_'\"") == []
    assert len(keep.find(k=1)) == 1


def test_the_one_written_last_comes_first(keep):
    first, second = keep.begin("First"), keep.begin("Second")
    keep.keep(first, 1, {}, "")
    assert [kept.conversation_id for kept in keep.find()] == [first, second]


def test_a_conversation_is_renamed_and_an_empty_name_changes_nothing(keep):
    key = keep.begin("Old")
    keep.rename(key, "  New\nname ")
    keep.rename(key, "   ")
    assert keep.get(key).title == "New name"
    assert [kept.conversation_id for kept in keep.find("new name")] == [key]


def test_deleting_takes_the_turns_along_and_nothing_is_written_to_what_is_gone(keep):
    key = keep.begin("Gone")
    keep.keep(key, 1, {}, "secret")
    keep.delete(key)
    keep.delete(key)
    assert keep.get(key) is None
    assert keep.turns(key) == []
    assert keep.find("secret") == []
    assert not keep.keep(key, 2, {}, "")


def test_choices_are_kept(keep, tmp_path):
    keep.prefer("mode", "quoted")
    keep.prefer("mode", "written")
    assert keep.preferences() == {"mode": "written"}
    key = keep.begin("x")
    keep.choose(key, {"author": "Ada"})
    assert keep.get(key).options == {"author": "Ada"}


def test_several_threads_write_at_once(keep):
    keys = [keep.begin(f"Thread {n}") for n in range(4)]

    def write(key):
        for number in range(1, 21):
            keep.keep(key, number, {"n": number}, "words")

    threads = [threading.Thread(target=write, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(keep.turns(key)) for key in keys] == [20] * 4


def test_a_killed_process_loses_nothing_that_was_written(tmp_path):
    script = (
        "import os, sys; from pathlib import Path; from assistant.conversations import Conversations\n"
        "keep = Conversations(Path(sys.argv[1])); key = keep.begin('Killed'); keep.keep(key, 1, {'n': 1}, '')\n"
        "print(key, flush=True); keep._connection.execute('BEGIN'); "
        "keep._connection.execute('DELETE FROM turns'); os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == -9
    keep = Conversations(tmp_path)
    assert keep.turns(ended.stdout.strip()) == [{"n": 1}]
    keep.close()


def test_a_file_of_a_newer_program_or_a_damaged_one_is_an_error_that_says_so(tmp_path):
    newer, damaged = tmp_path / "newer", tmp_path / "damaged"
    for folder in (newer, damaged):
        folder.mkdir()
    with sqlite3.connect(newer / "conversations.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    (damaged / "conversations.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(LibraryError, match="newer program"):
        Conversations(newer)
    with pytest.raises(LibraryError, match="damaged"):
        Conversations(damaged)
