"""Forms and changes that another site makes a browser send are refused (CSRF); sessions cannot be planted."""

from __future__ import annotations

import pytest

from tests.houses import KEY
from tests.security.people import PASSWORD, Town, Visitor, town
from vigie.services.operation import operations
from vigie.views.web.forms import CsrfTokens
from vigie.views.web.identity import SESSION
from vigie.views.web.page import pages

POSTED = sorted({path for page in pages().values() for path in page.actions} | {"/look"})
CHANGES = [one for one in operations().values() if one.is_change]


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Town:
    return town(tmp_path_factory.mktemp("home"))


@pytest.fixture
def ann(place) -> Visitor:
    return place.browser(place.admin)


def concrete(path: str) -> str:
    return path.replace("{", "").replace("}", "")


@pytest.mark.parametrize("path", POSTED)
def test_form_is_refused_without_its_token_and_with_another_ones(place, ann, path):
    events = place.house.audit.newest()
    for csrf in ("", "0" * 64, place.browser(place.bob).csrf, CsrfTokens(b"another key").token("x")):
        answer = ann.send("POST", concrete(path), data={"csrf": csrf})
        assert answer.status_code == 403, csrf
        assert "too old or came from another site" in answer.text
    assert place.house.audit.newest() == events


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "http://evil.example"}],
)
def test_form_is_refused_when_the_browser_says_that_another_site_sent_it(ann, path, headers):
    answer = ann.send("POST", concrete(path), data={"csrf": ann.csrf}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", POSTED)
def test_page_of_a_form_is_not_changed_by_being_opened(place, ann, path):
    events = place.house.audit.newest()
    ann.get(concrete(path))
    assert place.house.audit.newest() == events


@pytest.mark.parametrize("declared", CHANGES, ids=lambda one: one.name)
def test_change_by_the_api_needs_the_token_of_the_page(ann, declared):
    path = f"/api/v1/{declared.name.replace('.', '/')}"
    for headers in (
        {},
        {"x-csrf-token": "0" * 64},
        {"x-csrf-token": ann.csrf, "sec-fetch-site": "cross-site"},
    ):
        answer = ann.send("POST", path, json=declared.example, headers=headers)
        assert answer.status_code in (403, 422), answer.text
        if not any(one.is_required() for one in declared.input_type.model_fields.values()):
            assert answer.status_code == 403
    # A form of another site cannot send JSON; what it can send is not taken.
    assert ann.send("POST", path, data={"csrf": ann.csrf, "name": "x"}).status_code in (403, 422)
    assert ann.get(path).status_code == 405


def test_token_of_a_form_dies_with_its_session(place):
    first, second = place.browser(place.ann), place.browser(place.ann)
    second.cookies["vigie_browser"] = first.cookies["vigie_browser"]
    assert second.send("POST", "/look", data={"csrf": first.csrf}).status_code == 403
    assert first.send("POST", "/look", data={"csrf": first.csrf}).status_code == 303


def test_session_that_was_planted_before_signing_in_is_not_the_session_after(place):
    stranger = place.browser(None)
    stranger.cookies[SESSION] = "planted-by-somebody"
    # Nobody is signed in by it, so the page's form token is bound to no session.
    answer = stranger.post("/login", name="Ann", password=PASSWORD)
    assert answer.status_code == 303
    given = answer.headers["set-cookie"]
    assert given.startswith(f"{place.app.state.web.authenticator.cookie}=")
    assert "planted" not in given
    assert stranger.get("/markets").status_code == 303


def test_session_of_somebody_else_in_the_browser_ends_at_sign_in(place):
    before = place.browser(place.bob)
    old = before.cookies[SESSION]
    answer = before.post("/login", name="Ann", password=PASSWORD)
    assert answer.status_code == 303
    before.cookies = {**before.cookies, SESSION: old, place.app.state.web.authenticator.cookie: old}
    assert before.get("/markets").status_code == 303


def test_new_password_ends_every_session(place):
    ann, other = place.browser(place.ann), place.browser(place.ann)
    answer = ann.post(
        "/account/password", current=PASSWORD, new="another long sentence", again="another long sentence"
    )
    assert answer.headers["location"] == "/login?notice=password"
    assert ann.get("/markets").status_code == other.get("/markets").status_code == 303


def test_house_key_of_a_test_is_not_the_one_of_a_home():
    assert CsrfTokens(KEY).token("a") != CsrfTokens(b"x" * 32).token("a")
