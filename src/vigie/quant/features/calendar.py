"""Columns of the calendar: what the time of the close alone says, UTC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.quant.features._spec import FeatureColumn, FeatureInputs

_GROUP: Final = "calendar"
_DAY: Final = DAY_MS // MINUTE_MS
_WEEK: Final = 7 * _DAY
# 1970-01-01 was a Thursday; weeks begin on Monday.
_MONDAY: Final = 3 * _DAY
_SATURDAY: Final = 5 * _DAY
_SETTLEMENTS: Final = 8 * HOUR_MS // MINUTE_MS
# From the opening of the New York exchanges to their close, in winter time.
_OPENING, _CLOSING = 14 * 60 + 30, 21 * 60


def _closes(data: FeatureInputs) -> FloatArray:
    """Return the minutes of the week at which bars close."""
    return (((data.ts + data.span_ms) // MINUTE_MS + _MONDAY) % _WEEK).astype(np.float64)


def _by_minute(values: Callable[[IntArray], FloatArray]) -> Callable[[FeatureInputs], FloatArray]:
    # There are 10,080 minutes in a week: a sine of each is enough for any number of bars.
    table = values(np.arange(_WEEK))

    def read(data: FeatureInputs) -> FloatArray:
        values: FloatArray = table[data.once(_closes).astype(np.int64)]
        return values

    return read


def _angle(minutes: IntArray, period: int) -> FloatArray:
    turned: FloatArray = 2.0 * np.pi * (minutes % period) / period
    return turned


def _is_new_york(minutes: IntArray) -> FloatArray:
    of_day = minutes % _DAY
    return ((minutes < _SATURDAY) & (of_day > _OPENING) & (of_day <= _CLOSING)).astype(np.float64)


def _month_share(data: FeatureInputs) -> FloatArray:
    closes = ((data.ts + data.span_ms - 1) // DAY_MS).astype("datetime64[D]")
    months = closes.astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(np.int64)
    shares: FloatArray = ((closes - first).astype(np.int64) + 0.5) / length
    return shares


COLUMNS = tuple(
    FeatureColumn(_GROUP, name, compute, 0, unit, text, "calendar")
    for name, compute, unit, text in (
        ("hour_sine", _by_minute(lambda minutes: np.sin(_angle(minutes, _DAY))), "fraction",
            "Sine of the hour of the day."),
        ("hour_cosine", _by_minute(lambda minutes: np.cos(_angle(minutes, _DAY))), "fraction",
            "Cosine of the hour of the day."),
        ("weekday_sine", _by_minute(lambda minutes: np.sin(_angle(minutes, _WEEK))), "fraction",
            "Sine of the time in the week."),
        ("weekday_cosine", _by_minute(lambda minutes: np.cos(_angle(minutes, _WEEK))), "fraction",
            "Cosine of the time in the week."),
        ("weekend", _by_minute(lambda minutes: (minutes >= _SATURDAY).astype(np.float64)), "flag",
            "1 on Saturday and Sunday, else 0."),
        ("new_york", _by_minute(_is_new_york), "flag",
            "1 while New York's exchanges are open in winter time, holidays included, else 0."),
        ("settlement_wait", _by_minute(lambda minutes: (-minutes % _SETTLEMENTS) / 60.0), "hours",
            "Hours to the next settlement of funding at 0, 8 and 16 h."),
        ("month_share", _month_share, "fraction", "How much of the month is over."),
    )
)  # fmt: skip
