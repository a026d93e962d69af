"""The routes: each turns a checked request into one call of the assistant."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer

from assistant.assistant import VERSION, Assistant
from assistant.http.bodies import MODEL_ID, ChatBody, PapersQuery, SearchBody
from assistant.http.completions import CompletionStream, Reply, whole_answer
from assistant.http.problems import Problem, problem_response

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": Problem, "description": "An error."}}
_CLIENT_CLOSED_REQUEST = 499  # nginx's number; nobody is there to read it


def api_router(assistant: Assistant) -> APIRouter:
    """Return the routes over ``assistant``: those of the OpenAI API, search, papers and health."""
    api = _Api(assistant)
    token = HTTPBearer(auto_error=False, description="The token of the settings, where one is set.")
    v1 = APIRouter(prefix="/v1", dependencies=[Depends(token)], responses=_ERRORS)  # documents it; the guard checks it
    v1.add_api_route("/chat/completions", api.complete, methods=["POST"], response_model=None)
    v1.add_api_route("/models", api.models, methods=["GET"])
    v1.add_api_route("/models/{model}", api.model, methods=["GET"], response_model=dict[str, Any])
    v1.add_api_route("/search", api.search, methods=["POST"])
    v1.add_api_route("/papers", api.papers, methods=["GET"])
    v1.add_api_route("/{path:path}", _nothing_here, methods=_METHODS, include_in_schema=False, response_model=None)
    router = APIRouter()
    router.add_api_route("/healthz", api.health, methods=["GET"])
    router.include_router(v1)
    return router


@dataclass(frozen=True, slots=True)
class _Api:
    """The routes' functions. They block, so none is ``async``: the server runs each in a worker thread."""

    assistant: Assistant

    def complete(self, body: ChatBody, request: Request) -> Response:
        """Answer the last message of the user from the library's abstracts, as a chat completion of the OpenAI API.

        The response, or the last chunk of the stream, carries the answer record as `answer`. System messages are
        ignored.
        """
        question, history = body.conversation()
        events = self.assistant.stream(question, history=history, filters=body.chosen())
        if body.stream:
            return CompletionStream(events, include_usage=body.wants_usage)
        answer = whole_answer(events, request)
        return JSONResponse(Reply().completion(answer)) if answer else Response(status_code=_CLIENT_CLOSED_REQUEST)

    def models(self) -> dict[str, Any]:
        """List the one model there is, with the language and embedding models behind it."""
        return {"object": "list", "data": [self._model()]}

    def model(self, model: str) -> dict[str, Any] | Response:
        """Describe the one model there is."""
        return self._model() if model == MODEL_ID else problem_response(404, f"no model {model!r}; it is {MODEL_ID!r}")

    def search(self, body: SearchBody) -> list[dict[str, Any]]:
        """Rank the papers that fit the query, without the language model."""
        found = self.assistant.search(body.query, k=body.k, filters=body.chosen())
        return [result.to_dict() for result in found]

    def papers(self, query: Annotated[PapersQuery, Query()]) -> dict[str, Any]:
        """List papers of the library; `total` counts all that pass the filters."""
        library, filters = self.assistant.library, query.filters()
        page = islice(library.papers(filters), query.offset, query.offset + query.limit)
        return {
            "total": library.count(filters),
            "limit": query.limit,
            "offset": query.offset,
            "papers": [paper.to_dict() for paper in page],
        }

    def health(self) -> dict[str, Any]:
        """Say that the server runs, how many papers it has and which version it is; works without a token.

        `reembedding` is there while the index is made for another embedding model: how many papers are done.
        """
        work = self.assistant.reembedding.work
        known = {"status": "ok", "papers": self.assistant.library.count(), "version": VERSION}
        return known | ({"reembedding": asdict(work)} if work else {})

    def _model(self) -> dict[str, Any]:
        models = self.assistant.models
        return {
            "id": MODEL_ID,
            "object": "model",
            "created": 0,
            "owned_by": MODEL_ID,
            "chat_model": models["chat"],
            "embedding_model": models["embeddings"],
        }


async def _nothing_here(request: Request, path: str) -> Response:
    """Answer what the OpenAI API has and the assistant has not in the API's own form, not with the page."""
    return problem_response(404, f"there is no {request.method} /v1/{path}; /openapi.json lists what there is")
