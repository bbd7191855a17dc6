"""The screener in Chromium: the list follows the conditions beside it, and the address holds them."""

from __future__ import annotations

import pytest

from tests.clocks import StandingClock
from tests.e2e.houses import IS_EDITOR, faults_of, served, tab
from tests.houses import DAYS, START, house
from vigie.domain.time import DAY_MS, parse_time

pytestmark = pytest.mark.browser
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    clock = StandingClock(parse_time(START) + DAYS * DAY_MS)
    with served(house(tmp_path_factory.mktemp("home"), clock=clock)) as opened:
        yield opened


def test_the_list_is_asked_for_250_ms_after_the_last_change(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page, asked = opened.page, []
        page.clock.install()
        page.goto("/markets/screener?where=price%3E1")
        page.locator("#f-c0_bound").focus()
        page.clock.pause_at(page.evaluate("Date.now() + 1000"))
        page.on("request", lambda request: asked.append(request.url))
        for letter in "23":
            # Each change begins the time anew.
            page.keyboard.type(letter)
            page.clock.run_for(249)
            assert [url for url in asked if "screener" in url] == []
        with page.expect_request("**/markets/screener?*"):
            page.clock.run_for(1)


def test_the_list_follows_a_condition_by_keyboard_and_stands_in_the_address(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/markets/screener?where=price%3E1")
        page.locator("#result tbody tr").first.wait_for()
        assert page.evaluate(IS_EDITOR, ["#result", "#conditions"])
        bound = page.locator("#f-c0_bound")
        bound.focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("900B")
        page.locator("#result .state-empty").wait_for()
        page.wait_for_url("**where=price%3E900000000000")
        assert page.evaluate("document.activeElement.id") == "f-c0_bound"
        page.keyboard.press("Control+A")
        page.keyboard.type("much")
        page.locator("#result .form-errors").wait_for()
        page.keyboard.press("Control+A")
        page.keyboard.type("1")
        page.locator("#result tbody tr").first.wait_for()


def test_without_scripts_the_same_form_leads_to_the_list(browser, site):
    with tab(browser, site, locale="fr-FR", java_script_enabled=False) as opened:
        page = opened.page
        page.goto("/markets/screener?where=price%3E1")
        page.locator("#f-c0_bound").fill("2")
        page.locator("#conditions .editor-foot button").click()
        page.wait_for_url("**where=price%3E2")


def test_the_screener_has_no_fault_of_accessibility_and_fits_a_phone(browser, site):
    settings = {"locale": "fr-FR", "color_scheme": "dark", "viewport": {"width": 320, "height": 640}}
    with tab(browser, site, **settings) as opened:
        for path in ("/markets/screener", "/markets/screener?where=price%3E1,change_24h%3E-0.5"):
            opened.page.goto(path)
            assert faults_of(opened.page) == []
            assert opened.page.evaluate(WIDTH) <= 0
