"""What is known of contracts and orders, asked once and remembered; and long lists, read page by page."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.rows import HyperliquidContract
from vigie.adapters.venues.hyperliquid.wire import TITLE, HyperliquidWire, coin_of, understood
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row, said_under
from vigie.domain.errors import ConnectorError, OrderRejected, TransientError

_MAX_REMEMBERED: Final = 10_000
# An order may be shown later than its fill.
_LATE_MS: Final = 60_000


class HyperliquidLookups:
    """What one account's adapter has learnt.

    Parameters
    ----------
    wire : HyperliquidWire
        To the account.
    """

    def __init__(self, wire: HyperliquidWire) -> None:
        self._wire = wire
        self._orders: OrderedDict[str, Row] = OrderedDict()
        self._contracts: dict[str, HyperliquidContract] = {}

    async def contract(self, instrument: str) -> HyperliquidContract:
        """Return a contract as actions name it."""
        coin = coin_of(instrument)
        self._wire.names.add_ours([coin])
        if coin not in self._contracts:
            meta = await self._wire.ask("meta", rank=Rank.EXIT)
            with understood():
                self._contracts = {
                    contract_row["name"]: HyperliquidContract(
                        contract_row["name"], index, int(contract_row["szDecimals"])
                    )
                    for index, contract_row in enumerate(meta["universe"])
                    if not contract_row.get("isDelisted")
                }
        if coin not in self._contracts:
            raise ConnectorError(
                "does_not_list", "{title} does not list {instrument}", title=TITLE, instrument=instrument
            )
        return self._contracts[coin]

    def forget_contracts(self, error: OrderRejected) -> None:
        """Read the contracts anew after what may be a change of their grid."""
        words = said_under(error).words.lower()
        if "tick size" in words or "invalid size" in words:
            self._contracts = {}

    async def order_status(self, oid: int | str, *, rank: Rank = Rank.LOOK) -> Any:
        """Return what the venue says of an order, by its number or our id; None where there is no such one."""
        answer = await self._wire.ask_account("orderStatus", oid=oid, rank=rank)
        with understood():
            return None if answer["status"] == "unknownOid" else answer["order"]

    async def order_of_fill(self, row: Row) -> Row | None:
        """Return the order of a fill, remembered; None where the venue itself traded or has forgotten it."""
        if rows.cause_of(row, None, self._wire.account) in ("liquidation", "adl"):
            return None
        oid = str(row["oid"])
        if oid not in self._orders:
            status = await self.order_status(int(oid))
            if status is None and self._wire.venue_now() - int(row["time"]) < _LATE_MS:
                raise TransientError(
                    "shows_fill_order_but",
                    "{title} shows a fill of order {order_id} but not the order yet",
                    title=TITLE,
                    order_id=oid,
                )
            self.remember({"oid": oid} if status is None else status["order"])
        self._orders.move_to_end(oid)
        return self._orders[oid]

    def remembered_order(self, oid: str) -> Row | None:
        """Return what is remembered of an order."""
        return self._orders.get(oid)

    def remember(self, row: Row) -> None:
        """Keep what has to be known of an order when its fills come."""
        kept_fields = ("isTrigger", "orderType", "is_ours")
        self._orders[str(row["oid"])] = {name: row[name] for name in kept_fields if name in row}
        while len(self._orders) > _MAX_REMEMBERED:
            self._orders.popitem(last=False)

    async def list_since(
        self, kind: str, since_ms: int, page_size: int, id_field: str, rank: Rank = Rank.READ
    ) -> list[Row]:
        """Return a list from a time on, page by page: a page begins at the last time of the one before."""
        rows_by_key: dict[Any, Row] = {}
        start = since_ms
        while True:
            answer = await self._wire.ask_account(kind, startTime=start, rank=rank)
            with understood():
                rows_ = list(answer)
                new_rows = {_key(row, id_field): row for row in rows_}
                is_new = bool(set(new_rows) - set(rows_by_key))
                rows_by_key |= new_rows
                if len(rows_) < page_size:
                    return list(rows_by_key.values())
                start = max(int(row["time"]) for row in rows_)
            if not is_new:
                raise TransientError(
                    "gave_same_page_twice",
                    "{title} gave the same page of {path} twice",
                    title=TITLE,
                    path=kind,
                )


def _key(row: Row, id_field: str) -> Any:
    return row[id_field] if id_field else (row["time"], row["delta"]["coin"])
