"""CoinGecko's list of exchanges: the venues of the world with what they turn over."""

from __future__ import annotations

from typing import Any

from vigie_sandbox.world.catalogue import VENUES
from vigie_sandbox.world.world import World


def rank_exchanges(world: World, now_ms: int) -> list[dict[str, Any]]:
    """Return the venues in the order of their trust, turnover in bitcoin."""
    leader = world.price(world.coin_by_symbol["BTC"], now_ms)
    rows = []
    for rank, (name, title, year) in enumerate(
        (("binance", "Binance", 2017), ("bitget", "Bitget", 2018), ("hyperliquid", "Hyperliquid", 2023)),
        start=1,
    ):
        assert name in VENUES
        venue = world.venues[name]
        volume = sum(venue.ticker(coin, now_ms).turnover_24h for coin in venue.coins) / leader
        rows.append(
            {
                "id": name,
                "name": title,
                "year_established": year,
                "country": None,
                "description": "",
                "url": f"https://{name}.example/",
                "image": "",
                "has_trading_incentive": False,
                "trust_score": 11 - rank,
                "trust_score_rank": rank,
                "trade_volume_24h_btc": volume,
                "trade_volume_24h_btc_normalized": volume * 0.8,
            }
        )
    return rows
