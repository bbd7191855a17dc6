"""The one chart on the pages of an asset, a closed trade and a backtest: its types, the whole screen, its lines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, served, site_of, tab
from tests.houses import person
from tests.traded import DAYS, house_of
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.trading.material import BEGUN
from vigie.domain.time import DAY_MS
from vigie.services.operation_calls import run_operation

pytestmark = pytest.mark.browser
READY = "[data-chart-ready]"
LEGEND = ".chart-legend"


@pytest.fixture(scope="module")
def asset(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def traded(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("traded") / "home", BEGUN + DAYS * DAY_MS)
    trade = run_operation(built, person("owner"), "journal.list", {}).rows[0].id
    with served(replace(built)) as opened:
        yield opened, f"/journal/{trade}?account=main"


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    house, runs = house_with_results(tmp_path_factory.mktemp("tested") / "home")
    with served(house) as opened:
        yield opened, f"/backtests/{runs['first']}"


@pytest.fixture(scope="module")
def browser(traded, tested, lent):
    # After the account, which trades in a loop of its own.
    with lent() as opened:
        yield opened


def ready(page, path):
    page.goto(path)
    page.wait_for_selector(READY)
    return page


# The largest part of a phone's window, and never less than can be read.
PHONES = {"viewport": {"width": 390, "height": 844}}, {"viewport": {"width": 390, "height": 600}}


def has_room_on_phones(page, stage):
    """Tell whether a chart has most of a phone's window, and 320 pixels of a low one."""
    heights = []
    for phone in PHONES:
        page.set_viewport_size(phone["viewport"])
        heights.append(page.locator(stage).bounding_box()["height"])
    return heights[0] >= 0.45 * 844 and heights[1] >= 320


def pressed(page, name):
    return page.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed") == "true"


def test_bars_are_drawn_otherwise_and_the_browser_keeps_how(browser, asset):
    with tab(browser, asset, viewport={"width": 1280, "height": 900}) as opened:
        page = ready(opened.page, "/asset/bitcoin")
        legend = page.locator(LEGEND).inner_text()
        assert pressed(page, "Candles")
        for name in ("Line", "Heikin-Ashi"):
            before = page.locator(f"{READY} canvas").first.screenshot()
            page.get_by_role("button", name=name, exact=True).focus()
            page.keyboard.press("Enter")
            assert pressed(page, name)
            assert not pressed(page, "Candles")
            expect(page.locator(LEGEND)).to_have_text(legend, use_inner_text=True)
            assert page.locator(f"{READY} canvas").first.screenshot() != before
        ready(page, "/asset/bitcoin")
        assert pressed(page, "Heikin-Ashi")
        assert faults_of(page) == []


def test_the_chart_takes_the_whole_screen_and_gives_it_back(browser, asset):
    with tab(browser, asset, viewport={"width": 1280, "height": 900}) as opened:
        page = ready(opened.page, "/asset/bitcoin")
        before = page.locator(READY).bounding_box()["height"]
        button = page.get_by_role("button", name="Full screen")
        button.click()
        page.wait_for_function("() => document.fullscreenElement?.classList.contains('chart-frame')")
        assert page.locator(READY).bounding_box()["height"] > before
        button.click()
        page.wait_for_function("() => !document.fullscreenElement")
        assert page.locator(READY).bounding_box()["height"] == before


def test_on_a_phone_one_button_holds_the_tools(browser, asset):
    with tab(browser, asset, viewport={"width": 390, "height": 844}) as opened:
        page = ready(opened.page, "/asset/bitcoin")
        candles = page.get_by_role("button", name="Candles", exact=True)
        assert not candles.is_visible()
        tools = page.get_by_role("button", name="Tools", exact=True)
        tools.focus()
        page.keyboard.press("Enter")
        expect(tools).to_have_attribute("aria-expanded", "true")
        assert candles.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert has_room_on_phones(page, "#chart .chart-stage")
        assert faults_of(page) == []
        tools.click()
        assert not candles.is_visible()


@pytest.mark.parametrize(
    ("language", "names"),
    [
        pytest.param("en-GB", ("Entry", "Stop", "Target", "Exit"), marks=pytest.mark.chaos),
        ("fr-FR", ("Entrée", "Stop", "Objectif", "Sortie")),
    ],
)
def test_a_closed_trade_has_the_same_chart_with_its_levels(browser, traded, language, names):
    site, path = traded
    with tab(browser, site, viewport={"width": 1280, "height": 900}, locale=language) as opened:
        page = ready(opened.page, path)
        told = page.locator(LEGEND).inner_text()
        assert all(name in told for name in names), told
        # What the drawing of the server marks, the chart marks as well.
        assert "/api/v1/assets/news_marks?" in page.locator(READY).get_attribute("data-marks-url")
        assert page.locator("#trade-chart .chart-stage").bounding_box()["height"] >= 0.6 * 900
        assert faults_of(page) == []
        assert has_room_on_phones(page, "#trade-chart .chart-stage")


def test_a_backtest_has_the_same_chart_with_its_account_and_buy_and_hold(browser, tested):
    site, path = tested
    with tab(browser, site, viewport={"width": 1280, "height": 900}) as opened:
        page = ready(opened.page, path)
        told = page.locator(f"#equity-chart {LEGEND}").inner_text()
        assert "Account of this run" in told
        assert "Buy and hold" in told
        assert page.locator("#equity-chart .chart-stage").bounding_box()["height"] >= 0.6 * 900
        # Lines have no candles.
        assert page.get_by_role("button", name="Heikin-Ashi").count() == 0
        page.locator("#equity-chart [data-chart-surface]").focus()
        page.keyboard.press("ArrowLeft")
        page.locator(f"#equity-chart {READY} [role=status]").filter(has_text="Buy and hold").wait_for(
            state="attached"
        )
        assert faults_of(page) == []
        assert has_room_on_phones(page, "#equity-chart .chart-stage")
