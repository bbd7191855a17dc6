"""Every operation, asked by a machine that reads the API's description: answers are as declared, never a 5xx.

``FUZZ_EXAMPLES`` is how often at most (`make fuzz`); the same inputs come every time, on every machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from requests.adapters import HTTPAdapter
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from urllib3 import HTTPHeaderDict, HTTPResponse

from tests.databases import wipe
from tests.houses import Browser, house
from vigie.services.operation import operations
from vigie.views.api import routes
from vigie.views.api.limits import RateLimiter

IS_FUZZ: Final = "FUZZ_EXAMPLES" in os.environ
EXAMPLES: Final = int(os.environ.get("FUZZ_EXAMPLES", "20"))
# What takes little is asked less often: after so many for each input hardly anything new comes.
EACH_INPUT: Final = 100
# Areas of which the rest is left to `make chaos`: their inputs are also tried by tests of their own.
LATER_AREAS: Final = (
    "features/",
    "holdings/",
    "notifications/",
    "outside/",
    "plans/",
    "plugins/",
    "setups/",
    "valuation/",
)
FEW_EXAMPLES: Final = 6
DESCRIPTION: Final = "/api/v1/openapi.json"
HOST: Final = "127.0.0.1"
# What every browser says, unless a case says otherwise.
BROWSERS: Final = {"accept": "*/*", "accept-encoding": "gzip, deflate, br"}
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
        path = routes.route_path(declared)
        often = min(EXAMPLES, EACH_INPUT * max(1, len(declared.input_type.model_fields)))
        method = "POST" if declared.is_change else "GET"
        found.append((method, path, often))
        if declared.is_table and not declared.is_change:
            found.append(("GET", path + ".{form}", often))
    return [one for each in found for one in cases_of(*each)]


def cases_of(method: str, path: str, often: int) -> list[Any]:
    """Return the case of an address; of a later area it is asked a few times, and as often as others in another."""
    case = pytest.param(method, path, often, id=f"{method}-{path}")
    if IS_FUZZ or often <= FEW_EXAMPLES or not path.removeprefix(f"{routes.PREFIX}/").startswith(LATER_AREAS):
        return [case]
    rest = pytest.param(method, path, often, id=f"{method}-{path}-often", marks=pytest.mark.chaos)
    if path.endswith(".{form}") and not path.endswith("list.{form}"):
        return [rest]
    return [pytest.param(method, path, FEW_EXAMPLES, id=f"{method}-{path}"), rest]


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Give the owner's browser on a house with bars; nobody is told to wait."""

    async def here(work: Callable[..., Any], *values: Any) -> Any:
        return work(*values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes, "RateLimiter", lambda _per_minute: RateLimiter(10**9))
        # Who asks alone need not be handed to another thread and back.
        patch.setattr(routes, "run_in_threadpool", here)
        yield Browser(house(tmp_path_factory.mktemp("api") / "home"))


class Within:
    """Asks the application in this thread: a loop of its own in another one is waited for longer than most answers."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._runner = asyncio.Runner()
        self._adapter = HTTPAdapter()

    def close(self) -> None:
        """End the loop."""
        self._runner.close()

    def send(self, case: Any, headers: dict[str, str]) -> requests.Response:
        """Send a case once, with headers of who asks."""
        words = case.as_transport_kwargs(base_url=f"http://{HOST}", headers=headers)
        request = requests.Request(**words).prepare()
        return self._runner.run(self._respond(request))

    async def _respond(self, request: requests.PreparedRequest) -> requests.Response:
        url, body = urlsplit(str(request.url)), request.body or b""
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "scheme": url.scheme,
            "path": unquote(url.path),
            "raw_path": url.path.encode(),
            "root_path": "",
            "query_string": url.query.encode(),
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in {**BROWSERS, **request.headers}.items()
            ],
            "client": (HOST, 50_000),
            "server": (HOST, 80),
        }
        asked = [{"type": "http.request", "body": body.encode() if isinstance(body, str) else body}]
        said: list[Any] = []
        is_said = asyncio.Event()

        async def receive() -> Any:
            if asked:
                return asked.pop()
            await is_said.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            said.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                is_said.set()

        await self._app(scope, receive, send)
        head, *parts = said
        raw = HTTPResponse(
            body=BytesIO(b"".join(part.get("body", b"") for part in parts)),
            headers=HTTPHeaderDict(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in head["headers"]
            ),
            status=head["status"],
            version=11,
            preload_content=False,
        )
        return self._adapter.build_response(request, raw)


@pytest.fixture(scope="module")
def within(owner: Browser) -> Iterator[Within]:
    """Give who asks the owner's house."""
    with closing(Within(owner.app)) as asks:
        yield asks


@pytest.fixture(scope="module")
def description(owner: Browser) -> Any:
    """Give the API as it describes itself."""
    config = schemathesis.Config.from_dict({"seed": 11, "generation": {"deterministic": True}})

    async def near(scope: Any, receive: Any, send: Any) -> None:
        # The words to ask with are those of this file and of what it imports: it is where this function stands.
        await owner.app(scope, receive, send)

    return schemathesis.openapi.from_asgi(DESCRIPTION, near, config=config, headers={"host": HOST})


@pytest.mark.parametrize(("method", "path", "often"), asked())
def test_owner_and_visitor_get_what_is_declared(owner, within, description, method, path, often):
    operation = description[path][method]
    wipe(owner.app.state.web.app_context.accounts.database)
    cookies = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())
    headers = {"x-csrf-token": owner.token, "host": HOST, "cookie": cookies}
    # With the first user the owner's cookie ends: from then on everybody signs in.
    allowed = ANSWERS | {401} if path.endswith("/users/add") else ANSWERS
    # While there is no user, who sits at this machine may read.
    is_readable = operation.definition.raw["x-scope"] == "read" and method == "GET"
    of_visitors = ANSWERS | {401} if is_readable else {401, 403, 422}

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
        case.headers = {
            name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"
        }
        # Both are asked the same: to think it up takes longer than to answer it.
        for who, expected in (({"host": HOST}, of_visitors), (headers, allowed)):
            response = within.send(case, who)
            case.validate_response(response, checks=CONFORMS)
            assert response.status_code in expected, response.text[:300]

    each()
