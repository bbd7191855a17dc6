"""What is known of contracts and orders, asked once and remembered; and long lists, read page by page."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.rows import Listing
from vigie.adapters.venues.hyperliquid.wire import TITLE, Wire, coin_of, understood
from vigie.adapters.venues.signed import Row, said_under
from vigie.adapters.venues.turns import Rank
from vigie.domain.errors import ConnectorError, OrderRejected, TransientError

_MOST_REMEMBERED: Final = 10_000
# An order may be shown later than its fill.
_LATE_MS: Final = 60_000


class Known:
    """What one account's adapter has learnt.

    Parameters
    ----------
    wire : Wire
        To the account.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._orders: OrderedDict[str, Row] = OrderedDict()
        self._listings: dict[str, Listing] = {}

    async def listing(self, instrument: str) -> Listing:
        """Return a contract as actions name it."""
        coin = coin_of(instrument)
        self._wire.names.touch([coin])
        if coin not in self._listings:
            meta = await self._wire.ask("meta", rank=Rank.EXIT)
            with understood():
                self._listings = {
                    one["name"]: Listing(one["name"], place, int(one["szDecimals"]))
                    for place, one in enumerate(meta["universe"])
                    if not one.get("isDelisted")
                }
        if coin not in self._listings:
            raise ConnectorError(f"{TITLE} does not list {instrument}")
        return self._listings[coin]

    def forget(self, error: OrderRejected) -> None:
        """Read the contracts anew after what may be a change of their grid."""
        words = said_under(error).words.lower()
        if "tick size" in words or "invalid size" in words:
            self._listings = {}

    async def status(self, oid: int | str, *, rank: Rank = Rank.LOOK) -> Any:
        """Return what the venue says of an order, by its number or our id; None where there is no such one."""
        told = await self._wire.mine("orderStatus", oid=oid, rank=rank)
        with understood():
            return None if told["status"] == "unknownOid" else told["order"]

    async def made(self, row: Row) -> Row | None:
        """Return the order of a fill, remembered; None where the venue itself traded or has forgotten it."""
        if rows.cause_of(row, None, self._wire.account) in ("liquidation", "adl"):
            return None
        oid = str(row["oid"])
        if oid not in self._orders:
            found = await self.status(int(oid))
            if found is None and self._wire.venue_now() - int(row["time"]) < _LATE_MS:
                raise TransientError(f"{TITLE} shows a fill of order {oid} and not yet the order")
            self.remember({"oid": oid} if found is None else found["order"])
        self._orders.move_to_end(oid)
        return self._orders[oid]

    def order(self, oid: str) -> Row | None:
        """Return what is remembered of an order."""
        return self._orders.get(oid)

    def remember(self, row: Row) -> None:
        """Keep what has to be known of an order when its fills come."""
        known = ("isTrigger", "orderType", "is_ours")
        self._orders[str(row["oid"])] = {name: row[name] for name in known if name in row}
        while len(self._orders) > _MOST_REMEMBERED:
            self._orders.popitem(last=False)

    async def since(
        self, kind: str, since_ms: int, page: int, number: str, rank: Rank = Rank.READ
    ) -> list[Row]:
        """Return a list from a time on, page by page: a page begins at the last time of the one before."""
        found: dict[Any, Row] = {}
        start = since_ms
        while True:
            told = await self._wire.mine(kind, startTime=start, rank=rank)
            with understood():
                rows_ = list(told)
                fresh = {_key(row, number): row for row in rows_}
                is_new = bool(set(fresh) - set(found))
                found |= fresh
                if len(rows_) < page:
                    return list(found.values())
                start = max(int(row["time"]) for row in rows_)
            if not is_new:
                raise TransientError(f"{TITLE} gave the same page of {kind} twice")


def _key(row: Row, number: str) -> Any:
    return row[number] if number else (row["time"], row["delta"]["coin"])
