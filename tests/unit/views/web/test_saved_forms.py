"""A form that is refused comes back with what was typed, also after signing in again; never with what is secret."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from starlette.requests import Request

from tests.clocks import JumpingClock
from tests.houses import KEY, Browser, house
from vigie.domain.errors import Forbidden
from vigie.domain.person import OWNER, VISITOR
from vigie.domain.time import HOUR_MS
from vigie.services.needs import bound
from vigie.services.people.accounts.users import add_user
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.form_filling import fill_form
from vigie.views.web.form_pages import action_pages, usual_page
from vigie.views.web.forms import CsrfTokens
from vigie.views.web.identity import SESSION
from vigie.views.web.language import UserLanguage
from vigie.views.web.page import pages
from vigie.views.web.request_context import RequestContext
from vigie.views.web.saved_forms import SavedForms

PASSWORD = "a long enough sentence"
TITLE = 'Mine "and" <yours>'
SHOWN = "Mine &quot;and&quot; &lt;yours&gt;"


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False, clock=JumpingClock())


@pytest.fixture
def peopled(built):
    bound(built, add_user)(OWNER, "Ann", PASSWORD)
    return Browser(built, is_owner=False)


def test_who_was_signed_out_comes_back_to_the_form_as_it_was(peopled):
    sent = peopled.post(
        "/sources/feeds", {**FEED, "secret": "x"}, of="/sources/feeds?done=added", follow=False
    )
    there = sent.headers["location"]
    assert (sent.status_code, "Sign+in" in there) == (303, False)
    (word,) = re.findall(r"refill%3D([\w-]+)", there)
    entered = peopled.post(
        "/login", {"name": "Ann", "password": PASSWORD, "next": f"/sources/feeds?done=added&refill={word}"}
    )
    assert entered.url.path == "/sources/feeds"
    assert "It was not sent" in entered.text
    assert f'value="{FEED["url"]}"' in entered.text
    assert re.search(r'<option value="900" selected', entered.text)
    assert SHOWN in entered.text
    assert peopled.get(f"/sources/feeds?refill={word}").text.count(FEED["url"]) == 0, "once"


FEED = {"url": "https://www.office.example/feed.xml", "title": TITLE, "every_s": "900", "feed": ""}


def test_a_form_waits_for_its_own_browser_and_not_for_long(peopled, built):
    sent = peopled.post("/sources/feeds", FEED, of="/sources/feeds", follow=False)
    (word,) = re.findall(r"refill%3D([\w-]+)", sent.headers["location"])
    other = Browser(built, is_owner=False)
    other.app, other.cookies = peopled.app, type(other.cookies)({"vigie_browser": "another"})
    assert FEED["url"] not in _in(other).get(f"/sources/feeds?refill={word}").text
    built.clock.now += HOUR_MS
    assert FEED["url"] not in _in(peopled).get(f"/sources/feeds?refill={word}").text


def _in(browser, name="Ann"):
    browser.token = CsrfTokens(KEY).token(browser.cookies["vigie_browser"], "")
    browser.post("/login", {"name": name, "password": PASSWORD})
    return browser


def test_who_signs_in_in_place_of_another_is_not_shown_what_that_one_typed(peopled, built):
    bound(built, add_user)(OWNER, "Bob", PASSWORD, "admin")
    _in(peopled).get("/sources/feeds")
    peopled.cookies = httpx.Cookies({"vigie_browser": peopled.cookies["vigie_browser"]})
    for name, is_shown in (("Ann", True), ("Bob", False)):
        peopled.cookies = httpx.Cookies({"vigie_browser": peopled.cookies["vigie_browser"]})
        (word,) = re.findall(r"refill%3D([\w-]+)", _sent(peopled, "/sources/feeds", FEED))
        shown = _in(peopled, name).get(f"/sources/feeds?refill={word}").text
        assert (FEED["url"] in shown) is is_shown


def _sent(browser, path, form):
    return browser.post(path, form, of=path, follow=False).headers["location"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/account/password", {"current": PASSWORD, "new": PASSWORD, "again": PASSWORD}),
        ("/sources/feeds", {"x" * 30_000: "1"}),
        ("/sources/feeds", {"token": "1"}),
    ],
    ids=["passwords", "large", "empty"],
)
def test_passwords_and_what_is_large_are_not_kept(peopled, path, form):
    assert "refill" not in _sent(peopled, path, form)


def test_who_is_not_let_in_is_shown_no_page_by_what_they_say_they_came_from(peopled, built):
    """Whatever public page takes the form."""
    heads = [(b"host", b"desk.example"), (b"referer", b"http://desk.example/news")]
    request = Request(
        {"type": "http", "method": "POST", "path": "/news", "query_string": b"", "headers": heads}
    )
    visit = RequestContext(built, VISITOR, UserLanguage("en"), has_users=True)
    found = SavedForms(built.clock).page_after_refusal(
        Forbidden("no"), request, visit, pages()["legal"], {"q": "x"}
    )
    assert found is None


@pytest.mark.parametrize("of", ["", "//evil.example/x", "/no/such/page"])
def test_a_form_of_no_page_of_ours_leads_to_a_page_after_signing_in(peopled, of):
    sent = peopled.post("/sources/feeds/switch", {"feed": "x", "to": "off"}, of=of, follow=False)
    assert sent.status_code == 303
    assert "sources" not in sent.headers["location"]


def test_a_form_that_its_page_does_not_mend_itself_is_shown_with_the_reason(built):
    """Its token was of another session: everything else is right."""
    browser = Browser(built)
    browser.token = "0" * 64
    answer = browser.post("/sources/feeds", FEED, of="/sources/feeds")
    assert answer.status_code == 403
    assert "too old" in answer.text
    assert f'value="{FEED["url"]}"' in answer.text
    (fresh,) = set(re.findall(r'name="csrf" value="(\w+)"', answer.text))
    browser.token = fresh
    assert (
        "Source added. First reading within seconds"
        in browser.post("/sources/feeds", FEED, of="/sources/feeds").text
    )


def test_a_page_that_forgets_what_was_typed_has_it_put_in_and_one_that_knows_is_left_alone(built):
    browser = Browser(built)
    answer = browser.post("/alerts/channels", {"kind": "email", "address": "no <address>"})
    assert answer.status_code == 400
    assert 'value="no &lt;address&gt;"' in answer.text
    token = "https://hooks.example/services/AbCdEf01234567z"
    assert token not in browser.post("/alerts/channels", {"kind": "nothing", "address": token}).text
    # The page has made one condition of three fields.
    form = {"kind": "price", "assets": "BTC", "field": "price", "operator": ">", "bound": "much"}
    answer = browser.post("/alerts", {**form, "where": "", "channels": "inbox"})
    assert (answer.status_code, "price&gt;much" in answer.text) == (400, True)


def test_without_a_page_of_ours_or_from_another_site_nothing_is_filled_in(built):
    browser = Browser(built)
    browser.token = "0" * 64
    for of in ("", "/no/such/page"):
        answer = browser.post("/sources/feeds", FEED, of=of)
        assert (answer.status_code, FEED["url"] in answer.text) == (403, False)


def test_who_opens_the_link_again_comes_back_to_the_form(built):
    app = create_app(built, AppOptions(KEY, lambda word: word == "right"))
    browser = Browser(built, is_owner=False)
    browser.app = app
    refused = browser.post("/sources/feeds", FEED, of="/sources/feeds")
    assert (refused.status_code, FEED["url"] in refused.text) == (403, False)
    back = browser.get("/link/right")
    assert back.url.path == "/sources/feeds"
    assert f'value="{FEED["url"]}"' in back.text
    assert SESSION in str(browser.cookies)


def test_fields_of_each_kind_are_filled_and_what_is_secret_hidden_or_a_file_is_not():
    page = """<form action="/other"><input name="a" value="0"></form>
    <form method="post" action="/x"><input type="hidden" name="csrf" value="c">
    <input type="hidden" name="row" value="1"><input name="a" value="0"></form>
    <form method="post" action="/x"><input type="hidden" name="row" value="2">
    <input id="i" name="a" value="old &amp; 1"><input type="password" name="b">
    <input type="checkbox" name="c" value="1" checked><input type="checkbox" name="d" value="2">
    <input type="file" name="e"><textarea name="t" rows="2">old &lt; text</textarea>
    <select name="s"><option value="1" selected>one</option><option value="2">two</option></select>
    <button>Go &amp; do</button></form>"""
    filled, count = fill_form(
        page,
        "/x",
        {"row": "2", "a": '"><script>', "b": "hidden1", "d": "2", "e": "f", "t": "</textarea><b>", "s": "2"},
    )
    first, second, third = filled.split("</form>")[:3]
    assert (first, second) == tuple(page.split("</form>")[:2])
    assert count == 4
    assert 'name="a" value="&quot;&gt;&lt;script&gt;">' in third
    assert 'id="i"' in third
    assert "hidden1" not in third
    assert '<input type="checkbox" name="c" value="1">' in third
    assert '<input type="checkbox" name="d" value="2" checked>' in third
    assert "&lt;/textarea&gt;&lt;b&gt;</textarea>" in third
    assert "old" not in third
    assert '<option value="1">one</option><option value="2" selected>two</option>' in third
    assert "Go &amp; do</button>" in third
    assert fill_form(page, "/none", {"a": "1"}) == (page, 0)


def _looks(page, name):
    """Return where a change of language or theme leads back to from a page."""
    (form,) = [
        form
        for form in re.findall(r"<form.*?</form>", page, re.DOTALL)
        if f'name="{name}"' in form and "/look" in form
    ]
    return unescape(re.search(r'name="next" value="([^"]*)"', form)[1])


@pytest.mark.parametrize("name", ["language", "theme"])
def test_a_refused_form_in_another_language_or_theme_is_its_page_with_what_was_typed(built, name):
    browser = Browser(built)
    refused = browser.post(
        "/alerts/channels", {"kind": "email", "address": "no-address"}, of="/alerts?part=channels"
    )
    assert refused.status_code == 400
    values = {"language": "fr", "theme": "dark"}
    shown = browser.post("/look", {"next": _looks(refused.text, name), name: values[name]})
    assert (shown.status_code, shown.url.path, shown.url.params["part"]) == (200, "/alerts", "channels")
    assert 'value="no-address"' in shown.text
    assert {"language": 'lang="fr"', "theme": 'data-theme="dark"'}[name] in shown.text


def test_a_form_that_is_refused_twice_still_leads_to_its_page(built):
    browser = Browser(built)
    typed = {"kind": "email", "address": "no-address"}
    browser.post("/alerts/channels", typed, of="/alerts?part=channels")
    again = browser.post("/alerts/channels", {**typed, "address": "none-either"}, of="/alerts/channels")
    assert again.status_code == 400
    assert _looks(again.text, "theme").startswith("/alerts?part=channels&")


def test_the_address_of_an_action_asked_for_is_the_page_of_its_form(built):
    browser = Browser(built)
    for path, page in action_pages().items():
        shown = browser.get(path, follow=False)
        assert (shown.status_code, shown.headers["location"]) == (303, usual_page(page)), path
    assert (usual_page(pages()["journal_trade"]), usual_page(pages()["watchlists"])) == (
        "/journal",
        "/watchlists",
    )
    browser.post("/alerts/channels", {"kind": "email", "address": "no-address"}, of="/alerts?part=channels")
    shown = browser.get("/alerts/channels")
    assert (shown.url.path, 'value="no-address"' in shown.text) == ("/alerts", True)


def test_a_form_that_was_taken_after_all_is_kept_no_longer(built):
    browser = Browser(built)
    browser.post(
        "/sources/feeds/switch", {"feed": "x", "to": "off", "url": "https://a.example/"}, of="/sources/feeds"
    )
    browser.post("/watchlists/delete", {"watchlist": "wrong", "name": "typed"}, of="/watchlists")
    assert "refill=" in browser.get("/watchlists/delete", follow=False).headers["location"]
    path = browser.post("/watchlists", {"name": "Mine", "assets": ""}, follow=False).headers["location"]
    browser.post(
        "/watchlists/delete", {"watchlist": path.partition("?")[0].rpartition("/")[2]}, of="/watchlists"
    )
    assert browser.get("/watchlists/delete", follow=False).headers["location"] == "/watchlists"


@pytest.mark.parametrize(
    ("hidden", "fields", "is_filled"),
    [
        ({"account": "a", "base": "1"}, {"account": "a", "base": "1"}, True),
        ({"account": "a", "base": "1"}, {"account": "b", "base": "1"}, False),
        ({"account": "a", "base": "2"}, {"account": "a", "base": "1"}, False),
        ({}, {"rule": "r1"}, False),
        ({}, {"rule": ""}, True),
        ({"form_id": "one"}, {"form_id": "other"}, True),
    ],
)
def test_a_form_about_something_else_is_not_filled_in(hidden, fields, is_filled):
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in hidden.items())
    page = f'<form action="/x">{inputs}<input name="limit" value="0"></form>'
    filled, count = fill_form(page, "/x", {**fields, "limit": "7"})
    assert (count > 0, 'name="limit" value="7"' in filled) == (is_filled, is_filled)
    assert is_filled or filled == page
