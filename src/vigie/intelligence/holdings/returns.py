"""Returns: time-weighted, day by day; money-weighted (XIRR) with all its roots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import exp, expm1, fsum, log

import numpy as np

from vigie.intelligence.holdings.amounts import ZERO, exactly
from vigie.intelligence.holdings.price_table import PriceTable
from vigie.intelligence.holdings.records import BookedHoldings, DayFlow
from vigie.intelligence.holdings.worth import DAY, daily_worths, worth_at

ONE = Decimal(1)
YEAR_DAYS = 365
NOTHING = DayFlow(ZERO, ZERO)
RETURN_STEP = Decimal("1E-15")
# Roots are sought from -99.99 % to 10,000 %.
LOWEST, HIGHEST = log(0.0001), log(101.0)
STEPS = 3000
CHUNK = 250
BISECTIONS = 100


@dataclass(frozen=True, slots=True)
class TimeWeighted:
    """A time-weighted return.

    Attributes
    ----------
    total, annual : Decimal or None
        Over all days; a year, from 365 days on.
    code : str or None
        What there is to say.
    day : date or None
        On which something is unknown.
    """

    total: Decimal | None
    annual: Decimal | None = None
    code: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class MoneyWeighted:
    """A money-weighted return.

    Attributes
    ----------
    rate, period : float or None
        A year; over the whole span.
    code : str or None
        Why there is no rate.
    roots : tuple of float
        All rates that solve the equation.
    day : date or None
        On which something is unknown.
    """

    rate: float | None
    period: float | None
    code: str | None
    roots: tuple[float, ...] = ()
    day: date | None = None


@exactly
def time_weighted(booked: BookedHoldings, prices: PriceTable, first: date, last: date) -> TimeWeighted:
    """Return the time-weighted return from one day to another, both included.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    prices : PriceTable
        Closes of days.
    first, last : date
        In the zone of the book.

    Returns
    -------
    TimeWeighted
        Money comes in at the start of a day and goes out at its end.
    """
    product, code = ONE, None
    before = ZERO
    for day, worth in daily_worths(booked, prices, first - DAY, last):
        flow = NOTHING if day < first else booked.flows.get(day, NOTHING)
        if worth is None or flow.money_in is None or flow.money_out is None:
            return TimeWeighted(None, code="no_price", day=day)
        if day >= first:
            above, below = worth + flow.money_out, before + flow.money_in
            if below:
                product *= above / below
                product = +product
            elif above:
                code = "return_without_capital"
        before = worth
    return TimeWeighted((product - 1).quantize(RETURN_STEP), _annual(product, (last - first).days + 1), code)


def _annual(product: Decimal, days: int) -> Decimal | None:
    if days < YEAR_DAYS or product < 0:
        return None
    if not product:
        return -ONE
    return (product ** (Decimal(YEAR_DAYS) / days) - 1).quantize(RETURN_STEP)


@exactly
def money_weighted(booked: BookedHoldings, prices: PriceTable, first: date, last: date) -> MoneyWeighted:
    """Return the money-weighted return from one day to another, both included.

    Parameters
    ----------
    booked : BookedHoldings
        What happened.
    prices : PriceTable
        Closes of days.
    first, last : date
        In the zone of the book.

    Returns
    -------
    MoneyWeighted
        The one rate, or all there are.
    """
    net: dict[date, Decimal] = {}
    for day, sign in ((first - DAY, -1), (last, 1)):
        worth = worth_at(booked, prices, day)
        if worth.no_price:
            return MoneyWeighted(None, None, "no_price", day=day)
        counted = max(day, first)
        net[counted] = net.get(counted, ZERO) + sign * worth.total
    for day, flow in booked.flows.items():
        if first <= day <= last:
            if flow.money_in is None or flow.money_out is None:
                return MoneyWeighted(None, None, "no_price", day=day)
            net[day] = net.get(day, ZERO) + flow.money_out - flow.money_in
    flows = {day: amount for day, amount in sorted(net.items()) if amount}
    begun = next(iter(flows), last)
    if begun >= last:
        return MoneyWeighted(None, None, "too_short")
    roots = find_roots({(day - begun).days: float(amount) for day, amount in flows.items()})
    if len(roots) != 1:
        return MoneyWeighted(None, None, "several_roots" if roots else "no_root", roots)
    growth = log(1 + roots[0]) * (last - begun).days / YEAR_DAYS
    return MoneyWeighted(roots[0], expm1(growth), None, roots)


def find_roots(flows: Mapping[int, float]) -> tuple[float, ...]:
    """Return all rates at which flows are worth nothing together, as far as the steps show them.

    Parameters
    ----------
    flows : mapping of int to float
        Money by days from the first.

    Returns
    -------
    tuple of float
        Ascending rates a year.
    """
    times = np.array([days / YEAR_DAYS for days in flows])
    amounts = np.array(list(flows.values()))
    grid = LOWEST + (HIGHEST - LOWEST) * np.arange(STEPS + 1) / STEPS
    found = np.concatenate(
        [_worths(grid[at : at + CHUNK], times, amounts) for at in range(0, len(grid), CHUNK)]
    )
    pairs = list(zip(times.tolist(), amounts.tolist(), strict=True))
    roots: list[float] = []
    for at in range(STEPS + 1):
        if not found[at]:
            roots.append(expm1(float(grid[at])))
        elif at < STEPS and found[at + 1] and (found[at] < 0) != (found[at + 1] < 0):
            roots.append(expm1(_bisect(pairs, float(grid[at]), float(grid[at + 1]))))
    return tuple(roots)


def _worths(
    grid: np.ndarray[tuple[int], np.dtype[np.float64]],
    times: np.ndarray[tuple[int], np.dtype[np.float64]],
    amounts: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the sum at each point, scaled so that no power overflows; its sign is what counts."""
    anchors = np.where(grid < 0, times.max(), 0.0)
    factors = np.exp(-grid[:, None] * (times[None, :] - anchors[:, None]))
    sums: np.ndarray[tuple[int], np.dtype[np.float64]] = (factors * amounts).sum(axis=1)
    return sums


def _bisect(pairs: list[tuple[float, float]], low: float, high: float) -> float:
    longest = max(time for time, _ in pairs)

    def worth(rate: float) -> float:
        anchor = longest if rate < 0 else 0.0
        return fsum(amount * exp(-rate * (time - anchor)) for time, amount in pairs)

    is_below = worth(low) < 0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        if (worth(middle) < 0) == is_below:
            low = middle
        else:
            high = middle
    return (low + high) / 2
