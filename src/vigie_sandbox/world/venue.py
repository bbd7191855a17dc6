"""One venue's view of the tape: its own prices, volumes, grids, funding and open interest.

A venue's price is the tape's times a constant near one, rounded to its grid. Both steps keep order, so highs
stay highs and a candle built from a venue's ticks is the candle it serves.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world.catalogue import VENUE_PROFILES, Coin, listed_on
from vigie_sandbox.world.derivatives_state import INTEREST, LONG_SHORT, PREMIUM
from vigie_sandbox.world.hashed_random import derive_key, uniform, uniforms
from vigie_sandbox.world.price_tape import PriceTape
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN, VOLUME
from vigie_sandbox.world.records import Candles, DayStats, Liquidation, SimulatedTrade, Ticker

WEEK_MS: Final = 7 * DAY_MS
_MONDAY_MS: Final = 4 * DAY_MS
SPANS: Final = {
    "1m": MINUTE_MS, "3m": 3 * MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS, "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS, "2h": 2 * HOUR_MS, "4h": 4 * HOUR_MS, "6h": 6 * HOUR_MS, "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS, "1d": DAY_MS, "3d": 3 * DAY_MS, "1w": WEEK_MS,
}  # fmt: skip
_INTEREST_RATE: Final = 0.0001
_PREMIUM_BAND: Final = 0.0002
_MAX_FUNDING: Final = 0.0075
# The chance of a forced order in one second is never above this.
_MAX_CHANCE: Final = 0.35


class WorldView(Protocol):
    """What a venue stands on: the world, as far as a venue knows it."""

    seed: int
    coins: tuple[Coin, ...]
    tape: PriceTape

    def day_stats(self, minute_ms: int) -> DayStats:
        """Return the 24 hours before a minute, of every coin."""
        ...

    def find_gap(self, venue: str, coin: Coin) -> tuple[int, int] | None:
        """Return the span of which a venue has no bars."""
        ...

    def skew_ms(self, service: str) -> int:
        """Return how far a service's clock is ahead."""
        ...


class WorldVenue:
    """A venue of the world.

    Parameters
    ----------
    name : str
        ``bitget``, ``binance`` or ``hyperliquid``.
    world : WorldView
        Whose tape it shows.
    """

    def __init__(self, name: str, world: WorldView) -> None:
        self.name = name
        self._world = world
        self.coins = listed_on(world.coins, name)
        self.by_symbol = {coin.symbol: coin for coin in self.coins}
        self._profile = VENUE_PROFILES[name]
        key = derive_key(world.seed, name, "venue")
        n = len(world.coins)
        self._factor = [1.0 + (uniform(key, i) - 0.5) * 4e-4 for i in range(n)]
        self._share = [self._profile.share * (0.7 + 0.6 * uniform(key, n + i)) for i in range(n)]
        symbols = [coin.symbol for coin in world.coins]
        self._size_keys = [derive_key(world.seed, name, symbol, "sizes") for symbol in symbols]
        self._forced_keys = [derive_key(world.seed, name, symbol, "forced") for symbol in symbols]
        self._premium_offset = [(uniform(key, 2 * n + i) - 0.5) * 6e-5 for i in range(n)]

    @property
    def tape(self) -> PriceTape:
        """The truth behind it."""
        return self._world.tape

    def to_venue_prices(self, coin: Coin, values: FloatArray) -> FloatArray:
        """Return tape prices as this venue quotes them."""
        scaled = values * self._factor[coin.number]
        if self._profile.significant_digits:
            # Fewer decimals, too, the more a quantity may have.
            max_decimals = float(max(0, 6 - coin.profile.lot.digits))
            power = 10.0 ** np.clip(
                self._profile.significant_digits - 1.0 - np.floor(np.log10(scaled)), 0.0, max_decimals
            )
            prices: FloatArray = np.rint(scaled * power) / power
        else:
            tick = coin.profile.tick
            ticks = np.maximum(np.rint(scaled * tick.scale / tick.multiple), 1.0)
            prices = ticks * tick.multiple / tick.scale
        return prices

    def to_venue_sizes(self, coin: Coin, volumes: FloatArray) -> FloatArray:
        """Return tape volumes as this venue's part of them."""
        lot = coin.profile.lot
        lots: FloatArray = np.rint(volumes * self._share[coin.number] * lot.scale / lot.multiple)
        return lots * lot.multiple / lot.scale

    def candles(
        self, coin: Coin, span_ms: int, start_ms: int, end_ms: int, now_ms: int, *, limit: int = 1_000
    ) -> Candles:
        """Return the last bars that open in [start, end), the running one included.

        Parameters
        ----------
        coin : Coin
            Of this venue.
        span_ms : int
            One of `SPANS`.
        start_ms, end_ms : int
            Bounds of open times.
        now_ms : int
            Nothing later is shown.
        limit : int
            At most so many, the newest.
        """
        is_minutes = span_ms < HOUR_MS
        unit = MINUTE_MS if is_minutes else HOUR_MS
        tape_start = self.tape.minutes_start_ms if is_minutes else self.tape.first_ms
        newest = _open_time(min(now_ms, end_ms - 1), span_ms)
        oldest = max(_open_time(start_ms + span_ms - 1, span_ms), newest - (limit - 1) * span_ms)
        # A week does not start with the tape; what is there of its first bar is left out.
        oldest = max(oldest, _open_time(tape_start + span_ms - 1, span_ms))
        if newest < oldest:
            return Candles(np.empty(0, np.int64), np.empty((5, 0)), span_ms)
        stop = min(newest + span_ms, _open_time(now_ms, unit))
        stored = self.tape.minutes() if is_minutes else self.tape.hours()
        rows = stored[coin.number, :, (oldest - tape_start) // unit : max(0, (stop - tape_start) // unit)]
        ts: IntArray = oldest + np.arange(rows.shape[1], dtype=np.int64) * unit
        if newest + span_ms > _open_time(now_ms, unit):
            rows = np.concatenate(
                [rows, self._current_bar(coin, now_ms, is_minute=is_minutes)[:, None]], axis=1
            )
            ts = np.append(ts, _open_time(now_ms, unit))
        ts, rows = self._drop_gap(coin, ts, rows)
        if span_ms != unit:
            ts, rows = _resample(ts, rows, span_ms)
        return self._to_candles(coin, ts, rows, span_ms)

    def ticker(self, coin: Coin, now_ms: int) -> Ticker:
        """Return what the venue says of one instrument now."""
        minute, second = _minute_and_second(now_ms)
        path = self.tape.seconds(minute)
        i = coin.number
        day = self._world.day_stats(minute)
        last, high, low, open_price, midnight = self.to_venue_prices(
            coin,
            np.array(
                [
                    path.price[i, second],
                    max(day.high[i], path.high[i, second]),
                    min(day.low[i], path.low[i, second]),
                    day.first[i],
                    day.midnight[i],
                ]
            ),
        ).tolist()
        volume = float(self.to_venue_sizes(coin, np.array([day.volume[i] + path.volume[i, second]]))[0])
        premium = self.premium(coin, now_ms)
        index = last / (1.0 + premium)
        tick, lot = coin.profile.tick.value, coin.profile.lot.value
        draw_index = minute // 1_000 + second
        draws = uniforms(self._size_keys[i], (draw_index, draw_index + 10**12)).tolist()
        bid_size, ask_size = (max(lot, round(volume / 4_000.0 * (0.2 + 1.6 * u) / lot) * lot) for u in draws)
        skew = self._world.skew_ms(self.name)
        return Ticker(
            coin=coin,
            ts=minute + second * 1_000 + skew,
            last=last,
            bid=max(tick, last - tick),
            ask=last + tick,
            bid_size=bid_size,
            ask_size=ask_size,
            mark=index * (1.0 + 0.6 * premium),
            index=index,
            open_24h=open_price,
            high_24h=high,
            low_24h=low,
            open_day=midnight,
            volume_24h=volume,
            turnover_24h=volume * (last + open_price + high + low) / 4.0,
            funding=self.funding_now(coin, now_ms),
            funding_next_ms=self.funding_next(now_ms),
            open_interest=self.open_interest(coin, now_ms),
        )

    def trades(self, coin: Coin, since_ms: int, now_ms: int, limit: int = 50) -> list[SimulatedTrade]:
        """Return the trades after `since_ms`, oldest first, one a second at most."""
        trades: list[SimulatedTrade] = []
        last = now_ms // 1_000
        for second in range(max(since_ms // 1_000 + 1, last - limit + 1), last + 1):
            minute, offset = _minute_and_second(second * 1_000)
            path = self.tape.seconds(minute)
            price, volume = path.price[coin.number], path.volume[coin.number]
            previous_volume = volume[offset - 1] if offset else 0.0
            size = float(self.to_venue_sizes(coin, np.array([volume[offset] - previous_volume]))[0])
            if size > 0.0:
                change = price[offset] - price[max(offset - 1, 0)]
                is_buy = bool(change > 0.0) if change else second % 2 == 0
                venue_price = float(self.to_venue_prices(coin, price[offset : offset + 1])[0])
                trades.append(SimulatedTrade(second * 1_000, venue_price, size, is_buy, second))
        return trades

    def liquidations(self, coin: Coin, since_ms: int, now_ms: int) -> list[Liquidation]:
        """Return the forced orders after `since_ms` and at the latest a minute ago, oldest first."""
        liquidations: list[Liquidation] = []
        sigma = coin.profile.sigma_day / np.sqrt(1_440.0)
        key = self._forced_keys[coin.number]
        first = max(since_ms // 1_000 + 1, now_ms // 1_000 - 59)
        seconds = np.arange(first, now_ms // 1_000 + 1)
        if not len(seconds):
            return liquidations
        draws = uniforms(key, seconds)
        for second in seconds[draws < _MAX_CHANCE].tolist():
            minute, offset = _minute_and_second(second * 1_000)
            path = self.tape.seconds(minute).price[coin.number]
            change = path[offset] / path[0] - 1.0
            chance = 0.0004 + 0.02 * max(abs(change) / sigma - 0.8, 0.0)
            if draws[second - first] >= min(chance, _MAX_CHANCE):
                continue
            price = float(self.to_venue_prices(coin, path[offset : offset + 1])[0])
            share = 3e-6 * 10.0 ** (2.2 * uniform(key, second + 2**40))
            size = float(self.to_venue_sizes(coin, np.array([self._interest_now(coin, now_ms) * share]))[0])
            if size > 0.0:
                liquidations.append(Liquidation(second * 1_000, price, size, is_buy=bool(change > 0.0)))
        return liquidations

    def premium(self, coin: Coin, now_ms: int) -> float:
        """Return the last price over the index, less one: it slides from hour to hour."""
        values = self.tape.derivatives()[PREMIUM, coin.number]
        hour = (now_ms - self.tape.first_ms) // HOUR_MS
        fraction = (now_ms % HOUR_MS) / HOUR_MS
        before, after = (
            float(values[max(0, min(hour_index, len(values) - 1))]) for hour_index in (hour - 2, hour - 1)
        )
        return (
            self._profile.premium * (before + (after - before) * fraction) + self._premium_offset[coin.number]
        )

    def funding_history(self, coin: Coin, now_ms: int) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return times, rates and mean premiums of every settlement so far."""
        hours = (now_ms - self.tape.first_ms) // HOUR_MS // self.funding_hours * self.funding_hours
        premium = self.tape.derivatives()[PREMIUM, coin.number, :hours].astype(np.float64)
        mean = (
            (self._profile.premium * premium + self._premium_offset[coin.number])
            .reshape(-1, self.funding_hours)
            .mean(axis=1)
        )
        settled = self.tape.first_ms + np.arange(1, len(mean) + 1, dtype=np.int64) * self.funding_ms
        return settled, self._funding_rates(mean), mean

    @property
    def funding_hours(self) -> int:
        """Hours between settlements."""
        return self._profile.funding_hours

    @property
    def funding_ms(self) -> int:
        """Milliseconds between settlements."""
        return self.funding_hours * HOUR_MS

    def funding_now(self, coin: Coin, now_ms: int) -> float:
        """Return the rate that would be settled next as things stand."""
        hour = (now_ms - self.tape.first_ms) // HOUR_MS
        first = hour // self.funding_hours * self.funding_hours
        values = self.tape.derivatives()[PREMIUM, coin.number, min(first, hour - 1) : hour]
        mean = self._profile.premium * float(values.mean()) + self._premium_offset[coin.number]
        return float(self._funding_rates(np.array([mean]))[0])

    def funding_next(self, now_ms: int) -> int:
        """Return when funding is settled next."""
        return (now_ms // self.funding_ms + 1) * self.funding_ms

    def open_interest(self, coin: Coin, now_ms: int) -> float:
        """Return the open interest in coins: the newest whole hour's."""
        return float(self.to_venue_sizes(coin, np.array([self._interest_now(coin, now_ms)]))[0])

    def _interest_now(self, coin: Coin, now_ms: int) -> float:
        hours = (now_ms - self.tape.first_ms) // HOUR_MS
        return float(self.tape.derivatives()[INTEREST, coin.number, hours - 1])

    def interest_history(self, coin: Coin, now_ms: int) -> FloatArray:
        """Return the open interest in coins at the end of every hour so far."""
        hours = (now_ms - self.tape.first_ms) // HOUR_MS
        values = self.tape.derivatives()[INTEREST, coin.number, :hours].astype(np.float64)
        return self.to_venue_sizes(coin, values)

    def crowd_history(self, coin: Coin, now_ms: int) -> FloatArray:
        """Return accounts that are long over accounts that are short at the end of every hour so far."""
        hours = (now_ms - self.tape.first_ms) // HOUR_MS
        ratio: FloatArray = np.exp(
            self.tape.derivatives()[LONG_SHORT, coin.number, :hours].astype(np.float64)
        )
        return ratio

    def _funding_rates(self, premium: FloatArray) -> FloatArray:
        rate = np.clip(
            premium + np.clip(_INTEREST_RATE - premium, -_PREMIUM_BAND, _PREMIUM_BAND),
            -_MAX_FUNDING,
            _MAX_FUNDING,
        )
        return np.round(rate * self.funding_hours / 8.0, 8)

    def _current_bar(self, coin: Coin, now_ms: int, *, is_minute: bool) -> FloatArray:
        """Return the bar of the tape that is not finished: the minute's, or the hour's."""
        minute, second = _minute_and_second(now_ms)
        path, i = self.tape.seconds(minute), coin.number
        bar = np.array(
            [
                path.price[i, 0],
                path.high[i, second],
                path.low[i, second],
                path.price[i, second],
                path.volume[i, second],
            ]
        )
        hour = _open_time(now_ms, HOUR_MS)
        if is_minute or minute == hour:
            return bar
        earlier = self.tape.minutes()[
            i,
            :,
            (hour - self.tape.minutes_start_ms) // MINUTE_MS : (minute - self.tape.minutes_start_ms)
            // MINUTE_MS,
        ]
        return np.array(
            [
                earlier[OPEN, 0],
                max(earlier[HIGH].max(), bar[HIGH]),
                min(earlier[LOW].min(), bar[LOW]),
                bar[CLOSE],
                earlier[VOLUME].sum() + bar[VOLUME],
            ]
        )

    def _to_candles(self, coin: Coin, ts: IntArray, rows: FloatArray, span_ms: int) -> Candles:
        venue_rows = np.empty_like(rows)
        venue_rows[:VOLUME] = self.to_venue_prices(coin, rows[:VOLUME])
        venue_rows[VOLUME] = self.to_venue_sizes(coin, rows[VOLUME])
        return Candles(ts, venue_rows, span_ms)

    def _drop_gap(self, coin: Coin, ts: IntArray, rows: FloatArray) -> tuple[IntArray, FloatArray]:
        gap = self._world.find_gap(self.name, coin)
        if gap is None:
            return ts, rows
        is_outside = (ts < gap[0]) | (ts >= gap[1])
        return ts[is_outside], rows[:, is_outside]


def _open_time(ms: int, span_ms: int) -> int:
    """Return when the bar opens that holds a time; weeks open on Monday."""
    shift = _MONDAY_MS if span_ms == WEEK_MS else 0
    return (ms - shift) // span_ms * span_ms + shift


def _minute_and_second(ms: int) -> tuple[int, int]:
    return ms // MINUTE_MS * MINUTE_MS, ms % MINUTE_MS // 1_000


def _resample(ts: IntArray, rows: FloatArray, span_ms: int) -> tuple[IntArray, FloatArray]:
    """Join finer bars to bars of a span."""
    if not len(ts):
        return ts, rows
    shift = _MONDAY_MS if span_ms == WEEK_MS else 0
    bucket = (ts - shift) // span_ms
    first = np.flatnonzero(np.diff(bucket, prepend=bucket[0] - 1))
    last = np.append(first[1:], len(ts)) - 1
    bars = np.empty((5, len(first)))
    bars[OPEN] = rows[OPEN, first]
    bars[HIGH] = np.maximum.reduceat(rows[HIGH], first)
    bars[LOW] = np.minimum.reduceat(rows[LOW], first)
    bars[CLOSE] = rows[CLOSE, last]
    bars[VOLUME] = np.add.reduceat(rows[VOLUME], first)
    return bucket[first] * span_ms + shift, bars
