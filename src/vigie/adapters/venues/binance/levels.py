"""Stop and target of a whole position, orders of their own: it never stands without one while they are replaced.

One order of each kind may close a whole position (``closePosition``). What replaces a standing one is therefore an
order of the position's size first (``reduceOnly``), and the next one is of the whole again. Both end with the
position (``GTE_GTC``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie.adapters.venues.binance import rows
from vigie.adapters.venues.binance.wire import PRIVATE_V3, TITLE, Wire, listed, symbol_of, understood
from vigie.adapters.venues.envelope import RefusedAnswer, Said
from vigie.adapters.venues.figures import amount, plain
from vigie.adapters.venues.signed import Row
from vigie.adapters.venues.turns import Rank
from vigie.domain.errors import OrderRejected, OutcomeUnknown
from vigie.ports.trading import Levels

_LAST_PRICE: Final = "CONTRACT_PRICE"
_WHILE_OPEN: Final = "GTE_GTC"


@dataclass(frozen=True, slots=True)
class _Level:
    """One level that is wanted."""

    symbol: str
    side: int
    kind: str
    price: Decimal
    client_id: str


class PositionLevels:
    """The levels of one account's positions.

    Parameters
    ----------
    wire : Wire
        To the account.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def waiting(self, symbol: str = "", *, rank: Rank = Rank.READ) -> list[Row]:
        """Return the orders that wait for a price."""
        asked = {"symbol": symbol} if symbol else {}
        return listed(await self._wire.ask("openAlgoOrders", asked, rank=rank))

    async def protect(self, levels: Levels, ts: int | None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        symbol = symbol_of(levels.instrument)
        with understood():
            standing = [row for row in await self.waiting(symbol, rank=Rank.EXIT) if rows.closes(row)]
        wanted = (
            ("STOP_MARKET", levels.stop, levels.stop_id),
            ("TAKE_PROFIT_MARKET", levels.target, levels.target_id),
        )
        kept: set[str] = set()
        for kind, price, client_id in wanted:
            if price is not None:
                named = client_id or f"{rows.LEVEL}{kind[:4].lower()}-{self._wire.venue_now()}"
                level = _Level(symbol, -levels.side, kind, price, named)
                of_kind = [row for row in standing if row["orderType"] == kind]
                kept.add(await self._put(level, of_kind, ts))
        # The new levels stand before the old ones go.
        gone = [row for row in standing if str(row["algoId"]) not in kept]
        await self._take_away(symbol, gone, ts)

    async def _put(self, level: _Level, standing: Sequence[Row], ts: int | None) -> str:
        """Return the id of an order at a level: of one that stands there already, or of a new one."""
        with understood():
            there = [
                row for row in standing if rows.is_whole(row) and amount(row["triggerPrice"]) == level.price
            ]
            is_taken = any(rows.is_whole(row) for row in standing)
        if there:
            return str(there[0]["algoId"])
        extent = await self._size(level) if is_taken else {"closePosition": "true"}
        body = {
            "algoType": "CONDITIONAL",
            "symbol": level.symbol,
            "side": rows.side_word(level.side),
            "type": level.kind,
            "triggerPrice": plain(level.price),
            "workingType": _LAST_PRICE,
            "timeInForce": _WHILE_OPEN,
            "clientAlgoId": level.client_id,
            **extent,
        }
        try:
            answer = await self._wire.order("algoOrder", body, signed_ts=ts)
        except RefusedAnswer as no:
            return await self._adopted(level, no.said)
        with understood(OutcomeUnknown):
            return str(answer["algoId"])

    async def _size(self, level: _Level) -> dict[str, str]:
        found = listed(
            await self._wire.ask("positionRisk", {"symbol": level.symbol}, api=PRIVATE_V3, rank=Rank.EXIT)
        )
        with understood():
            held = sum((abs(amount(row["positionAmt"])) for row in found), Decimal(0))
        if not held:
            raise OrderRejected(f"{TITLE}: there is no position in {level.symbol} to protect")
        return {"quantity": plain(held), "reduceOnly": "true"}

    async def _adopted(self, level: _Level, said: Said) -> str:
        """Return the order that was placed before under the same client id."""
        row: Any = await self._wire.ask("algoOrder", {"clientAlgoId": level.client_id}, rank=Rank.EXIT)
        with understood():
            is_same = (row["orderType"], amount(row["triggerPrice"])) == (level.kind, level.price)
            found = str(row["algoId"])
        if not is_same:
            raise OrderRejected(f"{TITLE} {said}: {level.client_id} was used for another level")
        return found

    async def _take_away(self, symbol: str, standing: Sequence[Row], ts: int | None) -> None:
        for row in standing:
            asked = {"symbol": symbol, "algoId": str(row["algoId"])}
            try:
                await self._wire.order("algoOrder", asked, method="DELETE", signed_ts=ts)
            except OrderRejected as error:
                if self._wire.meaning_under(error) != "absent":
                    raise
