"""Every answer carries the headers that hold a browser back; other host names are not answered."""

from __future__ import annotations

import pytest

from tests.security.people import Town, town
from vigie.services.operation import operations
from vigie.views.web.page import pages
from vigie.views.web.security_middleware import CSP

OTHERS = (
    "/link/x",
    "/healthz",
    "/app.webmanifest",
    "/static/nope.js",
    "/nope",
    "/api/v1/nope",
    "/login?next=x",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Town:
    return town(tmp_path_factory.mktemp("home"))


def held_back(answer) -> None:
    headers = answer.headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    # The address of what is shared by link is the key to it.
    is_key = answer.url.path.startswith("/portfolio/shared/")
    assert headers["referrer-policy"] == ("no-referrer" if is_key else "same-origin")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers
    for cookie in headers.get_list("set-cookie"):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie


def test_policy_lets_nothing_in_that_is_not_ours():
    assert "unsafe" not in CSP
    assert "*" not in CSP
    assert "http" not in CSP
    assert CSP.startswith("default-src 'none'")


@pytest.mark.parametrize("page", pages().values(), ids=lambda page: page.name)
def test_page_is_held_back_and_not_kept_by_others(place, page):
    answer = place.browser(place.admin).get(page.path.replace("{", "").replace("}", ""))
    held_back(answer)
    assert "no-cache" in answer.headers["cache-control"] or "no-store" in answer.headers["cache-control"]
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert "javascript:" not in answer.text


@pytest.mark.parametrize("declared", operations().values(), ids=lambda one: one.name)
def test_answer_of_the_api_is_held_back(place, declared):
    held_back(
        place.browser(place.admin).ask(declared, {"nope": 1} if declared.is_change else declared.example)
    )
    held_back(place.browser(None).ask(declared, {"nope": 1}))


@pytest.mark.parametrize("path", OTHERS)
def test_everything_else_is_held_back_too(place, path):
    held_back(place.browser(None).get(path))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "localhost:80:80",
        "[::2]",
        "0.0.0.0",
    ],
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/markets/list", "/static/main.js", "/login"])
def test_other_host_names_are_not_answered_on_loopback_either(place, host, path):
    assert place.browser(place.admin).get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-host", "forwarded", "x-original-url"])
def test_headers_of_a_proxy_that_nobody_named_change_nothing(place, header):
    answer = place.browser(place.admin).get("/markets", headers={header: "evil.example"})
    assert "evil.example" not in answer.text


def test_methods_that_pages_do_not_have_are_refused(place):
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        assert place.browser(place.admin).send(method, "/markets").status_code == 405


def test_what_breaks_is_held_back_and_tells_nothing(tmp_path, monkeypatch):
    own = town(tmp_path / "home")
    monkeypatch.setattr(own.app.state.web.authenticator, "who", lambda request: 1 // 0)
    for path in ("/markets", "/api/v1/markets/list"):
        answer = own.browser(None).get(path)
        assert answer.status_code == 500
        held_back(answer)
        assert "ZeroDivision" not in answer.text


def test_fault_tells_nothing_of_the_inside(place):
    text = place.browser(place.admin).get("/watchlists/../../etc/passwd").text
    text += place.browser(place.admin).get("/api/v1/markets/list?as_of=x").text
    for word in ("Traceback", "site-packages", "sqlalchemy", str(place.house.home)):
        assert word not in text
