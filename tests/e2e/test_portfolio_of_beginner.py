"""The beginner's four lines in a browser: a bank's product, a ticker to choose, valuations, what moved it."""

from __future__ import annotations

import brotli
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import HTML, NODES, faults_of, served, tab
from tests.e2e.test_open_folds import WIDER
from tests.unit.services.holdings.material import holding_house
from tests.unit.views.test_demo_holdings import with_coins, with_prices
from tests.unit.views.web.test_portfolio_valued import with_years
from vigie.domain.alert import Channel
from vigie.domain.person import OWNER
from vigie.services.operation_calls import run_operation
from vigie.views.cli.demo_holdings import add_demo_holdings

pytestmark = pytest.mark.browser
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    house = holding_house(tmp_path_factory.mktemp("beginner") / "home")
    now = house.clock.market_now()
    with_coins(house, now)
    with_prices(house, now)
    for asset in ("bitcoin", "ethereum"):
        with_years(house, asset)
    assert add_demo_holdings(house)
    run_operation(house, OWNER, "settings.change", {"persona": "beginner", "currency": "eur"})
    with served(house) as opened:
        yield opened


@pytest.mark.parametrize(("language", "wide"), [("fr-FR", 320), ("en-GB", 1_280)])
def test_the_beginners_page_is_open_to_everybody_small_and_says_what_is_to_be_chosen(
    lent, site, language, wide
):
    with (
        lent() as browser,
        tab(browser, site, locale=language, viewport={"width": wide, "height": 900}) as opened,
    ):
        page = opened.page
        answer = page.goto("/portfolio")
        assert len(brotli.compress(answer.body(), quality=5)) <= HTML
        assert page.evaluate("document.querySelectorAll('*').length") <= NODES
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
        expect(page.locator("#choose button")).to_have_count(2)
        expect(page.locator("#valued details")).to_have_count(2)
        page.locator("#valued details summary").first.click()
        expect(page.locator("#valued dl").first).to_be_visible()
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0


@pytest.mark.parametrize(
    ("language", "wide", "lead"), [("fr-FR", 390, "Votre semaine"), ("en-GB", 320, "Your week")]
)
def test_the_letter_is_read_and_sent_each_week_by_keyboard_on_a_phone(lent, site, language, wide, lead):
    address = f"{language}@desk.example"
    site.house.alerts.put_channel(Channel("", OWNER.user, "mail", address, is_confirmed=True))
    with (
        lent() as browser,
        tab(browser, site, locale=language, viewport={"width": wide, "height": 900}) as opened,
    ):
        page = opened.page
        page.goto("/portfolio")
        page.locator('main a[href="/portfolio/letter"]').focus()
        page.keyboard.press("Enter")
        expect(page.locator(".page-head .lead")).to_contain_text(lead)
        expect(page.locator("#valuation li, #valuation p").first).to_be_visible()
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
        page.locator("#f-day").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#by-mail")).to_contain_text(address)
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
    plan = run_operation(site.house, OWNER, "holdings.letter_schedule", {})
    assert (plan.is_on, plan.span, address in plan.addresses) == (True, "week", True)
    assert plan.day in ("tuesday", "wednesday"), "one day later at each arrow"


@pytest.mark.parametrize(("language", "wide"), [("fr-FR", 320), ("en-GB", 390)])
def test_no_page_of_theirs_is_wider_than_a_phone_with_all_folds_open(lent, site, language, wide):
    with (
        lent() as browser,
        tab(browser, site, locale=language, viewport={"width": wide, "height": 900}) as opened,
    ):
        for path in ("/portfolio", "/portfolio/tax?year=2025", "/portfolio/reported", "/asset/bitcoin", "/"):
            opened.page.goto(path)
            assert opened.page.locator("main details").count(), path
            assert opened.page.evaluate(WIDER) == [], path
