"""Stop and target of a whole position, put, replaced and taken away: it never stands without one meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from vigie.adapters.venues.envelope import RefusedAnswer, Said
from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.rows import Listing
from vigie.adapters.venues.hyperliquid.wire import TITLE, Wire, check_parts, understood
from vigie.adapters.venues.signed import Row
from vigie.adapters.venues.turns import Rank
from vigie.domain.errors import OrderRejected, OutcomeUnknown
from vigie.ports.trading import Levels

# How much worse than its trigger a level may be filled; the venue's own tolerance is ten percent.
_TOLERANCE: Final = Decimal("0.1")

Noted = Callable[[Row], None]
"""Takes an order that was placed, with what is known of it."""


class PositionLevels:
    """The levels of one account's positions.

    Parameters
    ----------
    wire : Wire
        To the account.
    noted : callable
        Told every level that is placed.
    """

    def __init__(self, wire: Wire, noted: Noted) -> None:
        self._wire = wire
        self._noted = noted

    async def waiting(self, coin: str = "") -> list[Row]:
        """Return the levels that wait: all, for a look at positions, or of one contract that is protected now."""
        told = await self._wire.mine("frontendOpenOrders", rank=Rank.EXIT if coin else Rank.LOOK)
        with understood():
            return [row for row in told if rows.is_level(row) and coin in ("", row["coin"])]

    async def protect(self, levels: Levels, listing: Listing, ts: int | None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        before = await self.waiting(listing.coin)
        placed = await self._placed(levels, listing, ts) if levels.stop or levels.target else set()
        # The new levels stand before the old ones go.
        gone = [row for row in before if str(row["oid"]) not in placed]
        if gone:
            cancels = [{"a": listing.asset, "o": int(row["oid"])} for row in gone]
            try:
                check_parts(await self._wire.act({"type": "cancel", "cancels": cancels}, signed_ts=ts))
            except OrderRejected as error:
                if self._wire.meaning_under(error) != "absent":
                    raise

    async def _placed(self, levels: Levels, listing: Listing, ts: int | None) -> set[str]:
        wanted = [
            trigger_order(listing, -levels.side, Decimal(0), level, kind, client_id)
            for level, kind, client_id in (
                (levels.stop, "sl", levels.stop_id),
                (levels.target, "tp", levels.target_id),
            )
            if level
        ]
        try:
            action = {"type": "order", "orders": wanted, "grouping": "positionTpsl"}
            told = await self._wire.act(action, signed_ts=ts)
        except RefusedAnswer as no:
            return await self._standing(levels, listing, no.said)
        check_parts(told)
        with understood(OutcomeUnknown):
            placed = {str(one["resting"]["oid"]) for one in told}
        for one, row in zip(told, wanted, strict=True):
            kind = "Stop Market" if row["t"]["trigger"]["tpsl"] == "sl" else "Take Profit Market"
            self._noted({"oid": one["resting"]["oid"], "isTrigger": True, "orderType": kind})
        return placed

    async def _standing(self, levels: Levels, listing: Listing, said: Said) -> set[str]:
        """Return the ids of levels that were placed before under the same client ids."""
        ours = {levels.stop_id, levels.target_id} - {""}
        standing = [row for row in await self.waiting(listing.coin) if rows.client_id(row) in ours]
        with understood():
            prices = {rows.number(row["triggerPx"]) for row in standing}
        wanted = {
            listing.price(level, up=up)
            for level, up in ((levels.stop, levels.side > 0), (levels.target, levels.side < 0))
            if level
        }
        if prices != wanted:
            raise OrderRejected(f"{TITLE} {said}: {sorted(ours)} were used for other levels")
        return {str(row["oid"]) for row in standing}


def trigger_order(
    listing: Listing, side: int, qty: Decimal, level: Decimal, kind: str, client_id: str
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
    trigger = listing.price(level, up=(kind == "sl") == (side < 0))
    limit = listing.price(trigger * (1 + side * _TOLERANCE), up=side > 0)
    row: dict[str, Any] = {
        "a": listing.asset,
        "b": side > 0,
        "p": rows.plain(limit),
        "s": rows.plain(qty),
        "r": True,
        "t": {"trigger": {"isMarket": True, "triggerPx": rows.plain(trigger), "tpsl": kind}},
    }
    return row | ({"c": rows.cloid(client_id)} if client_id else {})
