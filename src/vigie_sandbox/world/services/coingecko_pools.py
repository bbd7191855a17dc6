"""How CoinGecko writes pools of new coins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigie.domain.time import DAY_MS, iso
from vigie_sandbox.world.newcomers import SimulatedNewcomer, list_newcomers
from vigie_sandbox.world.world import World


def new_pools(world: World, now_ms: int) -> dict[str, Any]:
    """Return the pools of two days, newest first."""
    return format_pools(_listed_since(world, now_ms, 2)[::-1][:20])


def trending_pools(world: World, now_ms: int) -> dict[str, Any]:
    """Return the pools of two weeks, those that turn over most first."""
    recent = _listed_since(world, now_ms, 14)
    return format_pools(sorted(recent, key=lambda newcomer: -newcomer.turnover)[:20])


def _listed_since(world: World, now_ms: int, days: int) -> list[SimulatedNewcomer]:
    return [
        newcomer for newcomer in list_newcomers(world, now_ms) if newcomer.listed_ms > now_ms - days * DAY_MS
    ]


def format_pools(newcomers: Sequence[SimulatedNewcomer]) -> dict[str, Any]:
    """Return the pools as JSON:API."""
    data = []
    for newcomer in newcomers:
        network = newcomer.network[0]
        sides = {
            "base_token": f"{network}_{newcomer.pool[:12]}",
            "quote_token": f"{network}_usdc",
            "dex": f"{network}-swap",
            "network": network,
        }
        kinds = {"base_token": "token", "quote_token": "token", "dex": "dex", "network": "network"}
        data.append(
            {
                "id": f"{network}_{newcomer.pool}",
                "type": "pool",
                "attributes": {
                    "address": newcomer.pool,
                    "name": f"{newcomer.symbol} / USDC",
                    "base_token_price_usd": f"{newcomer.price:.12f}",
                    "pool_created_at": iso(newcomer.listed_ms),
                    "reserve_in_usd": f"{newcomer.liquidity:.2f}",
                    "fdv_usd": f"{newcomer.liquidity * 9.0:.2f}",
                    "market_cap_usd": None,
                    "volume_usd": {"h24": f"{newcomer.turnover:.2f}"},
                    "price_change_percentage": {"h24": f"{newcomer.change * 100.0:.2f}"},
                    "transactions": {
                        "h24": {"buys": int(newcomer.turnover / 90), "sells": int(newcomer.turnover / 110)}
                    },
                },
                "relationships": {
                    name: {"data": {"id": id_, "type": kinds[name]}} for name, id_ in sides.items()
                },
            }
        )
    return {"data": data, "included": []}
