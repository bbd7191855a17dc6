"""Levels as a venue takes them now, also where its ticks changed since they were decided.

The account keeps the prices that it decided on: what is put on a position anew is rounded for the order alone.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Final

from vigie.domain.instrument import Instrument
from vigie.domain.order import Intent
from vigie.engine.live.account import LiveAccount
from vigie.ports.trading import Levels

# Nearer to a grid point than this share of a tick is on it.
_SNAP: Final = Decimal("1e-6")


def on_grid(rules: Instrument, side: int, price: Decimal) -> Decimal:
    """Return a level on the grid of now, rounded as levels are: a stop away from the price, a target towards it.

    For both this is down for a long position and up for a short one. One that would be nothing stays as it is.
    """
    tick = Decimal(str(rules.tick))
    if rules.significant_figures:
        # A step is never coarser than 1, as where levels are decided.
        tick = max(tick, min(Decimal(1).scaleb(price.adjusted() + 1 - rules.significant_figures), Decimal(1)))
    steps_up = price / tick
    nearest = steps_up.to_integral_value(ROUND_HALF_EVEN)
    if abs(steps_up - nearest) <= _SNAP:
        return price
    found = steps_up.to_integral_value(ROUND_FLOOR if side > 0 else ROUND_CEILING) * tick
    return found if found > 0 else price


def levels_of(account: LiveAccount, number: int) -> Levels:
    """Return stop and target of a slot's position as the venue takes them now."""
    slot, rules = account.slots[number], account.slots[number].versions[-1]
    side = int(account.slot(number)["side"])
    stop, target = (on_grid(rules, side, one) for one in account.levels(number))
    return Levels(slot.id.instrument, side, stop, target)


def levels_of_entry(account: LiveAccount, number: int, intent: Intent) -> Levels:
    """Return the levels of an entry as the venue takes them now."""
    rules = account.slots[number].versions[-1]
    stop, target = (
        None if one is None else on_grid(rules, intent.side, one) for one in (intent.stop, intent.target)
    )
    return Levels(intent.instrument, intent.side, stop, target)
