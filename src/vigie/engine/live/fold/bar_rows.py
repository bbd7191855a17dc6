"""The one row that a live account keeps of each slot's bars: written when a bar ends, and found by its number."""

from __future__ import annotations

from vigie.engine import portfolio
from vigie.engine.books import Histories, Slots
from vigie.engine.live.fold.steps import ClosedBar


def write_bar(histories: Histories, slots: Slots, bar: ClosedBar) -> None:
    """Write a finished bar with its flags, distances and last settlements into the row of its slot."""
    k = bar.slot
    histories.ts[k] = bar.ts
    histories.open[k], histories.high[k] = bar.open, bar.high
    histories.low[k], histories.close[k] = bar.low, bar.close
    slots.flags[k] = bar.flags
    slots.units[2 * k], slots.units[2 * k + 1] = bar.stop_unit, bar.target_unit
    settlements = bar.settlements[-2:]
    for row in range(2):
        index = 2 * k + row
        if row < len(settlements):
            histories.funding_ts[index], histories.funding_rate[index] = settlements[row]
        else:
            histories.funding_ts[index], histories.funding_rate[index] = portfolio.FAR, 0.0


def set_bar_number(histories: Histories, slots: Slots, number: int, bar: int) -> None:
    """Let the one row of a slot be the bar of a number."""
    histories.start[number] = number - bar
    slots.flag_start[number] = number - bar
    slots.stop_start[number] = 2 * number - bar
    slots.target_start[number] = 2 * number + 1 - bar
