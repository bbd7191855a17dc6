"""The lab and the odds of an asset in a browser: both languages and themes, small, no wider than the screen."""

from __future__ import annotations

import brotli
import pytest

from tests.e2e.houses import HTML, NODES, faults_of, served, tab
from tests.houses import VENUE, house
from tests.unit.services.learning_material import START, train
from tests.unit.services.test_promotion import OWN, promote, trading_model
from vigie.domain.learned import ColumnEffect, ShadowDecision

pytest.importorskip("sklearn")
pytestmark = pytest.mark.browser
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# As drawn: a picture may be scaled.
LETTERS = """[...document.querySelectorAll("main svg text")].filter(one => one.getClientRects().length)
.map(one => parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a)"""
CUT = """[...document.querySelectorAll("main .table-wrap")]
.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"""
COLUMNS = f"/columns?instrument=BTC&venue={VENUE}&timeframe=1h&group=price"
PAGES = ("/lab?a=btc_day/1&b=leaf/1", "/lab/btc_day", "/asset/bitcoin", COLUMNS)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = house(tmp_path_factory.mktemp("lab") / "home")
    train(built)
    train(built, "leaf", kind="boosting")
    trading_model(built, "odds_day")
    promote(built, "odds_day")
    effects = tuple(
        ColumnEffect(name, 0.25, effect) for name, effect in zip(OWN, (0.3, -0.2, 0.1), strict=True)
    )
    built.learned_models.note_shadow("odds_day", 1, ShadowDecision(START, 1, 0.2, "ab", effects))
    with served(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(("language", "scheme", "wide"), [("fr-FR", "light", 320), ("en-GB", "dark", 1_280)])
def test_a_page_of_the_lab_is_open_to_everybody_small_and_fits(
    browser, site, address, language, scheme, wide
):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": wide, "height": 800}
    ) as opened:
        page = opened.page
        answer = page.goto(address)
        assert len(brotli.compress(answer.body(), quality=5)) <= HTML
        assert page.evaluate("document.querySelectorAll('*').length") <= NODES
        assert page.locator("h1").count() == 1
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0


@pytest.mark.parametrize("address", ["/lab?a=btc_day/1&b=leaf/1", COLUMNS])
@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
def test_on_a_phone_letters_of_pictures_can_be_read_and_no_table_is_cut(browser, site, address, language):
    with tab(browser, site, locale=language, viewport={"width": 375, "height": 812}) as opened:
        page = opened.page
        page.goto(address)
        sizes = page.evaluate(LETTERS)
        assert sizes
        assert min(sizes) >= 11
        assert page.evaluate(CUT) == []


def test_a_calibration_is_drawn_with_its_points_and_read_as_a_table(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/lab/btc_day")
        assert page.locator("#calibration-chart-stage circle").count() == 10
        page.locator("#calibration-card .fold > summary").click()
        assert page.locator("#band-table tbody tr").count() == 10
        assert page.locator("#equity-chart-stage path.line").count() == 2


def test_the_odds_of_an_asset_unfold_to_their_effects(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/asset/bitcoin")
        card = page.locator("#odds")
        assert "55.0%" in card.inner_text()
        card.locator(".fold > summary").click()
        assert card.locator("#effect-table tbody tr").count() == 3
        # Scrolled down, the head of the page lies over the chart's tools.
        page.evaluate("scrollTo(0, 0)")
        assert faults_of(page) == []
