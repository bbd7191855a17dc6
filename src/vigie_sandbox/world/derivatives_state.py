"""What derivatives add to prices, hour by hour: premium, open interest, the crowd, volatility.

All follow from the closes that are there and from streams of one row an hour, so no later hour changes an
earlier one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray
from vigie_sandbox.market.streams import make_stream
from vigie_sandbox.world.catalogue import Coin

PREMIUM, INTEREST, LONG_SHORT, VARIANCE = range(4)
N_SERIES: Final = 4
_N_NOISES: Final = 3
_DAY_HOURS: Final = 24
_YEAR_HOURS: Final = 8_766.0
# Chosen, not measured: options of a month follow a crash of an hour only so far.
_FELT_HOUR: Final = 0.06
_PREMIUM_KEEP: Final = float(np.exp(-1.0 / 40.0))


class DerivativesState:
    """State of the derivatives of every coin, moved on by the hour.

    Parameters
    ----------
    seed : int
        The world's.
    coins : sequence of Coin
        Whose.
    """

    def __init__(self, seed: int, coins: Sequence[Coin]) -> None:
        n = len(coins)
        self._rng = make_stream(seed, "market", "world-mood")
        self._sigma = np.array([coin.profile.sigma_day for coin in coins])
        self._spread = np.array([0.2 if coin.kind == "stablecoin" else 1.0 for coin in coins])
        self._base = np.array([0.30 * coin.profile.turnover / coin.profile.level for coin in coins])
        self._now = np.zeros((N_SERIES, n))
        self._now[VARIANCE] = self._sigma**2 * 365.0
        self._level = np.zeros(n)

    def advance(self, closes: FloatArray, n_new: int, out: NDArray[np.float32]) -> None:
        """Fill `out` for the newest hours.

        Parameters
        ----------
        closes : float64 array, shape (n_coins, past + fresh)
            Hourly closes; at least a day and an hour of them before the fresh ones, where there are any.
        n_new : int
            How many hours are new.
        out : float32 array, shape (4, n_coins, fresh)
            Premium over the index (fraction), open interest (coins), log of longs over shorts, and the
            variance of a year.
        """
        n = closes.shape[0]
        logs = np.log(closes)
        noise = (self._rng.random((n_new, n, _N_NOISES, 4)).sum(axis=3) - 2.0) * np.sqrt(3.0)
        n_past = closes.shape[1] - n_new
        for i in range(n_new):
            index = n_past + i
            hourly_return = logs[:, index] - logs[:, max(index - 1, 0)]
            day = (logs[:, index] - logs[:, max(index - _DAY_HOURS, 0)]) / self._sigma
            self._step(hourly_return, np.tanh(day / 1.5), noise[i])
            out[:, :, i] = self._now

    def _step(self, hourly_return: FloatArray, strength: FloatArray, noise: FloatArray) -> None:
        now = self._now
        target = self._spread * (0.00012 + 0.00045 * strength)
        premium_noise = 0.0001 * self._spread * noise[:, 0]
        now[PREMIUM] = _PREMIUM_KEEP * now[PREMIUM] + (1.0 - _PREMIUM_KEEP) * target + premium_noise
        felt = np.minimum(np.abs(hourly_return), _FELT_HOUR)
        now[VARIANCE] = 0.985 * now[VARIANCE] + 0.015 * felt**2 * _YEAR_HOURS
        # Large moves close positions; quiet trends build them up.
        shock = np.maximum(np.abs(hourly_return) / (self._sigma * 0.204) - 3.0, 0.0)
        self._level = (
            0.997 * self._level + 0.0025 * strength + 0.008 * noise[:, 1] - 0.02 * np.minimum(shock, 8.0)
        )
        now[INTEREST] = self._base * np.exp(self._level)
        now[LONG_SHORT] = 0.97 * now[LONG_SHORT] + 0.03 * (0.2 + 0.6 * strength) + 0.025 * noise[:, 2]
