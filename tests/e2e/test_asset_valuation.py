"""The valuation on an asset's page in a browser: unfolded at a desk and on a phone, in both languages."""

from __future__ import annotations

import pytest

from tests.e2e.houses import faults_of, served, tab
from tests.houses import house
from tests.unit.services.test_valuation import NOW, SERIES, _bars, _facts
from vigie.adapters.clock import SystemClock
from vigie.data.frames import to_frame

pytestmark = pytest.mark.browser
SCREENS = ({"width": 1280, "height": 900}, {"width": 360, "height": 780})


class AfterTheLastClose(SystemClock):
    """A clock whose market stands an hour after the last bar."""

    def market_now(self) -> int:
        return NOW


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("valued"), with_bars=False, clock=AfterTheLastClose())
    made.data.bars.upsert(SERIES, to_frame(_bars()))
    made.facts.append(_facts())
    with served(made) as opened:
        yield opened


@pytest.mark.parametrize("screen", SCREENS, ids=("desk", "phone"))
@pytest.mark.parametrize(
    ("language", "title"), [("en", "Why, and what followed"), ("fr", "Pourquoi, et ce qui a suivi")]
)
def test_valuation_unfolds_by_keyboard_and_has_no_faults(browser, site, screen, language, title):
    with tab(browser, site, viewport=screen, locale=language) as opened:
        page = opened.page
        page.goto("/asset/bitcoin")
        card = page.locator("#valuation")
        summary = card.locator("summary").first
        assert summary.inner_text().strip() == title
        assert not card.locator("ul.list").is_visible()
        summary.focus()
        summary.press("Enter")
        card.locator("ul.list").wait_for(state="visible")
        assert card.locator("ul.list > li").count() == 6
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= screen["width"]
        assert faults_of(page) == []
