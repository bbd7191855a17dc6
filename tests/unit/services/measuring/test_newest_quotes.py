"""One quote an asset, whatever a venue calls its things."""

from __future__ import annotations

from vigie.domain.quote import Quote
from vigie.services.caches.asset_metrics import newest_quotes

HOSTILE = "\"'><script>alert(1)</script>"


def quote(instrument: str, volume: float) -> Quote:
    return Quote("bitget-perp", instrument, 1, 1, 2.0, volume_24h=volume)


def test_a_name_that_is_none_hides_no_other_quote():
    found = newest_quotes([quote(HOSTILE, 9.0), quote("btc-usdt-perp", 1.0), quote("btc-usdc-perp", 3.0)])
    assert {asset: one.instrument for asset, one in found.items()} == {"bitcoin": "btc-usdc-perp"}
