"""On a phone no page is wider than the screen, with all that unfolds on it open."""

from __future__ import annotations

import pytest

from tests.e2e.houses import served, tab
from tests.unit.services.figures_material import full
from vigie.services.market_data.fear_greed import FearGreedWriter
from vigie.services.needs import bound

pytestmark = pytest.mark.browser
# Opens all that unfolds in the page, then tells what reaches beyond the screen: not what scrolls in a box of its own.
WIDER = """() => {
    document.querySelectorAll("main details").forEach(one => one.open = true);
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.querySelectorAll("main *")].filter(one => one.getBoundingClientRect().right > wide + 1)
        .map(one => `${one.tagName.toLowerCase()}.${one.className} ${Math.round(one.getBoundingClientRect().right)}`);
}"""
PAGES = ("/mood", "/", "/news", "/derivatives", "/onchain")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    built = full(tmp_path_factory.mktemp("home"))
    bound(built, FearGreedWriter)().write()
    with served(built) as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_phone_with_all_folds_open(browser, site, path):
    for wide, language in ((320, "fr-FR"), (390, "en-GB")):
        with tab(browser, site, locale=language, viewport={"width": wide, "height": 900}) as opened:
            page = opened.page
            page.goto(path)
            assert page.evaluate(WIDER) == []
