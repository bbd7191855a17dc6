"""Stop and target of a whole position, put, replaced and taken away: it never stands without one meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.adapters.venues.bitget import rows
from vigie.adapters.venues.bitget.wire import (
    TITLE,
    Wire,
    check_parts,
    contract,
    understood,
)
from vigie.adapters.venues.envelope import RefusedAnswer, Said
from vigie.adapters.venues.figures import amount
from vigie.adapters.venues.signed import Row
from vigie.adapters.venues.turns import Rank
from vigie.domain.errors import OrderRejected, OutcomeUnknown
from vigie.ports.trading import Levels

_ORDER: Final = "v2/mix/order/"
_LAST_PRICE: Final = "fill_price"


class PositionLevels:
    """The levels of one account's positions.

    Parameters
    ----------
    wire : Wire
        To the account.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def waiting(self, kind: str, *, rank: Rank = Rank.READ) -> list[Row]:
        """Return the orders that wait for a price: ``profit_loss`` or ``normal_plan``."""
        path = _ORDER + "orders-plan-pending"
        return await self._wire.rows(path, "entrustedList", "orderId", {"planType": kind}, rank=rank)

    async def protect(self, levels: Levels, ts: int | None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        symbol = contract(levels.instrument)["symbol"]
        with understood():
            standing = await self.waiting("profit_loss", rank=Rank.EXIT)
            before = [row for row in standing if row["symbol"] == symbol]
        placed = await self._placed(levels, ts) if levels.stop or levels.target else set()
        # The new levels stand before the old ones go.
        gone = [row for row in before if str(row["orderId"]) not in placed]
        await self._take_away(levels.instrument, gone, ts)

    async def _placed(self, levels: Levels, ts: int | None) -> set[str]:
        body = {
            **contract(levels.instrument),
            "holdSide": rows.side_word(levels.side),
            "stopLossTriggerPrice": rows.level(levels.stop),
            "stopLossTriggerType": _LAST_PRICE if levels.stop else "",
            "stopLossClientOid": levels.stop_id,
            "stopSurplusTriggerPrice": rows.level(levels.target),
            "stopSurplusTriggerType": _LAST_PRICE if levels.target else "",
            "stopSurplusClientOid": levels.target_id,
        }
        told = {name: value for name, value in body.items() if value}
        try:
            data = await self._wire.order(_ORDER + "place-pos-tpsl", told, signed_ts=ts)
        except RefusedAnswer as no:
            return await self._standing(levels, no.said)
        with understood(OutcomeUnknown):
            return {str(one["orderId"]) for one in data}

    async def _standing(self, levels: Levels, said: Said) -> set[str]:
        """Return the ids of levels that were placed before under the same client ids."""
        ours = {levels.stop_id, levels.target_id} - {""}
        waiting = await self.waiting("profit_loss", rank=Rank.EXIT)
        standing = [row for row in waiting if row.get("clientOid") in ours]
        with understood():
            prices = {amount(row["triggerPrice"]) for row in standing}
        if prices != {level for level in (levels.stop, levels.target) if level}:
            raise OrderRejected(f"{TITLE} {said}: {sorted(ours)} were used for other levels")
        return {str(row["orderId"]) for row in standing}

    async def _take_away(self, instrument: str, plans: Sequence[Row], ts: int | None) -> None:
        with understood():
            kinds = sorted({str(row["planType"]) for row in plans})
        for kind in kinds:
            ids = [{"orderId": str(row["orderId"])} for row in plans if row["planType"] == kind]
            body = {**contract(instrument), "planType": kind, "orderIdList": ids}
            try:
                data = await self._wire.order(_ORDER + "cancel-plan-order", body, signed_ts=ts)
            except OrderRejected as error:
                if self._wire.meaning_under(error) != "absent":
                    raise
                continue
            check_parts(data)
