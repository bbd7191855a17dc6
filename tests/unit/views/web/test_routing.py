"""Routes by folder answer every request as the routes in turn do."""

from __future__ import annotations

import asyncio
import re
from functools import cache

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from tests.houses import Browser, house
from vigie.views.web.routing import RouteIndex

# By method, how addresses end: what follows an address decides whether it is one, whatever is asked of it.
ENDINGS = {"GET": ("", "/", "\n", "/extra"), "HEAD": ("",), "POST": ("", "/")}
# How parameters are filled: as a word, as one that another route has for its own, and as more than one.
WORDS = ("bitcoin", "compare", "list.csv", "a/b", "")
STRAY = (
    "",
    "/",
    "//",
    "/nowhere",
    "/nowhere/at/all",
    "/api",
    "/api/",
    "/api/v1",
    "/API/v1/markets/list",
    "/a" * 3_000,
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    return Browser(house(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")
def router(browser):
    return browser.app.router


def plain(router):
    """Return the routes that stand behind."""
    return [route for route in router.routes if isinstance(route, Route)]


def addresses(routes, endings):
    """Return addresses of every route, and such that nearly are."""
    filled = {re.sub(r"\{[^}]*\}", word, route.path) for route in routes for word in WORDS}
    return sorted({path + ending for path in {*filled, *STRAY} for ending in endings})


async def answered(router, path, method):
    """Return what a router sends, or says that a route would."""
    told = []

    async def send(message):
        told.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"a=1",
        "headers": [(b"host", b"localhost")], "root_path": "", "server": ("localhost", 80), "scheme": "http",
    }  # fmt: skip
    await router.app(scope, receive, send)
    return told


async def all_answered(router, asked, fitting):
    """Return what a router answers to everything, by the routes that an address may be of."""
    told = {}
    for path, method in asked:
        router.routes = fitting(path)
        told[path, method] = await answered(router, path, method)
    return told


def fitting_of(routes):
    """Return what gives the routes an address fits, in their order, with a slash more or less at its end, too.

    A route whose expression does not fit answers nothing: thousands of addresses need not be compared with them again
    for each method.
    """

    @cache
    def fitting(path):
        both = (path, path.rstrip("/") if path.endswith("/") else f"{path}/")
        return [
            route
            for route in routes
            if not isinstance(route, Route) or any(route.path_regex.match(one) for one in both)
        ]

    return fitting


async def told_by_a_route(route, scope, receive, send):
    """Say which route was let answer, and with what."""
    await send((route, scope["path_params"], scope["endpoint"], scope.get("route"), "vigie.route" in scope))


def test_every_request_is_answered_as_by_the_routes_in_turn(router, monkeypatch):
    routes = plain(router)
    assert isinstance(router.routes[0], RouteIndex)
    for kind in {type(route) for route in routes}:
        monkeypatch.setattr(kind, "handle", told_by_a_route)
    asked = [(path, method) for method, endings in ENDINGS.items() for path in addresses(routes, endings)]
    all_of_them = list(router.routes)
    monkeypatch.setattr(router, "routes", all_of_them)
    grouped = asyncio.run(all_answered(router, asked, fitting_of(all_of_them)))
    assert grouped == asyncio.run(all_answered(router, asked, fitting_of(routes)))
    answering = {id(one[0][0]) for one in grouped.values() if isinstance(one[0], tuple)}
    assert answering == {id(route) for route in routes}


def test_a_request_is_compared_with_few_routes(router):
    routes = plain(router)
    index = RouteIndex(routes)
    for route in routes:
        near = index.candidates(route.path)
        assert route in near
        assert len(near) < len(routes) / 10, route.path


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("HEAD", "/markets", 200, None),
        ("POST", "/markets", 405, {"GET", "HEAD"}),
        ("OPTIONS", "/markets", 405, {"GET", "HEAD"}),
        ("GET", "/look", 405, {"POST"}),
        ("HEAD", "/api/v1/markets/list", 405, {"GET"}),
        ("GET", "/markets/", 307, None),
        ("GET", "/marketsx", 404, None),
    ],
)
def test_other_methods_slashes_and_strays_are_answered_as_ever(browser, method, path, status, allow):
    answer = asyncio.run(browser._send(method, path, follow=False))
    assert answer.status_code == status
    if allow:
        assert {one.strip() for one in answer.headers["allow"].split(",")} == allow


def test_addresses_are_still_made_from_names(router):
    assert str(router.url_path_for("asset", id="bitcoin")) == "/asset/bitcoin"


def test_houses_of_one_process_share_the_routes_of_operations_and_answer_each_for_itself(browser, tmp_path):
    other = Browser(house(tmp_path / "other", with_bars=False))
    of_operations = [
        {route.path: route for route in plain(one.app.router) if isinstance(route, APIRoute)}
        for one in (browser, other)
    ]
    first, second = of_operations
    assert first
    assert first.keys() == second.keys()
    assert all(first[path] is second[path] for path in first)
    assert other.order("watchlists.create", name="Elsewhere", assets=["bitcoin"]).status_code == 200
    lists = [one.call("watchlists.list").text for one in (browser, other)]
    assert ["Elsewhere" in text for text in lists] == [False, True]
