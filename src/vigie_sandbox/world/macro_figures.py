"""Rates of central banks and consumer prices: invented, and in step with the world's own meetings and releases.

They begin long before the history of prices, since a change over a year needs the year before. A figure that is out
never changes.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world.economy import FX_FIRST_DAY
from vigie_sandbox.world.hashed_random import derive_key, normals, uniforms

# The first day of 1970 was a Thursday, so that every week of the epoch begins with one: councils meet on it.
MEETING_WEEKS: Final = 6
WEEK_DAYS: Final = 7
# Days from a meeting until its decision applies.
EURO_LAG_DAYS: Final = 6
DOLLAR_LAG_DAYS: Final = 1
FIRST_DAY: Final = FX_FIRST_DAY
FIRST_MONTH: Final = 2020 * 12
# When the figure of a month comes out in the next one: day of the month, and time of day in UTC.
EURO_PRICES_RELEASE: Final = (17, 10 * HOUR_MS)
DOLLAR_PRICES_RELEASE: Final = (12, 13 * HOUR_MS + HOUR_MS // 2)
_STEP: Final = 0.25
_BANKS: Final = {"euro": 2.0, "dollar": 3.5}
_MIN_RATE, _MAX_RATE = 0.5, 5.5
_CHUNK: Final = 64


def policy_rate(seed: int, bank: str, day: int, lag: int) -> float:
    """Return the rate that a bank, ``euro`` or ``dollar``, has set for a day counted from the epoch; per cent."""
    meeting = (day - lag) // WEEK_DAYS // MEETING_WEEKS
    return _policy_rates(seed, bank, meeting // _CHUNK)[meeting - _first_meeting()]


def yearly_inflation(seed: int, month: int) -> float:
    """Return by how much prices of the euro area changed over the year that ends with a month; per cent."""
    return _price_figures(seed, "euro", month // _CHUNK)[month - FIRST_MONTH]


def price_index(seed: int, month: int) -> float:
    """Return the index of prices in dollars of a month, counted as ``year * 12 + month - 1``."""
    return _price_figures(seed, "dollar", month // _CHUNK)[month - FIRST_MONTH]


def newest_month(now_ms: int, release: tuple[int, int]) -> int:
    """Return the newest month whose figure is out."""
    now = datetime.fromtimestamp(now_ms / 1_000, UTC)
    day, time_of_day = release
    release_ms = datetime(now.year, now.month, day, tzinfo=UTC).timestamp() * 1_000 + time_of_day
    return now.year * 12 + now.month - (2 if now_ms >= release_ms else 3)


def is_working_day(day: int) -> bool:
    """Tell whether a day counted from the epoch is one from Monday to Friday."""
    return (day + 3) % WEEK_DAYS < 5


def format_day(day: int) -> str:
    """Return ``2026-11-20`` for a day counted from the epoch."""
    return datetime.fromtimestamp(day * DAY_MS / 1_000, UTC).strftime("%Y-%m-%d")


def format_month(month: int) -> str:
    """Return ``2026-10`` for a month counted as ``year * 12 + month - 1``."""
    return f"{month // 12}-{month % 12 + 1:02d}"


def _first_meeting() -> int:
    return (FIRST_DAY - WEEK_DAYS) // WEEK_DAYS // MEETING_WEEKS - 1


@lru_cache(maxsize=64)
def _policy_rates(seed: int, bank: str, chunk: int) -> tuple[float, ...]:
    """Return the level after each meeting from the first one to the end of a part of many."""
    first, last = _first_meeting(), (chunk + 1) * _CHUNK
    level, levels = _BANKS[bank], []
    for chance in uniforms(derive_key(seed, "meeting", bank), np.arange(first, last)).tolist():
        step = -_STEP if chance < 0.2 else _STEP if chance > 0.8 else 0.0
        level = min(max(level + step, _MIN_RATE), _MAX_RATE)
        levels.append(level)
    return tuple(levels)


@lru_cache(maxsize=64)
def _price_figures(seed: int, area: str, chunk: int) -> tuple[float, ...]:
    """Return the figure of each month from the first one to the end of a part of many."""
    steps = normals(derive_key(seed, "prices", area), np.arange(FIRST_MONTH, (chunk + 1) * _CHUNK)).tolist()
    level, values = 0.0, []
    for step in steps:
        if area == "euro":
            # It forgets within about a year, and is told with one decimal.
            level = 0.92 * level + 0.25 * step
            values.append(round(2.1 + level, 1))
        else:
            level += 0.0021 + 0.0015 * step
            values.append(round(258.0 * math.exp(level), 3))
    return tuple(values)
