"""What is decided at a bar's close: fill model rules 1, 2, 3, 6, 9; portfolio rules sections 2, 5, 6."""

from __future__ import annotations

import math

from tests.twin.entry_checks import entry_refusal
from tests.twin.exposure import exposure_caps
from tests.twin.fills import below_minimum, liquidation_price, smallest_quantity
from tests.twin.grid import DOWN, UP, floor_lots, point, price_of, quantity_of, round_price, version_at
from tests.twin.protect import Protect
from tests.twin.records import (
    BAD_LEVEL,
    BOTH_SIDES,
    ENTRY_DECIDED,
    EXIT_DECIDED_PROTECTION,
    EXIT_DECIDED_SIGNAL,
    EXIT_DECIDED_TIME,
    LEVEL_TOO_CLOSE,
    LIQUIDATION_TOO_NEAR,
    NO_EQUITY,
    PROTECTION,
    SIGNAL,
    TIME,
    TOO_SMALL,
    Account,
    Pending,
    Position,
    TwinSlot,
)

EXIT_DECIDED = {SIGNAL: EXIT_DECIDED_SIGNAL, TIME: EXIT_DECIDED_TIME, PROTECTION: EXIT_DECIDED_PROTECTION}


def signal_side(slot: TwinSlot, index: int) -> int:
    """Rule 1: +1, -1, or 0 where none or both hold."""
    return int(slot.long_entry[index]) - int(slot.short_entry[index])


def exit_reason(account: Account, number: int, index: int, now: int, protect: Protect | None) -> int:
    """Rules 1 and 6, portfolio section 4: why the position leaves (signal, time, protection), or 0."""
    slot, position = account.slots[number], account.positions[number]
    own_exit = slot.long_exit[index] if position.side > 0 else slot.short_exit[index]
    if own_exit or signal_side(slot, index) == -position.side:
        return SIGNAL
    max_bars = account.settings["max_bars"]
    if max_bars and index - position.entry_index + 1 >= max_bars:
        return TIME
    if protect is not None and (protect.halted(now) or protect.asset_loss(position, slot.close[index])):
        return PROTECTION
    return 0


def levels_of(slot: TwinSlot, index: int, side: int, settings: dict, version: dict) -> tuple[int, int]:
    """Rule 2: the stop rounded away from the close, the target towards it, in ticks."""
    close = slot.close[index]
    stop = close - side * settings["stop_atr"] * slot.stop_unit[index]
    target = close + side * settings["target_atr"] * slot.target_unit[index]
    direction = DOWN if side > 0 else UP
    return round_price(stop, version, direction), round_price(target, version, direction)


def level_refusal(
    close: float, stop: float, target: float, side: int, settings: dict, version: dict
) -> tuple[int, float, float] | None:
    """Rule 3: the codes that levels alone can cause, in order."""
    if stop <= 0 or target <= 0:
        return BAD_LEVEL, 0.0, min(stop, target)
    tick = point(1, version["tick"])
    nearest = min(abs(close - stop) / tick, abs(target - close) / tick)
    if nearest < 1 - 1e-6:
        return LEVEL_TOO_CLOSE, 1.0, nearest
    room = 0.85 * abs(close - liquidation_price(close, side, settings["leverage"], version))
    if abs(close - stop) > room:
        return LIQUIDATION_TOO_NEAR, room, abs(close - stop)
    return None


def capped_quantity(
    account: Account, number: int, index: int, equity: float, stop: float, protect: Protect | None
) -> float:
    """Rule 3: the risk quantity under all caps, as one minimum, before it is floored to lots."""
    slot, settings = account.slots[number], account.settings
    version = version_at(slot.versions, slot.ts[index])
    close = slot.close[index]
    risk_fraction = settings["risk_fraction"]
    leverage = settings["leverage"]
    caps = []
    if protect is not None:
        risk_fraction *= protect.risk_factor()
        leverage = min(leverage, version["leverage_cap"])
        caps = exposure_caps(account, number, equity, close, protect)
    return min(
        equity * risk_fraction / abs(close - stop),
        equity * leverage / close,
        version["max_qty"],
        *caps,
    )


def decide_entry(
    account: Account, number: int, index: int, side: int, now: int, protect: Protect | None
) -> None:
    """Rules 2 and 3 after the checks of portfolio section 2: an entry, or the first code that holds."""
    slot = account.slots[number]
    ts, close = slot.ts[index], slot.close[index]
    version = version_at(slot.versions, ts)
    if protect is not None:
        refusal = entry_refusal(account, protect, number, index, side, now)
        if refusal is not None:
            return account.refuse(ts, number, side, refusal)
    equity = account.equity()
    if equity <= 0:
        return account.refuse(ts, number, side, (NO_EQUITY, 0.0, equity))
    stop_ticks, target_ticks = levels_of(slot, index, side, account.settings, version)
    levels = (stop_ticks, target_ticks)
    stop, target = price_of(stop_ticks, version), price_of(target_ticks, version)
    refusal = level_refusal(close, stop, target, side, account.settings, version)
    if refusal is not None:
        return account.refuse(ts, number, side, refusal, 0, levels)
    quantity = capped_quantity(account, number, index, equity, stop, protect)
    lots = floor_lots(quantity, version)
    if below_minimum(lots, close, version):
        refusal = (TOO_SMALL, smallest_quantity(close, version), quantity_of(lots, version))
        return account.refuse(ts, number, side, refusal, 0, levels)
    account.pending[number] = Pending(
        side=side,
        lots=lots,
        qty=quantity_of(lots, version),
        close=close,
        stop=stop,
        target=target,
        stop_ticks=stop_ticks,
        target_ticks=target_ticks,
        equity=equity,
    )
    account.event(ts, number, side, lots, levels, ENTRY_DECIDED)
    return None


def decide(account: Account, number: int, index: int, now: int, protect: Protect | None) -> None:
    """Rule 1: first the exit of the open position, then an entry."""
    slot = account.slots[number]
    position: Position | None = account.positions[number]
    if position is not None:
        position.exit_decided = exit_reason(account, number, index, now, protect)
        if position.exit_decided:
            levels = (position.stop_ticks, position.target_ticks)
            code = EXIT_DECIDED[position.exit_decided]
            account.event(slot.ts[index], number, position.side, position.lots, levels, code)
    if slot.long_entry[index] and slot.short_entry[index]:
        account.refuse(slot.ts[index], number, 0, (BOTH_SIDES, 1.0, 2.0))
        return
    side = signal_side(slot, index)
    known = not (math.isnan(slot.stop_unit[index]) or math.isnan(slot.target_unit[index]))
    stays = position is not None and not position.exit_decided
    if side and known and not stays:
        decide_entry(account, number, index, side, now, protect)
