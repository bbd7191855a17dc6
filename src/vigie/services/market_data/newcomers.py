"""New coins and pools with what speaks against them."""

from __future__ import annotations

import math
from typing import Any, Final

from vigie.data.catalog import BarCatalog
from vigie.intelligence.market.emerging import FlaggedNewcomer, Newcomer, flag_newcomers
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore

SOURCE: Final = "coingecko"


def newcomers_of(
    catalog: BarCatalog, facts: FactStore, clock: Clock, as_of: int | None
) -> tuple[tuple[FlaggedNewcomer, ...], int | None, set[str]]:
    """Return all newcomers with their flags, youngest first; when they were known, and which of them trend."""
    now = as_of or clock.market_now()
    ts_coins, coins = read_directory(facts, "coin_list_new", as_of)
    ts_pools, pools = read_directory(facts, "new_pools", as_of)
    newcomers = [
        Newcomer(row["id"], row["name"], str(row["symbol"]).upper(), "coin", int(row["ts_first_seen"]))
        for row in coins
    ] + [
        Newcomer(
            row["id"],
            row["name"],
            row["name"].partition(" / ")[0],
            "pool",
            int(row["ts_created"] or now),
            row.get("network") or "",
            _float_or_nan(row.get("liquidity_usd")),
            _float_or_nan(row.get("volume_24h_usd")),
            1,
        )
        for row in pools
    ]
    trending_ids = {row["id"] for row in pools if row.get("is_trending")}
    flagged = flag_newcomers(
        newcomers,
        now=now,
        known=catalog.assets(as_of=as_of)[:200],
    )
    return flagged, max((ts for ts in (ts_coins, ts_pools) if ts), default=None), trending_ids


def read_directory(facts: FactStore, key: str, as_of: int | None) -> tuple[int | None, list[dict[str, Any]]]:
    """Return a list that the source keeps, and when it was known; nothing of one that is not there."""
    stored = facts.document(SOURCE, key, as_of=as_of)
    return (stored[0], list(stored[1].get("rows", []))) if stored else (None, [])


def _float_or_nan(value: Any) -> float:
    return math.nan if value is None else float(value)
