"""Offline: everything works where there is no network, and nothing so much as tries to reach one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

# Loopback is down in a new network namespace. Brings it up (ioctl SIOCSIFFLAGS) and becomes the command.
ISOLATED = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
os.execv(sys.argv[1], sys.argv[1:])
"""

# Put on the path as sitecustomize: notes every attempt to reach or look up something that is not this machine.
WATCHER = """
import os, sys

HERE = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}

def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        outside = isinstance(address, tuple) and address[0] not in HERE
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        address = args[0].decode() if isinstance(args[0], bytes) else args[0]
        outside = address not in HERE
    else:
        return
    if outside:
        with open(os.environ["ATTEMPTS"], "a") as file:
            file.write(f"{event} {address!r} by {sys.argv}\\n")

sys.addaudithook(watch)
"""

# What would make careless libraries talk: the program must not listen to it.
TALKATIVE = {
    "LANGSMITH_TRACING": "true",
    "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "none",
    "LANGSMITH_ENDPOINT": "http://192.0.2.1",
    "GRADIO_ANALYTICS_ENABLED": "True",
    "ANONYMIZED_TELEMETRY": "True",
    "HF_HUB_OFFLINE": "0",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1",
}
QUESTION = "What does the colony of honey bees eat?"
PAPERS = [
    {"title": "Bees in Winter", "abstract": "Honey bees cluster in winter. The colony of honey bees eats its honey."},
    {"title": "Sea Ice", "abstract": "Sea ice melts in summer. We measure how thick sea ice is from space."},
]
WRITTEN = ["--set", "mode=written", "--set", "answer_threshold=0"]  # so that the language model has its say


def _isolation():
    """Return the words before a command that cut it off the network, or why that cannot be done."""
    if not shutil.which("unshare"):
        return "there is no unshare here"
    words = ["unshare", "-rn", sys.executable, "-c", ISOLATED]
    ended = subprocess.run([*words, "/bin/true"], capture_output=True, text=True, check=False)
    return words if ended.returncode == 0 else f"unshare is not permitted: {ended.stderr.strip()}"


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    """Return words before a command that cut it off, its environment, and a function that says what tried to leave.

    Where a namespace is not permitted there are no such words, and what tries to leave is still seen.
    """
    folder = tmp_path_factory.mktemp("watcher")
    (folder / "sitecustomize.py").write_text(WATCHER, encoding="utf-8")
    attempts = folder / "attempts"
    attempts.touch()
    words = _isolation()
    environment = os.environ | TALKATIVE | {"PYTHONPATH": str(folder), "ATTEMPTS": str(attempts)}
    return [] if isinstance(words, str) else words, environment, lambda: attempts.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory, offline):
    """A home filled offline, with the bundled models."""
    words, environment, attempts = offline
    folder = tmp_path_factory.mktemp("offline")
    (folder / "papers.jsonl").write_text("\n".join(map(json.dumps, PAPERS)), encoding="utf-8")
    command = [*words, sys.executable, "-m", "assistant", "add", "papers.jsonl", "--home", "home", "--json"]
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["added"] == 2
    assert attempts() == ""
    return folder / "home"


@pytest.fixture
def run(offline, home):
    """Return ``run(*words, stdin="")``, which runs a command offline and returns what it wrote to stdout."""
    words, environment, attempts = offline

    def run_one(*options, stdin=""):
        command = [*words, sys.executable, "-m", "assistant", "--home", home, *options]
        ended = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        assert attempts() == ""
        return ended.stdout

    return run_one


def test_a_command_is_cut_off_from_every_network_but_its_own():
    words = _isolation()
    if isinstance(words, str):
        pytest.skip(words)
    talk = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    ended = subprocess.run([*words, sys.executable, "-c", talk], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in ended.stderr


def test_the_watcher_sees_what_it_must_see(offline, tmp_path):
    _, environment, _ = offline
    attempts = tmp_path / "attempts"
    talk = (
        "import socket\n"
        "for call in (lambda: socket.getaddrinfo('example.invalid', 80),\n"
        "             lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9)),\n"
        "             lambda: socket.create_connection(('127.0.0.1', 9))):\n"
        "    try: call()\n"
        "    except OSError: pass\n"
    )
    subprocess.run([sys.executable, "-c", talk], env=environment | {"ATTEMPTS": str(attempts)}, check=True)
    seen = attempts.read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in seen] == ["socket.getaddrinfo", "socket.sendto"]


def test_ask_works_offline(run):
    record = json.loads(run("ask", QUESTION, "--json", *WRITTEN))
    assert (record["status"], record["mode"]) == ("answered", "written")
    assert record["citations"][0]["title"] == "Bees in Winter"
    assert record["models"]["chat"].startswith("SmolLM2")


def test_chat_works_offline(run):
    assert run("chat", *WRITTEN, stdin=f"{QUESTION}\nAnd when does it cluster?\n").count("Sources:") == 2


def test_batch_works_offline(run, tmp_path):
    (tmp_path / "questions.jsonl").write_text(json.dumps({"id": "a", "question": QUESTION}), encoding="utf-8")
    run("batch", tmp_path / "questions.jsonl", tmp_path / "answers.jsonl", *WRITTEN)
    assert json.loads((tmp_path / "answers.jsonl").read_text(encoding="utf-8"))["status"] == "answered"


ASK_THE_PAGE = """
import sys, urllib.request
for path in ("", "healthz"):
    with urllib.request.urlopen(sys.argv[1] + path) as response:
        print(response.status, len(response.read()))
"""


def test_the_page_works_offline(offline, home):
    words, environment, attempts = offline
    port = _free_port()
    command = [*words, sys.executable, "-m", "assistant", "serve", "--home", home, "--port", str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        try:
            said = _wait_for(process, f"http://127.0.0.1:{port}/")
            inside = ["nsenter", "-t", str(process.pid), "-U", "-n", "--preserve-credentials"] if words else []
            ask = [*inside, sys.executable, "-c", ASK_THE_PAGE, f"http://127.0.0.1:{port}/"]
            ended = subprocess.run(ask, capture_output=True, text=True, check=False)
        finally:
            process.terminate()
    assert ended.returncode == 0, f"{ended.stderr}\n{said}"
    assert [line.split()[0] for line in ended.stdout.splitlines()] == ["200", "200"]
    assert attempts() == ""


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        return any_port.getsockname()[1]


def _wait_for(process, url):
    said = ""
    while url not in said:
        line = process.stderr.readline()
        assert line, said
        said += line
    return said
