"""Newcomers: those of the list of coins, new and trending pools, and what people search for most."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

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


def test_a_form_becomes_an_address_that_holds_the_state_and_fills_the_form_again(browser):
    asked = "narrow=1&liquidity_least=1+M&age_most=48&flags=some&without_thin=1&kind=pool&rest=turnover%3C3"
    sent = browser.get(f"/markets/emerging?{asked}", follow=False)
    assert sent.status_code == 303
    where = parse_qs(urlsplit(sent.headers["location"]).query)["where"][0]
    assert where == "age_hours<=48,liquidity_usd>=1000000,turnover<3,kind=pool,flags=some,without=thin"
    page = browser.get(sent.headers["location"]).text
    assert "No newcomer meets every condition" in page
    assert 'value="48"' in page
    assert 'value="1000000"' in page
    assert 'name="rest" value="turnover&lt;3"' in page
    assert "Age at most 48" in page


def test_what_is_typed_wrongly_stays_in_the_form_with_the_reason(browser):
    page = browser.get("/markets/emerging?narrow=1&liquidity_least=lots").text
    assert "liquidity_usd must be compared with a number" in page
    assert 'value="lots"' in page
    french = browser.get("/markets/emerging?where=price%3E3&lang=fr").text
    assert "une condition sur les nouveautés doit porter sur" in french


def test_files_hold_the_rows_of_the_conditions(browser):
    text = browser.get("/api/v1/markets/emerging.csv?where=kind%3Dpool").text
    assert "CALM" in text
    assert "Novum" not in text


def test_a_list_is_kept_found_in_the_palette_removed_and_taken_back(browser):
    form = {"name": "Only pools", "where": "kind=pool", "sort": "-liquidity_usd"}
    page = browser.post("/markets/emerging/keep", form).text
    assert "Only pools" in page.split('id="kept"')[1]
    assert "kind=emerging&amp;where=kind%3Dpool&amp;name=Only+pools#rule" in page
    (found,) = [
        one for one in browser.get("/palette?q=only+pools").json()["items"] if one["title"] == "Only pools"
    ]
    assert found["href"] == "/markets/emerging?where=kind%3Dpool&sort=-liquidity_usd"
    taken = browser.post("/markets/emerging/keep", {**form, "where": "kind=coin"})
    assert taken.status_code == 409
    removed = browser.post("/markets/emerging/remove", {"name": "Only pools"}).text
    assert "The search Only pools is removed." in removed
    assert 'id="kept"' not in removed
    assert 'name="where" value="kind=pool"' in removed
