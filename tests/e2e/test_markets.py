"""Markets in a browser: the table is the one large thing, and the map of the same assets is one key away."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, served, tab
from tests.houses import house
from vigie.domain.person import OWNER
from vigie.domain.quote import Quote

pytestmark = pytest.mark.browser
COINS = 40
WIDE = {"width": 1440, "height": 900}
# How many rows are wholly in sight, and how high the first is.
IN_SIGHT = """() => {
    const boxes = [...document.querySelectorAll("#prices tbody tr")].map(row => row.getBoundingClientRect());
    return [boxes.filter(box => box.top >= 0 && box.bottom <= innerHeight).length, boxes[0].height];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Serve a house where a source ranks forty coins, the odd ones rising."""
    made = house(tmp_path_factory.mktemp("home"))
    now = made.clock.market_now()
    names = [f"c{place:02d}" for place in range(COINS)]
    rows = [{"id": name, "symbol": name, "name": f"Coin {name}"} for name in names]
    made.facts.put_document("coingecko", "markets", now, {"rows": rows})
    made.quotes.put(
        Quote("kraken", f"{name}-usdt-perp", now, now, 1.0 + place, change_24h=0.01 * (-1) ** (place + 1))
        for place, name in enumerate(names)
    )
    with served(made) as opened:
        yield opened


def choose_density(site, density: str) -> None:
    site.house.accounts.put_settings(OWNER.user, {"density": density})


@pytest.mark.parametrize(("language", "most"), [("en-GB", 60), ("fr-FR", 90)])
def test_25_rows_are_in_sight_where_rows_are_compact(browser, site, language, most):
    choose_density(site, "compact")
    with tab(browser, site, locale=language, viewport=WIDE) as opened:
        opened.page.goto("/markets")
        rows, height = opened.page.evaluate(IN_SIGHT)
        assert height == 28
        assert rows >= 25
        # What stands above is one line; where words are longer, two.
        assert opened.page.locator(".page-line").bounding_box()["height"] <= most


def test_rows_are_higher_for_beginners_and_for_fingers(browser, site):
    choose_density(site, "comfortable")
    with tab(browser, site, viewport=WIDE) as opened:
        opened.page.goto("/markets")
        assert opened.page.evaluate(IN_SIGHT)[1] == 40
    choose_density(site, "compact")
    with tab(browser, site, viewport=WIDE, has_touch=True, is_mobile=True) as opened:
        opened.page.goto("/markets")
        assert opened.page.evaluate(IN_SIGHT)[1] == 44


def test_one_key_leads_to_the_map_of_the_same_assets_and_back(browser, site):
    with tab(browser, site, locale="en-GB", viewport=WIDE) as opened:
        page = opened.page
        page.goto("/markets?move=up")
        page.keyboard.press("h")
        page.wait_for_url("**/markets/heatmap?move=up")
        link = page.get_by_role("link", name="Table", exact=True)
        assert "key h" in link.get_attribute("title")
        assert faults_of(page) == []
        page.keyboard.press("?")
        expect(page.locator("dialog .keys")).to_contain_text("Table")
        page.keyboard.press("Escape")
        page.keyboard.press("h")
        page.wait_for_url("**/markets?move=up")
        page.goto("/help")
        expect(page.locator("#keys")).to_contain_text("On Markets: table or heat map")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_chip_narrows_the_table_and_its_files_with_and_without_scripts(browser, site, has_scripts):
    with tab(browser, site, locale="en-GB", viewport=WIDE, java_script_enabled=has_scripts) as opened:
        page = opened.page
        page.goto("/markets?sort=name")
        page.locator(".filter-bar summary", has_text="24 h change").click()
        page.get_by_role("button", name="Rising").click()
        page.wait_for_url("**/markets?sort=name&move=up")
        chip = page.locator(".filter-bar summary", has_text="24 h change: Rising")
        expect(chip).to_have_attribute("aria-current", "true")
        names = page.locator("#prices tbody th a", has_text="Coin c")
        expect(names).to_have_count(COINS // 2)
        assert all(int(name[-2:]) % 2 for name in names.all_inner_texts())
        file = page.locator(".export-menu a[href*='/markets/list.csv']").get_attribute("href")
        assert "move=up" in file
        assert "sort=name" in file


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "dark"), ("fr-FR", "light")])
def test_a_phone_has_no_faults_and_no_sideways_scroll(browser, site, language, scheme):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": 320, "height": 640}
    ) as opened:
        for path in ("/markets", "/markets/heatmap", "/markets?kind=stablecoin&volume=1000000000"):
            opened.page.goto(path)
            assert faults_of(opened.page) == [], path
            assert (
                opened.page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                <= 0
            ), path
