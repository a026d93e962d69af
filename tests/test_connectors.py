"""Connectors: papers by id and address from a stand-in for the registers, and what is said where that does not work."""

from __future__ import annotations

import gzip
import io
import json
import socket
import threading
import time
import zipfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from assistant.cli import main
from assistant.connectors import acl, arxiv, client, doi, told_apart, web
from assistant.connectors.client import Client
from assistant.connectors.names import named
from assistant.errors import FetchError, SourceError
from assistant.papers import Paper

# Answers in the shape of each register's, with papers of our own.


def atom(*ids):
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{i}v2</id><published>2021-05-01T00:00:00Z</published>"
        f"<title>Bees of {i}</title><summary>We count the\nbees of {i}.</summary>"
        "<author><name>Ada Byron</name></author></entry>"
        for i in ids
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Query</title>{entries}</feed>'


ERROR_ENTRY = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/api/errors#incorrect</id>'
    "<title>Error</title><summary>incorrect id format</summary></entry></feed>"
)


def work(**fields):
    message = {
        "DOI": "10.5555/hives.17",
        "title": ["Counting Bees"],
        "author": [{"given": "Ada", "family": "Byron"}],
        "container-title": ["Journal of Hives"],
        "issued": {"date-parts": [[2021, 5]]},
        "abstract": "<jats:title>Abstract</jats:title><jats:p>We count <jats:italic>honey</jats:italic> bees.</jats:p>",
    } | fields
    return json.dumps({"status": "ok", "message-type": "work", "message": message})


CSL = json.dumps({"type": "article-journal", "id": "https://doi.org/10.5555/wax", "DOI": "10.5555/wax", "title": "Wax",
                  "author": [{"given": "Ada", "family": "Byron"}], "issued": {"date-parts": [[2020]]},
                  "abstract": "Wax is what bees build of."})  # fmt: skip
BIB = """@inproceedings{byron-2020-bees,
    title = "{B}ees by {N}ight", author = "Byron, Ada", booktitle = "Proceedings of Hives", year = "2020",
    url = "https://aclanthology.org/2020.cold-1.7/", doi = "10.18653/v1/2020.cold-1.7",
    abstract = "We count bees at the hive.",
}"""
BIB_BARE = BIB.replace("abstract", "note").replace("cold-1.7", "cold-1.8")
LINES = "\n".join(json.dumps({"title": f"On Ice {n}", "abstract": f"Ice {n} is cold."}) for n in range(3))


class Answer:
    """One answer of the stand-in: a status, a body, and what is wrong with it."""

    def __init__(self, body="", status=200, headers=(), *, cut=0, wait_s=0.0, says_length=True):
        self.body = body.encode() if isinstance(body, str) else body
        self.status, self.headers, self.cut, self.wait_s, self.says_length = status, dict(headers), cut, wait_s, says_length  # fmt: skip


class Registers:
    """What the stand-in answers by path: a list is used up, its last member stays; ``asked`` is what it was asked."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.url = ""
        self.hung_up = threading.Event()

    def __setitem__(self, path, answers):
        self.answers[path] = answers if isinstance(answers, list) else [answers]

    def paths(self):
        return [path for path, _ in self.asked]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        registers = self.server.registers
        registers.asked.append((self.path, dict(self.headers)))
        found = registers.answers.get(self.path.partition("?")[0], [Answer("nothing", 404)])
        answer = found.pop(0) if len(found) > 1 else found[0]
        if callable(answer):
            answer = answer(self.path)
        if answer.wait_s:
            registers.hung_up.wait(answer.wait_s)
        self.close_connection = True
        try:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.says_length:
                self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.cut])
        except ConnectionError:  # whoever asked has gone
            pass


@pytest.fixture
def registers(monkeypatch):
    """The stand-in, which every connector asks in the place of the real registers."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.registers = registers = Registers()
    registers.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(arxiv, "_BASE", f"{registers.url}/api/query")
    monkeypatch.setattr(doi, "_CROSSREF", f"{registers.url}/works")
    monkeypatch.setattr(doi, "_RESOLVER", f"{registers.url}/resolve")
    monkeypatch.setattr(acl, "_BASE", f"{registers.url}/anthology")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield registers
    registers.hung_up.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The seconds that were waited; none passes."""
    waited = []
    monkeypatch.setattr(client, "sleep", waited.append)
    return waited


@pytest.fixture
def add(tmp_path, open_assistant):
    """Return ``add(*names)``: the report, the papers by title, and the reasons by what was skipped."""
    assistant = open_assistant(tmp_path / "home")

    def add_all(*names, **options):
        report = assistant.add(*names, **options)
        papers = {paper.title: paper for paper in assistant.library.papers()}
        return report, papers, {skipped.source: skipped.reason for skipped in report.skipped}

    add_all.assistant = assistant
    return add_all


def doi_path(text):
    return "/works/" + text.replace("/", "%2F")


# -- what is named ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "register", "known_as"),
    [
        ("arxiv:2004.12832", "arxiv", "2004.12832"),
        ("arXiv:2004.12832v2", "arxiv", "2004.12832v2"),
        ("ARXIV: cs/0309136", "arxiv", "cs/0309136"),
        ("arxiv:math.GT/0309136v1", "arxiv", "math.GT/0309136v1"),
        ("https://arxiv.org/abs/2004.12832", "arxiv", "2004.12832"),
        ("http://www.arxiv.org/pdf/2004.12832v3.pdf", "arxiv", "2004.12832v3"),
        ("doi:10.48550/arXiv.2004.12832", "arxiv", "2004.12832"),
        ("doi:10.5555/a(b)<c>", "doi", "10.5555/a(b)<c>"),
        ("https://doi.org/10.5555/a%28b%29", "doi", "10.5555/a(b)"),
        ("acl:2020.acl-main.1", "acl", "2020.acl-main.1"),
        ("acl:P19-1001", "acl", "P19-1001"),
        ("https://aclanthology.org/2020.acl-main.1/", "acl", "2020.acl-main.1"),
        ("https://aclanthology.org/P19-1001.pdf", "acl", "P19-1001"),
        ("https://aclanthology.org/anthology+abstracts.bib.gz", "url", "https://aclanthology.org/anthology+abstracts.bib.gz"),
        ("https://arxiv.org/list/cs.CL/new", "url", "https://arxiv.org/list/cs.CL/new"),
    ],
)  # fmt: skip
def test_a_name_says_who_is_asked_for_what(text, register, known_as):
    found = named(text)
    assert (found.register, found.id, found.text) == (register, known_as, text)


@pytest.mark.parametrize("text", ["papers.bib", "2004.12832", "./arxiv:2004.12832", "file:///etc/passwd", "ftp://x.org/a.bib", "C:\\papers.bib"])  # fmt: skip
def test_what_is_no_such_name_is_a_path(text):
    assert named(text) is None


@pytest.mark.parametrize("text", ["arxiv:1", "arxiv:../../etc", "doi:hives", "doi:10.5555/a b", "acl:", "acl:2020.acl-main.1?x", "arxiv:2004.12832,2004.12833"])  # fmt: skip
def test_what_begins_like_a_name_and_is_none_is_an_error_before_anything_is_asked(text, add, registers):
    with pytest.raises(FetchError, match=r"is no such id; write it like (arxiv|doi|acl):"):
        add("arxiv:2105.00017", text)
    assert registers.asked == []


def test_an_address_that_cannot_be_taken_apart_is_an_error_before_anything_is_asked(add):
    with pytest.raises(FetchError, match="is no http or https address"):
        add("http://[::1/papers")


def test_a_path_object_is_always_a_file(tmp_path):
    paths, wanted = told_apart([tmp_path / "arxiv:2004.12832", "acl:P19-1001", "ACL:p19-1001"])
    assert (paths, [name.id for name in wanted]) == ([tmp_path / "arxiv:2004.12832"], ["P19-1001"])


# -- each register ----------------------------------------------------------------------------------------------------


def test_papers_come_from_every_register_and_from_files_in_one_go(add, registers, tmp_path):
    (tmp_path / "own.jsonl").write_text(json.dumps({"title": "My Own", "abstract": "Mine."}))
    registers["/api/query"] = Answer(atom("2105.00017"))
    registers[doi_path("10.5555/hives.17")] = Answer(work())
    registers["/anthology/2020.cold-1.7.bib"] = Answer(BIB)
    registers["/files/ice.jsonl"] = Answer(LINES)
    names = ("arxiv:2105.00017", "doi:10.5555/hives.17", str(tmp_path / "own.jsonl"), "acl:2020.cold-1.7", f"{registers.url}/files/ice.jsonl")  # fmt: skip
    report, papers, skipped = add(*names)
    assert (report.added, skipped) == (7, {})
    assert papers["Bees of 2105.00017"] == Paper(
        title="Bees of 2105.00017", abstract="We count the bees of 2105.00017.", authors=("Ada Byron",), year=2021,
        venue="arXiv", url="https://arxiv.org/abs/2105.00017v2",
    )  # fmt: skip
    assert papers["My Own"].abstract == "Mine."
    assert add.assistant.search("On Ice 2", k=1)[0].title == "On Ice 2"
    origins = {title: set(add.assistant.library.origins(paper.paper_id).values()) for title, paper in papers.items()}
    assert origins == {
        "My Own": {"own.jsonl"}, "Bees of 2105.00017": {"arXiv 2105.00017"},
        "Counting Bees": {"Crossref 10.5555/hives.17"}, "Bees by Night": {"ACL Anthology 2020.cold-1.7"},
        "On Ice 0": {f"{registers.url}/files/ice.jsonl"}, "On Ice 1": {f"{registers.url}/files/ice.jsonl"},
        "On Ice 2": {f"{registers.url}/files/ice.jsonl"},
    }  # fmt: skip
    again, _, _ = add(*names)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 7)


def test_every_request_says_who_asks_and_nothing_about_the_person(add, registers):
    registers["/api/query"] = Answer(atom("2105.00017"))
    add("arxiv:2105.00017")
    [(_, headers)] = registers.asked
    assert headers["User-Agent"].startswith("paper-assistant/")
    assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_arxiv_is_asked_for_many_ids_at_once_and_not_more_often_than_it_wishes(add, registers, waits, monkeypatch):
    monkeypatch.setattr(arxiv, "_BATCH", 2)
    registers["/api/query"] = lambda path: Answer(atom(*path.split("id_list=")[1].split("&")[0].split(",")))
    report, _, _ = add(*(f"arxiv:2105.0001{n}" for n in range(5)))
    assert report.added == 5
    assert registers.paths() == [
        "/api/query?id_list=2105.00010,2105.00011&max_results=2",
        "/api/query?id_list=2105.00012,2105.00013&max_results=2",
        "/api/query?id_list=2105.00014&max_results=1",
    ]
    assert [round(wait) for wait in waits] == [3, 3]


def test_ids_that_arxiv_does_not_know_do_not_hide_the_others(add, registers):
    registers["/api/query"] = Answer(atom("2105.00017"))
    report, _, skipped = add("arxiv:2105.00017", "arxiv:2105.99999")
    assert (report.added, skipped) == (1, {"arxiv:2105.99999": "arXiv has no paper with this id; check it"})


def test_an_id_that_arxiv_cannot_read_does_not_spoil_the_request(add, registers):
    def answer(path):
        return Answer(ERROR_ENTRY, 400) if "2199" in path else Answer(atom("2105.00017", "2105.00018"))

    registers["/api/query"] = answer
    report, papers, skipped = add("arxiv:2105.00017", "arxiv:2199.00001", "arxiv:2105.00018")
    assert (report.added, list(skipped)) == (2, ["arxiv:2199.00001"])
    registers["/api/query"] = Answer(ERROR_ENTRY)
    report, papers, skipped = add("arxiv:2199.00001")
    assert skipped == {"arxiv:2199.00001": "arXiv has no paper with this id; check it"}
    assert "Error" not in papers


def test_old_ids_with_a_subject_class_are_found_under_the_id_that_arxiv_uses(add, registers):
    registers["/api/query"] = Answer(atom("math/0309136"))
    assert add("arxiv:math.GT/0309136v1")[0].added == 1


def test_a_page_that_answers_for_arxiv_is_no_answer(add, registers):
    registers["/api/query"] = Answer("<html><body>Log in to the hotel</body></html>")
    assert "a page to log in may stand before" in add("arxiv:2105.00017")[2]["arxiv:2105.00017"]


def test_a_doi_gives_the_abstract_without_its_markup(add, registers):
    registers[doi_path("10.5555/hives.17")] = Answer(work())
    _, papers, _ = add("https://doi.org/10.5555/hives.17")
    paper = papers["Counting Bees"]
    assert (paper.abstract, paper.authors, paper.venue, paper.year, paper.doi) == (
        "We count honey bees.", ("Ada Byron",), "Journal of Hives", 2021, "10.5555/hives.17",
    )  # fmt: skip


def test_a_doi_that_crossref_does_not_have_is_asked_of_its_own_agency(add, registers):
    registers["/resolve/10.5555/wax"] = Answer(status=302, headers={"Location": "/agency/wax"})
    registers["/agency/wax"] = Answer(CSL, headers={"Content-Type": "application/vnd.citationstyles.csl+json"})
    _, papers, _ = add("doi:10.5555/wax")
    assert papers["Wax"].abstract == "Wax is what bees build of."
    assert set(add.assistant.library.origins("doi:10.5555/wax").values()) == {"doi.org 10.5555/wax"}
    assert {headers["Accept"] for path, headers in registers.asked if "works" not in path} == {
        "application/vnd.citationstyles.csl+json"
    }


def test_a_doi_of_the_acl_anthology_is_asked_there_because_crossref_lacks_the_abstract(add, registers):
    registers["/anthology/2020.cold-1.7.bib"] = Answer(BIB)
    _, papers, _ = add("doi:10.18653/v1/2020.cold-1.7")
    assert papers["Bees by Night"].paper_id == "acl:2020.cold-1.7"
    assert registers.paths() == ["/anthology/2020.cold-1.7.bib"]


def test_a_doi_without_an_abstract_anywhere_and_one_that_nobody_knows_say_so(add, registers):
    registers[doi_path("10.5555/bare")] = Answer(work(abstract=""))
    _, papers, skipped = add("doi:10.5555/bare", "doi:10.5555/none")
    assert papers == {}
    assert skipped == {
        "doi:10.5555/bare": "no abstract of it is known at Crossref or doi.org; add it from a file that has one",
        "doi:10.5555/none": "neither Crossref nor doi.org knows this DOI; check it",
    }


def test_the_anthology_says_what_it_does_not_have(add, registers):
    registers["/anthology/2020.cold-1.8.bib"] = Answer(BIB_BARE)
    _, _, skipped = add("acl:2020.cold-1.8", "acl:P19-1001")
    assert skipped == {
        "acl:2020.cold-1.8": "the ACL Anthology has no abstract of it; add it from a file that has one",
        "acl:P19-1001": "the ACL Anthology has no such id; check it",
    }


def test_two_records_of_one_paper_from_two_registers_are_one_paper(add, registers):
    registers["/api/query"] = Answer(atom("2105.00017"))
    registers[doi_path("10.5555/hives.17")] = Answer(work(title=["Bees of 2105.00017"], abstract="We count."))
    _, papers, _ = add("arxiv:2105.00017", "doi:10.5555/hives.17")
    [paper] = papers.values()
    assert (paper.abstract, paper.doi) == ("We count the bees of 2105.00017.", "10.5555/hives.17")


# -- files of the web -------------------------------------------------------------------------------------------------


def _zipped():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("refs/ice.jsonl", LINES)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("path", "body", "inner"),
    [
        ("/ice.jsonl", LINES, ""), ("/download", LINES, ""), ("/ice.jsonl.gz", gzip.compress(LINES.encode()), ""),
        ("/all.zip", _zipped(), "/refs/ice.jsonl"), ("/an%20ice.csv", "title,abstract\nOn Ice 0,Cold.\nB,C\nD,E", ""),
        ("/page", "<html><body><h2>On Ice 0</h2><p>Abstract: Cold.</p><h2>B</h2><p>Abstract: C</p><h2>D</h2><p>Abstract: E</p></body></html>", ""),
    ],
    ids=["jsonl", "unnamed", "gzip", "zip", "csv", "html"],
)  # fmt: skip
def test_a_file_of_the_web_is_read_for_what_it_is(add, registers, path, body, inner):
    registers[path] = Answer(body)
    report, papers, _ = add(registers.url + path)
    assert report.added == 3
    assert set(add.assistant.library.origins(papers["On Ice 0"].paper_id).values()) == {registers.url + path + inner}


def test_what_is_no_papers_says_so_with_the_address(add, registers):
    registers["/cat.png"] = Answer(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\n")
    _, _, skipped = add(f"{registers.url}/cat.png")
    assert skipped[f"{registers.url}/cat.png"].startswith("the file is binary, not text")


def test_a_format_and_columns_count_for_files_of_the_web(add, registers):
    registers["/t.txt"] = Answer("Titel;Inhalt\nOn Ice;Kalt.")
    report, _, _ = add(f"{registers.url}/t.txt", format_name="csv", columns={"title": "Titel", "abstract": "Inhalt"})
    assert report.added == 1


def test_a_file_that_is_too_large_is_refused_whether_it_says_so_or_not(add, registers, monkeypatch):
    monkeypatch.setattr(web, "_MAX_BYTES", 100_000)
    registers["/said"] = Answer(b"x" * 200_000)
    registers["/unsaid"] = Answer(b"x" * 200_000, says_length=False)
    _, _, skipped = add(f"{registers.url}/said", f"{registers.url}/unsaid")
    assert [reason.split(" is ")[1][:24] for reason in skipped.values()] == ["larger than 0.0953674 Mi"] * 2


# -- what goes wrong --------------------------------------------------------------------------------------------------


def fetched(url):
    return Client().get(url, max_bytes=1 << 20).decode()


def test_there_is_nothing_there(registers):
    with pytest.raises(FetchError, match=r"there is nothing at .*/none; check the spelling") as raised:
        fetched(f"{registers.url}/none")
    assert raised.value.status == 404
    assert len(registers.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_not_given_to_programs_says_so(registers, status):
    registers["/a"] = Answer(status=status)
    with pytest.raises(FetchError, match="does not give it to programs"):
        fetched(f"{registers.url}/a")


def test_a_server_that_is_asked_too_often_is_given_the_time_that_it_asks_for(registers, waits):
    registers["/a"] = [Answer(status=429, headers={"Retry-After": "7"}), Answer("here")]
    assert fetched(f"{registers.url}/a") == "here"
    assert waits[0] == 7


def test_the_time_may_be_a_date(registers, waits):
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    registers["/a"] = [Answer(status=503, headers={"Retry-After": at}), Answer("here")]
    assert fetched(f"{registers.url}/a") == "here"
    assert 15 <= waits[0] <= 20


def test_a_server_that_asks_for_too_long_a_wait_is_left_with_the_time_told(registers, waits):
    registers["/a"] = Answer(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(FetchError, match="answers 429 and asks to wait 3600 s; run it again then"):
        fetched(f"{registers.url}/a")
    assert waits == []


def test_a_server_that_fails_is_asked_again_with_growing_pauses_and_not_for_ever(registers, waits):
    registers["/a"] = [Answer(status=500), Answer(status=502, headers={"Retry-After": "soon"}), Answer("here")]
    assert fetched(f"{registers.url}/a") == "here"
    assert [wait for wait in waits if wait in (1, 2)] == [1, 2]
    registers["/b"] = Answer(status=500)
    with pytest.raises(FetchError, match="answers 500, 4 times in a row; run it again later"):
        fetched(f"{registers.url}/b")


def test_an_answer_that_breaks_off_is_fetched_again(registers):
    registers["/a"] = [Answer("x" * 100_000, cut=50_000), Answer("here")]
    assert fetched(f"{registers.url}/a") == "here"
    registers["/b"] = Answer("x" * 100_000, cut=1)
    with pytest.raises(FetchError, match="broke off, 4 times in a row"):
        fetched(f"{registers.url}/b")


def test_a_server_that_says_nothing_is_not_waited_for(registers, monkeypatch):
    monkeypatch.setattr(client, "_SILENCE_S", 0.1)
    registers["/a"] = [Answer("late", wait_s=60), Answer("here")]
    assert fetched(f"{registers.url}/a") == "here"
    registers["/b"] = Answer("late", wait_s=60)
    with pytest.raises(FetchError, match="does not answer, 4 times in a row"):
        fetched(f"{registers.url}/b")


def test_a_server_that_drips_is_left_at_the_deadline(monkeypatch):
    monkeypatch.setattr(client, "_DEADLINE_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = threading.Event()

        def drip():
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                try:
                    while not gone.wait(0.01):
                        connection.sendall(b"x")
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        started = time.monotonic()
        try:
            with pytest.raises(FetchError, match="takes more than 0 s"):
                fetched(f"http://127.0.0.1:{server.getsockname()[1]}/a")
        finally:
            gone.set()
            thread.join()
    assert time.monotonic() - started < 20


def test_a_redirect_is_followed_and_keeps_what_was_asked_for(registers):
    registers["/a"] = Answer(status=307, headers={"Location": "b"})
    registers["/b"] = Answer("here")
    assert Client().get(f"{registers.url}/a", accept="text/plain", max_bytes=10) == b"here"
    assert [headers["Accept"] for _, headers in registers.asked] == ["text/plain"] * 2


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://x", "data:,x", "http://[::1/a"]
)
def test_a_redirect_out_of_the_web_is_not_followed(registers, target):
    registers["/a"] = Answer(status=302, headers={"Location": target})
    with pytest.raises(FetchError, match="no safe address"):
        fetched(f"{registers.url}/a")


def test_a_redirect_from_https_to_http_is_not_followed():
    head = {"Location": "http://example.org/a"}
    with pytest.raises(FetchError, match="no safe address"):
        client._next("https://example.org/b", head)


def test_redirects_in_a_circle_end(registers):
    registers["/a"] = Answer(status=302, headers={"Location": "/a"})
    with pytest.raises(FetchError, match="leads on more than 5 times"):
        fetched(f"{registers.url}/a")


@pytest.mark.parametrize("url", ["http:///a", "https://", "http://x:99999/", "http://[::1/a", "http://\u2024\u2024/", "http://x:0/"])  # fmt: skip
def test_an_address_that_is_none_says_so(url):
    with pytest.raises(FetchError, match="is no http or https address"):
        fetched(url)


def test_an_address_with_a_password_is_refused_and_the_password_not_repeated():
    with pytest.raises(FetchError, match="addresses with a name or password") as raised:
        fetched("http://ada:secret@127.0.0.1/a")
    assert "secret" not in str(raised.value)


def test_without_a_network_each_name_says_so_at_once(add, registers, monkeypatch, waits):
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        closed = f"http://127.0.0.1:{any_port.getsockname()[1]}"
    monkeypatch.setattr(acl, "_BASE", closed)
    _, _, skipped = add("acl:P19-1001", "acl:P19-1002")
    assert len(skipped) == 2
    assert all("cannot be reached (Connection refused); check the network" in reason for reason in skipped.values())
    assert waits == []


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    for name, value in {"HOME": str(tmp_path / "home"), "EMBEDDING_MODEL": "hashing", "CHAT_MODEL": "none"}.items():
        monkeypatch.setenv(f"ASSISTANT_{name}", value)

    def run_one(*words):
        capsys.readouterr()
        code = main([str(word) for word in words])
        return (code, *capsys.readouterr())

    return run_one


def test_add_takes_names_and_tells_of_each_that_failed(run, registers):
    registers["/api/query"] = Answer(atom("2105.00017"))
    code, out, err = run("add", "arxiv:2105.00017", "acl:P19-1001")
    assert (code, out) == (0, "1 added, 0 updated, 0 unchanged, 1 skipped; 1 papers in the library\n")
    assert err == "skipped acl:P19-1001: the ACL Anthology has no such id; check it\n"
    code, out, _ = run("papers", "show", "arxiv:2105.00017")
    assert "from arXiv 2105.00017)" in out


def test_add_fails_in_one_line_where_nothing_could_be_fetched_or_a_name_is_none(run, registers):
    code, _, err = run("add", "acl:P19-1001")
    assert (code, err.count("\n")) == (1, 1)
    code, out, err = run("add", "arxiv:hives")
    assert (code, out) == (1, "")
    assert err == "assistant: 'arxiv:hives' is no such id; write it like arxiv:2004.12832, or a file as ./arxiv:hives\n"


def test_a_dry_run_fetches_and_changes_nothing(run, registers):
    registers["/api/query"] = Answer(atom("2105.00017"))
    assert run("add", "--dry-run", "arxiv:2105.00017")[1].startswith("would be: 1 added")
    assert run("papers", "list")[1] == ""


def test_a_missing_file_beside_a_name_is_an_error_before_anything_is_asked(add, registers, tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        add("arxiv:2105.00017", str(tmp_path / "none.bib"))
    assert registers.asked == []
