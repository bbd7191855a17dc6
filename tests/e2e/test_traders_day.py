"""A trader's day by keys alone, in both languages: morning, alert, setup, plan, venue link, update, journal."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, press, served, tab
from tests.left_to_plans import left_house, trade_until
from tests.unit.services.plans.material import OWNER, at, close_of
from vigie.domain.alert import AlertRule
from vigie.domain.time import DAY_MS
from vigie.ports.health import HomeHealth, LastHeartbeat, part_name
from vigie.services.alerting.watching import setups as watching
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.views.web.chosen_columns import QUERY

pytestmark = pytest.mark.browser
WORDS = {
    "en-GB": {
        "plan": "Plan this trade", "preview": "Preview", "confirm": "Confirm the order", "armed": "Armed",
        "cancel": "Cancel the plan", "cancelled": "Cancelled", "venue": "Open this market at ",
    },
    "fr-FR": {
        "plan": "Planifier ce trade", "preview": "Aperçu", "confirm": "Confirmer l’ordre", "armed": "Armé",
        "cancel": "Annuler le plan", "cancelled": "Annulé", "venue": "Ouvrir ce marché sur ",
    },
}  # fmt: skip


def in_a_thread(work, *given):
    """Do what has a loop of its own: the browser's loop runs in this thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work, *given).result()


@pytest.fixture
def day(left_home, tmp_path):
    """Give what makes a day of a home of that name."""
    return lambda name: _day(left_home, tmp_path / name)


def _day(left_home, home):
    """An account in the morning, the alert about a setup that was confirmed then, and what brings the evening."""
    house = in_a_thread(left_house, left_home, home)
    now = house.clock.market_now()
    house.alerts.put_rule(AlertRule("", "owner", "Confirmed", "setup", {"state": ("confirmed",)}))
    bound(house, watching.look)()
    SetupFollower(provide(house, TradingStores), house.setups).follow_once()
    assert bound(house, watching.look)() >= 1
    close_of(house, "btc-usdt-perp", now)
    # Longer than the browser takes on a busy machine.
    lease = house.trades.take("main", "trade@here:1", for_s=3_600)
    beats = HomeHealth(beats=lambda: [LastHeartbeat(part_name("main"), 0.0, {})])

    def until_evening():
        house.trades.leave(lease)
        in_a_thread(trade_until, house, now + DAY_MS)
        return at(house, now + DAY_MS)

    (setup,) = run_operation(house, OWNER, "setups.list", {"state": "confirmed"}).rows
    morning = replace(house, home_health=beats)
    return SimpleNamespace(morning=morning, until_evening=until_evening, setup=setup.setup)


@pytest.fixture(scope="module")
def browser(lent):
    with lent() as opened:
        yield opened


def judged(page):
    """The page has one heading, and axe finds nothing wrong with it."""
    expect(page.locator("h1")).to_have_count(1)
    assert faults_of(page) == [], page.url


def order(page, words, setup):
    """From the morning's page to the order: returns the address of its plan."""
    page.goto("/")
    judged(page)
    press(page, page.locator("[data-bell]"))
    page.wait_for_url("**/notifications")
    judged(page)
    press(page, page.locator(f"main a[href^='/setup/{setup}']").first)
    page.wait_for_url("**/setup/*")
    expect(page.locator("#setup-chart canvas").first).to_be_visible()
    judged(page)
    press(page, page.get_by_role("link", name=words["plan"]))
    page.wait_for_url("**/plans/new?*")
    for name in ("low", "high"):
        page.locator(f"input[name={name}]").focus()
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
    press(page, page.get_by_role("button", name=words["preview"], exact=True))
    page.wait_for_selector("#preview")
    judged(page)
    press(page, page.get_by_role("button", name=words["confirm"]))
    page.wait_for_url("**/plan/*")
    expect(page.get_by_text(words["armed"], exact=True).first).to_be_visible()
    judged(page)
    venue = page.get_by_role("link", name=words["venue"])
    assert venue.get_attribute("href").startswith("https://")
    assert {"noopener", "noreferrer"} <= set(venue.get_attribute("rel").split())
    return re.search(r"/plan/([^?#]+)", page.url)[1]


def test_a_day_goes_from_the_alert_to_the_journal_by_keys_alone_in_both_languages(browser, day):
    taken_back, traded = day("taken-back"), day("traded")
    with served(taken_back.morning) as site, tab(browser, site, locale="fr-FR") as opened:
        words = WORDS["fr-FR"]
        order(opened.page, words, taken_back.setup)
        press(opened.page, opened.page.get_by_role("button", name=words["cancel"]))
        expect(opened.page.get_by_text(words["cancelled"], exact=True).first).to_be_visible()
    with served(traded.morning) as site, tab(browser, site, locale="en-GB") as opened:
        plan = order(opened.page, WORDS["en-GB"], traded.setup)
    with served(traded.until_evening()) as site:
        for language in WORDS:
            with tab(browser, site, locale=language) as opened:
                page = opened.page
                page.goto("/plans")
                judged(page)
                press(page, page.locator(f"main a[href='/plan/{plan}']").first)
                page.wait_for_url("**/plan/*")
                expect(page.locator("#outcome")).to_be_visible()
                judged(page)
                page.goto(f"/journal?{QUERY}=instrument,pnl,setup,plan")
                judged(page)
                row = page.locator("#journal-rows tbody tr").filter(
                    has=page.locator(f"a[href='/plan/{plan}']")
                )
                expect(row).to_have_count(1)
                press(page, row.locator("a[href^='/setup/']"))
                page.wait_for_url("**/setup/*")
                judged(page)
                # Until when the plan entered is a time, no price of a million millions.
                page.go_back()
                press(page, row.locator("a[href^='/journal/']").first)
                expect(page.locator("#criteria tbody tr")).not_to_have_count(0)
                assert not re.search(r"\d(?:\W\d{3}){3}", page.locator("#criteria").inner_text())
                judged(page)
