"""Stop and target of a whole position, put, replaced and taken away: it never stands without one meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from vigie.adapters.venues.envelope import RefusedAnswer, Said
from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.rows import HyperliquidContract
from vigie.adapters.venues.hyperliquid.wire import TITLE, HyperliquidWire, check_parts, understood
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import OrderRejected, OutcomeUnknown
from vigie.ports.trading import Levels

# How much worse than its trigger a level may be filled; the venue's own tolerance is ten percent.
_TOLERANCE: Final = Decimal("0.1")

OrderPlaced = Callable[[Row], None]
"""Takes an order that was placed, with what is known of it."""


class HyperliquidPositionLevels:
    """The levels of one account's positions.

    Parameters
    ----------
    wire : HyperliquidWire
        To the account.
    on_placed : callable
        Told every level that is placed.
    """

    def __init__(self, wire: HyperliquidWire, on_placed: OrderPlaced) -> None:
        self._wire = wire
        self._on_placed = on_placed

    async def list_waiting(self, coin: str = "") -> list[Row]:
        """Return the levels that wait: all, for a look at positions, or of one contract that is protected now."""
        open_orders = await self._wire.ask_account(
            "frontendOpenOrders", rank=Rank.EXIT if coin else Rank.LOOK
        )
        with understood():
            return [row for row in open_orders if rows.is_level(row) and coin in ("", row["coin"])]

    async def protect(self, levels: Levels, contract: HyperliquidContract, ts: int | None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        former = await self.list_waiting(contract.coin)
        placed = await self._place_levels(levels, contract, ts) if levels.stop or levels.target else set()
        # The new levels stand before the old ones go.
        replaced = [row for row in former if str(row["oid"]) not in placed]
        if replaced:
            cancels = [{"a": contract.asset, "o": int(row["oid"])} for row in replaced]
            try:
                check_parts(await self._wire.act({"type": "cancel", "cancels": cancels}, signed_ts=ts))
            except OrderRejected as error:
                if self._wire.meaning_under(error) != "absent":
                    raise

    async def _place_levels(self, levels: Levels, contract: HyperliquidContract, ts: int | None) -> set[str]:
        wanted = [
            trigger_order(contract, -levels.side, Decimal(0), level, kind, client_id)
            for level, kind, client_id in (
                (levels.stop, "sl", levels.stop_id),
                (levels.target, "tp", levels.target_id),
            )
            if level
        ]
        try:
            action = {"type": "order", "orders": wanted, "grouping": "positionTpsl"}
            statuses = await self._wire.act(action, signed_ts=ts)
        except RefusedAnswer as refused:
            return await self._standing(levels, contract, refused.said)
        check_parts(statuses)
        with understood(OutcomeUnknown):
            placed = {str(status["resting"]["oid"]) for status in statuses}
        for status, row in zip(statuses, wanted, strict=True):
            kind = "Stop Market" if row["t"]["trigger"]["tpsl"] == "sl" else "Take Profit Market"
            self._on_placed({"oid": status["resting"]["oid"], "isTrigger": True, "orderType": kind})
        return placed

    async def _standing(self, levels: Levels, contract: HyperliquidContract, said: Said) -> set[str]:
        """Return the ids of levels that were placed before under the same client ids."""
        our_ids = {levels.stop_id, levels.target_id} - {""}
        standing = [row for row in await self.list_waiting(contract.coin) if rows.client_id(row) in our_ids]
        with understood():
            prices = {rows.parse_number(row["triggerPx"]) for row in standing}
        wanted = {
            contract.price(level, up=up)
            for level, up in ((levels.stop, levels.side > 0), (levels.target, levels.side < 0))
            if level
        }
        if prices != wanted:
            raise OrderRejected(
                "used_other_levels",
                "{title} {said}: {our_ids} were used for other levels",
                title=TITLE,
                said=said,
                our_ids=sorted(our_ids),
            )
        return {str(row["oid"]) for row in standing}


def trigger_order(
    contract: HyperliquidContract, side: int, qty: Decimal, level: Decimal, kind: str, client_id: str
) -> Mapping[str, Any]:
    """Return a market order that waits for a price, as actions write it.

    Parameters
    ----------
    side : int
        Of the order: -1 closes a long position.
    qty : Decimal
        0 is the whole position.
    kind : str
        ``sl`` or ``tp``; a price that is not on the venue's grid is moved to where it triggers earlier.
    """
    trigger = contract.price(level, up=(kind == "sl") == (side < 0))
    limit = contract.price(trigger * (1 + side * _TOLERANCE), up=side > 0)
    row: dict[str, Any] = {
        "a": contract.asset,
        "b": side > 0,
        "p": rows.format_plain(limit),
        "s": rows.format_plain(qty),
        "r": True,
        "t": {"trigger": {"isMarket": True, "triggerPx": rows.format_plain(trigger), "tpsl": kind}},
    }
    return row | ({"c": rows.cloid(client_id)} if client_id else {})
