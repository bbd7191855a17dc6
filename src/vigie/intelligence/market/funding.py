"""What positions in perpetuals pay across venues: normalised to 8 hours and to a year, compared, weighed.

Takes rates with their settlement intervals and own histories; gives rows that can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.intelligence.market.historical_range import share_below

HOURS: Final = 8.0
YEAR_HOURS: Final = 8760.0
# A rate is an outlier in the outer two per cent of its own history, if there is enough of it.
OUTER: Final = 0.02
LEAST_HISTORY: Final = 90


@dataclass(frozen=True, slots=True)
class VenueFundingRate:
    """A venue's funding rate of one asset.

    Attributes
    ----------
    asset, venue : str
        ``bitcoin``, ``bitget-perp``.
    rate : float
        Fraction for one settlement; positive: longs pay shorts.
    hours : float
        Between settlements.
    ts : int
        When it was read, epoch milliseconds.
    """

    asset: str
    venue: str
    rate: float
    hours: float
    ts: int = 0


@dataclass(frozen=True, slots=True)
class NormalisedFunding:
    """A rate that can be compared with others.

    Attributes
    ----------
    asset, venue : str
        As in the rate.
    rate, hours : float
        As the venue states them.
    per_8h, per_year : float
        Simple, not compounded; a year has 8,760 hours.
    percentile : float
        Share of the venue's own history below this rate, ties by half; NaN for fewer than 90 settlements.
    is_outlier : bool
        In the outer two per cent of its own history.
    history : int
        Settlements it is compared with.
    ts : int
        When it was read.
    """

    asset: str
    venue: str
    rate: float
    hours: float
    per_8h: float
    per_year: float
    percentile: float
    is_outlier: bool
    history: int
    ts: int


@dataclass(frozen=True, slots=True)
class FundingSpread:
    """How far venues lie apart in one asset.

    Attributes
    ----------
    asset : str
    lowest, highest : NormalisedFunding
        By rate for 8 hours.
    per_8h, per_year : float
        Highest minus lowest; before fees, and while both rates last.
    venues : int
        How many venues quote it.
    """

    asset: str
    lowest: NormalisedFunding
    highest: NormalisedFunding
    per_8h: float
    per_year: float
    venues: int


def per_8h(rate: float, hours: float) -> float:
    """Return a settlement's rate as a rate for 8 hours."""
    if not 0 < hours < math.inf:
        raise UsageError(
            "hours_between_settlements_must_above",
            "hours between settlements must be above 0, was {hours}",
            hours=hours,
        )
    return rate * HOURS / hours


def per_year(rate: float, hours: float) -> float:
    """Return a settlement's rate as a simple rate for a year."""
    if not 0 < hours < math.inf:
        raise UsageError(
            "hours_between_settlements_must_above",
            "hours between settlements must be above 0, was {hours}",
            hours=hours,
        )
    return rate * YEAR_HOURS / hours


def funding_rows(
    rates: Sequence[VenueFundingRate], histories: Mapping[tuple[str, str], FloatArray] | None = None
) -> tuple[NormalisedFunding, ...]:
    """Return rates that can be compared, by asset and then highest first.

    Parameters
    ----------
    rates : sequence of VenueFundingRate
        Unknown (NaN) rates are left out.
    histories : mapping of (asset, venue) to float64 array
        Past rates for 8 hours, without the present one.
    """
    known = histories or {}
    rows = [
        _normalise_rate(rate, known.get((rate.asset, rate.venue)))
        for rate in rates
        if not math.isnan(rate.rate)
    ]
    return tuple(sorted(rows, key=lambda row: (row.asset, -row.per_8h, row.venue)))


def funding_spreads(rows: Sequence[NormalisedFunding]) -> tuple[FundingSpread, ...]:
    """Return the distance between venues for each asset that two or more quote, widest first."""
    by_asset: dict[str, list[NormalisedFunding]] = {}
    for row in rows:
        by_asset.setdefault(row.asset, []).append(row)
    spreads = [_spread(asset, quotes) for asset, quotes in by_asset.items() if len(quotes) > 1]
    return tuple(sorted(spreads, key=lambda spread: (-spread.per_8h, spread.asset)))


def median_8h(rows: Sequence[NormalisedFunding]) -> float:
    """Return the median rate for 8 hours; NaN of none."""
    return float(np.median([row.per_8h for row in rows])) if rows else math.nan


def _normalise_rate(rate: VenueFundingRate, history: FloatArray | None) -> NormalisedFunding:
    normal = per_8h(rate.rate, rate.hours)
    past = np.zeros(0) if history is None else history
    share = share_below(normal, past, LEAST_HISTORY)
    is_outlier = share <= OUTER or share >= 1 - OUTER
    count = int(np.count_nonzero(~np.isnan(past)))
    return NormalisedFunding(
        rate.asset, rate.venue, rate.rate, rate.hours, normal, per_year(rate.rate, rate.hours), share, is_outlier,
        count,
        rate.ts,
    )  # fmt: skip


def _spread(asset: str, quotes: Sequence[NormalisedFunding]) -> FundingSpread:
    lowest = min(quotes, key=lambda row: (row.per_8h, row.venue))
    highest = max(quotes, key=lambda row: (row.per_8h, row.venue))
    return FundingSpread(
        asset,
        lowest,
        highest,
        highest.per_8h - lowest.per_8h,
        highest.per_year - lowest.per_year,
        len(quotes),
    )
