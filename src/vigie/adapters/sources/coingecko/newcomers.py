"""What is new: coins that were not in the list before, and pools that were just opened."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.adapters.sources.site import maybe, moment
from vigie.domain.errors import DataError
from vigie.ports.source import Batch

_KEPT: Final = 100
_MARK_BYTES: Final = 5
# A list that lost so much of what it held is a broken answer, not a market that shrank.
_LEAST_SHARE: Final = 0.8


def new_coins(rows: Sequence[Mapping[str, Any]], bookmark: str, now: int) -> Batch:
    """Compare a list of coins with the one before; the bookmark holds marks of its ids and the newest finds.

    A row without an id, a name or a symbol is new once it has them.

    Raises
    ------
    DataError
        If most of the coins that were there are gone.
    """
    before: dict[str, Any] = json.loads(bookmark) if bookmark else {"seen": "", "new": []}
    seen = _unpacked(before["seen"])
    by_mark = {_mark(row["id"]): row for row in rows if _has(row, "id", "name", "symbol")}
    if seen and len(seen & by_mark.keys()) < _LEAST_SHARE * len(seen):
        raise DataError(
            f"the list must hold most of the {len(seen)} coins that were there, held {len(seen & by_mark.keys())}"
        )
    fresh = [
        {"id": row["id"], "symbol": row["symbol"], "name": row["name"], "ts_first_seen": now}
        for mark, row in by_mark.items()
        if seen and mark not in seen
    ]
    found = [row for row in fresh + before["new"] if _has(row, "id", "name", "symbol")][:_KEPT]
    kept = json.dumps({"seen": _packed(seen | by_mark.keys()), "new": found}, separators=(",", ":"))
    document = {"rows": found, "coins": len(rows), "is_first_look": not seen}
    return Batch(documents=[("coin_list_new", document)], bookmark=kept)


def new_pools(fresh: Mapping[str, Any], lively: Mapping[str, Any], now: int) -> Batch:
    """Put new and trending pools into one table; a pool in both is there once, one without a name not."""
    rows: dict[str, dict[str, Any]] = {}
    for answer, kind in ((fresh, "is_new"), (lively, "is_trending")):
        for pool in answer["data"]:
            if not _has({**pool["attributes"], "id": pool["id"]}, "id", "name"):
                continue
            row = rows.setdefault(pool["id"], _pool(pool, now) | {"is_new": False, "is_trending": False})
            row[kind] = True
    return Batch(documents=[("new_pools", {"rows": list(rows.values())})], bookmark=str(now))


def _pool(pool: Mapping[str, Any], now: int) -> dict[str, Any]:
    said = pool["attributes"]
    sides = {name: (side.get("data") or {}).get("id", "") for name, side in pool["relationships"].items()}
    created = said.get("pool_created_at")
    ts = moment(created) if created else None
    trades = (said.get("transactions") or {}).get("h24") or {}
    return {
        "id": pool["id"],
        "name": said["name"],
        "address": said.get("address"),
        "network": sides.get("network") or pool["id"].partition("_")[0],
        "dex": sides.get("dex"),
        "base_token": sides.get("base_token"),
        "ts_created": ts,
        "age_s": None if ts is None else max(now - ts, 0) // 1_000,
        "price_usd": maybe(said.get("base_token_price_usd")),
        "liquidity_usd": maybe(said.get("reserve_in_usd")),
        "fully_diluted_usd": maybe(said.get("fdv_usd")),
        "market_cap_usd": maybe(said.get("market_cap_usd")),
        "volume_24h_usd": maybe((said.get("volume_usd") or {}).get("h24")),
        "change_24h_percent": maybe((said.get("price_change_percentage") or {}).get("h24")),
        "buys_24h": trades.get("buys"),
        "sells_24h": trades.get("sells"),
    }


def _has(row: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(row.get(name), str) and row[name].strip() for name in names)


def _mark(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=_MARK_BYTES).digest()


def _packed(marks: set[bytes]) -> str:
    return base64.b85encode(zlib.compress(b"".join(sorted(marks)), 6)).decode()


def _unpacked(text: str) -> set[bytes]:
    whole = zlib.decompress(base64.b85decode(text)) if text else b""
    return {whole[at : at + _MARK_BYTES] for at in range(0, len(whole), _MARK_BYTES)}
