"""The text of a plan: what to type at a venue, line by line, in the words of whoever reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vigie.domain.time import iso
from vigie.services.plans.plan_rows import PlanResult


def _digits(value: float) -> str:
    return f"{value:.10g}"


@dataclass(frozen=True, slots=True)
class TicketWords:
    """Words and numbers of a ticket; as they stand, those of the API and the command line.

    Attributes
    ----------
    long, short : str
        What the sides are called.
    market, zone : str
        ``%(side)s``, ``%(instrument)s`` and ``%(venue)s``; ``%(low)s`` and ``%(high)s``.
    number, moment : callable
        Write a number with all the digits that a venue is to be told, and a time.
    """

    long: str = "long"
    short: str = "short"
    market: str = "%(side)s %(instrument)s at %(venue)s"
    entry: str = "Entry"
    at_once: str = "at once"
    zone: str = "%(low)s to %(high)s"
    quantity: str = "Quantity"
    stop: str = "Stop"
    target: str = "Target"
    limit_entry: str = "Limit entry"
    further_target: str = "Further target"
    leverage: str = "Leverage"
    no_leverage: str = "none"
    until: str = "Valid until"
    number: Callable[[float], str] = _digits
    moment: Callable[[int], str] = iso


def ticket_lines(told: PlanResult, words: TicketWords) -> list[str]:
    """Return a plan as lines of text."""
    row = told.newest
    side = words.long if row.side == "long" else words.short
    named = {"side": side, "instrument": row.instrument, "venue": row.venue}
    entry = words.at_once
    if row.low is not None and row.high is not None:
        entry = words.zone % {"low": words.number(row.low), "high": words.number(row.high)}
    leverage = words.no_leverage if told.leverage is None else f"{words.number(told.leverage)}×"
    levels = [
        *([(words.quantity, told.qty)] if told.qty else []),
        (words.stop, row.stop),
        (words.target, row.target),
        *((words.limit_entry, level) for level in told.limit_entries),
        *((words.further_target, level) for level in told.further_targets),
    ]
    return [
        words.market % named,
        f"{words.entry} {entry}",
        *(f"{name} {words.number(level)}" for name, level in levels),
        f"{words.leverage} {leverage}",
        f"{words.until} {words.moment(row.until)}",
    ]
