"""Prices beside those of a second source: how many agree, where the widest gap is, what is too old to be compared."""

import pytest

from tests.houses import Browser
from tests.unit.services.figures_material import EIGHT, HOURLY, NOW, THIRD, full, quote
from vigie.domain.fact import Observation
from vigie.domain.time import HOUR_MS, MINUTE_MS
from vigie.services.measuring.agreement import agreements


def test_each_source_is_held_against_the_middle_of_the_others():
    prices = {"a": {"x": 100.0, "y": 10.0, "z": 1.0}, "b": {"x": 100.4, "y": 10.0}, "c": {"x": 103.0}}
    one, two, three = agreements(prices)
    assert (one.source, one.prices, one.compared, one.share) == ("a", 3, 2, 0.5)
    assert (one.widest, one.asset) == (pytest.approx(1 - 100 / 101.7), "x")
    assert (two.compared, two.share) == (2, 0.5)
    assert (three.share, three.widest) == (0.0, pytest.approx(103 / 100.2 - 1))


def test_who_is_alone_agrees_with_nobody_and_disagrees_with_nobody():
    (one,) = agreements({"a": {"x": 1.0}})
    assert (one.compared, one.share, one.widest, one.asset) == (0, None, None, "")
    assert agreements({}) == []


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
    assert set(rows) == {"bitget-perp", "hyperliquid-perp", "okx-perp", "coingecko"}
    assert (rows["bitget-perp"]["compared"], rows["bitget-perp"]["prices"]) == (2, 2)
    assert (rows["okx-perp"]["share"], rows["okx-perp"]["asset"]) == (1.0, "pepe")
    assert (rows["coingecko"]["share"], rows["coingecko"]["asset"]) == (0.0, "bitcoin")
    # One of them is priced in a stablecoin that has left its dollar.
    middle = (100.0 + 100.3 * 0.9) / 2
    assert rows["coingecko"]["widest"] == pytest.approx(110 / middle - 1)
    assert 'id="agreement"' in browser.get("/sources").text
    assert "Prix à un demi-pour-cent au plus" in Browser(place, language="fr").get("/sources").text
    assert 'id="agreement"' not in browser.get("/sources?part=news").text
