"""Signing in by the page: two steps, one sentence for every refusal, a new session each time, and the way out."""

from __future__ import annotations

import re

import pyotp
import pytest

from tests.clocks import JumpingClock
from tests.houses import KEY, Browser, house
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.needs import bound
from vigie.services.people.accounts.users import add_user
from vigie.views.web.forms import BROWSER, CsrfTokens, own_path
from vigie.views.web.identity import SESSION

PASSWORD = "a long enough sentence"


@pytest.fixture
def built(tmp_path):
    found = house(tmp_path / "home", with_bars=False, clock=JumpingClock())
    bound(found, add_user)(OWNER, "Ann", PASSWORD)
    return found


def visitor(built, **more):
    return Browser(built, is_owner=False, **more)


def enter(browser, name="Ann", password=PASSWORD, **more):
    return browser.post("/login", {"name": name, "password": password, **more}, follow=False)


def cookie_of(response):
    return next(text for text in response.headers.get_list("set-cookie") if text.startswith(SESSION))


def signed_in(browser):
    """Bind the form token to the session that the browser has now, as pages do."""
    browser.token = CsrfTokens(KEY).token("a-browser-of-a-test", browser.cookies.get(SESSION) or "")
    return browser


def test_page_that_is_not_public_leads_to_the_sign_in_and_back(built):
    browser = visitor(built)
    answer = browser.get("/markets?sort=name", follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fmarkets%3Fsort%3Dname")
    assert 'value="/markets?sort=name"' in browser.get(answer.headers["location"]).text
    entered = enter(browser, next="/markets?sort=name")
    assert (entered.status_code, entered.headers["location"]) == (303, "/markets?sort=name")
    assert browser.get("/markets", follow=False).status_code == 200


def test_cookie_of_a_session_is_out_of_reach_of_scripts_and_other_sites(built):
    cookie = cookie_of(enter(visitor(built)))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie


@pytest.mark.parametrize(
    ("name", "password"), [("Ann", "wrong"), ("Nobody", PASSWORD), ("", ""), ("Ann", "")]
)
def test_unknown_name_and_wrong_password_are_told_in_the_same_words(built, name, password):
    answer = enter(visitor(built), name, password)
    assert answer.status_code == 401
    assert "Wrong name or password, or the account is disabled." in answer.text
    assert not [text for text in answer.headers.get_list("set-cookie") if text.startswith(SESSION)]


def test_disabled_account_is_told_the_same_and_its_session_ends(built):
    browser = visitor(built)
    enter(browser)
    user = built.accounts.users()[0]
    built.accounts.change(user.id, is_disabled=True)
    assert browser.get("/markets", follow=False).status_code == 303
    assert enter(visitor(built)).status_code == 401


def test_many_failures_make_the_next_one_wait_even_with_the_right_password(built):
    browser = visitor(built)
    for _ in range(6):
        enter(browser, password="wrong")
    answer = enter(browser)
    assert answer.status_code == 401
    assert "Too many attempts" in answer.text
    built.clock.now += 3 * 60_000
    assert enter(browser).status_code == 303


def test_second_factor_is_a_second_step_and_its_code_is_good_once(built):
    user, secret = built.accounts.users()[0], pyotp.random_base32()
    built.accounts.change(user.id, totp_secret=secret)
    browser = visitor(built)
    first = enter(browser, next="/markets")
    assert first.status_code == 200
    assert "The six digits" in first.text
    assert PASSWORD not in first.text
    ticket = re.search(r'name="ticket" value="([^"]+)"', first.text)[1]
    code = pyotp.TOTP(secret).at(built.clock.now // 1_000)
    step = {"ticket": ticket, "next": "/markets"}
    wrong = browser.post("/login/code", {**step, "code": "000000" if code != "000000" else "1"}, follow=False)
    assert (wrong.status_code, "This code is wrong or already used" in wrong.text) == (401, True)
    good = browser.post("/login/code", {**step, "code": code}, follow=False)
    assert (good.status_code, good.headers["location"]) == (303, "/markets")
    again = visitor(built).post("/login/code", {**step, "code": code}, follow=False)
    assert again.status_code == 401


def test_ticket_is_worth_nothing_later_elsewhere_or_forged(built):
    user = built.accounts.users()[0]
    built.accounts.change(user.id, totp_secret=pyotp.random_base32())
    browser = visitor(built)
    door = browser.app.state.web.authenticator
    ticket = door.ticket(user, "a-browser-of-a-test")
    assert door.ticket_user(ticket, "a-browser-of-a-test") == built.accounts.user(user.id)
    assert door.ticket_user(ticket, "another") is None
    for forged in (ticket[:-1], "owner.9999999999999." + "0" * 64, "..", "", door.owner_cookie()):
        assert door.ticket_user(forged, "a-browser-of-a-test") is None
    assert not door._is_owner(ticket)
    built.accounts.change(user.id, password_hash="another")
    assert door.ticket_user(ticket, "a-browser-of-a-test") is None
    fresh = door.ticket(user, "a-browser-of-a-test")
    built.clock.now += 5 * 60_000
    assert door.ticket_user(fresh, "a-browser-of-a-test") is None


def test_each_sign_in_has_a_new_session_and_one_that_was_planted_opens_nothing(built):
    browser = visitor(built)
    browser.cookies.set(SESSION, "planted-before")
    answer = enter(browser)
    assert answer.status_code == 303
    secret = browser.cookies.get(SESSION, domain="127.0.0.1") or cookie_of(answer).split("=")[1].split(";")[0]
    assert secret != "planted-before"
    other = visitor(built)
    other.cookies.set(SESSION, "planted-before")
    assert other.get("/markets", follow=False).status_code == 303


def test_signing_out_ends_the_session_on_the_server(built):
    browser = visitor(built)
    secret = cookie_of(enter(browser)).split("=")[1].split(";")[0]
    copy = visitor(built)
    copy.cookies.set(SESSION, secret)
    assert copy.get("/markets", follow=False).status_code == 200
    copy.token = CsrfTokens(KEY).token("a-browser-of-a-test", secret)
    assert copy.post("/logout", follow=False).headers["location"] == "/login?notice=out"
    assert built.accounts.sessions(built.accounts.users()[0].id) == []
    assert browser.get("/markets", follow=False).status_code == 303


def test_session_lasts_while_it_is_used_but_not_for_ever(built):
    browser = visitor(built)
    enter(browser)
    for _ in range(13):
        built.clock.now += 11 * HOUR_MS
        assert browser.get("/markets", follow=False).status_code == 200
    built.clock.now += 13 * HOUR_MS
    assert browser.get("/markets", follow=False).status_code == 303
    enter(browser)
    days = 0
    while browser.get("/markets", follow=False).status_code == 200:
        built.clock.now += 8 * HOUR_MS
        days += 1
    assert days / 3 == 7


def test_month_on_an_own_device_is_bounded_too(built):
    browser = visitor(built)
    enter(browser, stay="1")
    days = 0
    while browser.get("/markets", follow=False).status_code == 200:
        built.clock.now += 10 * DAY_MS
        days += 10
    assert days == 90


def test_signing_in_and_failing_to_are_in_the_audit_under_a_pseudonym(built):
    enter(visitor(built), password="wrong")
    enter(visitor(built), name="Nobody")
    enter(visitor(built))
    user = built.accounts.users()[0]
    events = [one for one in built.audit.after(0) if one.kind.startswith("account.sign")]
    assert [(one.kind, one.actor) for one in events] == [
        ("account.sign_in_failed", user.id),
        ("account.sign_in", user.id),
    ]
    assert "Ann" not in str(events)
    assert "wrong" not in str([one.text for one in events if one.kind == "account.sign_in"])


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\t/evil.example",
        "/\n/evil.example", "\\/evil.example", "", "evil", " /x", "/%0d%0aLocation:x y",
    ],
)  # fmt: skip
def test_address_to_go_on_to_is_one_of_ours(built, there):
    assert own_path(there) == "/"
    # Without an address of ours, the first login leads to the doors.
    assert enter(visitor(built), next=there).headers["location"] == "/welcome"


def test_house_without_users_says_how_to_get_in(tmp_path):
    empty = house(tmp_path / "empty", with_bars=False)
    assert "vigie link" in visitor(empty).get("/login").text
    assert Browser(empty).get("/login", follow=False).headers["location"] == "/"
    assert BROWSER != SESSION
