"""Daily closes of eight years before the tape: made from the seed when they are asked for, joining its first bar.

Nothing is kept: a coin's years are made in less than a millisecond, and only who asks for them pays.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie_sandbox.world import economy
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.hashed_random import derive_key, normals, uniform
from vigie_sandbox.world.price_walk import OPEN
from vigie_sandbox.world.world import World

EARLIER_DAYS: Final = 8 * 365 + 2
# Over eight years a coin grew so many times on average, in waves of about four years.
_GROWTH: Final = 9.0
_WAVE_DAYS: Final = 4 * 365.0
_WAVE: Final = 0.7
_STABLE_SPREAD: Final = 0.0008


def all_closes(world: World, coin: Coin, now_ms: int) -> tuple[IntArray, FloatArray]:
    """Return the start of every UTC day so far with its last price: the earlier years, then the tape's.

    Parameters
    ----------
    world : World
        Whose seed and tape count.
    coin : Coin
        Which one; only watched ones have earlier years.
    now_ms : int
        Epoch milliseconds; days that have not ended are left out.
    """
    days, closes, _ = economy.daily(world, coin, now_ms)
    if not coin.is_watched:
        return days, closes
    return np.concatenate([_days(world), days]), np.concatenate([earlier_closes(world, coin), closes])


def earlier_closes(world: World, coin: Coin) -> FloatArray:
    """Return the closes of the days before the tape; the last one is the tape's first price."""
    first_price = float(world.tape.hours()[coin.number, OPEN, 0])
    # Counted backwards from the tape: which day it is does not matter.
    steps = normals(derive_key(world.seed, coin.symbol, "earlier"), np.arange(EARLIER_DAYS - 1))
    if coin.kind == "stablecoin":
        stable: FloatArray = first_price * np.exp(_STABLE_SPREAD * np.append(steps, 0.0))
        return stable
    ages = np.arange(EARLIER_DAYS, dtype=np.float64)[::-1]
    phase = uniform(derive_key(world.seed, coin.symbol, "earlier", "phase"), 0)
    wave = _WAVE * np.sin(2.0 * np.pi * (ages / _WAVE_DAYS + phase))
    walk = np.append(np.cumsum(coin.profile.sigma_day * steps[::-1])[::-1], 0.0)
    # The walk alone would wander without bounds; halved, the waves remain visible.
    log_level = wave - wave[-1] - np.log(_GROWTH) * ages / EARLIER_DAYS - 0.5 * walk
    closes: FloatArray = first_price * np.exp(log_level)
    return closes


def _days(world: World) -> IntArray:
    days: IntArray = world.tape.first_ms + np.arange(-EARLIER_DAYS, 0, dtype=np.int64) * DAY_MS
    return days
