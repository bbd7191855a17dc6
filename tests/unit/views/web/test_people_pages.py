"""Pages of settings, account, administration and welcome: forms by post, redirect, get; mistakes beside the form."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pyotp
import pytest

from tests.clocks import JumpingClock
from tests.houses import DAYS, KEY, START, Browser, house, person
from tests.security.people import PASSWORD, town
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts.users import add_user
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.cookies import LOOK
from vigie.views.web.forms import BROWSER, CsrfTokens
from vigie.views.web.language import UserLanguage


@pytest.fixture
def built(tmp_path):
    return house(tmp_path / "home", with_bars=False, clock=JumpingClock())


@pytest.fixture
def place(tmp_path):
    return town(tmp_path / "home")


def hidden(text, name):
    return re.search(rf'name="{name}" value="([^"]*)"', text)[1]


def test_settings_are_saved_shown_and_taken_back(built):
    browser = Browser(built)
    form = {"language": "fr", "theme": "dark", "zone": "Europe/Paris", "currency": "eur", "persona": "trader"}
    answer = browser.post("/settings", {**form, "revision": "0", "shortcuts": "1"})
    assert '<html lang="fr" data-theme="dark" data-density="compact">' in answer.text
    assert "data-undo" in answer.text
    assert "Times in" not in answer.text
    assert "Europe/Paris" in browser.get("/").text
    browser.post("/settings/undo", {"revision": hidden(answer.text, "revision")})
    assert '<html lang="en" data-theme="auto" data-density="comfortable">' in browser.get("/settings").text


def test_unknown_zone_and_second_tab_are_told_beside_the_form(built):
    browser = Browser(built)
    wrong = browser.post("/settings", {"zone": "Mars/Base", "revision": "0"})
    assert wrong.status_code == 400
    assert 'value="Mars/Base"' in wrong.text
    assert browser.post("/settings", {"zone": "UTC", "theme": "dark", "revision": "0"}).status_code == 200
    late = browser.post("/settings", {"zone": "UTC", "theme": "light", "revision": "0"})
    assert late.status_code == 409
    assert "changed meanwhile" in late.text
    assert 'data-theme="dark"' in browser.get("/").text


def test_visitor_keeps_settings_in_the_browser_only(built):
    visitor = Browser(built, is_owner=False)
    answer = visitor.post("/settings", {"zone": "Asia/Tokyo", "theme": "dark", "language": "fr"})
    assert answer.status_code == 200
    assert '<html lang="fr" data-theme="dark" data-density="comfortable">' in answer.text
    assert built.accounts.settings("visitor") == (0, {})
    assert built.accounts.settings("owner") == (0, {})


def test_who_has_not_used_the_link_is_told_so_where_they_would_change_something(tmp_path):
    visitor = Browser(house(tmp_path / "home"), is_owner=False)
    assert "Here you can read everything and change nothing." in visitor.get("/account").text
    refused = visitor.post("/watchlists", {"name": "Mine", "assets": "BTC"})
    assert "you are not signed in here, and this requires the scope write" in html.unescape(refused.text)
    assert "You are the local owner" in Browser(house(tmp_path / "home")).get("/account").text


def test_daylight_saving_moves_the_clock_and_names_the_zone(built):
    Browser(built).post("/settings", {"zone": "Europe/Paris"})
    seen = set()
    # 2026-03-29 00:59:59 and 01:00:01 UTC.
    for now in (1_774_745_999_000, 1_774_746_001_000):
        built.clock.now = now
        seen.add(re.search(r"Current time: (.+?)\.", Browser(built).get("/settings").text)[1])
    assert seen == {"29 Mar 2026 01:59 CET", "29 Mar 2026 03:00 CEST"}


def test_retention_is_changed_by_the_owner(built):
    browser = Browser(built)
    answer = browser.post("/settings/keep", {"documents_days": "30", "jobs_days": "60", "revision": "0"})
    assert "kept for 30 days" in answer.text
    assert browser.post("/settings/keep", {"documents_days": "0"}).status_code == 400


def test_answers_of_the_first_visit_reach_today_and_the_menu(tmp_path):
    built = house(tmp_path / "home")
    for browser in (Browser(built), Browser(built, is_owner=False)):
        assert 'href="/welcome"' in browser.get("/").text
        browser.post("/welcome", {"step": "language", "language": "fr"})
        browser.post("/welcome", {"step": "persona", "persona": "trader"})
        answer = browser.post("/welcome", {"step": "assets", "asset": ["solana"], "other": "BTC"})
        assert '<html lang="fr"' in answer.text
        watched = answer.text.split('id="watch"')[1].split("</table>")[0]
        assert watched.index("/asset/bitcoin") < watched.index("/asset/solana")
        assert "/asset/ethereum" not in watched
        assert 'href="/welcome"' not in answer.text
    assert [one.assets for one in built.accounts.watchlists("owner")] == [("bitcoin", "solana")]


@pytest.mark.parametrize(
    "form",
    [
        {"step": "persona", "persona": "pirate"},
        {"step": "assets", "other": "NOPE"},
        {"step": "assets", "asset": ["bitcoin", "ethereum", "solana", "ripple"]},
    ],
)
def test_answer_that_is_none_is_told(built, form):
    answer = Browser(built).post("/welcome", form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("step", "then"),
    [
        ("language", "/welcome"), ("persona", "/welcome?step=assets"), ("assets", "/?tour=1#headline"),
        ("nonsense", "/welcome"),
    ],
)  # fmt: skip
def test_an_empty_answer_goes_on(built, step, then):
    answer = Browser(built).post("/welcome", {"step": step}, follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, then)


def test_the_question_of_assets_shows_what_its_address_holds(tmp_path):
    page = Browser(house(tmp_path / "home")).get("/welcome?step=assets&asset=solana,bitcoin&other=ETH").text
    assert re.findall(r'name="asset" value="(\w+)" checked', page) == ["bitcoin", "solana"]
    assert 'name="other"' in page
    assert 'value="ETH"' in page


@pytest.mark.parametrize("step", ["language", "persona", "assets"])
def test_who_skips_is_at_the_market_at_once(built, step):
    answer = Browser(built).post("/welcome", {"step": step, "skip": "1"}, follow=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_first_page_says_what_this_is_and_shows_today(tmp_path):
    page = Browser(house(tmp_path / "home"), language="fr").get("/welcome").text
    assert "Les marchés crypto, expliqués" in page
    assert page.count('class="door"') == 3
    assert "<svg" in page.split('id="picture-stage"')[1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_picture_of_the_first_page_ends_at_the_price_of_now(tmp_path, language):
    """A quote of today is the last thing that is drawn, and stands above it; without one the last bar is."""
    made = house(tmp_path / "home", clock=JumpingClock(parse_time(START) + DAYS * DAY_MS + 2_000))
    now = made.clock.market_now()
    made.quotes.put([Quote("binance-perp", "btc-usdt-perp", now, now, last=30_456.75)])
    page = html.unescape(Browser(made, language=language).get("/welcome").text).partition("<main")[2]
    above, _, stage = page.partition('id="picture-stage"')
    said = re.search(r"<desc[^>]*>(.*?)</desc>", stage, re.DOTALL)[1]
    lang = UserLanguage(language)
    assert lang.fixed(30_456.75) in above
    assert f"{lang.fixed(30_456.75)}" in said
    assert lang.day(now) in said


def test_first_account_is_made_on_the_page_and_shuts_the_house(built):
    browser = Browser(built)
    # Nothing keeps searchers out of a house that only its owner's machine reaches.
    assert "noindex" not in browser.get("/").text
    answer = browser.post("/admin/users", {"name": "Ann", "role": "admin", "password": ""})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    password = re.search(r"<code>([^<]+)</code>", answer.text)[1]
    assert browser.get("/admin", follow=False).headers["location"].startswith("/login")
    stranger = Browser(built, is_owner=False)
    assert '<meta name="robots" content="noindex">' in stranger.get("/login").text
    entered = stranger.post("/login", {"name": "Ann", "password": password}, follow=False)
    # Who signs in first comes to the doors, and once through one of them to the market.
    assert (entered.status_code, entered.headers["location"]) == (303, "/welcome")
    (ann,) = [user for user in built.accounts.users() if user.name == "Ann"]
    run_operation(built, person(ann.id), "settings.change", {"persona": "trader"})
    again = Browser(built, is_owner=False)
    entered = again.post("/login", {"name": "Ann", "password": password}, follow=False)
    assert entered.headers["location"] == "/"


def test_second_factor_is_set_up_with_a_picture_and_a_code(place):
    ann = place.browser(place.ann)
    begun = ann.post("/account/totp")
    assert begun.headers["cache-control"] == "no-store"
    assert "<svg" in begun.text
    secret = hidden(begun.text, "secret")
    code = pyotp.TOTP(secret).at(place.house.clock.wall_now() // 1_000)
    wrong = ann.post("/account/totp/confirm", secret=secret, code=code, current="wrong")
    assert wrong.status_code == 403
    done = ann.post("/account/totp/confirm", secret=secret, code=code, current=PASSWORD)
    assert done.headers["location"] == "/account?done=totp"
    assert place.house.accounts.user(place.ann.id).has_totp


def test_token_is_shown_once_and_revoked(place):
    ann = place.browser(place.ann)
    asked = {"name": "bot", "scope_read": "1", "scope_trade": "1", "days": "9"}
    refused = ann.post("/account/tokens", **asked)
    assert refused.status_code == 400
    assert "a token with the scope trade or admin requires" in refused.text
    made = ann.post("/account/tokens", **asked, current=PASSWORD)
    secret = re.search(r"vigie_[\w-]+", made.text)[0]
    assert secret not in ann.get("/account").text
    token = place.house.accounts.tokens(place.ann.id)[0]
    assert token.scopes == {"read", "trade"}
    assert ann.post("/account/tokens", name="bot").status_code == 400
    assert ann.post("/account/tokens", name="bot", scope_admin="1").status_code in (400, 403)
    ann.post("/account/tokens/revoke", token=token.id)
    assert "Never expires" not in ann.get("/account").text
    endless = ann.post("/account/tokens", name="bot", scope_read="1", days="0")
    assert "Never expires" in endless.text
    ann.post("/account/tokens/revoke", token=place.house.accounts.tokens(place.ann.id)[0].id)
    assert place.house.accounts.tokens(place.ann.id) == []


def test_account_is_deleted_with_password_and_tick_only(place):
    ann = place.browser(place.ann)
    assert ann.post("/account/delete", current=PASSWORD).status_code == 400
    assert ann.post("/account/delete", current="wrong", sure="1").status_code == 403
    gone = ann.post("/account/delete", current=PASSWORD, sure="1")
    assert gone.headers["location"] == "/login?notice=deleted"
    assert place.house.accounts.user(place.ann.id) is None


def test_sessions_are_ended_from_the_page(place):
    here, there = place.browser(place.ann), place.browser(place.ann)
    other = [one.key for one in place.house.accounts.sessions(place.ann.id)]
    assert "this session" in here.get("/account").text
    assert here.post("/account/sessions").headers["location"] == "/login?notice=out"
    assert there.get("/account").status_code == 303
    assert len(other) == 2


def test_privacy_page_names_exactly_the_cookies_that_are_set(place):
    stranger = place.browser(None)
    stranger.cookies.clear()
    named = set(re.findall(r"<code>(vigie_\w+)</code>", stranger.get("/privacy").text))
    given = {text.split("=")[0] for text in stranger.get("/login").headers.get_list("set-cookie")}
    given |= {
        text.split("=")[0]
        for text in place.browser(place.ann).post("/look", theme="dark").headers.get_list("set-cookie")
    }
    entered = place.browser(None).post("/login", name="Ann", password=PASSWORD)
    given |= {text.split("=")[0] for text in entered.headers.get_list("set-cookie")}
    assert named == given == {BROWSER, place.app.state.web.authenticator.cookie, LOOK}


def test_public_pages_are_there_in_both_languages_for_strangers(place):
    stranger = place.browser(None)
    for path, english, french in (
        ("/legal", "Legal notice", "Mentions légales"),
        ("/privacy", "Privacy and cookies", "Vie privée et cookies"),
        ("/help", "Help", "Aide"),
        ("/login", "Sign in", "Se connecter"),
    ):
        assert f"<h1>{english}</h1>" in stranger.get(f"{path}?lang=en").text
        assert f"<h1>{french}</h1>" in stranger.get(f"{path}?lang=fr").text
    assert 'id="leave-demo"' in stranger.get("/help").text
    assert "vigie up" in stranger.get("/help").text


def test_the_way_in_of_one_person_is_none_of_the_next_in_the_same_browser(tmp_path):
    built = house(tmp_path / "home", with_bars=False)
    for name, role in (("Ann", "admin"), ("Bob", "trader")):
        bound(built, add_user)(OWNER, name, PASSWORD, role)
    browser = Browser(built, is_owner=False)

    def enters(name):
        browser.token = CsrfTokens(KEY).token(browser.cookies["vigie_browser"], "")
        entered = browser.post("/login", {"name": name, "password": PASSWORD}, follow=False)
        session = next(value for key, value in browser.cookies.items() if key.startswith("vigie_session"))
        browser.token = CsrfTokens(KEY).token(browser.cookies["vigie_browser"], session)
        return entered.headers["location"]

    assert enters("Ann") == "/welcome"
    browser.post("/welcome", {"step": "persona", "persona": "trader"})
    browser.post("/look", {"next": "/", "theme": "dark"})
    assert 'id="account"' in browser.get("/").text
    browser.post("/logout", {})
    assert "persona" not in browser.cookies["vigie_look"]
    assert enters("Bob") == "/welcome"
    shown = browser.get("/").text
    assert 'id="account"' not in shown
    assert 'href="/welcome"' in shown
    browser.post("/welcome", {"step": "persona", "skip": "1"})
    assert 'href="/welcome"' not in browser.get("/").text
    browser.post("/logout", {})
    assert enters("Bob") == "/"
    browser.post("/logout", {})
    assert enters("Ann") == "/"
    assert 'id="account"' in browser.get("/").text


@pytest.mark.parametrize(
    ("language", "belongs", "waits"),
    [
        ("en", "belongs to the first user", "starts automatically"),
        ("fr", "appartient au premier", "démarre seul"),
    ],
)
def test_whose_the_account_of_the_demo_will_never_be_is_not_told_to_wait(tmp_path, language, belongs, waits):
    place = town(tmp_path / "home")
    place.app = create_app(replace(place.house, is_simulated=True), AppOptions(KEY, lambda word: False))
    told = place.browser(place.bob).get(f"/trading?lang={language}").text
    assert (belongs in told, waits in told, 'href="/trading/paper"' in told) == (True, False, True)
