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

_MAX_NEWCOMERS: Final = 100
_MARK_BYTES: Final = 5
# A list that lost so much of what it held is a broken answer, not a market that shrank.
_MIN_SHARE: Final = 0.8


def new_coins(rows: Sequence[Mapping[str, Any]], bookmark: str, now: int) -> Batch:
    """Compare a list of coins with the one before; the bookmark holds marks of its ids and the newest finds.

    A row without an id, a name or a symbol is new once it has them.

    Raises
    ------
    DataError
        If most of the coins that were there are gone.
    """
    before: dict[str, Any] = json.loads(bookmark) if bookmark else {"seen": "", "new": []}
    seen_marks = _unpack_marks(before["seen"])
    by_mark = {_hash_id(row["id"]): row for row in rows if _has_texts(row, "id", "name", "symbol")}
    if seen_marks and len(seen_marks & by_mark.keys()) < _MIN_SHARE * len(seen_marks):
        raise DataError(
            "list_must_contain_most_coins",
            "the list must contain most of the {seen_marks_count} coins seen before, had {seen_marks_count_2}",
            seen_marks_count=len(seen_marks),
            seen_marks_count_2=len(seen_marks & by_mark.keys()),
        )
    new_rows = [
        {"id": row["id"], "symbol": row["symbol"], "name": row["name"], "ts_first_seen": now}
        for mark, row in by_mark.items()
        if seen_marks and mark not in seen_marks
    ]
    newest = [row for row in new_rows + before["new"] if _has_texts(row, "id", "name", "symbol")][
        :_MAX_NEWCOMERS
    ]
    next_bookmark = json.dumps(
        {"seen": _pack_marks(seen_marks | by_mark.keys()), "new": newest}, separators=(",", ":")
    )
    document = {"rows": newest, "coins": len(rows), "is_first_look": not seen_marks}
    return Batch(documents=[("coin_list_new", document)], bookmark=next_bookmark)


def new_pools(new: Mapping[str, Any], trending: Mapping[str, Any], now: int) -> Batch:
    """Put new and trending pools into one table; a pool in both is there once, one without a name not."""
    rows: dict[str, dict[str, Any]] = {}
    for answer, kind in ((new, "is_new"), (trending, "is_trending")):
        for pool in answer["data"]:
            if not _has_texts({**pool["attributes"], "id": pool["id"]}, "id", "name"):
                continue
            row = rows.setdefault(pool["id"], _pool_row(pool, now) | {"is_new": False, "is_trending": False})
            row[kind] = True
    return Batch(documents=[("new_pools", {"rows": list(rows.values())})], bookmark=str(now))


def _pool_row(pool: Mapping[str, Any], now: int) -> dict[str, Any]:
    attributes = pool["attributes"]
    sides = {name: (side.get("data") or {}).get("id", "") for name, side in pool["relationships"].items()}
    created = attributes.get("pool_created_at")
    ts = moment(created) if created else None
    trades = (attributes.get("transactions") or {}).get("h24") or {}
    return {
        "id": pool["id"],
        "name": attributes["name"],
        "address": attributes.get("address"),
        "network": sides.get("network") or pool["id"].partition("_")[0],
        "dex": sides.get("dex"),
        "base_token": sides.get("base_token"),
        "ts_created": ts,
        "age_s": None if ts is None else max(now - ts, 0) // 1_000,
        "price_usd": maybe(attributes.get("base_token_price_usd")),
        "liquidity_usd": maybe(attributes.get("reserve_in_usd")),
        "fully_diluted_usd": maybe(attributes.get("fdv_usd")),
        "market_cap_usd": maybe(attributes.get("market_cap_usd")),
        "volume_24h_usd": maybe((attributes.get("volume_usd") or {}).get("h24")),
        "change_24h_percent": maybe((attributes.get("price_change_percentage") or {}).get("h24")),
        "buys_24h": trades.get("buys"),
        "sells_24h": trades.get("sells"),
    }


def _has_texts(row: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(row.get(name), str) and row[name].strip() for name in names)


def _hash_id(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=_MARK_BYTES).digest()


def _pack_marks(marks: set[bytes]) -> str:
    return base64.b85encode(zlib.compress(b"".join(sorted(marks)), 6)).decode()


def _unpack_marks(text: str) -> set[bytes]:
    packed = zlib.decompress(base64.b85decode(text)) if text else b""
    return {packed[offset : offset + _MARK_BYTES] for offset in range(0, len(packed), _MARK_BYTES)}
