"""`assistant models`: listed, fetched over a line that breaks, chosen, and what is said where that does not work."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.cli import main
from assistant.errors import DownloadError, SettingsError
from assistant.indexing import silent
from assistant.models import downloads
from assistant.models.downloads import Source, fetch, source_of
from assistant.models.files import BUNDLED, chat_model_file, embedding_model_folder
from assistant.models.recommended import RECOMMENDED
from assistant.settings import load_settings
from assistant.settings_file import write_setting

BODY = b"GGUF" + bytes(range(256)) * 12_000  # 3 MB: several blocks
SHA256 = hashlib.sha256(BODY).hexdigest()


class Hub:
    """What the stand-in server does; ``requests`` are the ranges it was asked for."""

    def __init__(self):
        self.body = BODY
        self.etag = '"first"'
        self.breaks_after = []  # bytes of each next answer, after which the connection is closed
        self.statuses = []  # of each next answer, before the file is given
        self.ranges = True
        self.says_length = True
        self.claims = 0  # bytes more than there are
        self.requests = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        hub = self.server.hub
        asked = self.headers.get("Range")
        hub.requests.append(asked)
        if self.path.startswith("/missing"):
            return self.send_error(404)
        if self.path.startswith("/secret"):
            return self.send_error(403)
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/model.gguf")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if hub.statuses:
            return self.send_error(hub.statuses.pop(0))
        return self.give(hub, asked)

    def give(self, hub, asked):
        start = 0
        if asked and hub.ranges and self.headers.get("If-Range", hub.etag) == hub.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        size = len(hub.body)
        if start >= size:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if hub.says_length:
            self.send_header("Content-Length", str(size - start + hub.claims))
        self.send_header("ETag", hub.etag)
        self.send_header("Connection", "close")
        self.end_headers()
        part = hub.body[start:]
        with suppress(ConnectionError):  # whoever asked may have gone
            self.wfile.write(part[: hub.breaks_after.pop(0)] if hub.breaks_after else part)
        self.close_connection = True
        return None


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def url(hub):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hub = hub
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(downloads, "_PAUSE", 0.0)
    monkeypatch.setattr(downloads, "_BLOCK", 1 << 16)


@pytest.fixture
def source(url):
    return Source(f"{url}/model.gguf", "model.gguf", SHA256)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home" / "models"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# -- fetching ---------------------------------------------------------------------------------------------------------


def test_a_file_comes_whole_and_its_digest_is_kept_beside_it(source, folder):
    told = []
    got = fetch(source, folder, lambda *progress: told.append(progress))
    assert (got.path.read_bytes(), got.sha256, got.verified, got.fetched) == (BODY, SHA256, True, True)
    assert (folder / "model.gguf.sha256").read_text() == f"{SHA256}  model.gguf\n"
    assert names(folder) == ["model.gguf", "model.gguf.sha256"]
    assert told[-1] == ("model.gguf, MB", 3, 3)
    assert told == sorted(told)


def test_a_file_that_is_there_is_not_fetched_again(source, folder, hub):
    fetch(source, folder, silent)
    assert not fetch(source, folder, silent).fetched
    assert len(hub.requests) == 1


def test_a_line_that_breaks_is_gone_on_with_where_it_broke(source, folder, hub):
    hub.breaks_after = [1_000_000, 500_000, 500_000, 1, 1, 1, 1]
    assert fetch(source, folder, silent).path.read_bytes() == BODY
    assert hub.requests[:3] == [None, "bytes=1000000-", "bytes=1500000-"]
    assert len(hub.requests) == 8


def test_a_line_that_stays_dead_is_an_error_and_what_came_is_kept(source, folder, hub):
    hub.breaks_after = [1_000_000, *([0] * 20)]
    with pytest.raises(
        DownloadError, match=r"the connection broke.*1,000,000 bytes that have come are kept.*run it again"
    ):
        fetch(source, folder, silent)
    assert (folder / "model.gguf.partial").read_bytes() == BODY[:1_000_000]
    assert not (folder / "model.gguf").exists()
    hub.breaks_after, hub.requests = [], []
    assert fetch(source, folder, silent).path.read_bytes() == BODY
    assert hub.requests == ["bytes=1000000-"]


def test_a_server_that_cannot_go_on_begins_anew(source, folder, hub):
    hub.ranges, hub.breaks_after = False, [1_000_000]
    assert fetch(source, folder, silent).path.read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_never_mixed_with_the_old_one(url, folder, hub):
    unknown = Source(f"{url}/model.gguf", "model.gguf")
    hub.breaks_after = [1_000_000, *([0] * 20)]
    with pytest.raises(DownloadError):
        fetch(unknown, folder, silent)
    hub.breaks_after, hub.etag, hub.body = [], '"second"', b"GGUF" + b"other" * 500_000
    got = fetch(unknown, folder, silent)
    assert got.path.read_bytes() == hub.body
    assert (got.verified, got.sha256) == (False, hashlib.sha256(hub.body).hexdigest())


def test_a_file_that_became_shorter_is_fetched_anew(source, folder, hub):
    folder.mkdir(parents=True)
    (folder / "model.gguf.partial").write_bytes(BODY + b"more")
    assert fetch(source, folder, silent).path.read_bytes() == BODY


def test_a_whole_partial_file_needs_no_byte_more(source, folder, hub):
    folder.mkdir(parents=True)
    (folder / "model.gguf.partial").write_bytes(BODY)
    assert fetch(source, folder, silent).path.read_bytes() == BODY
    assert hub.requests == [f"bytes={len(BODY)}-"]


def test_a_server_that_is_busy_is_asked_again(source, folder, hub):
    hub.statuses = [503, 429]
    assert fetch(source, folder, silent).fetched
    hub.statuses = [503] * 10
    with pytest.raises(DownloadError, match="the server answers 503"):
        fetch(Source(f"{source.url}?2", "other.gguf"), folder, silent)


def test_a_length_that_is_not_said_is_no_obstacle(source, folder, hub):
    hub.says_length = False
    assert fetch(source, folder, silent).path.read_bytes() == BODY


def test_an_address_may_lead_to_another(url, folder):
    assert fetch(Source(f"{url}/moved/model.gguf", "model.gguf", SHA256), folder, silent).fetched


def test_a_wrong_digest_is_an_error_and_nothing_is_kept(source, folder):
    with pytest.raises(DownloadError, match=rf"has the SHA-256 {SHA256}, not {'0' * 64}; it was thrown away"):
        fetch(Source(source.url, source.name, "0" * 64), folder, silent)
    assert names(folder) == []


def test_another_file_of_the_same_name_is_left_alone(source, folder):
    folder.mkdir(parents=True)
    (folder / "model.gguf").write_bytes(b"mine")
    with pytest.raises(DownloadError, match="is there, but is another file"):
        fetch(source, folder, silent)
    assert (folder / "model.gguf").read_bytes() == b"mine"


def test_a_page_in_the_place_of_the_file_is_thrown_away(url, folder, hub):
    hub.body = b"<html>please log in</html>"
    with pytest.raises(DownloadError, match="is no GGUF file"):
        fetch(Source(f"{url}/model.gguf", "model.gguf"), folder, silent)
    assert names(folder) == []


@pytest.mark.parametrize(
    ("path", "said"), [("missing", r"no such file at .*\(404\)"), ("secret", r"not given to everybody \(403\)")]
)
def test_a_file_that_is_not_given_is_an_error(url, folder, hub, path, said):
    with pytest.raises(DownloadError, match=said):
        fetch(Source(f"{url}/{path}/model.gguf", "model.gguf"), folder, silent)
    assert len(hub.requests) == 1


def test_without_a_network_it_says_so(folder):
    with pytest.raises(DownloadError, match=r"cannot be fetched \(.*refused.*\); check the network, then run it again"):
        fetch(Source("http://127.0.0.1:9/model.gguf", "model.gguf"), folder, silent)


def test_a_file_that_does_not_fit_is_not_begun(source, folder, hub):
    hub.claims = 1 << 60
    with pytest.raises(DownloadError, match=r"GB are needed in .* are free; free some space"):
        fetch(source, folder, silent)


def test_a_disk_that_fills_up_is_an_error_and_what_came_is_kept(source, folder):
    def full(_what, _done, _total):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(DownloadError, match=r"the disk is full.*what has come is kept"):
        fetch(source, folder, full)
    assert (folder / "model.gguf.partial").stat().st_size > 0
    assert fetch(source, folder, silent).path.read_bytes() == BODY


def test_two_at_once_do_not_write_into_one_file(source, folder):
    def another(_what, _done, _total):
        with pytest.raises(DownloadError, match=r"another process is fetching model\.gguf"):
            fetch(source, folder, silent)

    assert fetch(source, folder, another).path.read_bytes() == BODY


def test_what_is_asked_for_is_an_address(url):
    model = RECOMMENDED[0]
    assert source_of(model.name.upper()) == Source(model.url, model.file, model.sha256)
    assert source_of(f"{url}/a/b.gguf?download=true").name == "b.gguf"
    for nonsense in ("llama", "file:///etc/passwd.gguf", "http://127.0.0.1/page", "http://127.0.0.1/..gguf", "a/b"):
        with pytest.raises(DownloadError, match=r"assistant models list|names no \.gguf file"):
            source_of(nonsense)


def test_the_recommended_ones_are_complete():
    assert len({model.name for model in RECOMMENDED} | {model.file for model in RECOMMENDED}) == 2 * len(RECOMMENDED)
    for model in RECOMMENDED:
        assert len(bytes.fromhex(model.sha256)) == 32
        assert len(bytes.fromhex(model.revision)) == 20
        assert model.size > 500_000_000
        assert model.url.startswith("https://")


# -- the settings file ------------------------------------------------------------------------------------------------


def test_a_setting_is_written_and_all_else_stays(tmp_path):
    file = tmp_path / "assistant.toml"
    file.write_text(
        "# my library\nmode = 'quoted'  # for now\n\nchat_model = 'none'\ncandidates = 30\n", encoding="utf-8"
    )
    file.chmod(0o600)
    write_setting(tmp_path, "chat_model", "bundled")
    assert file.read_text(encoding="utf-8") == (
        "# my library\nmode = 'quoted'  # for now\n\nchat_model = \"bundled\"\ncandidates = 30\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    write_setting(tmp_path, "embedding_model", 'C:\\a "b"')
    assert load_settings(tmp_path).embedding_model == 'C:\\a "b"'
    assert [path.name for path in tmp_path.iterdir()] == ["assistant.toml"]


def test_a_link_to_the_file_stays_a_link(tmp_path):
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "mine.toml").write_text("candidates = 9\n", encoding="utf-8")
    (tmp_path / "assistant.toml").symlink_to(tmp_path / "dotfiles" / "mine.toml")
    write_setting(tmp_path, "chat_model", "none")
    assert (tmp_path / "assistant.toml").is_symlink()
    assert load_settings(tmp_path).candidates == 9


def test_a_file_that_is_no_toml_is_left_as_it_is(tmp_path):
    (tmp_path / "assistant.toml").write_text("mode = = 3", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"assistant\.toml cannot be changed .*chat_model = 'none'"):
        write_setting(tmp_path, "chat_model", "none")
    assert (tmp_path / "assistant.toml").read_text(encoding="utf-8") == "mode = = 3"


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys, tmp_path):
    """Return ``run(*words)``, which gives exit code, stdout and stderr of ``assistant models`` in a new home."""

    def run_one(*words):
        capsys.readouterr()
        code = main(["--home", str(tmp_path / "home"), "models", *map(str, words)])
        written = capsys.readouterr()
        return code, written.out, written.err

    return run_one


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


def listed(run):
    code, out, _ = run("list", "--json")
    assert code == 0
    return {(model["role"], model["name"]): model for model in json.loads(out)}


def test_those_in_use_come_first_and_the_recommended_ones_say_how_they_come(run):
    models = listed(run)
    used = [key for key, model in models.items() if model["in_use"]]
    assert used == list(models)[:2] == [("chat", "bundled"), ("embedding", "bundled")]
    chat = models["chat", "bundled"]
    assert chat["path"] == str(chat_model_file(BUNDLED))
    assert chat["size"] == chat_model_file(BUNDLED).stat().st_size
    assert len(chat["sha256"]) == 64
    for model in RECOMMENDED:
        assert models["chat", model.name]["todo"] == f"assistant models pull {model.name}"
    code, out, _ = run("list")
    assert code == 0
    assert [line[0] for line in out.splitlines()] == ["*"] * 2 + [" "] * len(RECOMMENDED)


def test_a_model_is_pulled_listed_and_chosen(run, home, hub, url):
    hub.body = chat_model_file(BUNDLED).read_bytes()
    code, out, err = run("pull", f"{url}/tiny.gguf")
    assert (code, "sha256" in out, "assistant models use tiny.gguf" in err) == (0, True, True)
    assert listed(run)["chat", "tiny.gguf"]["todo"] == "assistant models use tiny.gguf"
    code, out, _ = run("use", "tiny")
    assert (code, load_settings(home).chat_model) == (0, str(home / "models" / "tiny.gguf"))
    assert listed(run)["chat", "tiny.gguf"]["in_use"]
    assert not listed(run)["chat", "bundled"]["in_use"]
    code, out, _ = run("use", "bundled", "--json")
    assert json.loads(out)["value"] == load_settings(home).chat_model == "bundled"
    assert run("use", "none")[0] == 0
    assert listed(run)["chat", "none"]["in_use"]


def test_an_embedding_model_is_chosen_from_its_folder(run, home):
    folder = embedding_model_folder(BUNDLED)
    code, _, err = run("use", folder)
    assert (code, load_settings(home).embedding_model) == (0, str(folder))
    assert "to make the index for it: assistant doctor --repair" in err
    assert listed(run)["embedding", folder.name]["origin"] == "elsewhere"
    (home / "models").mkdir()
    (home / "models" / "mine").symlink_to(folder)
    assert run("use", "mine")[0] == 0
    assert listed(run)["embedding", "mine"]["in_use"]
    assert run("use", "bundled", "--as", "embedding")[0] == 0
    assert load_settings(home).embedding_model == "bundled"


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGUF" + b"\0" * 1000, b"<html>"])
def test_a_broken_file_is_not_chosen(run, home, tmp_path, content):
    (tmp_path / "broken.gguf").write_bytes(content)
    code, _, err = run("use", tmp_path / "broken.gguf")
    assert (code, err.count("\n")) == (1, 1)
    assert not (home / "assistant.toml").exists()


def test_a_broken_folder_is_not_chosen(run, home, tmp_path):
    (tmp_path / "broken").mkdir()
    assert "no sentence-transformers model" in run("use", tmp_path / "broken")[2]
    (tmp_path / "broken" / "config.json").write_text("{}", encoding="utf-8")
    code, _, err = run("use", tmp_path / "broken")
    assert (code, err.count("\n")) == (1, 1)
    assert not (home / "assistant.toml").exists()


def test_what_is_not_there_is_an_error_with_what_to_do(run, home):
    assert "assistant models list" in run("use", "nothing")[2]
    assert run("use", "qwen3-4b")[2].endswith("run: assistant models pull qwen3-4b\n")
    home.mkdir()
    (home / "assistant.toml").write_text("chat_model = '/gone/model.gguf'\n", encoding="utf-8")
    gone = listed(run)["chat", "model.gguf"]
    assert (gone["in_use"], gone["origin"], gone["path"]) == (True, "elsewhere", "/gone/model.gguf")
    assert "no model file" in gone["todo"]


def test_a_setting_of_the_environment_goes_before_and_is_named(run, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL", "none")
    assert "ASSISTANT_CHAT_MODEL is set and goes before the file" in run("use", "bundled")[2]


def test_a_digest_that_a_person_gives_is_held_to(run, url, hub):
    code, _, err = run("pull", f"{url}/model.gguf", "--sha256", "0" * 64)
    assert (code, "it was thrown away" in err) == (1, True)
    code, out, _ = run("pull", f"{url}/model.gguf", "--sha256", SHA256.upper(), "--json")
    assert (code, json.loads(out)["verified"]) == (0, True)


@contextmanager
def changed(path):
    data = path.read_bytes()
    yield path.write_bytes(b"GGUF" + data[4:] + b"!")
    path.write_bytes(data)


def test_a_kept_digest_is_not_believed_of_a_file_that_has_changed(run, home, url):
    run("pull", f"{url}/model.gguf")
    path = home / "models" / "model.gguf"
    assert listed(run)["chat", "model.gguf"]["sha256"] == SHA256
    os.utime(home / "models" / "model.gguf.sha256", (1, 1))
    with changed(path):
        assert listed(run)["chat", "model.gguf"]["sha256"] != SHA256
