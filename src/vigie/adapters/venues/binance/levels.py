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
from vigie.adapters.venues.binance.wire import (
    PRIVATE_V3,
    TITLE,
    BinanceWire,
    check_rows,
    symbol_of,
    understood,
)
from vigie.adapters.venues.decimals import format_plain, parse_amount
from vigie.adapters.venues.envelope import RefusedAnswer, Said
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import OrderRejected, OutcomeUnknown
from vigie.ports.trading import Levels

_LAST_PRICE: Final = "CONTRACT_PRICE"
_WHILE_OPEN: Final = "GTE_GTC"


@dataclass(frozen=True, slots=True)
class _WantedLevel:
    """One level that is wanted."""

    symbol: str
    side: int
    kind: str
    price: Decimal
    client_id: str


class BinancePositionLevels:
    """The levels of one account's positions.

    Parameters
    ----------
    wire : BinanceWire
        To the account.
    """

    def __init__(self, wire: BinanceWire) -> None:
        self._wire = wire

    async def list_waiting(self, symbol: str = "", *, rank: Rank = Rank.READ) -> list[Row]:
        """Return the orders that wait for a price."""
        query = {"symbol": symbol} if symbol else {}
        return check_rows(await self._wire.ask("openAlgoOrders", query, rank=rank))

    async def protect(self, levels: Levels, ts: int | None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        symbol = symbol_of(levels.instrument)
        with understood():
            standing = [
                row for row in await self.list_waiting(symbol, rank=Rank.EXIT) if rows.is_closing(row)
            ]
        wanted = (
            ("STOP_MARKET", levels.stop, levels.stop_id),
            ("TAKE_PROFIT_MARKET", levels.target, levels.target_id),
        )
        kept_ids: set[str] = set()
        for kind, price, client_id in wanted:
            if price is not None:
                level_id = client_id or f"{rows.LEVEL_PREFIX}{kind[:4].lower()}-{self._wire.venue_now()}"
                level = _WantedLevel(symbol, -levels.side, kind, price, level_id)
                same_kind = [row for row in standing if row["orderType"] == kind]
                kept_ids.add(await self._place_level(level, same_kind, ts))
        # The new levels stand before the old ones go.
        replaced = [row for row in standing if str(row["algoId"]) not in kept_ids]
        await self._cancel_levels(symbol, replaced, ts)

    async def _place_level(self, level: _WantedLevel, standing: Sequence[Row], ts: int | None) -> str:
        """Return the id of an order at a level: of one that stands there already, or of a new one."""
        with understood():
            existing = [
                row
                for row in standing
                if rows.is_whole(row) and parse_amount(row["triggerPrice"]) == level.price
            ]
            is_taken = any(rows.is_whole(row) for row in standing)
        if existing:
            return str(existing[0]["algoId"])
        size_fields = await self._size(level) if is_taken else {"closePosition": "true"}
        body = {
            "algoType": "CONDITIONAL",
            "symbol": level.symbol,
            "side": rows.side_word(level.side),
            "type": level.kind,
            "triggerPrice": format_plain(level.price),
            "workingType": _LAST_PRICE,
            "timeInForce": _WHILE_OPEN,
            "clientAlgoId": level.client_id,
            **size_fields,
        }
        try:
            answer = await self._wire.order("algoOrder", body, signed_ts=ts)
        except RefusedAnswer as refused:
            return await self._adopted(level, refused.said)
        with understood(OutcomeUnknown):
            return str(answer["algoId"])

    async def _size(self, level: _WantedLevel) -> dict[str, str]:
        positions = check_rows(
            await self._wire.ask("positionRisk", {"symbol": level.symbol}, api=PRIVATE_V3, rank=Rank.EXIT)
        )
        with understood():
            qty = sum((abs(parse_amount(row["positionAmt"])) for row in positions), Decimal(0))
        if not qty:
            raise OrderRejected(
                "no_position_protect",
                "{title}: there is no position in {symbol} to protect",
                title=TITLE,
                symbol=level.symbol,
            )
        return {"quantity": format_plain(qty), "reduceOnly": "true"}

    async def _adopted(self, level: _WantedLevel, said: Said) -> str:
        """Return the order that was placed before under the same client id."""
        row: Any = await self._wire.ask("algoOrder", {"clientAlgoId": level.client_id}, rank=Rank.EXIT)
        with understood():
            is_same = (row["orderType"], parse_amount(row["triggerPrice"])) == (level.kind, level.price)
            order_id = str(row["algoId"])
        if not is_same:
            raise OrderRejected(
                "used_another_level",
                "{title} {said}: {client_id} was used for another level",
                title=TITLE,
                said=said,
                client_id=level.client_id,
            )
        return order_id

    async def _cancel_levels(self, symbol: str, standing: Sequence[Row], ts: int | None) -> None:
        for row in standing:
            query = {"symbol": symbol, "algoId": str(row["algoId"])}
            try:
                await self._wire.order("algoOrder", query, method="DELETE", signed_ts=ts)
            except OrderRejected as error:
                if self._wire.meaning_under(error) != "absent":
                    raise
