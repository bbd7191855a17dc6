"""Stop and target of a whole position, put, replaced and taken away: it never stands without one meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vigie.adapters.venues.bitget import rows
from vigie.adapters.venues.bitget.wire import (
    TITLE,
    BitgetWire,
    check_parts,
    contract_fields,
    understood,
)
from vigie.adapters.venues.decimals import parse_amount
from vigie.adapters.venues.envelope import RefusedAnswer, Said
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import OrderRejected, OutcomeUnknown
from vigie.ports.trading import Levels

_ORDER: Final = "v2/mix/order/"
_LAST_PRICE: Final = "fill_price"


class BitgetPositionLevels:
    """The levels of one account's positions.

    Parameters
    ----------
    wire : BitgetWire
        To the account.
    """

    def __init__(self, wire: BitgetWire) -> None:
        self._wire = wire

    async def list_waiting(self, kind: str, *, rank: Rank = Rank.READ) -> list[Row]:
        """Return the orders that wait for a price: ``profit_loss`` or ``normal_plan``."""
        path = _ORDER + "orders-plan-pending"
        return await self._wire.rows(path, "entrustedList", "orderId", {"planType": kind}, rank=rank)

    async def protect(self, levels: Levels, ts: int | None) -> None:
        """Put levels on a whole position; what they replace is taken away."""
        symbol = contract_fields(levels.instrument)["symbol"]
        with understood():
            standing = await self.list_waiting("profit_loss", rank=Rank.EXIT)
            former = [row for row in standing if row["symbol"] == symbol]
        placed = await self._place_levels(levels, ts) if levels.stop or levels.target else set()
        # The new levels stand before the old ones go.
        replaced = [row for row in former if str(row["orderId"]) not in placed]
        await self._cancel_levels(levels.instrument, replaced, ts)

    async def _place_levels(self, levels: Levels, ts: int | None) -> set[str]:
        body = {
            **contract_fields(levels.instrument),
            "holdSide": rows.side_word(levels.side),
            "stopLossTriggerPrice": rows.format_level(levels.stop),
            "stopLossTriggerType": _LAST_PRICE if levels.stop else "",
            "stopLossClientOid": levels.stop_id,
            "stopSurplusTriggerPrice": rows.format_level(levels.target),
            "stopSurplusTriggerType": _LAST_PRICE if levels.target else "",
            "stopSurplusClientOid": levels.target_id,
        }
        fields = {name: value for name, value in body.items() if value}
        try:
            data = await self._wire.order(_ORDER + "place-pos-tpsl", fields, signed_ts=ts)
        except RefusedAnswer as refused:
            return await self._standing(levels, refused.said)
        with understood(OutcomeUnknown):
            return {str(placed["orderId"]) for placed in data}

    async def _standing(self, levels: Levels, said: Said) -> set[str]:
        """Return the ids of levels that were placed before under the same client ids."""
        our_ids = {levels.stop_id, levels.target_id} - {""}
        waiting = await self.list_waiting("profit_loss", rank=Rank.EXIT)
        standing = [row for row in waiting if row.get("clientOid") in our_ids]
        with understood():
            prices = {parse_amount(row["triggerPrice"]) for row in standing}
        if prices != {level for level in (levels.stop, levels.target) if level}:
            raise OrderRejected(
                "used_other_levels",
                "{title} {said}: {our_ids} were used for other levels",
                title=TITLE,
                said=said,
                our_ids=sorted(our_ids),
            )
        return {str(row["orderId"]) for row in standing}

    async def _cancel_levels(self, instrument: str, plans: Sequence[Row], ts: int | None) -> None:
        with understood():
            kinds = sorted({str(row["planType"]) for row in plans})
        for kind in kinds:
            ids = [{"orderId": str(row["orderId"])} for row in plans if row["planType"] == kind]
            body = {**contract_fields(instrument), "planType": kind, "orderIdList": ids}
            try:
                result = await self._wire.order(_ORDER + "cancel-plan-order", body, signed_ts=ts)
            except OrderRejected as error:
                if self._wire.meaning_under(error) != "absent":
                    raise
                continue
            check_parts(result)
