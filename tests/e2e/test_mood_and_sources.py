"""Mood and Sources in Chromium: what is large comes first, both fit a phone, and both are read without scripts."""

from __future__ import annotations

import pytest

from tests.e2e.houses import faults_of, served, tab
from tests.unit.services.figures_material import full
from vigie.services.market_data.fear_greed import FearGreedWriter
from vigie.services.needs import bound

pytestmark = pytest.mark.browser
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = full(tmp_path_factory.mktemp("home"))
    bound(built, FearGreedWriter)().write()
    with served(built) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "language", "scheme"),
    [
        ("/sources", "fr-FR", "light"),
        ("/sources?part=venues", "en-GB", "dark"),
        ("/mood", "en-GB", "dark"),
        ("/mood", "fr-FR", "light"),
        *(
            pytest.param(*one, marks=pytest.mark.chaos)
            for one in (
                ("/sources", "en-GB", "dark"),
                ("/sources?part=venues", "fr-FR", "light"),
                ("/sources?part=late", "en-GB", "dark"),
                ("/sources?part=late", "fr-FR", "light"),
            )
        ),
    ],
)
def test_no_fault_of_accessibility_and_a_phone_holds_it(browser, site, path, language, scheme):
    settings = {"locale": language, "color_scheme": scheme, "viewport": {"width": 320, "height": 640}}
    with tab(browser, site, **settings) as opened:
        page = opened.page
        page.goto(path)
        assert faults_of(page) == []
        assert page.evaluate(WIDTH) <= 0
        assert page.locator(".hero").bounding_box()["y"] < 640


@pytest.mark.parametrize("scripts", [True, False])
def test_a_kind_of_sources_unfolds_by_keyboard_and_folds_again(browser, site, scripts):
    with tab(browser, site, java_script_enabled=scripts) as opened:
        page = opened.page
        page.goto("/sources")
        opener = page.locator("#kind-venues a[aria-expanded]")
        assert page.locator("#connectors").count() == 0
        opener.press("Enter")
        page.locator("#kind-venues #connectors tbody tr").first.wait_for()
        assert "part=venues" in page.url
        assert opener.get_attribute("aria-expanded") == "true"
        opener.press("Enter")
        page.locator("#connectors").wait_for(state="detached")


def test_the_language_of_the_words_is_switched_in_one_step(browser, site):
    with tab(browser, site, locale="en-GB") as opened:
        page = opened.page
        page.goto("/mood")
        page.locator(".filter-bar summary", has_text="Language").click()
        page.locator(".filter-bar button[value=fr]").click()
        page.wait_for_url("**language=fr**")
        page.locator(".filter-bar summary", has_text="French").wait_for()
