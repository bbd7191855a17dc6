"""Every figure can be cited: value, source, time, and a link that leads to it as it was known then."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.houses import Browser, house
from tests.unit.services.desk_material import house_with_results
from tests.unit.services.figures_material import full
from vigie.domain.quote import Quote
from vigie.domain.time import HOUR_MS, parse_time
from vigie.views.web.language import UserLanguage

EN = UserLanguage("en")
DATED = ("/asset/bitcoin?range=1m", "/onchain", "/onchain/defi", "/derivatives", "/derivatives/open-interest",
         "/onchain/chart?f=market/bitcoin/price_usd")  # fmt: skip


@pytest.fixture(scope="module")
def browsers(tmp_path_factory):
    return {
        "bars": Browser(house(tmp_path_factory.mktemp("bars"))),
        "facts": Browser(full(tmp_path_factory.mktemp("facts"))),
    }


def cites_of(page):
    """Return what each button of a page would put into its box."""
    tags = re.findall(r"<button[^>]*data-cite=[^>]*>", page)
    return [
        {key: unescape(value) for key, value in re.findall(r'data-(cite[a-z-]*)="([^"]*)"', tag)}
        for tag in tags
    ]


@pytest.mark.parametrize("path", [*DATED, "/"])
def test_each_figure_has_a_link_to_where_it_stands(browsers, path):
    page = browsers["bars" if "asset" in path else "facts"].get(path).text
    found = cites_of(page)
    assert found
    for one in found:
        href = urlsplit(one["cite-href"])
        assert one["cite-value"]
        if href.path.startswith("/quote/"):
            # A price that lives: no page of the past has it.
            assert path == "/"
            continue
        assert f'id="{href.fragment}"' in page, one
        assert href.path == urlsplit(path).path
        assert page.count(f'id="{href.fragment}"') == 1
        assert ("as_of" in parse_qs(href.query)) is (path in DATED)
    # Who has no scripts follows the same links.
    assert page.count('class="cite no-js-only"') == len(found)


def test_the_link_of_a_figure_leads_to_the_value_that_was_cited(browsers):
    browser = browsers["facts"]
    one = next(one for one in cites_of(browser.get("/onchain").text) if "adr_act" in one["cite-href"])
    there = browser.get(one["cite-href"])
    assert [same["cite-value"] for same in cites_of(there.text) if same["cite"] == one["cite"]] == [
        one["cite-value"]
    ]


def test_a_figure_of_the_past_keeps_its_instant(browsers):
    page = browsers["bars"].get("/asset/bitcoin?as_of=2025-06-01").text
    hrefs = {parse_qs(urlsplit(one["cite-href"]).query)["as_of"][0] for one in cites_of(page)}
    assert [parse_time(text) for text in hrefs] == [parse_time("2025-06-01")]


def test_figures_of_a_result_can_be_cited(tmp_path):
    built, runs = house_with_results(tmp_path / "home")
    page = Browser(built).get(f"/backtests/{runs['first']}?part=figures").text
    found = cites_of(page)
    assert len(found) > 10
    assert all(f'id="{urlsplit(one["cite-href"]).fragment}"' in page for one in found)


# --- live prices and cells of tables


@pytest.fixture
def quoted(tmp_path):
    """A house with stored bars, and a venue that quotes a second after the last of them."""
    built = house(tmp_path / "home")
    bars = built.bar_reader.newest([("binance-perp", "btc-usdt-perp")], "1h")
    ts = int(bars.ts[-1]) + HOUR_MS + 1_000
    price = float(bars.close[-1])
    built.quotes.put([Quote("binance-perp", "btc-usdt-perp", ts, ts + 250, price, volume_24h=1e9)])
    return built, price, ts


def test_the_link_of_a_live_price_leads_to_the_quote_with_its_times_and_raw_value(quoted):
    built, price, ts = quoted
    browser = Browser(built)
    page = browser.get("/asset/bitcoin").text
    one = next(one for one in cites_of(page) if one["cite"] == "Price of Bitcoin")
    href = urlsplit(one["cite-href"])
    assert href.path == "/quote/binance-perp:btc-usdt-perp"
    assert parse_qs(href.query) == {"price": [repr(price)], "ts": [str(ts)], "known": [str(ts + 250)]}
    there = browser.get(one["cite-href"]).text
    assert one["cite-value"] in there
    assert EN.moment(ts, seconds=True) in there
    # Its bar has not closed yet.
    assert "cannot be checked" in there
    stored = browser.get(f"{href.path}?price={price}&ts={ts - HOUR_MS}").text
    assert "It lies between the lowest price" in stored


def test_a_cited_price_that_the_venue_did_not_trade_at_is_said_to_be_none(quoted):
    built, price, ts = quoted
    page = Browser(built).get(f"/quote/binance-perp:btc-usdt-perp?price={price * 2}&ts={ts - HOUR_MS}").text
    assert "does not match" in page
    assert "It lies between" not in page


def test_a_cited_price_of_a_time_without_bars_is_not_vouched_for(quoted):
    built, price, _ = quoted
    page = Browser(built).get(f"/quote/binance-perp:btc-usdt-perp?price={price}&ts=1000").text
    assert "cannot be checked" in page


def test_a_price_of_the_past_leads_to_the_page_of_then(quoted):
    page = Browser(quoted[0]).get("/asset/bitcoin?as_of=2025-06-01").text
    one = next(one for one in cites_of(page) if one["cite"] == "Price of Bitcoin")
    assert urlsplit(one["cite-href"]).path == "/asset/bitcoin"


@pytest.mark.parametrize("place", ["nobody-perp:btc-usdt-perp", "../etc", "a%3Cscript%3E:b"])
def test_a_quote_of_nothing_is_said_to_be_none(quoted, place):
    answer = Browser(quoted[0]).get(f"/quote/{place}")
    assert answer.status_code in (200, 400, 404)
    assert "<script>" not in answer.text.partition("<main")[2]


@pytest.mark.parametrize(
    ("which", "path"),
    [("bars", "/markets"), ("bars", "/asset/bitcoin"), ("facts", "/derivatives"),
     ("facts", "/derivatives/open-interest"), ("facts", "/onchain/defi"),
     ("bars", "/markets/correlation"), ("bars", "/markets/movers")],
)  # fmt: skip
def test_each_row_of_figures_can_be_linked_and_says_its_source(browsers, which, path):
    page = browsers[which].get(path).text
    tables = re.findall(r'<table[^>]*data-cite-href="([^"]*)" data-cite-source="([^"]+)"', page)
    assert tables
    assert page.count("data-cites=") == len(tables)
    rows = re.findall(r'<tr id="([^"]+)"', page)
    assert rows
    assert len(set(rows)) == len(rows)
    assert all(re.fullmatch(r"[a-z0-9-]+", row) for row in rows)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)


def test_rows_keep_their_links_when_their_order_changes(browsers):
    first, second = (
        set(re.findall(r'<tr id="([^"]+)"', browsers["bars"].get(f"/markets?sort={sort}").text))
        for sort in ("name", "-price_usd")
    )
    assert first == second == {"prices-bitcoin", "prices-ethereum", "prices-solana"}
