"""What every request passes: hosts, headers, forms, languages, faults, links, exports, streams."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re

import httpx
import polars as pl
import pytest
from starlette.requests import Request

from tests.houses import KEY, Browser, house
from vigie.domain.errors import NotFound
from vigie.domain.person import OWNER
from vigie.domain.time import iso
from vigie.services.operation import operations
from vigie.services.operation_calls import run_operation
from vigie.views.api.exports import neutralize
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.security_middleware import MAX_BODY


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


@pytest.fixture
def browser(built):
    return Browser(built)


def raw(app, method, path, **more):
    async def send():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            return await client.request(method, path, **more)

    return asyncio.run(send())


def test_page_when_asked_carries_every_protection(browser):
    headers = browser.get("/markets").headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "require-trusted-types-for 'script'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-cache"
    assert "server" not in headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8080"]
)
def test_foreign_host_name_is_not_answered_on_loopback_either(browser, host):
    answer = raw(browser.app, "GET", "/markets", headers={"host": host})
    assert answer.status_code == 421
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "LOCALHOST:9", "[::1]:8080"])
def test_loopback_names_are_answered(browser, host):
    assert raw(browser.app, "GET", "/healthz", headers={"host": host}).status_code == 200


def test_named_host_is_answered(built):
    app = create_app(built, AppOptions(KEY, lambda word: False, ("vigie.example",), is_secure=True))
    answer = raw(app, "GET", "/healthz", headers={"host": "vigie.example"})
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_body_that_is_too_large_is_refused_before_it_is_read(browser):
    answer = raw(browser.app, "POST", "/look", content=b"x" * (MAX_BODY + 1))
    assert answer.status_code == 413


def test_form_without_token_or_from_elsewhere_is_refused(browser):
    assert raw(browser.app, "POST", "/look", data={"theme": "dark"}).status_code == 403
    good = {"theme": "dark", "csrf": browser.token}
    other = {"cookie": "vigie_browser=another"}
    assert raw(browser.app, "POST", "/look", data=good, headers=other).status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    answer = asyncio.run(browser._send("POST", "/look", data=good, headers=elsewhere))
    assert answer.status_code == 403


def test_look_is_kept_and_leads_back_to_the_page_only(browser):
    answer = browser.post(
        "/look", {"theme": "dark", "language": "fr", "next": "/markets?sort=name"}, follow=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/markets?sort=name")
    page = browser.get("/markets").text
    assert '<html lang="fr" data-theme="dark" data-density="comfortable">' in page
    for there in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert browser.post("/look", {"next": there}, follow=False).headers["location"] == "/"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.1", "fr"),
        ("de,en-US;q=0.7,fr;q=0.3", "en"),
        ("de", "en"),
        ("fr;q=x", "en"),
        ("", "en"),
    ],
)
def test_language_is_the_browsers_first_that_we_have(built, header, language):
    answer = raw(Browser(built).app, "GET", "/markets", headers={"accept-language": header})
    assert f'<html lang="{language}"' in answer.text
    assert answer.headers["content-language"] == language


def test_language_in_the_address_wins_and_hostile_values_do_nothing(browser):
    assert '<html lang="fr"' in browser.get("/markets?lang=fr").text
    # What is no language leaves the visitor's own.
    (own,) = re.findall(r'<html lang="\w+"', browser.get("/markets").text)
    assert own in browser.get("/markets?lang=%22%3E%3Cscript%3E").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nope", 404),
        ("/markets?as_of=yesterday", 400),
        ("/static/../app.py", 404),
    ],
)
def test_fault_is_a_page_that_says_what_to_do(browser, path, status):
    answer = browser.get(path)
    assert answer.status_code == status
    assert answer.text.count("<h1>") == 1


def test_one_time_link_lets_in_once(built):
    words = {"once"}

    def use(word):
        found = word in words
        words.discard(word)
        return found

    app = create_app(built, AppOptions(KEY, use))
    first = raw(app, "GET", "/link/once")
    # Nobody went through a door yet.
    assert (first.status_code, first.headers["location"]) == (303, "/welcome")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert raw(app, "GET", "/link/once").status_code == 410


def test_visitor_without_the_link_may_read_and_not_change(built):
    visitor = Browser(built, is_owner=False)
    assert visitor.get("/markets").status_code == 200
    for declared in operations().values():
        if declared.scope != "read":
            way = visitor.order if declared.is_change else visitor.call
            assert way(declared.name, **declared.example).status_code in (403, 422), declared.name


def request_with(cookie):
    headers = [(b"host", b"127.0.0.1:8080"), (b"cookie", f"vigie_session={cookie}".encode())]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers,
                    "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "scheme": "http"})  # fmt: skip


def test_forged_owner_cookie_is_nobody(built):
    app = Browser(built).app
    door = app.state.web.authenticator
    word, until, seal = door.owner_cookie().split(".")
    for forged in (
        f"{word}.{int(until) + 1}.{seal}",
        f"{word}.{until}.{'0' * 64}",
        f"{word}.1.{seal}",
        "owner..",
        "x",
    ):
        assert door.who(request_with(forged)).caller.user == "visitor"
    assert door.who(request_with(door.owner_cookie())).caller.user == "owner"


def test_who_asks_too_often_is_told_when_to_go_on_and_nobody_else_waits(built, monkeypatch):
    monkeypatch.setattr("tests.houses.MANY", 3)
    eager = Browser(built)
    answers = [eager.call("markets.list", limit=1) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert [one.headers["ratelimit-remaining"] for one in answers] == ["2", "1", "0", "0"]
    assert answers[3].headers["content-type"] == "application/problem+json"
    assert 0 < int(answers[3].headers["retry-after"]) <= 60
    # Pages are no requests of the API, and another caller has a bucket of their own.
    assert eager.get("/markets").status_code == 200
    eager.cookies.clear()
    assert eager.call("markets.list", limit=1).status_code != 429


def test_answer_has_an_etag_and_is_not_sent_twice(browser):
    first = browser.call("markets.list", limit=2)
    again = browser.get("/api/v1/markets/list?limit=2", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert int(first.headers["ratelimit-remaining"]) < int(first.headers["ratelimit-limit"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/markets/list?limit=0", 422),
        ("/api/v1/markets/list?nope=1", 422),
        ("/api/v1/markets/list?sort=nope", 400),
        ("/api/v1/markets/list?assets=nope", 404),
        ("/api/v1/markets/nope", 404),
        ("/api/v1/markets/list.exe", 422),
    ],
)
def test_refusal_of_the_api_is_a_problem_that_says_what(browser, path, status):
    answer = browser.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]


def test_table_is_the_same_in_every_format(browser):
    table = browser.call("markets.list").json()
    names = [column["name"] for column in table["columns"] if not column["is_drawn"]]
    rows = [[row[name] for name in names] for row in table["rows"]]
    answer = browser.get("/api/v1/markets/list.csv")
    disposition = answer.headers["content-disposition"]
    assert re.fullmatch(r'attachment; filename="vigie-markets-list-\d{4}-\d\d-\d\d\.csv"', disposition)
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert lines[0] == names
    when = names.index("ts_event")
    told = [[iso(value) if place == when else value for place, value in enumerate(row)] for row in rows]
    written = [["" if value is None else str(value) for value in row] for row in told]
    assert [line for line in lines[1:] if not line[0].startswith("#")] == written
    assert "not investment advice" in answer.text
    frame = pl.read_parquet(browser.get("/api/v1/markets/list.parquet").content)
    assert [list(row) for row in frame.rows()] == rows
    assert json.loads(browser.get("/api/v1/markets/list.json").content)["rows"] == table["rows"]
    assert browser.get("/api/v1/markets/list.xlsx").content[:2] == b"PK"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", " =1", "\0=1"])
def test_cell_that_a_spreadsheet_would_run_is_made_harmless(cell):
    assert neutralize(cell) == "'" + cell
    assert neutralize(-1.5) == -1.5
    assert neutralize("BTC") == "BTC"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ('x;=HYPERLINK("http://evil.example","a")', 'x;\'=HYPERLINK("http://evil.example","a")'),
        ("x; =1+1", "x;' =1+1"),
        ("x\t@y\t-1", "x\t'@y\t'-1"),
        ("x\n+1\r\n=2", "x\n'+1\r'\n'=2"),
        ('x;"=1"', 'x;\'"=1"'),
        (";;=1", ";;'=1"),
        ("\t=1", "'\t'=1"),
        ("too early; a - b = c, 1+1", "too early; a - b = c, 1+1"),
    ],
)
def test_cell_that_another_separator_would_make_of_it_is_harmless_too(told, kept):
    assert neutralize(told) == kept


def test_description_of_the_api_names_every_operation_with_scope_and_summary(browser):
    described = browser.get("/api/v1/openapi.json").json()["paths"]
    for declared in operations().values():
        path = described[f"/api/v1/{declared.name.replace('.', '/')}"]
        route = path["post" if declared.is_change else "get"]
        assert route["summary"] == declared.summary
        assert route["x-scope"] == declared.scope
        assert declared.summary.endswith(".")


def test_every_operation_has_an_example_that_works_on_a_home(browser, built):
    for declared in operations().values():
        if declared.scope != "read":
            continue
        try:
            run_operation(built, OWNER, declared.name, declared.example)
        except NotFound:
            # A new home has no job and no run yet whose number could be an example.
            assert declared.example, declared.name


@pytest.mark.parametrize(
    ("typed", "language", "title", "href"),
    [
        ("markets", "en", "Markets", "/markets"),
        ("marches", "fr", "Marchés", "/markets"),
        ("btc", "en", "Bitcoin BTC", "/asset/bitcoin"),
        ("adx_t", "en", "adx_trend", "/strategies/adx_trend"),
    ],
)
def test_palette_finds_pages_assets_and_strategies_by_what_people_type(built, typed, language, title, href):
    found = (
        Browser(built, language=language, is_owner=False).get("/palette", params={"q": typed}).json()["items"]
    )
    assert {"title": title, "href": href}.items() <= found[0].items()


def test_palette_without_words_lists_pages_that_the_visitor_may_see(built):
    visitor = Browser(built, is_owner=False).get("/palette").json()["items"]
    assert "/markets" in [one["href"] for one in visitor]
    assert "/admin" not in [one["href"] for one in visitor]
