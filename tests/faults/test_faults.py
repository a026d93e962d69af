"""What happens when the plug is pulled: nothing acknowledged is lost, and the next run finishes."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from assistant.assistant import Assistant
from assistant.errors import LibraryBusyError
from assistant.locking import writing

ADD = [
    sys.executable,
    "-m",
    "assistant",
    "add",
    "--set",
    "embedding_model=hashing",
    "--set",
    "chat_model=none",
    "--home",
]
SETTINGS = {"embedding_model": "hashing", "chat_model": "none"}
QUESTION = "On honey bees with field surveys, part 1"


def can_unshare(*options):
    return subprocess.run(["unshare", *options, "true"], capture_output=True, check=False).returncode == 0


def test_a_second_writer_is_told_who_the_first_is_and_readers_go_on(home_of_papers, tmp_path, make_papers, write_jsonl):
    source = write_jsonl(tmp_path / "more.jsonl", make_papers(2, start=50))
    with writing(home_of_papers):
        second = subprocess.run([*ADD, str(home_of_papers), str(source)], capture_output=True, text=True, check=False)
        with Assistant.open(home_of_papers, settings=SETTINGS) as reader:
            assert reader.search(QUESTION)
            with pytest.raises(LibraryBusyError, match=str(os.getpid())):
                reader.add(source)
    assert second.returncode == 1
    assert str(os.getpid()) in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1
    assert subprocess.run([*ADD, str(home_of_papers), str(source)], capture_output=True, check=False).returncode == 0


def test_a_lock_whose_holder_died_is_free(home_of_papers):
    code = f"import os; from assistant.locking import writing; w = writing(__import__('pathlib').Path({str(home_of_papers)!r})); w.__enter__(); os._exit(1)"
    subprocess.run([sys.executable, "-c", code], check=False)
    with writing(home_of_papers):
        pass


@pytest.mark.skipif(not can_unshare("-rm"), reason="mount namespaces are not permitted here")
def test_a_full_disk_leaves_the_library_as_it_was_or_further(tmp_path, make_papers, write_jsonl):
    source = write_jsonl(tmp_path / "papers.jsonl", make_papers(120))
    more = write_jsonl(tmp_path / "more.jsonl", make_papers(1500, start=500))
    script = tmp_path / "full.sh"
    script.write_text(f"""
set -u
mount -t tmpfs -o size=$1k tmpfs {tmp_path}/disk || exit 99
{" ".join(ADD)} {tmp_path}/disk/home {source} > /dev/null 2> {tmp_path}/first.txt; echo first $?
{" ".join(ADD)} {tmp_path}/disk/home {more} > /dev/null 2> {tmp_path}/second.txt; echo second $?
mount -o remount,size=400m {tmp_path}/disk
{" ".join(ADD)} {tmp_path}/disk/home {source} {more} > {tmp_path}/out.txt 2>&1; echo third $?
""")
    (tmp_path / "disk").mkdir()
    for size in (200, 4000):
        run = subprocess.run(
            ["unshare", "-rm", "bash", str(script), str(size)], capture_output=True, text=True, check=False
        )
        if run.returncode == 99:
            pytest.skip("tmpfs cannot be mounted here")
        assert "second 1" in run.stdout, (size, run.stdout)
        assert "third 0" in run.stdout, (size, run.stdout, (tmp_path / "out.txt").read_text())
        assert "1620 papers" in (tmp_path / "out.txt").read_text()
        (message,) = (tmp_path / "second.txt").read_text().strip().splitlines()
        assert "disk" in message or "space" in message, message
        assert "Traceback" not in message


@pytest.mark.skipif(not can_unshare("-rm"), reason="mount namespaces are not permitted here")
def test_a_home_that_cannot_be_written_is_an_error_of_one_line(home_of_papers, tmp_path, make_papers, write_jsonl):
    source = write_jsonl(tmp_path / "papers.jsonl", make_papers(1, start=70))
    command = f"mount --bind {home_of_papers} {home_of_papers} && mount -o remount,ro,bind {home_of_papers} && exec {' '.join(ADD)} {home_of_papers} {source}"
    run = subprocess.run(["unshare", "-rm", "bash", "-c", command], capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    assert len(run.stderr.strip().splitlines()) == 1
    assert "permission" in run.stderr


def damage(path, how):
    data = path.read_bytes()
    if how == "truncated":
        path.write_bytes(data[: len(data) // 2])
    elif how == "emptied":
        path.write_bytes(b"")
    elif how == "removed":
        path.unlink()
    else:
        middle = len(data) // 2
        path.write_bytes(data[:middle] + bytes(b ^ 0xFF for b in data[middle : middle + 64]) + data[middle + 64 :])


def test_damaged_embeddings_are_made_again(home_of_papers):
    for shard in (home_of_papers / "embeddings").rglob("*.npz"):
        damage(shard, "flipped")
    with Assistant.open(home_of_papers, settings=SETTINGS) as assistant:
        assistant.repair()
        assert assistant.search(QUESTION)


def test_an_index_of_another_embedding_model_is_built_anew_from_the_library(home_of_papers, monkeypatch):
    from assistant.models.hashing import HashingEmbeddings

    with Assistant.open(home_of_papers, settings=SETTINGS) as assistant:
        assistant.encoder = HashingEmbeddings(dimension=128)
        assert not assistant.indexer.is_current()
        assert assistant.update() == assistant.library.count()
        assert assistant.indexer.is_current()
        assert assistant.search(QUESTION)[0].title
