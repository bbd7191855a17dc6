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
# What of an hour's state is left an hour later, series by series.
_KEEP: Final = np.array([[_PREMIUM_KEEP], [0.997], [0.97], [0.985]])


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
        # Of open interest its logarithm over the usual.
        self._now = np.zeros((N_SERIES, n))
        self._now[VARIANCE] = self._sigma**2 * 365.0

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
        logs = np.ascontiguousarray(np.log(closes).T)
        noise = (self._rng.random((n_new, n, _N_NOISES, 4)).sum(axis=3) - 2.0) * np.sqrt(3.0)
        hours = np.arange(closes.shape[1] - n_new, closes.shape[1])
        moves = np.abs(logs[hours] - logs[np.maximum(hours - 1, 0)])
        days = (logs[hours] - logs[np.maximum(hours - _DAY_HOURS, 0)]) / self._sigma
        trends, chance, shocks = self._causes(moves, np.tanh(days / 1.5), noise)
        states = np.empty((n_new, N_SERIES, n))
        now = self._now
        # An hour needs the one before; all else is worked out for all hours at once, which takes a fifth of the time.
        for i in range(n_new):
            now = _KEEP * now
            now += trends[i]
            now += chance[i]
            now -= shocks[i]
            states[i] = now
        self._now = now
        states[:, INTEREST] = self._base * np.exp(states[:, INTEREST])
        out[:] = states.transpose(1, 2, 0)

    def _causes(
        self, moves: FloatArray, strength: FloatArray, noise: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what trends and chance add to each hour's state, and what shocks take off."""
        shape = (len(moves), N_SERIES, len(self._sigma))
        trends, chance, shocks = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        trends[:, PREMIUM] = (1.0 - _PREMIUM_KEEP) * (self._spread * (0.00012 + 0.00045 * strength))
        trends[:, INTEREST] = 0.0025 * strength
        trends[:, LONG_SHORT] = 0.03 * (0.2 + 0.6 * strength)
        trends[:, VARIANCE] = 0.015 * np.minimum(moves, _FELT_HOUR) ** 2 * _YEAR_HOURS
        chance[:, PREMIUM] = 0.0001 * self._spread * noise[:, :, 0]
        chance[:, INTEREST] = 0.008 * noise[:, :, 1]
        chance[:, LONG_SHORT] = 0.025 * noise[:, :, 2]
        # Large moves close positions; quiet trends build them up.
        shocks[:, INTEREST] = 0.02 * np.clip(moves / (self._sigma * 0.204) - 3.0, 0.0, 8.0)
        return trends, chance, shocks
