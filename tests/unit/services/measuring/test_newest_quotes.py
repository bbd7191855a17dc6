"""One quote an asset, whatever a venue calls its things."""

from __future__ import annotations

from types import SimpleNamespace

from vigie.domain.asset import Asset
from vigie.domain.quote import Quote
from vigie.services.caches.asset_metrics import AssetMetricsCache, newest_quotes

HOSTILE = "\"'><script>alert(1)</script>"


def quote(instrument: str, volume: float) -> Quote:
    return Quote("bitget-perp", instrument, 1, 1, 2.0, volume_24h=volume)


def test_a_name_that_is_none_hides_no_other_quote():
    found = newest_quotes([quote(HOSTILE, 9.0), quote("btc-usdt-perp", 1.0), quote("btc-usdc-perp", 3.0)])
    assert {asset: one.instrument for asset, one in found.items()} == {"bitcoin": "btc-usdc-perp"}


def test_histories_are_compared_only_of_what_is_asked_for_and_has_quotes_to_choose_from():
    read = []
    reader = SimpleNamespace(newest=lambda pairs, *_, **__: read.extend(pairs))
    cache = AssetMetricsCache(reader, None, None, None)
    places = {
        asset: [("binance-perp", f"{code}-usdt-perp"), ("bitget-perp", f"{code}-usdt-perp")]
        for asset, code in (("bitcoin", "btc"), ("ethereum", "eth"), ("solana", "sol"))
    }
    quotes = [
        quote(name, 1.0)
        for name in ("btc-usdt-perp", "btc-usdc-perp", "eth-usdt-perp", "sol-usdt-perp", "sol-usdc-perp")
    ]
    asked = [Asset(name, name, name) for name in ("bitcoin", "ethereum")]
    chosen = cache._choose_quotes(asked, places, quotes)
    assert {one for _, one in read} == {"btc-usdt-perp"}
    assert {chosen[one.id].instrument for one in asked} == {"btc-usdt-perp", "eth-usdt-perp"}
