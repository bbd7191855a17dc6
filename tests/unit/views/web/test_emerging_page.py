"""Newcomers: those of the list of coins, new and trending pools, and what people search for most."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.houses import Browser, house
from vigie.domain.first_sighting import FirstSighting, PressReport
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.leads import LEAD_STATES


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
    assert "No coin or pool meets every condition" in page
    assert 'value="48"' in page
    assert 'value="1000000"' in page
    assert 'name="rest" value="turnover&lt;3"' in page
    assert "Age at most 48" in page


def test_what_is_typed_wrongly_stays_in_the_form_with_the_reason(browser):
    page = browser.get("/markets/emerging?narrow=1&liquidity_least=lots").text
    assert "liquidity_usd must be compared with a number, as in" in page
    assert 'value="lots"' in page
    french = browser.get("/markets/emerging?where=price%3E3&lang=fr").text
    assert "une condition sur les cryptos émergentes doit" in french


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
    assert "Search Only pools removed." in removed
    assert 'id="kept"' not in removed
    assert 'name="where" value="kind=pool"' in removed


def lead_rows(now):
    """24 coins: on ten the press was later, on two first; and one that there is no telling apart."""
    names = [f"Qorb{one}{two}" for one in "bcdfg" for two in "aeiou"][:24]
    sights = [
        FirstSighting(
            name.lower(), "coin", name, name.upper(), name.lower(), now - 40 * HOUR_MS, None, False, at == 0
        )
        for at, name in enumerate(names)
    ]
    sights.append(FirstSighting("plain", "coin", "Market", "MARKET", "plain", now - 40 * HOUR_MS))
    sights.append(FirstSighting("old", "coin", "Qorbold", "QORBOLD", "old", now - 40 * HOUR_MS, None, True))
    reports = [
        PressReport(one.id, f"i{at}", "coindesk", "CoinDesk", f"https://coindesk.example/{at}", f"On <{one.name}>",
                    one.ts_seen + (at - 2) * HOUR_MS, now - HOUR_MS, at == 5)
        for at, one in enumerate(sights[:14])
    ]  # fmt: skip
    return sights, reports


def listed_house(folder, clock=None):
    """A home whose list has these coins, and one that was not written down yet."""
    made = house(folder, with_bars=False, clock=clock)
    now = made.clock.market_now() // HOUR_MS * HOUR_MS
    sights, reports = lead_rows(now)
    made.first_sightings.put(sights, reports)
    rows = [
        {"id": one.id, "symbol": one.symbol, "name": one.name, "ts_first_seen": one.ts_seen} for one in sights
    ]
    fresh = {"id": "unnoted", "symbol": "unnoted", "name": "Unnoted", "ts_first_seen": now}
    made.facts.put_document("coingecko", "coin_list_new", now, {"rows": [fresh, *rows]})
    return made


@pytest.fixture(scope="module")
def ahead(tmp_path_factory):
    return Browser(listed_house(tmp_path_factory.mktemp("ahead")))


def test_each_coin_says_when_it_was_seen_and_which_outlet_reported_first(ahead):
    page = ahead.get("/markets/emerging").text
    assert re.search(r'href="https://coindesk.example/13"[^>]*title="On &lt;Qorb', page)
    assert page.count(">press first<") == 2
    assert page.count("no report yet") == 10
    assert page.count(">ambiguous name<") == 1
    assert page.count("already existed") == 1
    assert page.count(">Generated past<") == 1
    assert "Part of this is generated demo history: nobody" in page


def test_the_list_states_its_median_lead_with_an_interval_and_what_counts(ahead):
    page = ahead.get("/markets/emerging").text.split('id="ahead"')[1]
    assert re.search(
        r"Median lead over the press: 9\.0\sh \(95% confidence interval: [\d.]+\sh to [\d.]+\sh\)\.", page
    ) or re.search(r"Median lead over the press: 9\.0\sh \(95% confidence interval: from", page)
    assert (
        "Counted: 24. With a press report: 14; the press was first for 2 of them. Without a report so far: 10."
        in page
    )
    assert "Not counted: 1 that existed before Vigie started watching; 1 with an ambiguous name" in page
    french = ahead.get("/markets/emerging?lang=fr").text
    assert "Avance médiane sur la presse" in french
    assert "pas encore d’article" in french


def test_files_and_programs_get_the_lead_of_each_row_and_of_the_list(ahead):
    answer = ahead.get("/api/v1/markets/emerging").json()
    found = answer["lead"]
    assert (found["counted"], found["reported"], found["waiting"], found["press_first"]) == (24, 14, 10, 2)
    assert (found["before"], found["unclear"], found["is_enough"], found["median_hours"]) == (1, 1, True, 9.0)
    rows = {row["id"]: row for row in answer["rows"]}
    assert rows["unnoted"]["lead_state"] is None
    states = {state: sum(row["lead_state"] == state for row in answer["rows"]) for state in LEAD_STATES}
    assert states == {"ahead": 12, "behind": 2, "waiting": 10, "before": 1, "unclear": 1}
    text = ahead.get("/api/v1/markets/emerging.csv").text
    head = text.splitlines()[0].split(",")
    for name in (
        "ts_seen",
        "ts_reported",
        "outlet",
        "lead_hours",
        "lead_state",
        "report_url",
        "is_generated",
    ):
        assert name in head
    assert "# Median lead over the press: 9.0" in text
    assert "# Counted: 24." in text
    body = ahead.get("/api/v1/markets/emerging.json").json()
    assert body["lead"]["median_hours"] == 9.0
    assert body["remarks"][0].startswith("Median lead")


def test_files_of_a_french_page_carry_its_sentences_in_french(ahead):
    page = ahead.get("/markets/emerging?lang=fr").text
    link = re.search(r'href="(/api/v1/markets/emerging\.csv\?[^"]*)"', page)[1].replace("&amp;", "&")
    text = ahead.get(link).text
    assert "# Avance médiane sur la presse" in text
    assert "Median lead" not in text
    assert (
        "language="
        not in re.search(
            r'href="(/api/v1/markets/emerging\.csv[^"]*)"', ahead.get("/markets/emerging?lang=en").text
        )[1]
    )


def test_conditions_narrow_the_list_that_the_median_is_of(ahead):
    found = ahead.get("/api/v1/markets/emerging?where=kind%3Dpool").json()["lead"]
    assert (found["counted"], found["is_enough"], found["median_hours"]) == (0, False, None)


def test_rows_are_sorted_by_their_lead(ahead):
    rows = ahead.get("/api/v1/markets/emerging?sort=lead_hours").json()["rows"]
    known = [row["lead_hours"] for row in rows if row["lead_hours"] is not None]
    assert known == sorted(known)
    assert known[0] == -2.0
