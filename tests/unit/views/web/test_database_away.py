"""While the database is away every address answers 503: no error page that asks it, no address of the server in it."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from vigie.adapters.stores.sql.database import Database, open_database
from vigie.domain.errors import DatabaseUnavailable, operator_text

# Nothing listens there: the driver names host, port and user in what it says.
GONE = f"postgresql://{'someone'}@127.0.0.77:1/vigie_there"


@pytest.fixture
def browser(tmp_path, monkeypatch):
    browser = Browser(house(tmp_path / "home", with_bars=False))
    gone, reading, writing = open_database(GONE), Database.reading, Database.writing
    monkeypatch.setattr(Database, "reading", lambda _self: reading(gone))
    monkeypatch.setattr(Database, "writing", lambda _self, *words, **more: writing(gone, *words, **more))
    return browser


def assert_is_away(answer):
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    for word in ("127.0.0.77", "someone", "vigie_there", "connection", "psycopg"):
        assert word not in answer.text


@pytest.mark.parametrize("path", ["/", "/markets", "/login", "/account", "/there/is/no/such/page"])
def test_pages_say_that_the_database_is_away_and_nothing_of_where_it_is(browser, path):
    answer = browser.get(path)
    assert_is_away(answer)
    assert "the database does not answer; nothing was changed" in answer.text
    in_french = browser.get(path, params={"lang": "fr"})
    assert_is_away(in_french)
    assert "la base de données ne répond pas" in in_french.text


def test_the_api_and_forms_say_it_too(browser):
    answer = browser.get("/api/v1/accounts/me")
    assert_is_away(answer)
    assert answer.json()["detail"].startswith("the database does not answer")
    assert_is_away(browser.post("/login", {"name": "Ann", "password": "a long enough sentence"}))
    assert browser.get("/healthz").status_code == 200


def test_readiness_tells_no_address_either(browser):
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"].startswith("the database does not answer")
    assert "127.0.0.77" not in answer.text


def test_terminal_and_log_are_told_what_the_driver_says():
    with pytest.raises(DatabaseUnavailable) as told, open_database(GONE).reading():
        raise AssertionError("nobody is there")
    assert "127.0.0.77" in operator_text(told.value)
    assert "127.0.0.77" not in str(told.value)
