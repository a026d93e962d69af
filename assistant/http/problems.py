"""Errors as the OpenAI API writes them: one object with a text, a type and a code.

The only place that knows which error of ours is which HTTP status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from assistant.errors import AssistantError, ModelBusyError, PaperNotFoundError, QuestionError
from assistant.text import clean

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_STATUS: dict[type[AssistantError], int] = {QuestionError: 400, PaperNotFoundError: 404, ModelBusyError: 429}
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_CODES = {401: "invalid_api_key", 429: "model_busy"}


class ProblemDetails(BaseModel):
    """What went wrong: a text for people, a type and a code for programs."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class Problem(BaseModel):
    """Every response that reports an error."""

    error: ProblemDetails


def problem(status: int, message: str) -> dict[str, Any]:
    """Return the error object for ``status``, as the OpenAI API has it."""
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return Problem(error=ProblemDetails(message=clean(message), type=kind, code=_CODES.get(status))).model_dump()


def problem_response(status: int, message: str) -> JSONResponse:
    """Return the response that carries the error object."""
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "1"}}.get(status)
    return JSONResponse(problem(status, message), status, headers)


def status_of(error: AssistantError) -> int:
    """Return the HTTP status of an error: that of its nearest class, 500 where none is named."""
    return next((_STATUS[cause] for cause in type(error).__mro__ if cause in _STATUS), 500)


def add_handlers(app: FastAPI) -> None:
    """Make every error that leaves a route of ``app`` an error object."""
    app.add_exception_handler(AssistantError, _assistant_error)
    app.add_exception_handler(RequestValidationError, _bad_body)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _defect)


async def _assistant_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AssistantError)  # noqa: S101 - registered for this class
    return problem_response(status_of(error), str(error))


async def _bad_body(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    found = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return problem_response(400, "; ".join(found[:3]))


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    return problem_response(error.status_code, str(error.detail))


async def _defect(request: Request, error: Exception) -> JSONResponse:
    """Tell the caller nothing of what went wrong inside; the server logs the traceback."""
    return problem_response(500, "the assistant failed in a way it should not; its log has the details")
