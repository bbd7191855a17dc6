"""What happens at the first price of a bar: fill model rules 4, 8 and 9."""

from __future__ import annotations

from tests.twin.fills import (
    below_minimum,
    beyond,
    close_position,
    floored_funding,
    liquidation_price,
    settle,
    slipped,
    smallest_quantity,
    widen,
)
from tests.twin.grid import floor_lots, quantity_of, version_at
from tests.twin.records import (
    ENTRY_INTENT,
    GAP_THROUGH_LEVEL,
    LIQUIDATION,
    LIQUIDATION_TOO_NEAR,
    TOO_SMALL,
    Account,
    Pending,
    Position,
    quote,
)


def settle_at_open(account: Account, number: int, index: int) -> None:
    """Rule 8: settlements at the open, or in the gap before it, for positions entered before it."""
    slot = account.slots[number]
    before = slot.ts[index - 1] + slot.timeframe_ms if index > 0 else slot.ts[index]
    for time, rate in floored_funding(slot):
        if before <= time <= slot.ts[index] and account.positions[number] is not None:
            settle(account, number, time, rate, slot.open[index])


def exit_at_open(account: Account, number: int, index: int) -> dict:
    """Rule 4: a decided exit, a liquidation if the open is at or beyond the liquidation price."""
    slot, position = account.slots[number], account.positions[number]
    version = version_at(slot.versions, slot.ts[index])
    first_price = slot.open[index]
    widen(position, first_price, first_price)
    if beyond(first_price, position.liquidation, position.side):
        account.pending[number] = None  # a reversal's entry is void
        price, reason = position.liquidation, LIQUIDATION
    else:
        price = slipped(first_price, -position.side, account.settings, version)
        reason = position.exit_decided
    return close_position(
        account,
        number,
        index,
        price=price,
        reason=reason,
        time=slot.ts[index],
        fee_rate=account.settings["taker"],
    )


def refuse_at_open(account: Account, number: int, index: int, refusal: tuple[int, float, float]) -> None:
    """Rule 13: a refusal at the open carries that bar's open time, and what had been decided."""
    decided: Pending = account.pending[number]
    levels = (decided.stop_ticks, decided.target_ticks)
    account.refuse(account.slots[number].ts[index], number, decided.side, refusal, decided.lots, levels)
    account.pending[number] = None


def enter_at_open(account: Account, number: int, index: int, leverage_cap: float) -> None:
    """Rule 4: gap through a level, liquidation too near, shrink, too small; then the fill."""
    slot, settings, decided = account.slots[number], account.settings, account.pending[number]
    version = version_at(slot.versions, slot.ts[index])
    first_price = slot.open[index]
    if beyond(first_price, decided.stop, decided.side):
        return refuse_at_open(account, number, index, (GAP_THROUGH_LEVEL, decided.stop, first_price))
    if beyond(first_price, decided.target, -decided.side):
        return refuse_at_open(account, number, index, (GAP_THROUGH_LEVEL, decided.target, first_price))
    price = slipped(first_price, decided.side, settings, version)
    liquidation = liquidation_price(price, decided.side, settings["leverage"], version)
    if beyond(decided.stop, liquidation, decided.side):
        return refuse_at_open(account, number, index, (LIQUIDATION_TOO_NEAR, liquidation, decided.stop))
    # Lots are integers: they are counted anew only where the lot itself is another by now.
    same_lot = quantity_of(decided.lots, version) == decided.qty
    lots = min(
        decided.lots if same_lot else floor_lots(decided.qty, version),
        floor_lots(quote(account.cash) * min(settings["leverage"], leverage_cap) / price, version),
    )
    if below_minimum(lots, price, version):
        needed = smallest_quantity(price, version)
        return refuse_at_open(account, number, index, (TOO_SMALL, needed, quantity_of(lots, version)))
    quantity = quantity_of(lots, version)
    fee = -account.book(number, -quantity * price * settings["taker"])
    account.positions[number] = Position(
        side=decided.side,
        lots=lots,
        qty=quantity,
        entry=price,
        entry_ts=slot.ts[index],
        entry_index=index,
        stop=decided.stop,
        target=decided.target,
        stop_ticks=decided.stop_ticks,
        target_ticks=decided.target_ticks,
        liquidation=liquidation,
        planned_risk=abs(decided.close - decided.stop) * quantity,
        decision_equity=decided.equity,
        entry_fee=fee,
    )
    account.pending[number] = None
    widen(account.positions[number], first_price, first_price)
    levels = (decided.stop_ticks, decided.target_ticks)
    account.event(slot.ts[index], number, decided.side, lots, levels, ENTRY_INTENT)
    return None
