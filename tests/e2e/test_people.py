"""People in a browser: the first visit, signing in by keyboard, and every page that only they see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests import houses
from tests.e2e.houses import faults_of, served, site_of, tab
from vigie.domain.person import OWNER, SCOPES_OF, Caller
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.people.accounts.users import add_token, add_user

pytestmark = pytest.mark.browser
PASSWORD = "a long enough sentence"


@pytest.fixture
def fresh(tmp_path):
    with site_of(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    """A demonstration, whose first page says so in a line more."""
    made = houses.house(tmp_path_factory.mktemp("invented") / "home")
    with served(replace(made, is_simulated=True)) as opened:
        yield opened


@pytest.fixture(scope="module")
def peopled(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("people")) as opened:
        house = opened.house
        admin = bound(house, add_user)(OWNER, "Root", PASSWORD)
        bound(house, add_user)(OWNER, "Ann", PASSWORD)
        caller = Caller(admin.id, "admin", SCOPES_OF["admin"])
        bound(house, add_token)(caller, "bot", ["read"], days=9)
        made = run_operation(
            house, caller, "watchlists.create", {"name": "Majors", "assets": ["bitcoin", "solana"]}
        )
        run_operation(house, caller, "watchlists.share", {"watchlist": made.watchlist})
        run_operation(house, caller, "settings.change", {"zone": "Europe/Paris"})
        yield opened


WORDS = {
    "en-GB": ("Get started", "English", "Beginner", "Solana", "Show me the market"),
    "fr-FR": ("Commencer", "Français", "Débutant", "Solana", "Voir le marché"),
}


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("has_script", [True, False])
def test_first_visit_asks_three_things_and_today_shows_the_answers(browser, fresh, language, has_script):
    invite, language_name, persona, asset, end = WORDS[language]
    with tab(browser, fresh, locale=language, java_script_enabled=has_script) as opened:
        page = opened.page
        page.goto("/")
        page.get_by_role("link", name=invite).click()
        page.get_by_role("button", name=language_name, exact=True).last.click()
        page.get_by_role("button", name=persona).click()
        page.get_by_role("checkbox", name=asset).check()
        page.get_by_role("button", name=end).click()
        # Without scripts the tour is one page.
        page.wait_for_url(fresh.url + ("/?tour=1#headline" if has_script else "/tour"))
        page.goto("/")
        assert page.locator("html").get_attribute("lang") == language[:2]
        watched = page.locator("#watch").inner_text()
        assert "Solana" in watched
        assert "Ethereum" not in watched
        assert page.get_by_role("link", name=invite).count() == 0


def test_what_was_ticked_stays_when_the_language_changes(browser, fresh):
    with tab(browser, fresh, locale="en-GB") as opened:
        page = opened.page
        page.goto("/welcome?step=assets")
        page.get_by_role("checkbox", name="Solana").check()
        page.get_by_label("Other asset").fill("ETH")
        page.get_by_role("button", name="Français").click()
        page.wait_for_selector("html[lang=fr]")
        assert page.get_by_role("checkbox", name="Solana").is_checked()
        assert page.locator("[name=other]").input_value() == "ETH"
        # What is taken off meanwhile stays off.
        page.get_by_role("checkbox", name="Solana").uncheck()
        page.get_by_role("button", name="English").click()
        page.wait_for_selector("html[lang=en]")
        assert not page.get_by_role("checkbox", name="Solana").is_checked()
        assert page.locator("[name=other]").input_value() == "ETH"


@pytest.mark.parametrize("path", ["/welcome", "/welcome?step=assets"])
def test_every_question_can_be_skipped(browser, fresh, path):
    with tab(browser, fresh, locale="en-GB") as opened:
        page = opened.page
        page.goto(path)
        assert faults_of(page) == []
        page.get_by_role("button", name="Skip", exact=True).click()
        page.wait_for_url(fresh.url + "/")
        assert page.get_by_role("link", name="Get started").count() == 0


ABOVE_THE_BAR = """() => {
    const bar = document.querySelector(".site-nav").getBoundingClientRect().top;
    const all = [...document.querySelectorAll(".door, main [name=skip]")];
    const below = all.filter(one => one.getBoundingClientRect().bottom > bar);
    return [all.length, below.map(one => one.textContent.trim())];
}"""


@pytest.mark.parametrize(
    ("language", "width", "height"),
    [
        ("en-GB", 390, 844),
        ("fr-FR", 360, 640),
        pytest.param("en-GB", 360, 640, marks=pytest.mark.chaos),
        pytest.param("fr-FR", 390, 844, marks=pytest.mark.chaos),
    ],
)
def test_a_phone_shows_all_doors_and_skip_above_its_bar(browser, invented, language, width, height):
    with tab(browser, invented, locale=language, viewport={"width": width, "height": height}) as opened:
        page = opened.page
        page.goto("/welcome")
        # Three doors and Skip, each wholly in sight before anything is scrolled.
        assert page.evaluate(ABOVE_THE_BAR) == [4, []]
        assert page.locator("#picture .chart-stage").is_visible()
        assert faults_of(page) == []


def enter(page, name="Root"):
    """Sign in with the keyboard alone."""
    page.goto("/settings")
    page.locator("#f-name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/settings")


PAGES = [
    "/settings", "/account", "/admin", "/admin?tab=tokens", "/admin?tab=backups", "/admin?tab=records",
    "/admin?tab=logs", "/watchlists", "LIST", "SHARED", "/health",
]  # fmt: skip


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "dark"), ("fr-FR", "light")])
def test_pages_of_people_have_no_faults_of_accessibility_and_fit_a_telephone(
    browser, peopled, language, scheme
):
    accounts = peopled.house.accounts
    listed = accounts.watchlists(accounts.by_name("Root").id)[0]
    with tab(browser, peopled, is_owner=False, locale=language, color_scheme=scheme) as opened:
        page = opened.page
        enter(page)
        for path in PAGES:
            page.set_viewport_size({"width": 1280, "height": 800})
            page.goto(
                path.replace("LIST", f"/watchlists/{listed.id}").replace("SHARED", f"/shared/{listed.share}")
            )
            assert page.locator("h1").count() == 1, path
            assert faults_of(page) == [], path
            page.set_viewport_size({"width": 320, "height": 640})
            # Tables decide with the next frame whether they scroll.
            wide = page.evaluate(
                """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
                    () => done(document.documentElement.scrollWidth - document.documentElement.clientWidth))))"""
            )
            assert wide <= 0, path


def test_wrong_password_is_told_and_signing_out_shuts_the_door(browser, peopled):
    with tab(browser, peopled, is_owner=False, locale="en-GB") as opened:
        page = opened.page
        page.goto("/login")
        page.get_by_label("Name").fill("Ann")
        page.get_by_label("Password").fill("wrong wrong wrong")
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        assert "Wrong name or password, or the account is disabled" in page.get_by_role("alert").inner_text()
        assert faults_of(page) == []
        opened.said.clear()  # the browser notes the refusal
        enter(page, "Ann")
        page.goto("/account")
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.wait_for_url("**/login?notice=out")
        page.goto("/account")
        assert "/login" in page.url


def test_saved_setting_is_taken_back_by_one_button(browser, peopled):
    with tab(browser, peopled, is_owner=False, locale="en-GB") as opened:
        page = opened.page
        enter(page)
        page.get_by_label("Currency").select_option("eur")
        page.locator("#look").get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Undo").click()
        page.wait_for_load_state()
        assert page.get_by_label("Currency").input_value() == "usd"


def test_token_is_shown_once(browser, peopled):
    with tab(browser, peopled, is_owner=False, locale="en-GB") as opened:
        page = opened.page
        enter(page)
        page.goto("/account")
        page.get_by_label("Used for").fill("script")
        page.get_by_role("button", name="Create token").click()
        secret = page.locator("code", has_text="vigie_").inner_text()
        assert faults_of(page) == []
        page.goto("/account")
        assert secret not in page.content()


TOURS = (
    ("en-GB", "Tour, step {} of 5", {"width": 1280, "height": 720}),
    ("fr-FR", "Visite guidée, étape {} sur 5", {"width": 390, "height": 844}),
)
# What has the focus, where the step of the tour or the bar of a phone lies over all of it or its middle.
UNDER = """() => {
    const one = document.activeElement;
    if (one === document.body || one.closest(".tour, .site-nav, .site-header")) return "";
    const box = one.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
    return top && top.closest(".tour, .site-nav") ? one.outerHTML.slice(0, 120) : "";
}"""


def covered_by_the_tour(page):
    """Go through the page behind a step with Tab: the step lies over nothing that has the focus."""
    page.locator("main a").first.focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        assert page.evaluate(UNDER) == ""


def test_the_tour_goes_by_keyboard_and_covers_no_focus(browser, tmp_path):
    with served(houses.house(tmp_path / "home")) as site:
        for language, name, screen in TOURS:
            with tab(browser, site, locale=language, viewport=screen) as opened:
                page = opened.page
                page.goto("/?tour=1#headline")
                for number in range(1, 6):
                    page.get_by_role("region", name=name.format(number)).wait_for()
                    if language == "en-GB":
                        assert faults_of(page) == []
                    expect(page.locator(".tour:focus, .tour :focus")).to_have_count(1)
                    if number == 1:
                        covered_by_the_tour(page)
                    page.locator(".tour a").first.press("Enter")
                page.wait_for_url(lambda address: "tour=" not in address)
                assert page.locator(".tour").count() == 0
