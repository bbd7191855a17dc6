"""A page of the past is about a time that was: nothing of it is of now, and what leaves it stays then."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.clocks import JumpingClock
from tests.houses import Browser, house
from tests.unit.services.figures_material import NOW, full
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS, MINUTE_MS, iso, parse_time

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
    assert "As of" in answer.text
    return answer.text


def links_of(page):
    """Return the links of a page's main part, without the one that leads back to now."""
    main = page.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<a[^>]*href="(/[^"]*)"[^>]*>\s*([^<]*)', main)
    return [unescape(href) for href, text in found if "Back to now" not in text]


@pytest.mark.parametrize("path", ["/markets", "/asset/bitcoin"])
def test_time_that_lies_ahead_is_now_and_the_page_claims_nothing_else(browsers, path):
    assert re.search(r"As of \d", of_then(browsers, path))
    ahead = browsers[0].get(f"{path}?as_of=2099-01-01").text
    assert not re.search(r"As of \d", ahead)
    assert re.search(r"1 Jan 2099[^<]* has not come yet: this page shows now\.", ahead)
    assert "n’est pas encore arrivé" in browsers[0].get(f"{path}?as_of=2099-01-01&lang=fr").text
    for of_now in (path, f"{path}?as_of={iso(browsers[0].app.state.web.app_context.clock.market_now())}"):
        assert "has not come yet" not in browsers[0].get(of_now).text


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


# --- bar replay


def replay_of(page):
    """Return the addresses of a replay by their words."""
    part = page.partition('id="replay"')[2].partition("</div>")[0]
    found = re.findall(r'<a[^>]*href="([^"#]*)[^"]*"[^>]*>(?:<svg.*?</svg>)?([^<]+)', part)
    return {text.strip(): unescape(href) for href, text in found}


def test_a_replay_goes_bar_by_bar_and_each_step_is_an_address(browsers):
    browser = browsers[0]
    begin = replay_of(browser.get("/asset/bitcoin?range=1m&timeframe=4h&lines=sma_20").text)[
        "Replay bar by bar"
    ]
    steps = replay_of(browser.get(begin).text)
    assert set(steps) == {"Previous bar", "Next bar", "Play"}
    at = [
        parse_time(parse_qs(urlsplit(steps[word]).query)["as_of"][0])
        for word in ("Previous bar", ("Next bar"))
    ]
    assert at[1] - at[0] == 2 * 4 * HOUR_MS
    assert "lines=sma_20" in steps["Next bar"]
    there = browser.get(steps["Next bar"]).text
    assert replay_of(there)["Previous bar"] != steps["Previous bar"]
    back = parse_qs(urlsplit(replay_of(there)["Previous bar"]).query)["as_of"][0]
    assert parse_time(back) == at[0] + 4 * HOUR_MS


def test_a_replay_that_plays_asks_for_the_next_bar_until_it_is_paused(browsers):
    browser = browsers[0]
    page = browser.get(f"/asset/bitcoin?range=1m&as_of={THEN}").text
    assert "hx-get" not in page.partition('id="replay"')[2].partition(">")[0]
    playing = browser.get(replay_of(page)["Play"]).text
    head = unescape(playing.partition('id="replay"')[2].partition(">")[0])
    assert 'hx-trigger="every 1s"' in head
    assert "play=1" in head
    assert "play=" not in replay_of(playing)["Pause"]


def test_a_replay_ends_with_what_is_known_now(tmp_path):
    built = house(tmp_path / "home", clock=JumpingClock(parse_time("2025-06-01T02:00Z")))
    page = Browser(built).get("/asset/bitcoin?range=24h&timeframe=1h&as_of=2025-06-01T01:30Z&play=1").text
    assert set(replay_of(page)) == {"Previous bar"}
