"""Prices beside those of a second source: how many agree, where the widest gap is, what is too old to be compared."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from tests.houses import Browser, person
from tests.unit.services.figures_material import EIGHT, HOURLY, NOW, THIRD, full, quote
from vigie.domain.fact import Observation
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.services.market_data.price_agreement import price_agreements
from vigie.services.operation_calls import run_operation
from vigie.views.web.language import UserLanguage


def test_each_source_is_held_against_the_middle_of_the_others():
    prices = {"a": {"x": 100.0, "y": 10.0, "z": 1.0}, "b": {"x": 100.4, "y": 10.0}, "c": {"x": 103.0}}
    heard = {
        source: {asset: (price, NOW) for asset, price in held.items()} for source, held in prices.items()
    }
    one, two, three = price_agreements(heard, 0)
    assert (one.source, one.prices, one.compared, one.share) == ("a", 3, 2, 0.5)
    assert (one.widest, one.asset) == (pytest.approx(1 - 100 / 101.7), "x")
    assert (two.compared, two.share) == (2, 0.5)
    assert (three.share, three.widest) == (0.0, pytest.approx(103 / 100.2 - 1))


def test_who_is_alone_agrees_with_nobody_and_disagrees_with_nobody():
    (one,) = price_agreements({"a": {"x": (1.0, NOW)}}, MINUTE_MS)
    assert (one.compared, one.share, one.widest, one.asset) == (0, None, None, "")
    assert price_agreements({}, MINUTE_MS) == []


def test_prices_of_two_moments_are_not_compared():
    heard = {
        "a": {"x": (100.0, NOW)},
        "b": {"x": (100.1, NOW - MINUTE_MS)},
        "c": {"x": (80.0, NOW - 3 * MINUTE_MS)},
    }
    assert [one.compared for one in price_agreements(heard, MINUTE_MS)] == [1, 1, 0]
    assert [one.share for one in price_agreements(heard, MINUTE_MS)] == [1.0, 1.0, None]
    assert [one.compared for one in price_agreements(heard, 3 * MINUTE_MS)] == [1, 1, 1]


@pytest.mark.parametrize(("speed", "compared"), [(1.0, 0), (60.0, 0), (600.0, 1)])
def test_how_far_apart_prices_may_be_grows_with_the_pace_of_the_market(tmp_path, speed, compared):
    place = replace(
        full(tmp_path / "home"), clock=SimpleNamespace(market_now=lambda: NOW, market_speed=lambda: speed)
    )
    place.quotes.put([quote(EIGHT, NOW, last=100.0), quote(THIRD, NOW - 4 * MINUTE_MS, last=108.0)])
    rows = {row["source"]: row for row in run_operation(place, person("owner"), "sources.agreement", {}).rows}
    assert (rows["binance-perp"]["prices"], rows["binance-perp"]["compared"]) == (1, compared)


def test_prices_of_five_minutes_are_compared_in_dollars_and_shown(tmp_path):
    place = full(tmp_path / "home")
    place.quotes.put(
        [quote(EIGHT, last=100.0), quote(HOURLY, last=100.3), quote(THIRD, NOW - HOUR_MS, last=50.0)]
    )
    place.quotes.put(
        [quote("okx-perp:1000pepe-usdt-perp", last=0.01), quote("bitget-perp:pepe-usdt-perp", last=0.00001)]
    )
    seen = NOW - MINUTE_MS
    place.facts.append([Observation("market/bitcoin/price_usd", seen, seen, 110.0)])
    browser = Browser(place)
    rows = {row["source"]: row for row in browser.call("sources.agreement").json()["rows"]}
    assert set(rows) == {"bitget-perp", "hyperliquid-perp", "okx-perp", "coingecko", "binance-perp"}
    silent = rows["binance-perp"]
    assert (silent["is_silent"], silent["prices"], silent["share"]) == (True, 0, None)
    assert silent["ts"] == NOW - HOUR_MS
    assert [row["source"] for row in rows.values() if row["is_silent"]] == ["binance-perp"]
    assert (rows["bitget-perp"]["compared"], rows["bitget-perp"]["prices"]) == (2, 2)
    assert (rows["okx-perp"]["share"], rows["okx-perp"]["asset"]) == (1.0, "pepe")
    assert (rows["coingecko"]["share"], rows["coingecko"]["asset"]) == (0.0, "bitcoin")
    # One of them is priced in a stablecoin that has left its dollar.
    middle = (100.0 + 100.3 * 0.9) / 2
    assert rows["coingecko"]["widest"] == pytest.approx(110 / middle - 1)
    page = browser.get("/sources").text
    assert 'id="agreement"' in page
    assert f"not compared: no price since {UserLanguage('en').moment(NOW - HOUR_MS)}" in page
    french = Browser(place, language="fr").get("/sources").text
    assert "Concordance des prix entre sources, en ce moment" in french
    assert f"aucun prix depuis le {UserLanguage('fr').moment(NOW - HOUR_MS)}" in french
    assert 'id="agreement"' not in browser.get("/sources?part=news").text
