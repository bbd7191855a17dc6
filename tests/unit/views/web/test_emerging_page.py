"""Newcomers: those of the list of coins, new and trending pools, and what people search for most."""

from __future__ import annotations

import re

import pytest

from tests.houses import Browser, house
from vigie.domain.time import HOUR_MS


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = house(tmp_path_factory.mktemp("home"), with_bars=False)
    now = made.clock.market_now() - HOUR_MS
    coin = {"id": "novum", "name": "Novum", "symbol": "nov", "ts_first_seen": now}
    pools = [
        {"id": f"eth_{name}", "name": f"{name} / USDC", "network": "eth", "ts_created": now - HOUR_MS,
         "liquidity_usd": 5e5, "volume_24h_usd": 1e6, "is_new": not lively, "is_trending": lively}
        for name, lively in (("CALM", False), ("LOUD", True))
    ]  # fmt: skip
    searched = [
        {"id": "solana", "symbol": "sol", "name": "Solana", "price_usd": 80.5, "change_24h_percent": 4.2,
         "market_cap_rank": 5}
    ]  # fmt: skip
    for key, rows in (("coin_list_new", [coin]), ("new_pools", pools), ("trending", searched)):
        made.facts.put_document("coingecko", key, now, {"rows": rows})
    return Browser(made)


def test_what_trends_is_told_from_what_is_only_new(browser):
    rows = browser.get("/api/v1/markets/emerging").json()["rows"]
    assert {row["name"]: row["is_trending"] for row in rows} == {
        "Novum": False, "CALM / USDC": False, "LOUD / USDC": True,
    }  # fmt: skip
    page = browser.get("/markets/emerging").text
    assert len(re.findall(r"badge-info[^>]*>trending<", page)) == 1


def test_coins_that_people_search_for_are_listed_with_their_source(browser):
    page = browser.get("/markets/emerging").text.split('id="searched"')[1]
    assert "Solana" in page
    assert "+4.20%" in page
    told = browser.get("/api/v1/markets/trending.csv").text
    assert "# source: coingecko" in told
    assert "terms" in told
