"""The pages of setups in a browser: both languages and themes, a narrow screen, keys alone, few bytes."""

from __future__ import annotations

import brotli
import pytest
from playwright.sync_api import expect

from tests.e2e.houses import HTML, NODES, faults_of, served, tab
from tests.houses import person
from tests.traded import DAYS, house_of
from tests.unit.services.trading.material import BEGUN
from vigie.domain.time import DAY_MS
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.setups.following import SetupFollower
from vigie.services.trading.account_plans.trading_stores import TradingStores

pytestmark = pytest.mark.browser
OWNER = person("owner")
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(traded_home, tmp_path_factory):
    built, _ = house_of(traded_home, tmp_path_factory.mktemp("signals") / "home", BEGUN + DAYS * DAY_MS)
    SetupFollower(provide(built, TradingStores), built.setups).follow_once()
    with served(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(site, lent):
    with lent() as opened:
        yield opened


def one_of(site, state):
    return run_operation(site.house, OWNER, "setups.list", {"state": state}).rows[0]


@pytest.mark.parametrize(
    ("language", "scheme", "wide"),
    [
        ("fr-FR", "light", 320),
        ("en-GB", "dark", 1_280),
        pytest.param("en-GB", "light", 390, marks=pytest.mark.chaos),
    ],
)
def test_they_are_open_to_everybody_small_and_fit_their_screen(browser, site, language, scheme, wide):
    paths = ["/signals", "/signals?state=ended&side=short"]
    paths += [f"/setup/{one_of(site, state).setup}?account=main" for state in ("open", "ended")]
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": wide, "height": 800}
    ) as opened:
        page = opened.page
        for path in paths:
            answer = page.goto(path)
            assert len(brotli.compress(answer.body(), quality=5)) <= HTML, path
            assert page.evaluate("document.querySelectorAll('*').length") <= NODES, path
            assert page.locator("h1").count() == 1
            assert faults_of(page) == [], path
            assert page.evaluate(OVER) <= 0, path


def test_a_setup_is_found_and_opened_by_keys_alone(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/signals")
        chip = page.get_by_role("group", name="Filter").locator("summary", has_text="State")
        chip.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/signals?state=ended")
        expect(page.locator("#confirmed")).to_have_count(0)
        link = page.locator("#ended tbody a").first
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/setup/*")
        expect(page.locator("#setup-chart canvas").first).to_be_visible()
        # The browser's chart has the numbers of the sentences, as the server's drawing does.
        expect(page.locator("#setup-chart .chart-number")).to_have_text(["1", "2", "3"])
        assert page.evaluate(NUMBERS) == [[True, True]] * 3
        expect(page.get_by_role("heading", name="For and against")).to_be_visible()
        page.go_back()
        page.wait_for_url("**/signals?state=ended")


def test_without_scripts_the_picture_and_all_figures_are_there(browser, site):
    with tab(browser, site, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(f"/setup/{one_of(site, 'ended').setup}?account=main")
        expect(page.locator("#setup-chart svg").first).to_be_visible()
        expect(page.locator("#money")).to_contain_text("It has ended.")


def test_what_is_forming_is_shown_as_it_is_now_without_reloading(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.clock.install()
        page.goto("/signals")
        row = page.locator("#forming tbody tr").first
        expect(row).to_be_visible()
        held = row.locator("a").first.get_attribute("href")
        page.locator("#ended").evaluate("one => { one.dataset.mark = 'kept'; }")
        with page.expect_response("**/signals"):
            page.clock.fast_forward(16_000)
        expect(page.locator("#forming tbody tr a").first).to_have_attribute("href", held)
        # The rest of the page is not touched.
        expect(page.locator("#ended[data-mark='kept']")).to_be_visible()


# Whether each number of a sentence is above all that is drawn, and as far from the edge of the drawing as its bar.
NUMBERS = """() => [...document.querySelectorAll("#setup-chart .chart-number")].map((one) => {
  one.scrollIntoView({ block: "center" });
  one.style.pointerEvents = "auto";
  const box = one.getBoundingClientRect();
  const edge = document.querySelector("#setup-chart .chart-surface").getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return [document.elementFromPoint(x, y) === one, Math.abs(x - edge.x - parseFloat(one.style.left)) < 1];
})"""


def with_a_pattern(site):
    for row in run_operation(site.house, OWNER, "setups.list", {"limit": 1_000}).rows:
        chart = run_operation(site.house, OWNER, "setups.chart", {"setup": row.setup, "account": row.account})
        if chart.patterns:
            return row, chart
    raise AssertionError("no setup has a chart pattern")


@pytest.mark.parametrize(
    ("language", "wide"), [("fr-FR", 390), pytest.param("en-GB", 1_280, marks=pytest.mark.chaos)]
)
def test_a_pattern_is_drawn_and_named_and_fits_its_screen(browser, site, language, wide):
    row, chart = with_a_pattern(site)
    with tab(browser, site, locale=language, viewport={"width": wide, "height": 800}) as opened:
        page = opened.page
        page.goto(f"/setup/{row.setup}?account=main")
        expect(page.locator("#setup-chart canvas").first).to_be_visible()
        # The browser's chart has the numbers of the sentences, as the server's drawing does.
        expect(page.locator("#setup-chart .chart-number")).to_have_text(["1", "2", "3"])
        assert page.evaluate(NUMBERS) == [[True, True]] * 3
        expect(page.locator("#patterns li")).to_have_count(len(chart.patterns))
        line = "Ligne haute" if language == "fr-FR" else "Upper line"
        expect(page.locator("#setup-chart-stage").get_by_text(line).first).to_be_visible()
        assert faults_of(page) == []
        assert page.evaluate(OVER) <= 0
