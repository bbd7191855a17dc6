"""The head of a table stays in sight while the page scrolls, and covers nothing that has the focus."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, served, site_of, tab
from tests.houses import house
from vigie.ports.home import IsSimulated

pytestmark = pytest.mark.browser

# More columns than fit a small window.
WIDE = (
    "/markets?columns=price_usd,change_1h,change_24h,change_7d,change_30d,cap_usd,spark,instrument,ts_event"
)
# Of the first table: whether its head lies right under the page's own, and whether a link that has the focus is below.
PLACES = """() => {
  const box = (one) => one.getBoundingClientRect();
  const top = box(document.querySelector(".site-header")).bottom;
  const head = box(document.querySelector(".table thead th:nth-child(2)"));
  return [Math.round(head.top - top), Math.round(box(document.activeElement).top - head.bottom)];
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("heads")) as opened:
        yield opened


def test_the_head_of_a_table_stays_while_its_rows_pass_below(browser, site):
    with tab(browser, site, viewport={"width": 1280, "height": 300}) as opened:
        page = opened.page
        page.goto("/strategies")
        expect(page.locator(".table-wrap").first).to_have_class("table-wrap is-whole")
        links = page.locator(".table tbody th a:visible")
        assert links.count() > 4
        links.last.focus()
        page.keyboard.press("Shift+Tab")
        for _ in range(6):
            page.keyboard.press("Shift+Tab")
        gap, below = page.evaluate(PLACES)
        assert abs(gap) <= 1
        assert below >= 0


# Of a table wider than its place: whether its head and its first column stay where they are while both scroll.
STAYS = """() => {
  const wrap = document.querySelector(".table-wrap.is-wide");
  const place = (one) => {
    const { left, top } = one.getBoundingClientRect();
    return [Math.round(left), Math.round(top)];
  };
  const head = wrap.querySelector("thead th:nth-child(3)");
  const first = wrap.querySelector("tbody th");
  const before = [place(head)[1], place(first)[0]];
  wrap.scrollTop = 60;
  wrap.scrollLeft = 40;
  return [wrap.scrollTop, wrap.scrollLeft, place(head)[1] - before[0], place(first)[0] - before[1]];
}"""


def test_head_and_first_column_of_a_wide_table_stay_while_it_scrolls_both_ways(browser, site):
    with tab(browser, site, viewport={"width": 700, "height": 220}) as opened:
        page = opened.page
        page.goto(WIDE)
        expect(page.locator(".table-wrap.is-wide")).to_have_count(1)
        down, across, head, first = page.evaluate(STAYS)
        assert down > 0
        assert across > 0
        assert abs(head) <= 1
        assert abs(first) <= 1
        assert faults_of(page) == []


def test_a_printed_table_is_whole(browser, site):
    with tab(browser, site, viewport={"width": 700, "height": 220}) as opened:
        page = opened.page
        page.goto(WIDE)
        expect(page.locator(".table-wrap.is-wide")).to_have_count(1)
        page.emulate_media(media="print")
        wrap = page.locator(".table-wrap").first
        assert wrap.evaluate("one => getComputedStyle(one).maxBlockSize") == "none"
        assert wrap.evaluate("one => one.scrollHeight - one.clientHeight") <= 1


def test_in_french_a_wide_window_of_a_demonstration_says_in_full_whether_prices_are_live(browser, tmp_path):
    simulated = replace(house(tmp_path / "home"), is_simulated=IsSimulated(True))
    with (
        served(simulated) as opened,
        tab(browser, opened, locale="fr-FR", viewport={"width": 1440, "height": 900}) as lent,
    ):
        page = lent.page
        page.goto("/markets")
        chip = page.locator("[data-stream-chip]:visible")
        expect(chip).to_contain_text("en direct")
        assert chip.evaluate("chip => chip.scrollWidth <= chip.clientWidth")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
