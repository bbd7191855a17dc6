"""Figures against their own past: the range a series usually keeps to, and how far outside of it it is now."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.time import DAY_MS
from vigie.intelligence.market.historical_range import OwnPast, usual_range
from vigie.services.market_data.series import Values, thin_values
from vigie.services.rows import Row, shown

# With fewer days that have a value, nothing is said of what is usual.
LEAST_DAYS: Final = 30
# Share of the past that lies outside of the usual range, half on either side: as tables mark what is unusual.
OUTSIDE: Final = 0.04
SPARK_POINTS: Final = 40
# Where the past never moved, anything else is as unusual as can be.
MOST_SURPRISE: Final = 99.0


class PastRow(Row):
    """One figure against its own past."""

    kind: str = shown("Kind", definition="What is measured.")
    series: str = shown("Series")
    asset: str = shown("Asset", definition="Catalogue id.")
    name: str = shown("Name")
    venue: str = shown("Venue")
    title: str = shown("Title")
    value: float = shown("Value", definition="In the unit of the row.")
    unit: str = shown("Unit")
    low: float | None = shown(
        "Usual range", definition="98 of 100 earlier values lie above this; empty below 30 days of values."
    )
    high: float | None = shown("Usual, to", definition="96 of 100 earlier values lie between both.")
    outlier: str = shown("Unusual", definition="high or low: outside the usual range.")
    surprise: float = shown("Distance", definition="From the usual range, in widths of it; 0 inside.")
    days: int = shown("Days", unit="count", definition="Days with a value in the period compared.")
    is_change: bool = shown("Change", definition="Whether the change over 7 days is compared, not the value.")
    spark: list[float] = shown("Preview", definition="Past values, oldest first.", is_drawn=True)
    source: str = shown("Source")
    ts_event: int = shown("Age", unit="age", definition="Time of the value.")
    is_stale: bool = shown("Stale", definition="Whether the value is stale.")


def own_past(values: Values) -> OwnPast | None:
    """Return a series as it was; None where it has no value."""
    known = ~np.isnan(values.values)
    if not known.any():
        return None
    ts, numbers = values.ts[known], values.values[known]
    past = numbers[:-1]
    days = len(np.unique(ts // DAY_MS))
    low, _, high = usual_range(past, 1 if days >= LEAST_DAYS else len(past) + 1, OUTSIDE)
    spark = thin_values(Values(ts, ts, numbers), SPARK_POINTS)
    return OwnPast(
        None if np.isnan(low) else low,
        None if np.isnan(high) else high,
        days,
        float(numbers[-1]),
        int(ts[-1]),
        values.stale_after_ms,
        tuple(spark.values.tolist()),
    )


def whole_bounds(past: OwnPast, unit: str) -> tuple[float | None, float | None]:
    """Return the usual range as it is written: of what is counted in hundreds, whole numbers inside of it."""
    if past.low is None or past.high is None or unit != "count" or past.low < 100:
        return past.low, past.high
    return float(np.ceil(past.low)), float(np.floor(past.high))


def weekly_changes(values: Values) -> Values:
    """Return each value against the newest one a week before it: of what only grows, the level says nothing."""
    before = np.searchsorted(values.ts, values.ts - 7 * DAY_MS, side="right") - 1
    is_known = before >= 0
    # An older value than a week and three days is no value of a week ago.
    is_known &= values.ts - values.ts[np.maximum(before, 0)] <= 10 * DAY_MS
    base = values.values[np.maximum(before, 0)]
    is_known &= base > 0
    changes = values.values[is_known] / base[is_known] - 1.0
    return Values(values.ts[is_known], values.ts_known[is_known], changes)


def surprise_of(value: float, past: OwnPast) -> tuple[str, float]:
    """Return ``high`` or ``low`` and how far outside its usual range a value is; nothing inside of it."""
    if past.low is None or past.high is None or past.low <= value <= past.high:
        return "", 0.0
    is_high = value > past.high
    outside, width = (value - past.high if is_high else past.low - value), past.high - past.low
    # What a computer adds to a number that never moved is no move.
    if outside <= 1e-9 * max(abs(value), abs(past.high), abs(past.low)):
        return "", 0.0
    return "high" if is_high else "low", min(MOST_SURPRISE, outside / width if width > 0 else MOST_SURPRISE)
