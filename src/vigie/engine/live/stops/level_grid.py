"""Levels as a venue takes them now, also where its ticks changed since they were decided.

The account keeps the prices that it decided on: what is put on a position anew is rounded for the order alone.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from vigie.domain.instrument import Instrument
from vigie.domain.order import Intent
from vigie.engine.live.fold.account import LiveAccount
from vigie.ports.trading import Levels

# Nearer to a grid point than this share of a tick is on it.
_SNAP: Final = Decimal("1e-6")


def round_to_grid(rules: Instrument, side: int, price: Decimal) -> Decimal:
    """Return a level on the grid of now, rounded as levels are: a stop away from the price, a target towards it.

    For both this is down for a long position and up for a short one. One that would be nothing stays as it is.
    """
    tick = tick_at(rules, price)
    steps_up = price / tick
    nearest = steps_up.to_integral_value(ROUND_HALF_EVEN)
    if abs(steps_up - nearest) <= _SNAP:
        return price
    rounded = steps_up.to_integral_value(ROUND_FLOOR if side > 0 else ROUND_CEILING) * tick
    return rounded if rounded > 0 else price


def tick_at(rules: Instrument, price: Decimal) -> Decimal:
    """Return the step of a grid at a price."""
    tick = Decimal(str(rules.tick))
    if rules.significant_figures:
        # A step is never coarser than 1, as where levels are decided.
        tick = max(tick, min(Decimal(1).scaleb(price.adjusted() + 1 - rules.significant_figures), Decimal(1)))
    return tick


def position_levels(account: LiveAccount, number: int) -> Levels:
    """Return stop and target of a slot's position as the venue takes them now."""
    slot, side = account.slots[number], int(account.slot(number)["side"])
    stop, target = account.levels(number)
    return regrid_levels(Levels(slot.id.instrument, side, stop, target), slot.versions[-1])


def entry_levels(account: LiveAccount, number: int, intent: Intent) -> Levels:
    """Return the levels of an entry as the venue takes them now."""
    levels = Levels(intent.instrument, intent.side, intent.stop, intent.target)
    return regrid_levels(levels, account.slots[number].versions[-1])


def target_limit(account: LiveAccount, number: int, intent: Intent) -> Decimal | None:
    """Return the price at which a target that rests as an order is taken now."""
    if intent.target is None:
        return None
    # It closes a position, whose side is the other one.
    return round_to_grid(account.slots[number].versions[-1], -intent.side, intent.target)


def is_off_grid(account: LiveAccount, number: int, price: Decimal) -> bool:
    """Tell whether a price of a slot's instrument is beside the grid of now."""
    return round_to_grid(account.slots[number].versions[-1], 1, price) != price


def regrid_levels(levels: Levels, rules: Instrument) -> Levels:
    """Return levels as rules of their instrument ask for them."""
    stop, target = (
        None if price is None else round_to_grid(rules, levels.side, price)
        for price in (levels.stop, levels.target)
    )
    return replace(levels, stop=stop, target=target)
