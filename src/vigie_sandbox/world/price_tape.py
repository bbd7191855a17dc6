"""The one truth of the world: two years by the hour, then by the minute, longer as the clock goes on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vigie.compiled import load_kept_code_alone
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie_sandbox.world import price_wave
from vigie_sandbox.world.bar_buffer import BarBuffer
from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.derivatives_state import N_SERIES, DerivativesState
from vigie_sandbox.world.forked_work import can_fork, compute_in_fork
from vigie_sandbox.world.hashed_random import derive_key
from vigie_sandbox.world.mapped_arrays import MakeArray, MappedArrays
from vigie_sandbox.world.minute_path import MinutePath, simulate_seconds
from vigie_sandbox.world.price_walk import CLOSE, COLUMNS, HIGH, LOW, OPEN, VOLUME, PriceWalk
from vigie_sandbox.world.scenes.schedule import ScenarioSchedule

HISTORY_DAYS: Final = 730
MINUTE_DAYS: Final = 7
# Minutes older than this may be forgotten; hours never are.
_RETAINED_MINUTES: Final = (MINUTE_DAYS + 1) * 1_440
_MINUTE_CAPACITY: Final = _RETAINED_MINUTES + 2 * 1_440
_CACHED_MINUTES: Final = 3
_CHUNK_HOURS: Final = 1_024
_GROWTH_HOURS: Final = 90 * 24


class _Progress(NamedTuple):
    """How far a tape is made, besides its bars."""

    walk: PriceWalk
    derivatives_state: DerivativesState
    hours: int
    minutes: int
    minutes_start_ms: int


class PriceTape:
    """Bars of every coin; past ones never change.

    Parameters
    ----------
    seed : int
        The same seed, start and scenes make the same tape.
    start_ms : int
        When the world begins: midnight UTC; the history ends there and the market goes on.
    coins : sequence of Coin
        Its rows.
    schedule : ScenarioSchedule
        What happens on the way.
    history_days : int
        Days by the hour before the start, of which the last seven are made by the minute.
    has_wave : bool
        Whether one coin's price has the wave of `price_wave`.
    end_ms : int
        Until when it is made at once, where that is later than its start.
    arrays : MappedArrays, optional
        Where bars lie; in memory by default. In files, a process of its own makes what is made at once, if there can be
        one: this one takes neither the compiler's memory nor that of bars that nobody asks for.
    """

    def __init__(
        self,
        seed: int,
        start_ms: int,
        coins: Sequence[Coin],
        schedule: ScenarioSchedule,
        history_days: int = HISTORY_DAYS,
        *,
        has_wave: bool = False,
        end_ms: int = 0,
        arrays: MappedArrays | None = None,
    ) -> None:
        self.first_ms = start_ms - history_days * DAY_MS
        self._schedule = schedule
        self._walk = PriceWalk(seed, coins)
        self._waving = [coin.number for coin in coins if has_wave and coin.symbol == price_wave.SYMBOL]
        self._derivatives_state = DerivativesState(seed, coins)
        self._keys = np.array([derive_key(seed, coin.symbol, "seconds") for coin in coins], np.uint64)
        grids = [(coin.profile.tick, coin.profile.lot) for coin in coins]
        self._scales = np.array([(t.scale / t.multiple, q.scale / q.multiple) for t, q in grids])
        self._minutes_start_ms = start_ms - min(MINUTE_DAYS, history_days) * DAY_MS
        self._seconds: dict[int, MinutePath] = {}
        end_ms = max(start_ms, end_ms)
        # A process that makes it cannot make more room in what it shares with this one.
        hours = (end_ms - self.first_ms) // HOUR_MS + _GROWTH_HOURS
        self._empty: MakeArray = np.empty if arrays is None else arrays.empty
        self._hours = BarBuffer(self._scales[:, 0], hours, self._empty)
        self._derivatives = self._empty((N_SERIES, len(coins), hours), np.float32)
        self._minutes = BarBuffer(self._scales[:, 0], _MINUTE_CAPACITY, self._empty)
        is_apart = arrays is not None and arrays.are_shared and can_fork()
        progress = compute_in_fork(partial(self._make_past_apart, end_ms)) if is_apart else None
        if progress is None:
            self._make_past(end_ms)
        else:
            self._resume(progress)

    def _make_past_apart(self, end_ms: int) -> _Progress:
        """Make it in a process that does nothing else."""
        load_kept_code_alone()
        return self._make_past(end_ms)

    def _make_past(self, end_ms: int) -> _Progress:
        self._write_hours((self._minutes_start_ms - self.first_ms) // HOUR_MS)
        self._walk.switch_to_minutes()
        self.extend(end_ms)
        return _Progress(
            self._walk, self._derivatives_state, len(self._hours), len(self._minutes), self._minutes_start_ms
        )

    def _resume(self, progress: _Progress) -> None:
        self._walk, self._derivatives_state = progress.walk, progress.derivatives_state
        self._minutes_start_ms = progress.minutes_start_ms
        self._hours.resume(progress.hours)
        self._minutes.resume(progress.minutes)

    @property
    def minutes_start_ms(self) -> int:
        """Open time of the first minute that is still there."""
        return self._minutes_start_ms

    @property
    def minutes_end_ms(self) -> int:
        """Close time of the last minute that is made."""
        return self._minutes_start_ms + len(self._minutes) * MINUTE_MS

    @property
    def hours_end_ms(self) -> int:
        """Close time of the last whole hour that is made."""
        return self.first_ms + len(self._hours) * HOUR_MS

    def hours(self) -> BarBuffer:
        """Return the whole hours, read as an array of shape (n_coins, 5, n_hours)."""
        return self._hours

    def derivatives(self) -> NDArray[np.float32]:
        """Return what derivatives add at the end of each hour, shape (4, n_coins, n_hours)."""
        return self._derivatives[:, :, : len(self._hours)]

    def minutes(self) -> BarBuffer:
        """Return the minutes that are made, an array of shape (n_coins, 5, n_minutes), from `minutes_start_ms` on.

        The last ones may lie ahead of the clock; callers cut them.
        """
        return self._minutes

    def seconds(self, minute_ms: int) -> MinutePath:
        """Return the minute that opens then, second by second."""
        minute = self._seconds.get(minute_ms)
        if minute is None:
            bars = self._minutes[:, :, (minute_ms - self._minutes_start_ms) // MINUTE_MS]
            minute = simulate_seconds(bars, self._keys, minute_ms // MINUTE_MS, self._scales)
            while len(self._seconds) >= _CACHED_MINUTES:
                del self._seconds[next(iter(self._seconds))]
            self._seconds[minute_ms] = minute
        return minute

    def extend(self, now_ms: int) -> None:
        """Make minutes until the one that holds `now_ms` is there."""
        end = (now_ms // MINUTE_MS + 1) * MINUTE_MS
        while self.minutes_end_ms < end:
            self._write_minutes(min(end, self._next_boundary(self.minutes_end_ms, end)))

    def _next_boundary(self, ms: int, end: int) -> int:
        """Return where a piece of minutes should end: at the turn of the day, or where scenes start or end."""
        edge = (ms // DAY_MS + 1) * DAY_MS
        for scene in self._schedule.during(ms, end):
            for boundary in (scene.start_ms, scene.end_ms):
                if ms < boundary < edge:
                    edge = boundary
        return edge

    def _write_minutes(self, end: int) -> None:
        begin = self.minutes_end_ms
        count = (end - begin) // MINUTE_MS
        if len(self._minutes) + count > _MINUTE_CAPACITY:
            self._drop_old_minutes()
        out = self._allocate_bars(count)
        self._walk.fill_bars(MINUTE_MS, begin, out, self._schedule.during(begin, end))
        self._add_waves(out, begin, MINUTE_MS)
        self._minutes.append(out)
        n_hours = (end - self.hours_end_ms) // HOUR_MS
        if n_hours:
            self._aggregate_hours(n_hours)

    def _drop_old_minutes(self) -> None:
        """Drop the oldest minutes of whole hours that are gathered already."""
        drop = (len(self._minutes) - _RETAINED_MINUTES) // 60 * 60
        self._minutes.drop_oldest(drop)
        self._minutes_start_ms += drop * MINUTE_MS

    def _aggregate_hours(self, count: int) -> None:
        """Make hours of the minutes they consist of."""
        first = (self.hours_end_ms - self._minutes_start_ms) // MINUTE_MS
        minutes = self._minutes[:, :, first : first + count * 60]
        parts = minutes.reshape(len(minutes), COLUMNS, count, 60)
        out = np.empty((len(minutes), COLUMNS, count))
        out[:, OPEN] = parts[:, OPEN, :, 0]
        out[:, HIGH] = parts[:, HIGH].max(axis=2)
        out[:, LOW] = parts[:, LOW].min(axis=2)
        out[:, CLOSE] = parts[:, CLOSE, :, -1]
        out[:, VOLUME] = np.rint(parts[:, VOLUME].sum(axis=2) * self._scales[:, 1:]) / self._scales[:, 1:]
        self._append_hours(out)

    def _write_hours(self, count: int) -> None:
        while count:
            chunk = min(count, _CHUNK_HOURS)
            out = self._allocate_bars(chunk)
            self._walk.fill_bars(HOUR_MS, self.hours_end_ms, out)
            self._add_waves(out, self.hours_end_ms, HOUR_MS)
            self._append_hours(out)
            count -= chunk

    def _add_waves(self, bars: FloatArray, ts: int, span_ms: int) -> None:
        for number in self._waving:
            price_wave.add_wave(bars[number], ts, span_ms, self._scales[number, 0])

    def _allocate_bars(self, count: int) -> FloatArray:
        """Return the place of the next bars while they are made."""
        # One bar wider: the compiled steps take arrays with gaps, as a scene's single bars are, and those without would
        # have to be compiled for themselves.
        return np.empty((len(self._scales), COLUMNS, count + 1))[:, :, :count]

    def _append_hours(self, hours: FloatArray) -> None:
        """Keep hours, and let the derivatives follow them."""
        count, n_before = hours.shape[2], len(self._hours)
        end = n_before + count
        self._hours.append(hours)
        if end > self._derivatives.shape[2]:
            former = self._derivatives
            self._derivatives = self._empty((*former.shape[:2], end + _GROWTH_HOURS), np.float32)
            self._derivatives[:, :, :n_before] = former[:, :, :n_before]
        closes = self._hours[:, CLOSE, max(0, n_before - 25) : end]
        self._derivatives_state.advance(closes, count, self._derivatives[:, :, n_before:end])


def hour_times(first_ms: int, count: int) -> IntArray:
    """Return the open times of hours in a row."""
    times: IntArray = first_ms + np.arange(count, dtype=np.int64) * HOUR_MS
    return times
