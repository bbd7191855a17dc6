"""The head of a table stays in sight while the page scrolls, and covers nothing that has the focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import site_of, tab

pytestmark = pytest.mark.browser

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
