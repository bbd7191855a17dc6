"""Two homes on one machine, as a demonstration beside one's own: browsers give both the same cookies."""

from __future__ import annotations

import pytest

from tests.houses import Browser, house
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.identity import SESSION

WORD = "a-word"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


def opened(built, key: bytes) -> Browser:
    """Return a browser that holds nothing, in front of a home with a key of its own."""
    made = Browser(built, is_owner=False)
    made.app = create_app(built, AppOptions(key, lambda word: word == WORD, per_minute=10**6))
    return made


def test_who_is_let_in_at_one_home_stays_at_the_other(built):
    first, second = opened(built, b"1" * 32), opened(built, b"2" * 32)
    assert first.get(f"/link/{WORD}", follow=False).status_code == 303
    second.cookies = first.cookies
    assert second.get(f"/link/{WORD}", follow=False).status_code == 303
    first.cookies = second.cookies
    for browser in (first, second):
        page = browser.get("/studio").text
        assert "You are signed out" not in page
        assert 'name="preset"' in page


def test_who_was_let_in_and_is_not_any_more_is_told_how_to_come_back(built):
    browser = opened(built, b"1" * 32)
    assert "You are signed out" not in browser.get("/").text
    browser.cookies.set(SESSION, "owner.1.nothing")
    page = browser.get("/").text
    assert "You are signed out" in page
    assert "<code>vigie link</code>" in page
