"""A plan made and sent in a browser: both languages and themes, a narrow screen, keys alone, from the chart."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import houses
from tests.e2e.houses import faults_of, served, tab
from tests.unit.services.plans.material import OWNER, PLANS, alive, at, close_of
from tests.unit.services.trading.material import BEGUN, planned
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.trading.process.trading import begin_run

pytestmark = pytest.mark.browser
PLACE = "binance-perp:btc-usdt-perp"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plans")
    house = at(houses.house(folder / "home"), BEGUN)
    bound(house, begin_run)(planned(house, folder, text=PLANS), "owner")
    close_of(house, "btc-usdt-perp", BEGUN)
    with served(alive(house)) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


@pytest.fixture
def plan(site) -> str:
    asked = {"place": PLACE, "account": "main", "side": "long"}
    told = run_operation(site.house, OWNER, "plans.suggest", {"place": PLACE})
    levels = {name: getattr(told, name) for name in ("low", "high", "stop", "target")}
    return run_operation(site.house, OWNER, "plans.make", {**asked, **levels, "note": "my words"}).newest.plan


@pytest.mark.parametrize(
    ("language", "scheme", "wide"),
    [
        ("fr-FR", "light", 320),
        ("en-GB", "dark", 1_280),
        pytest.param("en-GB", "light", 390, marks=pytest.mark.chaos),
    ],
)
def test_pages_fit_their_screen_and_have_no_faults(browser, site, plan, language, scheme, wide):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": wide, "height": 800}
    ) as opened:
        page = opened.page
        for path in ("/plans", f"/plan/{plan}", f"/plans/new?place={PLACE}&account=main"):
            page.goto(path)
            assert page.locator("h1").count() == 1
            assert faults_of(page) == [], path
            assert page.evaluate(OVER) <= 0, path
        page.locator("button[value=preview]").click()
        page.wait_for_selector("#preview")
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0


def test_an_order_is_previewed_confirmed_and_taken_back_by_keys_alone(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto(f"/plans/new?place={PLACE}&account=main")
        for name in ("low", "high"):
            page.locator(f"input[name={name}]").focus()
            page.keyboard.press("Control+A")
            page.keyboard.press("Delete")
        page.get_by_role("button", name="Preview").focus()
        page.keyboard.press("Enter")
        confirm = page.get_by_role("button", name="Confirm the order")
        confirm.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/plan/*")
        expect(page.locator("h1")).to_have_text(re.compile("Bitcoin"))
        expect(page.get_by_text("Armed", exact=True).first).to_be_visible()
        page.get_by_role("button", name="Cancel the plan").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Cancelled", exact=True).first).to_be_visible()


def test_a_place_on_the_chart_becomes_a_plan(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto(f"/asset/bitcoin?place={PLACE}")
        page.wait_for_selector("[data-chart-ready]")
        page.get_by_role("button", name=re.compile("Plan a trade at")).click()
        page.wait_for_url("**/plans/new?*price=*")
        price = float(re.search(r"price=([\d.]+)", page.url)[1])
        low, high = (float(page.locator(f"input[name={name}]").input_value()) for name in ("low", "high"))
        assert low < price < high
