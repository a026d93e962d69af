"""`assistant add --watch`: what is there, what comes, what changes, what breaks and what goes."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest

from assistant.cli import main
from assistant.locking import writing
from assistant.watching import FolderWatch, Seen

ENVIRONMENT = os.environ | {"ASSISTANT_EMBEDDING_MODEL": "hashing", "ASSISTANT_CHAT_MODEL": "none"}
PATIENCE_S = 60


def line(number, **fields):
    return json.dumps({"title": f"On Bees {number}", "abstract": f"We count {number} bees."} | fields) + "\n"


class Watcher:
    """``assistant add FOLDER --watch`` in a process of its own, read line by line."""

    def __init__(self, home, *words):
        command = [sys.executable, "-m", "assistant", "--home", home, "add", *words, "--watch"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=ENVIRONMENT, **pipes)
        self.out, self.err = queue.Queue(), queue.Queue()
        self.readers = [
            threading.Thread(target=self.pump, args=(self.process.stdout, self.out)),
            threading.Thread(target=self.pump, args=(self.process.stderr, self.err)),
        ]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def pump(stream, lines):
        for text in stream:
            lines.put(text.rstrip("\n"))

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        for reader in self.readers:
            reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "refs").mkdir()
    return tmp_path / "refs"


@pytest.fixture
def watcher(folder, tmp_path):
    (folder / "there.jsonl").write_text(line(0))
    started = Watcher(tmp_path / "home", folder)
    assert started.out.get(timeout=PATIENCE_S).startswith("1 added, 0 updated")
    assert started.err.get(timeout=PATIENCE_S) == f"watching {folder}: Ctrl-C ends it"
    yield started
    if started.process.poll() is None:
        started.stop(signal.SIGKILL)


def test_what_is_there_what_comes_and_what_changes_is_added_until_ctrl_c(watcher, folder):
    (folder / "below").mkdir()
    (folder / "below" / "new.jsonl").write_text(line(1))
    assert watcher.out.get(timeout=PATIENCE_S) == "1 added, 0 updated, 0 unchanged, 0 skipped; 2 papers in the library"
    (folder / "there.jsonl").write_text(line(0, year=2021) + line(2))
    assert watcher.out.get(timeout=PATIENCE_S) == "1 added, 1 updated, 0 unchanged, 0 skipped; 3 papers in the library"
    assert watcher.stop() == 0
    assert watcher.out.get() == "watched: 3 added, 1 updated, 0 skipped; 3 papers in the library"
    assert watcher.err.empty()


def test_a_file_that_is_being_written_is_read_when_it_is_done(watcher, folder):
    text = "".join(line(number) for number in range(1, 9))
    with (folder / "slow.jsonl").open("w") as file:
        for start in range(0, len(text), 40):  # in the middle of lines
            file.write(text[start : start + 40])
            file.flush()
            time.sleep(0.2)
    assert watcher.out.get(timeout=PATIENCE_S) == "8 added, 0 updated, 0 unchanged, 0 skipped; 9 papers in the library"
    assert watcher.err.empty()


def test_a_broken_file_is_told_once_and_a_removed_one_takes_no_papers_with_it(watcher, folder):
    (folder / "broken.jsonl").write_text("{broken")
    assert watcher.out.get(timeout=PATIENCE_S).startswith("0 added, 0 updated, 0 unchanged, 1 skipped")
    assert watcher.err.get(timeout=PATIENCE_S).startswith(f"skipped {folder / 'broken.jsonl'}, line 1: not JSON")
    (folder / "there.jsonl").unlink()
    assert watcher.err.get(timeout=PATIENCE_S).startswith(f"{folder / 'there.jsonl'} is gone; its papers stay")
    (folder / "good.jsonl").write_text(line(1))
    assert watcher.out.get(timeout=PATIENCE_S) == "1 added, 0 updated, 0 unchanged, 0 skipped; 2 papers in the library"
    assert watcher.stop() == 0
    assert watcher.err.empty()


def test_while_another_process_writes_it_waits_and_then_goes_on(watcher, folder, tmp_path):
    with writing(tmp_path / "home"):
        (folder / "new.jsonl").write_text(line(1))
        assert "is changing the library" in watcher.err.get(timeout=PATIENCE_S)
        time.sleep(2.5)
        assert watcher.out.empty()
    assert watcher.out.get(timeout=PATIENCE_S).startswith("1 added")
    assert watcher.err.empty()


@pytest.mark.parametrize(
    ("words", "said"), [(["--watch"], "needs a folder"), (["--watch", "--json"], "leave out --json")]
)
def test_watching_says_what_it_needs(words, said, tmp_path, capsys):
    (tmp_path / "a.jsonl").write_text(line(0))
    target = tmp_path / "a.jsonl" if said == "needs a folder" else tmp_path
    assert main(["--home", str(tmp_path / "home"), "add", str(target), *words]) == 1
    assert said in capsys.readouterr().err


def test_a_change_counts_once_it_has_rested_and_once_only(folder):
    watch = FolderWatch([folder])
    file = folder / "a.jsonl"
    file.write_text("1")
    looks = [watch._compare(watch._look(), now) for now in (0.0, 0.9)]
    file.write_text("22")
    looks += [watch._compare(watch._look(), now) for now in (1.1, 2.0, 2.2, 9.0)]
    assert looks == [Seen((), ())] * 4 + [Seen((file,), ())] + [Seen((), ())]
    watch.again([file])
    assert watch._compare(watch._look(), 20.0) == Seen((), ())
    assert watch._compare(watch._look(), 21.0) == Seen((file,), ())
    file.unlink()
    assert watch._compare(watch._look(), 22.0) == Seen((), (file,))
