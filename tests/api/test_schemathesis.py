"""Every operation, asked by a machine that reads the API's description: answers are as declared, never a 5xx.

``FUZZ_EXAMPLES`` is how often at most (`make fuzz`); the same inputs come every time, on every machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.databases import wipe
from tests.houses import Browser, house
from vigie.services.operation import operations
from vigie.views.api import routes
from vigie.views.api.limits import Limits

EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "20"))
# What takes little is asked less often: after so many for each input hardly anything new comes.
EACH_INPUT: Final = 100
DESCRIPTION: Final = "/api/v1/openapi.json"
CONFORMS: Final = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
# Of these a caller that may do everything gets one; what is not allowed or not there is refused in words.
ANSWERS: Final = {200, 304, 400, 403, 404, 409, 422, 429, 503}


def asked() -> list[Any]:
    """Return (method, path, how often) of every operation and of every file of a table."""
    found = []
    for declared in operations().values():
        path = routes.path_of(declared)
        often = min(EXAMPLES, EACH_INPUT * max(1, len(declared.ask.model_fields)))
        found.append(("POST" if declared.is_change else "GET", path, often))
        if declared.is_table and not declared.is_change:
            found.append(("GET", path + ".{form}", often))
    return [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in found]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give the owner's browser on a house with bars; nobody is told to wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "Limits", lambda _per_minute: Limits(10**9))
        yield Browser(house(tmp_path_factory.mktemp("api") / "home"))


@pytest.fixture(scope="module")
def description(owner: Browser) -> Any:
    """Give the API as it describes itself."""
    config = schemathesis.Config.from_dict({"seed": 11, "generation": {"deterministic": True}})

    async def near(scope: Any, receive: Any, send: Any) -> None:
        # Only who sits at this machine is let in by the owner's cookie.
        await owner.app({**scope, "client": ("127.0.0.1", 50_000)}, receive, send)

    return schemathesis.openapi.from_asgi(DESCRIPTION, near, config=config, headers={"host": "127.0.0.1"})


def ask(operation: Any, headers: dict[str, str], allowed: set[int], often: int) -> None:
    """Ask an operation again and again."""

    @settings(
        max_examples=often,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        # Made-up tokens would turn everybody away: who asks is said by cookie, or not at all.
        made = {
            name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"
        }
        case.headers = {**made, **headers}
        # How long an answer takes says how busy the machine is, not whether it is what was declared.
        response = case.call(timeout=300)
        case.validate_response(response, checks=CONFORMS)
        assert response.status_code in allowed, response.text[:300]

    each()


@pytest.mark.parametrize(("method", "path", "often"), asked())
def test_the_owner_gets_what_is_declared(owner, description, method, path, often):
    wipe(owner.app.state.web.house.accounts.database)
    cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
    headers = {"x-csrf-token": owner.token, "host": "127.0.0.1", "cookie": cookies}
    # With the first user the owner's cookie ends: from then on everybody signs in.
    allowed = ANSWERS | {401} if path.endswith("/users/add") else ANSWERS
    ask(description[path][method], headers, allowed, often)


@pytest.mark.parametrize(("method", "path", "often"), asked())
def test_a_visitor_reads_and_is_turned_away_as_declared(owner, description, method, path, often):
    # While there is no user, who sits at this machine may read.
    scope = description[path][method].definition.raw["x-scope"]
    allowed = ANSWERS | {401} if scope == "read" and method == "GET" else {401, 403, 422}
    ask(description[path][method], {"host": "127.0.0.1"}, allowed, often)
