"""What is measured of looks: nothing lies on its neighbour, nothing is cut, and no column ends in a hole."""

from __future__ import annotations

import pytest

from tests.e2e.houses import chromium, site_of, tab

pytestmark = pytest.mark.browser
# The longest amounts that Today has had to show.
AMOUNTS = ("123\u202f456,78\u00a0$", "222,78\u00a0Md\u00a0$")
TILES = """amount => [...document.querySelectorAll(".tile")].flatMap(tile => {
    const box = part => tile.querySelector(part)?.getBoundingClientRect();
    tile.querySelector(".tile-value .num").textContent = amount;
    const [value, change, line] = [box(".tile-value .num"), box(".tile-change .delta"), box(".spark")];
    const room = tile.getBoundingClientRect().right - parseFloat(getComputedStyle(tile).paddingRight);
    return [value.right > room + 1 && "amount", change && line && change.right > line.left && "change",
            line && value.bottom > line.top && "line"].filter(Boolean).map(what => `${tile.id}: ${what}`);
})"""
PLOT = """() => {
    const stage = document.querySelector(".chart-stage").getBoundingClientRect();
    const right = document.querySelector(".plot .grid").getBoundingClientRect().right;
    const texts = [...document.querySelectorAll(".plot > text")].map(one => one.getBoundingClientRect());
    const values = texts.filter(one => one.left > right);
    return [values.length, values.filter(one => one.right > stage.right).length, stage.right - right];
}"""
BELOW = """() => {
    const bottom = id => document.getElementById(id).getBoundingClientRect().bottom;
    document.getElementById("changes").style.minHeight = "1200px";
    const left = Math.max(...[...document.querySelectorAll("#watchlist, [id^=movers-]")].map(one => bottom(one.id)));
    const stories = document.getElementById("stories").getBoundingClientRect();
    return [stories.top - left, stories.bottom < bottom("changes")];
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.mark.parametrize("width", [320, 360, 390, 1440])
def test_amount_change_and_line_of_a_tile_lie_apart(browser, site, width):
    with tab(browser, site, locale="fr-FR", viewport={"width": width, "height": 800}) as opened:
        opened.page.goto("/")
        assert opened.page.locator(".tile .spark").count() > 0
        assert [opened.page.evaluate(TILES, amount) for amount in AMOUNTS] == [[], []]


@pytest.mark.parametrize("width", [320, 390, 1024, 1440])
def test_values_beside_a_drawing_are_whole_and_near_it(browser, site, width):
    viewport = {"width": width, "height": 800}
    with tab(browser, site, locale="fr-FR", viewport=viewport, java_script_enabled=False) as opened:
        opened.page.goto("/asset/bitcoin")
        values, cut, room = opened.page.evaluate(PLOT)
        assert values >= 3
        assert cut == 0
        assert room <= 90


def test_what_stands_below_on_today_takes_the_room_beside_a_long_list_of_changes(browser, site):
    with tab(browser, site, viewport={"width": 1440, "height": 900}) as opened:
        opened.page.goto("/")
        gap, is_beside = opened.page.evaluate(BELOW)
        assert 0 < gap <= 24
        assert is_beside
