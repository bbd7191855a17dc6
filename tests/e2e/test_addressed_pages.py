"""Pages of one source, shared holdings, the end of mails, and error pages: accessibility, and the width of a phone."""

from __future__ import annotations

import pytest

from tests.e2e.houses import faults_of, faults_of_colours, served, tab
from tests.unit.services.figures_material import full
from tests.unit.services.holdings.material import holding_house
from vigie.domain.person import OWNER
from vigie.services.alerting.signing import unsubscribe_token
from vigie.services.operation_calls import run_operation

pytestmark = pytest.mark.browser
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SCREENS = [
    pytest.param("en-GB", "dark", {"width": 1280, "height": 800}, id="desk"),
    pytest.param("fr-FR", "light", {"width": 320, "height": 640}, id="phone"),
]
RULE, CHANNEL = "rule-of-mine", "mail-of-mine"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Serve a home that shares what it holds."""
    built = holding_house(tmp_path_factory.mktemp("home"))
    for coin, quantity, amount in (("BTC", "0.75", "12345"), ("ETH", "2", "6789")):
        line = {"coin": coin, "quantity": quantity, "day": "2025-02-12", "amount": amount, "place": "Kraken"}
        run_operation(built, OWNER, "holdings.add", line)
    with served(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """Serve a home whose sources have answered, some late."""
    with served(full(tmp_path_factory.mktemp("asked"))) as opened:
        yield opened


def judged(opened, status, path, scheme):
    """Open a page; it answers so, has one head, fits, and is readable in both themes."""
    assert opened.page.goto(path).status == status
    opened.said[:] = [line for line in opened.said if f"status of {status}" not in line]
    assert opened.page.locator("h1").count() == 1
    assert opened.page.evaluate(WIDTH) <= 0
    assert faults_of(opened.page) == []
    assert faults_of_colours(opened.page, "light" if scheme == "dark" else "dark") == []


@pytest.mark.parametrize(("language", "scheme", "viewport"), SCREENS)
def test_a_source_by_itself(browser, asked, language, scheme, viewport):
    with tab(browser, asked, locale=language, color_scheme=scheme, viewport=viewport) as opened:
        for source in ("coingecko", "esma_casps"):
            judged(opened, 200, f"/sources/{source}", scheme)


@pytest.mark.parametrize(("language", "scheme", "viewport"), SCREENS)
def test_what_somebody_shares_and_the_end_of_mails(browser, site, language, scheme, viewport):
    shared = run_operation(site.house, OWNER, "holdings.share", {}).path
    word = unsubscribe_token(site.house.notifiers, RULE, CHANNEL)
    settings = {"locale": language, "color_scheme": scheme, "viewport": viewport}
    with tab(browser, site, is_owner=False, **settings) as opened:
        judged(opened, 200, shared, scheme)
        judged(opened, 200, f"/unsubscribe/{RULE}/{CHANNEL}/{word}", scheme)
        judged(opened, 200, f"/unsubscribe/{RULE}/{CHANNEL}/another", scheme)


@pytest.mark.parametrize(("language", "scheme", "viewport"), SCREENS)
def test_pages_that_say_no(browser, site, language, scheme, viewport):
    with tab(browser, site, locale=language, color_scheme=scheme, viewport=viewport) as opened:
        for status, path in (
            (404, "/asset/bitcion"),
            (404, "/portfolio/shared/unknown"),
            (404, "/no-such-page"),
            (400, "/asset/bitcoin?as_of=yesterday"),
        ):
            judged(opened, status, path, scheme)
