"""Answers an error that a route raises with a page or document that says what to do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from estate.errors import DataError, StoreUnavailable, UsageError
from operations.access.limits import TooManyTries
from portal.http.problems import Problem
from portal.pages.templates import problem_page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI, Request
    from starlette.responses import Response

STATUS_NAMES = {404: "not_found", 405: "method", 422: "input"}


def answer_problems(app: FastAPI) -> None:
    """Let an application answer the errors of its routes."""
    for kind, problem_of in PROBLEMS.items():
        app.add_exception_handler(kind, partial(_answer, problem_of))


def _answer(problem_of: Callable[[Any], Problem], request: Request, error: Exception) -> Response:
    return problem_page(request, problem_of(error))


def _of_status(error: HTTPException) -> Problem:
    name = STATUS_NAMES.get(error.status_code, "input")
    return Problem(error.status_code, name, error.headers)


def _of_input(error: RequestValidationError) -> Problem:
    # Values are left out, since somebody may have typed a password.
    faults = [
        {"where": [str(part) for part in each["loc"]], "message": str(each["msg"])}
        for each in error.errors()
    ]
    return Problem(422, "input", errors=faults)


def _of_data(error: DataError) -> Problem:
    return Problem(422, "data", findings=[each.as_dict() for each in error.findings])


def _of_tries(error: TooManyTries) -> Problem:
    return Problem(429, "tries", {"Retry-After": str(error.wait_s)})


PROBLEMS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    HTTPException: _of_status,
    RequestValidationError: _of_input,
    DataError: _of_data,
    UsageError: lambda error: Problem(422, "input", reason=str(error)),
    TooManyTries: _of_tries,
    StoreUnavailable: lambda _error: Problem(503, "unavailable", {"Retry-After": "30"}),
}
"""The problem that an error is answered with, by the kind of error."""
