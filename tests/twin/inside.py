"""What happens inside a bar and after the last one: fill model rules 5, 8, 9, 11 and 13."""

from __future__ import annotations

from tests.twin.fills import beyond, close_position, floored_funding, settle, slipped, widen
from tests.twin.grid import version_at
from tests.twin.records import END_OF_DATA, LIQUIDATION, STOP, TARGET, Account, Inside, Position, TwinSlot


def inside_exit(
    position: Position, bar: tuple[float, float, float], settings: dict, version: dict
) -> tuple[float, int, float] | None:
    """Rule 5: price, reason and fee rate of an exit inside a bar (open, high, low); the stop comes first."""
    first_price, high, low = bar
    side = position.side
    if beyond(first_price, position.liquidation, side):  # rule 9
        return position.liquidation, LIQUIDATION, 0.0
    worst, best = (low, high) if side > 0 else (high, low)
    if beyond(worst, position.stop, side):
        price = min(first_price, position.stop) if side > 0 else max(first_price, position.stop)
        return slipped(price, -side, settings, version), STOP, settings["taker"]
    if beyond(best, position.target, -side):
        price = max(first_price, position.target) if side > 0 else min(first_price, position.target)
        if settings["target_execution"] == "limit":
            return price, TARGET, settings["maker"]
        return slipped(price, -side, settings, version), TARGET, settings["taker"]
    return None


def pieces_of(slot: TwinSlot, index: int) -> list[tuple[int, float, float, float]]:
    """Rule 5: the finer bars inside a base bar, or the base bar itself: close time, open, high, low."""
    start, end = slot.ts[index], slot.ts[index] + slot.timeframe_ms
    whole = [(end, slot.open[index], slot.high[index], slot.low[index])]
    if slot.detail is None:
        return whole
    finer = [
        (row[0] + slot.detail_ms, row[1], row[2], row[3]) for row in slot.detail if start <= row[0] < end
    ]
    # Finer bars that do not show the whole range could hide the price that touched a stop.
    shown = (
        finer
        and max(row[2] for row in finer) >= slot.high[index]
        and min(row[3] for row in finer) <= slot.low[index]
    )
    return finer if shown else whole


def inside_of(account: Account, number: int, index: int) -> Inside:
    """What the position of a slot has still to meet of a bar."""
    position, slot = account.positions[number], account.slots[number]
    if position.inside is None or position.inside.index != index:
        start, end = slot.ts[index], slot.ts[index] + slot.timeframe_ms
        due = [(time, rate) for time, rate in floored_funding(slot) if start < time < end]
        position.inside = Inside(index, list(pieces_of(slot, index)), due)
    return position.inside


def walk_inside(account: Account, number: int, index: int, until: int) -> dict | None:
    """Rules 5, 8 and 13: settlements and exits inside a bar, piece by piece, up to a time."""
    slot = account.slots[number]
    version = version_at(slot.versions, slot.ts[index])
    left = inside_of(account, number, index)
    while left.pieces and left.pieces[0][0] <= until:
        piece_end, first_price, high, low = left.pieces.pop(0)
        position = account.positions[number]
        while (
            left.due and left.due[0][0] < piece_end
        ):  # those in a gap between finer bars come with the next one
            settle(account, number, *left.due.pop(0), first_price)
        widen(position, low, high)
        found = inside_exit(position, (first_price, high, low), account.settings, version)
        if found is not None:
            price, reason, fee_rate = found
            return close_position(
                account, number, index, price=price, reason=reason, time=piece_end, fee_rate=fee_rate
            )
    if until == slot.ts[index] + slot.timeframe_ms:
        for time, rate in left.due:  # the finer bars end early
            settle(account, number, time, rate, slot.open[index])
    return None


def end_of_data(account: Account, number: int, index: int) -> dict:
    """Rule 11: what is open after the last bar's inside is closed at its close."""
    slot, position = account.slots[number], account.positions[number]
    version = version_at(slot.versions, slot.ts[index])
    return close_position(
        account,
        number,
        index,
        price=slipped(slot.close[index], -position.side, account.settings, version),
        reason=END_OF_DATA,
        time=slot.ts[index] + slot.timeframe_ms,
        fee_rate=account.settings["taker"],
    )
