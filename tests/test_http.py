"""The HTTP interface, over a real socket: the OpenAI client, plain requests, and what is refused."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Router

from assistant.assistant import Assistant
from assistant.errors import LibraryError, ModelBusyError, SettingsError
from assistant.filters import Filters
from assistant.http import install
from assistant.http.guard import API_BODY_BYTES, is_loopback

PAPERS = [
    {
        "title": "Dense Passage Retrieval",
        "abstract": "We show that dense retrieval beats BM25 on open questions. Its encoder is trained on pairs.",
        "authors": ["Vladimir Karpukhin", "Barlas Oğuz"],
        "year": 2020,
        "venue": "EMNLP",
    },
    {
        "title": "Late Interaction",
        "abstract": "ColBERT keeps one vector for each token. Late interaction makes ranking fast and precise.",
        "authors": ["Omar Khattab"],
        "year": 2021,
        "venue": "SIGIR",
    },
    {
        "title": "Bees in Winter",
        "abstract": "Honey bees cluster to keep warm in winter. The colony eats its stored honey.",
        "authors": ["Ada Apis"],
        "year": 1999,
        "venue": "Journal of Apiculture",
    },
]
QUESTION = "Does dense retrieval beat BM25 on open questions?"
ASK = {"messages": [{"role": "user", "content": QUESTION}]}
TOKEN = "a secret of ours ü"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def assistant(home):
    source = home.parent / "papers.jsonl"
    source.write_text("\n".join(json.dumps(paper) for paper in PAPERS), encoding="utf-8")
    opened = Assistant.open(home=home, settings={"chat_model": "none", "embedding_model": "hashing"})
    opened.add(source)
    yield opened
    opened.close()


class Scripted:
    """The assistant with another way to answer; everything else is the assistant's own."""

    def __init__(self, assistant, stream=None, token=""):
        self._assistant = assistant
        self.stream = stream or assistant.stream
        self.settings = type(assistant.settings)(token=token)

    def __getattr__(self, name):
        return getattr(self._assistant, name)


def page():
    """Stand in for the chat page: mounted at the root as the page is, it reads and counts what it is sent."""

    async def app(scope, receive, send):
        body, message = b"", {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        await PlainTextResponse(f"the page got {len(body)} bytes")(scope, receive, send)

    return Router(routes=[Mount("/", app)])


@contextmanager
def serving(assistant, host="127.0.0.1"):
    """Serve on a free loopback port with the checks of ``host``; yield the address."""
    app = FastAPI()
    install(app, assistant, host=host)
    app.add_api_route("/boom", lambda: JSONResponse(1 / 0))
    app.mount("/", page())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def url(assistant):
    with serving(assistant) as address:
        yield address


@pytest.fixture(scope="module")
def http(url):
    with httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def client(url):
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none needed", max_retries=0) as opened:
        yield opened


def sse(response):
    """Return the values of a stream's events, ``[DONE]`` as text."""
    lines = [line for line in response.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    return [line[6:] if line == "data: [DONE]" else json.loads(line[6:]) for line in lines]


def error(response):
    found = response.json()["error"]
    assert set(found) == {"message", "type", "param", "code"}
    return found


# -- chat completions --


def test_the_openai_client_gets_an_answer_with_its_record(client, assistant):
    reply = client.chat.completions.create(model="paper-assistant", messages=ASK["messages"])
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].message.role == "assistant"
    assert reply.choices[0].message.content == reply.answer["text"] == assistant.ask(QUESTION).text
    assert reply.answer["question"] == QUESTION
    assert reply.usage.total_tokens == 0


def test_the_openai_client_gets_sentences_as_they_come(client):
    chunks = list(client.chat.completions.create(model="any", messages=ASK["messages"], stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert chunks[-1].answer["text"] == text
    assert len({chunk.id for chunk in chunks}) == 1
    assert len(chunks) - 1 == len(chunks[-1].answer["sentences"]) > 0


@pytest.mark.parametrize("question", ["List my papers", "Which papers are about tokens or honey bees?", QUESTION])
def test_the_streamed_pieces_are_the_text_itself(http, question):
    body = {"messages": [{"role": "user", "content": question}]}
    whole = http.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    chunks = sse(http.post("/v1/chat/completions", json=body | {"stream": True}))[:-1]
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(deltas) == whole
    assert max(map(len, deltas)) < len(whole) or len(deltas) < 4


def test_an_abstention_is_streamed_as_its_text(client):
    no_paper = {"filters": {"year": "..1800"}}
    stream = client.chat.completions.create(model="any", messages=ASK["messages"], stream=True, extra_body=no_paper)
    chunks = list(stream)
    record = chunks[-1].answer
    assert record["status"] == "abstained"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == record["text"]


def test_usage_comes_in_a_chunk_of_its_own_when_asked_for(client):
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *_, stop, usage = client.chat.completions.create(model="any", messages=ASK["messages"], **options)
    assert stop.usage is None
    assert usage.choices == []
    assert usage.usage.total_tokens == 0
    assert usage.answer == stop.answer


def test_the_record_is_the_same_streamed_and_whole(http):
    whole = http.post("/v1/chat/completions", json=ASK).json()["answer"]
    streamed = sse(http.post("/v1/chat/completions", json=ASK | {"stream": True}))
    assert streamed[-1] == "[DONE]"
    assert streamed[-2]["answer"] | {"timings": None} == whole | {"timings": None}


def test_a_stream_says_that_it_is_one_and_must_not_be_kept(http):
    headers = http.post("/v1/chat/completions", json=ASK | {"stream": True}).headers
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-store"


def test_history_and_question_are_read_from_the_messages(assistant):
    asked = []

    def stream(question, *, history=(), filters=None):
        asked.append((question, history, filters))
        return assistant.stream(QUESTION)

    messages = [
        {"role": "system", "content": "Talk like a pirate."},
        {"role": "assistant", "content": "Ask me something."},
        {"role": "user", "content": "first"},
        {"role": "assistant", "content": [{"type": "text", "text": "one"}]},
        {"role": "user", "content": "never answered"},
        {"role": "user", "content": "second"},
        {"role": "assistant", "content": "two"},
        {"role": "tool", "content": "ignored", "tool_call_id": "1"},
        {"role": "user", "content": [{"type": "text", "text": "third"}, {"type": "text", "text": "line"}]},
    ]
    filters = {"year": "2019..2023", "author": ["Khattab"], "venue": ["SIGIR"], "paper": ["x"]}
    with serving(Scripted(assistant, stream)) as url:
        httpx.post(f"{url}/v1/chat/completions", json={"messages": messages, "filters": filters, "temperature": 0})
    ((question, history, found),) = asked
    assert question == "third\nline"
    assert history == (("first", "one"), ("second", "two"))
    assert found == Filters((2019, 2023), ("Khattab",), ("SIGIR",), ("x",))


def test_filters_reach_the_answer(http):
    body = ASK | {"filters": {"year": 1999}}
    assert http.post("/v1/chat/completions", json=body).json()["answer"]["considered"]["papers"] == 1


BAD = {
    "no messages": {"messages": []},
    "no body": None,
    "empty question": {"messages": [{"role": "user", "content": "  "}]},
    "no content": {"messages": [{"role": "user"}]},
    "only a system message": {"messages": [{"role": "system", "content": "hello"}]},
    "an unknown role": {"messages": [{"role": "pirate", "content": "hello"}]},
    "an image": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
    "a bad year": ASK | {"filters": {"year": "recent"}},
    "a misspelt filter": ASK | {"filters": {"years": "2019"}},
    "a filter that is no text": ASK | {"filters": {"\ud800": "\ud800"}},
    "a question too long": {"messages": [{"role": "user", "content": "why " * 5001}]},
    "a lone surrogate": {"messages": [{"role": "user", "content": "\ud800"}]},
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_bad_request_gets_an_error_object(http, body, stream):
    body = body and body | {"stream": stream}
    response = http.post("/v1/chat/completions", content=json.dumps(body).encode(), headers=JSON)
    assert response.status_code == 400
    assert error(response)["type"] == "invalid_request_error"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_gets_an_error_object(http, content):
    response = http.post("/v1/chat/completions", content=content, headers=JSON)
    assert response.status_code in (400, 422)
    assert error(response)["message"]


def failing(cause):
    def stream(question, *, history=(), filters=None):
        raise cause
        yield

    return stream


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("cause", "status", "kind"),
    [
        (ModelBusyError("8 questions are waiting"), 429, "rate_limit_error"),
        (LibraryError("the library is damaged"), 500, "server_error"),
    ],
)
def test_a_failure_before_the_first_sentence_has_its_status(assistant, cause, status, kind, stream):
    openai = pytest.importorskip("openai")
    with serving(Scripted(assistant, failing(cause))) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0)
        with pytest.raises(openai.APIStatusError) as caught:
            client.chat.completions.create(model="any", messages=ASK["messages"], stream=stream)
    assert caught.value.status_code == status
    assert (caught.value.body["message"], caught.value.body["type"]) == (str(cause), kind)


def test_a_failure_amid_the_stream_reaches_the_client(assistant):
    openai = pytest.importorskip("openai")

    def stream(question, *, history=(), filters=None):
        yield from list(assistant.stream(QUESTION))[:-1]
        raise LibraryError("the disk is gone")

    with serving(Scripted(assistant, stream)) as url:
        client = openai.OpenAI(base_url=f"{url}/v1", api_key="x", max_retries=0)
        chunks = client.chat.completions.create(model="any", messages=ASK["messages"], stream=True)
        assert next(chunks).choices[0].delta.content
        with pytest.raises(openai.APIError, match="the disk is gone"):
            list(chunks)


@pytest.mark.parametrize("stream", [False, True])
def test_a_caller_who_goes_stops_the_model(assistant, stream):
    started, closed = threading.Event(), threading.Event()

    def endless(question, *, history=(), filters=None):
        events = [event for event in assistant.stream(QUESTION) if type(event).__name__ == "SentenceReady"]
        try:
            while True:
                yield events[0]
                started.set()
                time.sleep(0.01)
        finally:
            closed.set()

    body = json.dumps(ASK | {"stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    with serving(Scripted(assistant, endless)) as url:
        caller = socket.create_connection(("127.0.0.1", httpx.URL(url).port))
        caller.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body)
        assert started.wait(10)
        assert not closed.is_set()
        caller.close()
        assert closed.wait(10)


# -- models, search, papers, health, description --


def test_the_model_is_listed_with_what_stands_behind_it(client, assistant):
    (model,) = client.models.list().data
    assert model.id == "paper-assistant"
    assert model.chat_model == assistant.models["chat"]
    assert client.models.retrieve("paper-assistant") == model


def test_search_ranks_papers(http, assistant):
    found = http.post("/v1/search", json={"query": "late interaction ranking", "k": 2}).json()
    assert found == [result.to_dict() for result in assistant.search("late interaction ranking", k=2)]
    assert [set(row) for row in found] == [{"paper_id", "title", "score", "quote"}] * 2


def test_search_takes_filters(http):
    found = http.post("/v1/search", json={"query": "retrieval", "filters": {"venue": ["apiculture"]}}).json()
    assert [row["title"] for row in found] == ["Bees in Winter"]


@pytest.mark.parametrize(
    "body",
    [{}, {"query": " "}, {"query": "\ud800"}, {"query": "x", "k": 0}, {"query": "x", "filters": {"year": ".."}}],
)
def test_a_bad_search_gets_an_error_object(http, body):
    response = http.post("/v1/search", content=json.dumps(body).encode(), headers=JSON)
    assert response.status_code == 400
    assert error(response)["message"]


def test_papers_are_listed_in_pages(http, assistant):
    papers = [paper.to_dict() for paper in assistant.library.papers()]
    page = http.get("/v1/papers", params={"limit": 2, "offset": 1}).json()
    assert page == {"total": 3, "limit": 2, "offset": 1, "papers": papers[1:]}


def test_papers_are_filtered(http):
    page = http.get("/v1/papers", params={"year": "2000..", "author": ["Oguz", "Nobody"]}).json()
    assert (page["total"], [paper["title"] for paper in page["papers"]]) == (1, ["Dense Passage Retrieval"])


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "offset=-1", "year=soon", "author=", "colour=red"])
def test_a_bad_list_request_gets_an_error_object(http, query):
    response = http.get(f"/v1/papers?{query}")
    assert response.status_code == 400
    assert error(response)["message"]


def test_health_tells_papers_and_version(http, assistant):
    assert http.get("/healthz").json() == {"status": "ok", "papers": 3, "version": assistant.ask(QUESTION).version}


def test_the_description_names_every_route_and_field(http):
    description = http.get("/openapi.json").json()
    assert set(description["paths"]) == {
        "/healthz",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model}",
        "/v1/search",
        "/v1/papers",
        "/boom",
    }
    assert "System messages are ignored" in description["components"]["schemas"]["ChatBody"]["description"]
    assert description["paths"]["/v1/search"]["post"]["security"]
    assert "security" not in description["paths"]["/healthz"]["get"]
    assert "422" not in description["paths"]["/v1/search"]["post"]["responses"]


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_no_page_loads_scripts_from_elsewhere(http, path):
    assert http.get(path).text == "the page got 0 bytes"


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/embeddings"), ("GET", "/v1/chat/completions")])
def test_what_the_openai_api_has_and_this_has_not_is_said(http, method, path):
    response = http.request(method, path)
    assert response.status_code == 404
    assert path in error(response)["message"]


def test_a_defect_tells_the_caller_nothing_of_the_inside(http):
    response = http.get("/boom")
    assert response.status_code == 500
    assert "division" not in error(response)["message"]


# -- who may call --


def test_listening_beyond_loopback_needs_a_token(assistant):
    for host in ("0.0.0.0", "::", "", "192.168.1.5", "example.org"):  # noqa: S104
        with pytest.raises(SettingsError, match="export ASSISTANT_TOKEN="):
            install(FastAPI(), Scripted(assistant), host=host)
        with pytest.raises(SettingsError):
            install(FastAPI(), Scripted(assistant, token=" "), host=host)
        install(FastAPI(), Scripted(assistant, token="secret"), host=host)


def test_loopback_has_several_names():
    assert all(map(is_loopback, ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1"]))
    assert not any(map(is_loopback, ["", "0.0.0.0", "::", "localhost.evil.org", "10.0.0.1"]))  # noqa: S104


@pytest.mark.parametrize("host", ["localhost", "localhost:7860", "127.0.0.1:1", "[::1]", "[::1]:7860", "LOCALHOST:80"])
def test_on_loopback_its_names_may_be_called(http, host):
    assert http.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.org", "evil.org:7860", "localhost.evil.org", "127.0.0.1.evil.org", "localhost@evil.org", "[::1", ""]
)
@pytest.mark.parametrize("path", ["/", "/v1/papers", "/healthz"])
def test_on_loopback_a_foreign_name_is_refused(http, host, path):
    assert http.get(path, headers={"host": host}).status_code in (400, 403)


@pytest.mark.parametrize(
    "origin", ["https://evil.org", "null", "http://localhost:1", "http://127.0.0.1", "", "file://"]
)
@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/v1/chat/completions"])
def test_another_site_may_not_post(http, origin, path):
    assert http.post(path, json=ASK, headers={"origin": origin}).status_code == 403


def test_the_page_itself_may_post(http, url):
    assert http.post("/gradio_api/queue/join", content=b"abc", headers={"origin": url}).text == "the page got 3 bytes"
    assert http.get("/", headers={"origin": "https://evil.org"}).status_code == 200


def test_with_a_token_on_loopback_the_api_needs_it_and_the_page_does_not(assistant):
    with serving(Scripted(assistant, token=TOKEN)) as url, httpx.Client(base_url=url) as http:
        refused = http.get("/v1/papers")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert error(refused)["code"] == "invalid_api_key"
        for path in ("/", "/healthz", "/openapi.json"):
            assert http.get(path).status_code == 200


@pytest.fixture(scope="module")
def public(assistant):
    with serving(Scripted(assistant, token=TOKEN), host="0.0.0.0") as address:  # noqa: S104
        yield address


@pytest.mark.parametrize(
    "given",
    ["", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-2]}", "Bearer", f"Basic {TOKEN}", "Bearer \xff"],
)
@pytest.mark.parametrize(
    "path", ["/", "/v1/papers", "/v1", "/openapi.json", "/gradio_api/config", "/healthz/x", "//v1/papers"]
)
def test_beyond_loopback_nothing_works_without_the_token(public, given, path):
    assert httpx.get(public + path, headers={"authorization": given.encode()}).status_code == 401


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
@pytest.mark.parametrize("path", ["/", "/v1/papers", "/openapi.json"])
def test_beyond_loopback_the_token_opens_everything(public, path, encoding):
    header = f"bearer {TOKEN}".encode(encoding)
    assert httpx.get(public + path, headers={"authorization": header}).status_code == 200


def test_health_needs_no_token_and_any_name_may_be_called_beyond_loopback(public):
    assert httpx.get(f"{public}/healthz", headers={"host": "lab.example.org"}).json()["status"] == "ok"


def test_the_openai_client_sends_the_token_as_its_key(assistant):
    openai = pytest.importorskip("openai")
    with serving(Scripted(assistant, token="secret")) as url:
        assert openai.OpenAI(base_url=f"{url}/v1", api_key="secret").models.list().data
        with pytest.raises(openai.AuthenticationError):
            openai.OpenAI(base_url=f"{url}/v1", api_key="guess").models.list()


def test_opening_the_page_once_with_the_token_sets_a_cookie(public):
    with httpx.Client(base_url=public) as browser:
        assert browser.get("/", params={"token": "guess"}).status_code == 401
        welcome = browser.get("/", params={"token": TOKEN})
        cookie = welcome.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert TOKEN not in cookie
        assert 'http-equiv="refresh"' in welcome.text
        assert browser.get("/").text == "the page got 0 bytes"
        assert browser.get("/gradio_api/config").status_code == 200
        assert browser.get("/v1/papers").status_code == 401


def test_a_made_up_cookie_opens_nothing(public):
    for value in (TOKEN.encode().hex(), "", "x"):
        assert httpx.get(public, headers={"cookie": f"paper_assistant={value}"}).status_code == 401


def test_a_body_may_be_a_mebibyte_long_and_no_longer(http):
    body = json.dumps(ASK).encode().ljust(API_BODY_BYTES)
    assert http.post("/v1/chat/completions", content=body, headers=JSON).status_code == 200
    response = http.post("/v1/chat/completions", content=body + b" ", headers=JSON)
    assert response.status_code == 413
    assert error(response)["type"] == "invalid_request_error"


def test_a_body_without_a_length_is_measured_too(http):
    response = http.post("/v1/search", content=(b" " * 65536 for _ in range(17)))
    assert response.status_code == 413


def test_the_page_may_send_longer_bodies(http):
    assert http.post("/gradio_api/queue/join", content=b"x" * (2 << 20)).text == f"the page got {2 << 20} bytes"
    assert http.post("/gradio_api/queue/join", content=b"x" * (17 << 20)).status_code == 413
