"""The list of emerging coins in a browser: its leads over the press, both languages, a narrow screen."""

from __future__ import annotations

import pytest

from tests.clocks import StandingClock
from tests.e2e import looks
from tests.e2e.houses import faults_of, served, tab
from tests.unit.views.web.test_emerging_page import listed_house

pytestmark = pytest.mark.browser
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(listed_house(tmp_path_factory.mktemp("home"), StandingClock())) as opened:
        yield opened


@pytest.mark.parametrize(("language", "scheme"), [("en-GB", "dark"), ("fr-FR", "light")])
@pytest.mark.parametrize("width", [320, 1280])
def test_leads_have_no_faults_of_accessibility_and_fit(browser, site, language, scheme, width):
    with tab(
        browser, site, locale=language, color_scheme=scheme, viewport={"width": width, "height": 800}
    ) as opened:
        page = opened.page
        page.goto("/markets/emerging")
        card = page.locator("#ahead")
        card.locator("summary").click()
        card.locator("details[open] p").first.wait_for()
        assert page.locator("#new tbody tr").count() == 27
        assert faults_of(page) == []
        assert page.evaluate(WIDTH) <= 0


@pytest.mark.parametrize("theme", looks.THEMES)
def test_the_list_looks_as_it_did_when_somebody_last_looked(browser, site, theme):
    with tab(browser, site, java_script_enabled=False, color_scheme=theme) as opened:
        for room, width in looks.WIDTHS.items():
            now = looks.taken(opened.page, looks.EMERGING, width)
            share = looks.changed(looks.kept(f"emerging-{room}-{theme}"), now)
            assert share <= looks.SHARE, f"{room}: {share:.1%} look otherwise; `make looks` draws them anew"
