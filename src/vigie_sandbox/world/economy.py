"""What follows from prices for the whole market: supplies, capitalisations, fear and greed, currencies.

Daily values are of UTC days; a value that is there never changes.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.hashed_random import derive_key, normals
from vigie_sandbox.world.price_tape import hour_times
from vigie_sandbox.world.price_walk import CLOSE, VOLUME
from vigie_sandbox.world.world import World

_ISSUED_A_YEAR: Final = {"BTC": 0.0085, "ETH": 0.004, "SOL": 0.045, "DOGE": 0.035, "DOT": 0.07, "ATOM": 0.09}
# Units of currency for one euro around which each walks, and its daily deviation.
CURRENCIES: Final = {
    "USD": (1.105, 0.0042), "JPY": (163.2, 0.0052), "GBP": (0.852, 0.0030), "CHF": (0.948, 0.0031),
    "CAD": (1.512, 0.0038), "AUD": (1.668, 0.0045), "CNY": (7.92, 0.0036), "SEK": (11.31, 0.0037),
    "NOK": (11.62, 0.0046), "PLN": (4.271, 0.0031), "BRL": (6.11, 0.0075), "INR": (93.4, 0.0040),
    "KRW": (1498.0, 0.0044), "SGD": (1.462, 0.0027), "TRY": (44.9, 0.0045), "ZAR": (19.8, 0.0066),
}  # fmt: skip
FX_FIRST_DAY: Final = 18_262  # 2020-01-01


def hours_so_far(world: World, now_ms: int) -> int:
    """Return how many whole hours the tape has behind it now."""
    return (now_ms - world.tape.first_ms) // HOUR_MS


def hourly(world: World, coin: Coin, now_ms: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return close times, prices and turnovers of 24 hours at the end of every hour so far."""
    count = hours_so_far(world, now_ms)
    hours, so_far = world.tape.hours(), slice(count)
    close = hours[coin.number, CLOSE, so_far]
    turnover = np.cumsum(hours[coin.number, VOLUME, so_far] * close)
    day = turnover.copy()
    day[24:] -= turnover[:-24]
    return hour_times(world.tape.first_ms + HOUR_MS, count), close, day


def daily(world: World, coin: Coin, now_ms: int) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return the start of every UTC day so far, its last price and its turnover."""
    days = hours_so_far(world, now_ms) // 24
    hours, so_far = world.tape.hours(), slice(days * 24)
    close = hours[coin.number, CLOSE, so_far]
    turnover = (hours[coin.number, VOLUME, so_far] * close).reshape(days, 24).sum(axis=1)
    return day_times(world, days), close[23::24].copy(), turnover


def day_times(world: World, days: int) -> IntArray:
    """Return the starts of the days of the history."""
    starts: IntArray = world.tape.first_ms + np.arange(days, dtype=np.int64) * DAY_MS
    return starts


def supply(world: World, coin: Coin, at_ms: IntArray) -> FloatArray:
    """Return the coins in circulation at times."""
    days = (at_ms - world.tape.first_ms) / DAY_MS
    if coin.kind == "stablecoin":
        wave = random_walk(world, f"{coin.symbol}/supply", days, 0.0035, 0.0006)
        issued: FloatArray = coin.supply * 0.68 * np.exp(wave)
    else:
        issued = coin.supply * (1.0 + _ISSUED_A_YEAR.get(coin.symbol, 0.01) * (days - 730.0) / 365.0)
    return issued


def random_walk(
    world: World, purpose: str, days: FloatArray, spread: float, drift: float = 0.0
) -> FloatArray:
    """Return a random walk by the day since the history's start, straight in between."""
    n_days = int(days.max()) + 2 if len(days) else 2
    steps = drift + spread * normals(derive_key(world.seed, purpose), np.arange(n_days))
    level = np.concatenate([[0.0], np.cumsum(steps)])
    values: FloatArray = np.interp(days, np.arange(len(level)), level)
    return values


def market_cap(world: World, coin: Coin, now_ms: int) -> float:
    """Return a coin's capitalisation in dollars now."""
    return world.price(coin, now_ms) * float(supply(world, coin, np.array([now_ms]))[0])


def fear_and_greed(world: World, now_ms: int) -> tuple[IntArray, IntArray]:
    """Return the index of every day from the 31st on: momentum and calm make greed.

    The value of a day is made from the closes before it.
    """
    leader = world.coin_by_symbol["BTC"]
    days, close, _ = daily(world, leader, now_ms)
    if len(days) < 32:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    logs = np.log(close)
    month = logs[30:] - logs[:-30]
    steps = np.diff(logs)
    volatility = np.array([steps[i : i + 30].std() for i in range(len(month))])
    noise = normals(derive_key(world.seed, "fear"), days[30:] // DAY_MS)
    score = 48.0 + 30.0 * np.tanh(month / 0.16) - 14.0 * np.tanh((volatility - 0.028) / 0.02) + 3.0 * noise
    value: IntArray = np.clip(np.rint(score), 5, 95).astype(np.int64)
    return days[30:] + DAY_MS, value


def classify_index(value: int) -> str:
    """Return the publisher's word for an index value."""
    for limit, word in ((24, "Extreme Fear"), (46, "Fear"), (54, "Neutral"), (75, "Greed")):
        if value <= limit:
            return word
    return "Extreme Greed"


def per_euro(world: World, currency: str, day: int) -> float:
    """Return the units of a currency for one euro on a day, counted from the epoch."""
    return euro_rates(world.seed, currency, day)[-1]


@lru_cache(maxsize=128)
def euro_rates(seed: int, currency: str, last_day: int) -> tuple[float, ...]:
    """Return a currency's days from `FX_FIRST_DAY` on: a walk that forgets within about a year."""
    level, spread = CURRENCIES[currency]
    steps = normals(derive_key(seed, "euro", currency), np.arange(FX_FIRST_DAY, last_day + 1))
    decay, log_level = math.exp(-1.0 / 260.0), 0.0
    rates = []
    for step in steps.tolist():
        log_level = decay * log_level + spread * step
        rates.append(level * math.exp(log_level))
    return tuple(rates)


def euro_rates_between(seed: int, currency: str, first_day: int, last_day: int) -> tuple[float, ...]:
    """Return a currency's rates of days, both inclusive; days before `FX_FIRST_DAY` walk backwards from it."""
    known = euro_rates(seed, currency, max(last_day, FX_FIRST_DAY))
    count = max(FX_FIRST_DAY - first_day, 0)
    level, spread = CURRENCIES[currency]
    decay, log_level = math.exp(-1.0 / 260.0), math.log(known[0] / level)
    earlier = []
    for step in normals(derive_key(seed, "euro", currency, "earlier"), np.arange(count)).tolist():
        log_level = decay * log_level + spread * step
        earlier.append(level * math.exp(log_level))
    start = max(first_day - FX_FIRST_DAY, 0)
    return (*reversed(earlier), *known[start:])[: last_day - first_day + 1]


def per_dollar(world: World, currency: str, now_ms: int) -> float:
    """Return the units of a currency for one dollar today."""
    day = now_ms // DAY_MS
    euro_rate = 1.0 if currency == "EUR" else per_euro(world, currency, day)
    return euro_rate / per_euro(world, "USD", day)
