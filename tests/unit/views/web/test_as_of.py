"""A page of the past is about a time that was: nothing of it is of now, and what leaves it stays then."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.houses import Browser, house
from tests.unit.services.figures_material import NOW, full
from vigie.domain.quote import Quote
from vigie.domain.time import MINUTE_MS, iso, parse_time

THEN = "2025-06-01"
# Markets, Asset, Derivatives, On-chain: the pages that take `as_of`.
OF_BARS = (
    "/markets", "/markets?sort=name", "/markets/heatmap?span=7d", "/markets/screener?where=price%3E1",
    "/markets/movers?floor=0", "/markets/correlation?days=30", "/markets/emerging", "/markets/categories",
    "/markets/exchanges", "/asset/bitcoin", "/asset/bitcoin?range=1y&lines=rsi_14",
    "/asset/bitcoin/compare?with=ethereum",
)  # fmt: skip
OF_FACTS = (
    "/derivatives", "/derivatives/open-interest?by=asset", "/derivatives/basis", "/derivatives/long-short",
    "/derivatives/liquidations", "/derivatives/volatility", "/onchain", "/onchain?asset=all", "/onchain/defi",
    "/onchain/defi?table=fees", "/onchain/defi?table=yields", "/onchain/series",
    "/onchain/chart?f=onchain/bitcoin/fee_fast_sat_vb",
)  # fmt: skip
TOPICS = ("/api/", "/chart/", "/markets", "/asset/", "/derivatives", "/onchain")


@pytest.fixture(scope="module")
def browsers(tmp_path_factory):
    built = house(tmp_path_factory.mktemp("bars"))
    now = parse_time("2025-08-28")
    built.quotes.put([
        Quote("binance-perp", f"{coin}-usdt-perp", ts_event=now, ts_known=now, last=1.0, change_24h=0.5)
        for coin in ("btc", "eth", "sol")
    ])  # fmt: skip
    return Browser(built), Browser(full(tmp_path_factory.mktemp("facts")))


def of_then(browsers, path):
    browser, then = (browsers[1], iso(NOW - 10 * MINUTE_MS)) if path in OF_FACTS else (browsers[0], THEN)
    answer = browser.get(f"{path}{'&' if '?' in path else '?'}as_of={then}")
    assert answer.status_code == 200
    assert "As it was known on" in answer.text
    return answer.text


def links_of(page):
    """Return the links of a page's main part, without the one that leads back to now."""
    main = page.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<a[^>]*href="(/[^"]*)"[^>]*>\s*([^<]*)', main)
    return [unescape(href) for href, text in found if "Back to now" not in text]


@pytest.mark.parametrize("path", ["/markets", "/asset/bitcoin"])
def test_time_that_lies_ahead_is_now_and_the_page_claims_nothing_else(browsers, path):
    assert "As it was known on" in of_then(browsers, path)
    assert "As it was known on" not in browsers[0].get(f"{path}?as_of=2099-01-01").text


@pytest.mark.parametrize("path", OF_BARS + OF_FACTS)
def test_nothing_on_a_page_of_the_past_follows_the_stream(browsers, path):
    page = of_then(browsers, path)
    assert "data-live=" not in page
    assert "data-chart-live=" not in page
    assert "data-age=" not in page
    assert 'data-topics=""' in page


def test_pages_of_now_do_follow_the_stream(browsers):
    page = browsers[0].get("/markets").text
    assert 'data-live="quote:' in page
    assert 'data-topics="quotes,clock"' in page


@pytest.mark.parametrize("path", OF_BARS + OF_FACTS)
def test_exports_pictures_and_links_of_a_page_of_the_past_are_of_then(browsers, path):
    links = [href for href in links_of(of_then(browsers, path)) if href.startswith(TOPICS)]
    assert links
    assert [href for href in links if "as_of" not in parse_qs(urlsplit(href).query)] == []


def test_rows_of_an_export_of_the_past_are_those_of_the_page(browsers):
    browser = browsers[0]
    [file] = re.findall(r'href="(/api/v1/markets/list\.json[^"]*)"', of_then(browsers, "/markets"))
    rows = browser.get(unescape(file)).json()["rows"]
    assert rows == browser.get(f"/api/v1/markets/list?as_of={parse_time(THEN)}").json()["rows"]
    assert rows != browser.get("/api/v1/markets/list").json()["rows"]
