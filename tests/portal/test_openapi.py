"""
The API against its own OpenAPI document, by requests that Schemathesis makes up.

No answer is a fault of ours, has a status, a type or a shape that the document does not tell, or
accepts what the document refuses. The program holds a token for everything, so that the guard is
passed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from operations.tokens.scopes import Scope
from operations.tokens.store import Tokens
from tests.support.api_house import HOUSE, LANDLORD, NOW_MS, Api, opened_api
from tests.support.portal_house import URL

CASES = 30
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance,
]  # fmt: skip


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with opened_api(tmp_path_factory.mktemp("api")) as opened:
        yield opened


def operations(api: Api) -> Iterator[Any]:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", api.app, headers={"host": HOST})
    for result in schema.get_all_operations():
        yield result.ok()  # type: ignore[union-attr]  # an invalid schema raises here


WRITING = {"/api/v1/buildings/{building}/costs", "/api/v1/buildings/{building}/estate"}
"""What is made up for these is seldom an estate; tests/portal/test_api.py brings what is."""
statuses: Counter[tuple[str, int]] = Counter()
HOST = URL.partition("://")[2]


def tokens(api: Api) -> list[str]:
    store = Tokens(api.serving.engine)
    own = store.add(
        "resident", [Scope.READINGS_READ], "sys", NOW_MS,
        buildings=[HOUSE], tenancy=api.estate.tenancies[0].tenancy,
    )  # fmt: skip
    return [store.add("landlord", LANDLORD, "sys", NOW_MS).secret, own.secret]


def name_what_is_there(case: Any, api: Api) -> None:  # noqa: ANN401  of Schemathesis
    """Let most requests name a building, run and home that there are: others end in a 404."""
    known = {
        "building": HOUSE, "number": 1, "month": "2025-06",
        "tenancy": api.estate.tenancies[0].tenancy,
    }  # fmt: skip
    if sum(map(ord, f"{case.path_parameters}{case.query}")) % 4:
        for values in (case.path_parameters, case.query):
            values.update({name: known[name] for name in known.keys() & values.keys()})


def ask_much(operation: Any, secret: str, api: Api) -> None:  # noqa: ANN401  of Schemathesis
    """Ask one operation what Schemathesis makes up."""

    @settings(
        max_examples=CASES, derandomize=True, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:  # noqa: ANN401  of Schemathesis
        headers = {"host": HOST, "authorization": f"Bearer {secret}"}
        name_what_is_there(case, api)
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        statuses[operation.path, answer.status_code] += 1

    ask()


@pytest.mark.slow
def test_every_answer_is_one_that_the_document_tells(api: Api) -> None:
    landlord, resident = tokens(api)
    statuses.clear()
    for operation in operations(api):
        ask_much(operation, resident if "/me/" in operation.path else landlord, api)
    assert api.app.openapi_schema is not None
    assert {path for path, _ in statuses} == set(api.app.openapi_schema["paths"])
    # A suite of refusals would show nothing.
    answered = {path for path, status in statuses if status < 400}
    assert answered | WRITING == {path for path, _ in statuses}
