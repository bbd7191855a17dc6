"""Where a figure comes from and how old it is: on hover, focus and tap, closed by Escape, without a stop for Tab."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.houses import faults_of, site_of, tab

pytestmark = pytest.mark.browser

HINT = "#figure-hint"
# How many elements the Tab key stops at.
STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility()).length"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with site_of(tmp_path_factory.mktemp("hints")) as opened:
        yield opened


def test_a_pointed_figure_says_source_and_age_until_escape(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/styleguide")
        stops = page.evaluate(STOPS)
        page.locator("#hero .figure-value").first.hover()
        hint = page.locator(HINT)
        expect(hint).to_contain_text("Example")
        assert re.search(r"\d{4}.*·.*\d", hint.inner_text())
        assert page.evaluate(STOPS) == stops
        assert faults_of(page) == []
        page.keyboard.press("Escape")
        expect(hint).to_have_count(0)


def test_a_cell_of_a_table_says_where_it_comes_from(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/styleguide")
        page.locator("#example td.num").first.hover()
        expect(page.locator(HINT)).to_contain_text("Example")
        page.mouse.move(2, 2)
        expect(page.locator(HINT)).to_have_count(0)


def test_the_focus_on_a_figure_says_the_same_and_takes_it_away_when_it_leaves(browser, site):
    with tab(browser, site) as opened:
        page = opened.page
        page.goto("/styleguide")
        page.locator("#facts .cite:visible").first.focus()
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        button = page.locator(".cite:focus")
        expect(page.locator(HINT)).to_contain_text("Example")
        expect(button).to_have_attribute("aria-describedby", "figure-hint")
        first = button.element_handle()
        page.keyboard.press("Tab")
        # The next figure says its own.
        expect(page.locator(".cite:focus")).to_have_attribute("aria-describedby", "figure-hint")
        assert first.get_attribute("aria-describedby") is None
        page.keyboard.press("Escape")
        expect(page.locator(HINT)).to_have_count(0)
        assert page.locator("[aria-describedby='figure-hint']").count() == 0


def test_a_tapped_figure_says_it_and_a_tap_elsewhere_closes_it(browser, site):
    with tab(browser, site, viewport={"width": 390, "height": 844}, has_touch=True) as opened:
        page = opened.page
        page.goto("/styleguide")
        page.locator("#hero .figure-value").first.tap()
        hint = page.locator(HINT)
        expect(hint).to_contain_text("Example")
        box = hint.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        page.locator("h1").tap()
        expect(hint).to_have_count(0)
