"""Backup and restore: everything comes back, nothing is replaced unasked, and what is no backup is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from hashlib import sha256

import pytest

from assistant import restore
from assistant.assistant import Assistant
from assistant.cli import main
from assistant.errors import AssistantError, BackupError, LibraryDamagedError
from assistant.library import Library
from assistant.models.hashing import HashingEmbeddings

FAST = {"embedding_model": "hashing", "chat_model": "none"}
QUESTION = "On honey bees with field surveys, part 1"


@pytest.fixture
def backup(home_of_papers, tmp_path):
    """A backup of 12 papers, a conversation and settings."""
    (home_of_papers / "assistant.toml").write_text('max_sentences = 2\ntoken = "secret"\n', encoding="utf-8")
    with Assistant.open(home_of_papers, FAST) as assistant:
        kept = assistant.conversations.begin("What about bees?")
        assistant.conversations.keep(kept, 1, {"question": "bees"}, "bees")
        assistant.backup(tmp_path / "library.zip")
    return tmp_path / "library.zip"


def everything(home):
    with Assistant.open(home, FAST) as assistant:
        papers = [paper.to_dict() for paper in assistant.library.papers()]
        turns = [assistant.conversations.turns(kept.conversation_id) for kept in assistant.conversations.find()]
        return papers, turns, assistant.settings, [result.paper_id for result in assistant.search(QUESTION)]


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def repack(path, contents, changes=None):
    """Write a backup with these files and a manifest that is right about them, but for the changes."""
    manifest = json.loads(contents["manifest.json"])
    about = {
        name: {"sha256": sha256(data).hexdigest(), "size_bytes": len(data)}
        for name, data in contents.items()
        if name != "manifest.json"
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in about:
            archive.writestr(name, contents[name])
        archive.writestr("manifest.json", json.dumps(manifest | {"files": about} | (changes or {})))


def test_everything_comes_back_and_nothing_is_embedded_again(backup, home_of_papers, tmp_path, monkeypatch):
    before = everything(home_of_papers)
    monkeypatch.setattr(HashingEmbeddings, "encode", lambda *_: pytest.fail("a text was embedded"))
    report = restore(backup, tmp_path / "new", settings=FAST)
    monkeypatch.undo()
    assert (report.papers, report.embedded, report.kept) == (12, 0, None)
    assert everything(tmp_path / "new") == before
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "library.sqlite3", "conversations.sqlite3", "assistant.toml", "embeddings", "index", "write.lock",
    }  # fmt: skip


def test_a_backup_may_leave_the_embeddings_out(home_of_papers, tmp_path, capsys):
    options = ["--home", str(home_of_papers), "--set", "embedding_model=hashing", "--set", "chat_model=none"]
    assert main(["backup", str(tmp_path / "small.zip"), "--no-embeddings", "--json", *options]) == 0
    assert json.loads(capsys.readouterr().out)["papers"] == 12
    assert not any(name.startswith("embeddings") for name in members(tmp_path / "small.zip"))
    assert restore(tmp_path / "small.zip", tmp_path / "new", settings=FAST).embedded == 12


def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(backup, tmp_path):
    assert backup.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir() if "library" in path.name) == ["library.zip"]


def test_a_library_is_replaced_only_when_that_is_said_and_kept(backup, tmp_path, make_papers, write_jsonl, capsys):
    home = tmp_path / "other"
    options = ["--home", str(home), "--set", "embedding_model=hashing", "--set", "chat_model=none"]
    with Assistant.open(home, FAST) as assistant:
        assistant.library.put(make_papers(3, start=50))
    assert main(["restore", str(backup), *options]) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(backup), "--replace", "--json", *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["papers"] == 12
    with closing(Library(home / "before-restore-1" / "library.sqlite3")) as kept:
        assert kept.count() == 3
    assert report["kept"] == str(home / "before-restore-1")


def test_a_damaged_library_is_replaced_only_when_that_is_said(backup, home_of_papers):
    (home_of_papers / "library.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(BackupError, match="--replace"):
        restore(backup, home_of_papers, settings=FAST)
    assert restore(backup, home_of_papers, settings=FAST, replace=True).papers == 12


def test_a_program_that_has_the_old_library_open_is_told_when_it_writes(backup, home_of_papers, make_papers):
    with Assistant.open(home_of_papers, FAST) as assistant:
        restore(backup, home_of_papers, settings=FAST, replace=True)
        with pytest.raises(AssistantError, match="start this program again"):
            assistant.library.put(make_papers(1, start=90))


def test_a_backup_takes_the_place_of_a_backup_and_of_nothing_else(backup, home_of_papers, tmp_path):
    (tmp_path / "papers.bib").write_text("@article{a}", encoding="utf-8")
    with Assistant.open(home_of_papers, FAST) as assistant:
        assistant.backup(backup)
        for path in (tmp_path / "papers.bib", tmp_path, tmp_path / "none" / "x.zip"):
            with pytest.raises(BackupError, match="name another file"):
                assistant.backup(path)
    assert (tmp_path / "papers.bib").read_text(encoding="utf-8") == "@article{a}"


def test_a_damaged_library_is_not_backed_up_as_if_it_were_whole(home_of_papers, tmp_path):
    with Assistant.open(home_of_papers, FAST) as assistant:
        path = assistant.library.path
        assistant.library._connection.execute("UPDATE papers SET abstract = 'other words'")
        with pytest.raises(LibraryDamagedError, match=str(path)):
            assistant.backup(tmp_path / "library.zip")
    assert not (tmp_path / "library.zip").exists()


def database(statement):
    """Run a statement in the library of a backup."""

    def change(files, folder):
        path = folder / "changed.sqlite3"
        path.write_bytes(files["library.sqlite3"])
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()
        files["library.sqlite3"] = path.read_bytes()

    return change


def put(name, data):
    return lambda files, _: files.__setitem__(name, data)


SHARD = "embeddings/hashing-512/" + "0" * 64 + ".npz"
REFUSED = {
    "leads out of the home": (put("../evil.txt", b"x"), {}, "which no backup does"),
    "absolute": (put("/tmp/evil.txt", b"x"), {}, "which no backup does"),
    "a program": (put("models/evil.gguf", b"x"), {}, "which no backup does"),
    "an index": (put("index/CURRENT", b"g000001"), {}, "which no backup does"),
    "no library": (lambda files, _: files.pop("library.sqlite3"), {}, "not those of its manifest"),
    "a file too few": (lambda *_: None, {"files": {}}, "not those of its manifest"),
    "files that are no list": (lambda *_: None, {"files": 3}, "manifest is damaged"),
    "another format": (lambda *_: None, {"format": "something"}, "not that of a backup"),
    "a newer format": (lambda *_: None, {"version": 99, "program": "9.9"}, r"newer program \(9.9\)"),
    "a newer schema": (database("UPDATE state SET value = '99' WHERE key = 'schema'"), {}, "newer program"),
    "a trigger": (
        database("CREATE TRIGGER t AFTER INSERT ON papers BEGIN DELETE FROM papers; END"), {}, "which no library does",
    ),
    "other words than were written": (database("UPDATE papers SET abstract = 'x'"), {}, "damaged library"),
    "a library that is none": (put("library.sqlite3", b"no database" * 1000), {}, "cannot be used"),
    "conversations that are none": (put("conversations.sqlite3", b"no database" * 1000), {}, "cannot be used"),
    "settings that are none": (put("assistant.toml", b"mode = "), {}, "settings in the backup"),
    "a shard under another name": (put(SHARD, b"x"), {}, "does not bear its own checksum"),
    "a bomb": (put(SHARD, bytes(50_000_000)), {}, "more than anybody packs"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_backup_holds_is_refused_and_nothing_is_changed(what, backup, tmp_path):
    change, changes, reason = REFUSED[what]
    files = members(backup)
    change(files, tmp_path)
    repack(tmp_path / "bad.zip", files, changes)
    with pytest.raises(BackupError, match=reason) as error:
        restore(tmp_path / "bad.zip", tmp_path / "new", settings=FAST)
    assert len(str(error.value).splitlines()) == 1
    assert not any(path.name != "write.lock" for path in (tmp_path / "new").glob("*"))
    assert not (tmp_path / "evil.txt").exists()


def test_a_manifest_that_is_wrong_about_a_file_is_noticed(backup, tmp_path):
    files = members(backup)
    about = json.loads(files["manifest.json"])["files"]
    wrong_size = about | {"assistant.toml": about["assistant.toml"] | {"size_bytes": 1}}
    wrong_sum = about | {"assistant.toml": about["assistant.toml"] | {"sha256": "0" * 64}}
    for changes, reason in ((wrong_size, "another size"), (wrong_sum, "not what was written")):
        repack(tmp_path / "bad.zip", files, {"files": changes})
        with pytest.raises(BackupError, match=reason):
            restore(tmp_path / "bad.zip", tmp_path / "new", settings=FAST)


def test_wherever_a_backup_is_cut_short_or_a_byte_differs_nothing_is_restored(backup, tmp_path):
    whole = backup.read_bytes()
    accepted = 0
    for place in range(0, len(whole), len(whole) // 60):
        for name, data in (
            ("cut.zip", whole[:place]),
            ("flipped.zip", whole[:place] + bytes([whole[place] ^ 0x08]) + whole[place + 1 :]),
        ):
            (tmp_path / name).write_bytes(data)
            try:
                restore(tmp_path / name, tmp_path / f"{name}-{place}", settings=FAST)
                accepted += 1  # such as a byte of a time or a mode, which is not looked at
            except BackupError as error:
                assert len(str(error).splitlines()) == 1
    assert accepted <= 3


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"text", b"PK\x05\x06" + bytes(18)])
def test_another_file_is_no_backup(data, tmp_path):
    (tmp_path / "file.zip").write_bytes(data)
    with pytest.raises(BackupError, match="no backup"):
        restore(tmp_path / "file.zip", tmp_path / "new", settings=FAST)
    with pytest.raises(BackupError, match="there is no file"):
        restore(tmp_path / "missing.zip", tmp_path / "new", settings=FAST)
    assert not (tmp_path / "new").exists()


def test_a_backup_that_is_locked_with_a_password_is_refused(backup, tmp_path):
    data = bytearray(backup.read_bytes())
    place = data.rindex(b"PK\x01\x02")
    data[place + 8] |= 1  # the flag of encryption, in the directory
    (tmp_path / "locked.zip").write_bytes(data)
    with pytest.raises(BackupError, match="packed in a way"):
        restore(tmp_path / "locked.zip", tmp_path / "new", settings=FAST)


def test_a_library_of_an_older_schema_is_brought_up_to_date(backup, tmp_path):
    files = members(backup)
    path = tmp_path / "old.sqlite3"
    path.write_bytes(files["library.sqlite3"])
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "DROP TABLE identifiers; ALTER TABLE papers DROP COLUMN origins; DROP TABLE author_names;"
            "DROP TABLE author_words; DROP TABLE authored; DROP INDEX papers_filtered;"
            "CREATE INDEX papers_year ON papers (year);"
            "UPDATE state SET value = '1' WHERE key = 'schema';"
        )
    files["library.sqlite3"] = path.read_bytes()
    repack(tmp_path / "old.zip", files)
    assert restore(tmp_path / "old.zip", tmp_path / "new", settings=FAST).papers == 12


def test_restoring_under_another_embedding_model_says_what_it_embeds(backup, tmp_path, monkeypatch):
    monkeypatch.setattr(HashingEmbeddings.__init__, "__defaults__", (128,))
    assert restore(backup, tmp_path / "new", settings=FAST).embedded == 12


def test_a_restoring_that_was_stopped_goes_on_at_the_next_opening(backup, home_of_papers, tmp_path, monkeypatch):
    from assistant import switching

    home = shutil.copytree(home_of_papers, tmp_path / "home")
    moves = []

    def stop(source, target):
        moves.append(source)
        if len(moves) == 2:
            raise KeyboardInterrupt
        original(source, target)

    original = switching._move
    monkeypatch.setattr(switching, "_move", stop)
    with pytest.raises(KeyboardInterrupt):
        restore(backup, home, settings=FAST, replace=True)
    monkeypatch.undo()
    assert not (home / "library.sqlite3").exists()
    assert len(everything(home)[0]) == 12
    assert not (home / "restoring").exists()
