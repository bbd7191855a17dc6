"""The one truth of the world: two years by the hour, then by the minute, longer as the clock goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.sandbox.world.catalogue import Coin
from vigie.sandbox.world.grains import key_of
from vigie.sandbox.world.inside import Minute, seconds_of
from vigie.sandbox.world.mood import SERIES, Mood
from vigie.sandbox.world.reel import Reel
from vigie.sandbox.world.scenes import Playbill
from vigie.sandbox.world.walk import CLOSE, COLUMNS, HIGH, LOW, OPEN, VOLUME, Walk

HISTORY_DAYS: Final = 730
FINE_DAYS: Final = 7
# Minutes older than this may be forgotten; hours never are.
_KEPT_MINUTES: Final = (FINE_DAYS + 1) * 1_440
_ROOM_MINUTES: Final = _KEPT_MINUTES + 2 * 1_440
_KEPT_SECONDS: Final = 3
_PIECE_HOURS: Final = 1_024
_GROWTH_HOURS: Final = 90 * 24


class Tape:
    """Bars of every coin; past ones never change.

    Parameters
    ----------
    seed : int
        The same seed, start and scenes make the same tape.
    start_ms : int
        When the world begins: midnight UTC; the history ends there and the market goes on.
    coins : sequence of Coin
        Its rows.
    playbill : Playbill
        What happens on the way.
    history_days : int
        Days by the hour before the start, of which the last seven are made by the minute.
    """

    def __init__(
        self,
        seed: int,
        start_ms: int,
        coins: Sequence[Coin],
        playbill: Playbill,
        history_days: int = HISTORY_DAYS,
    ) -> None:
        self.first_ms = start_ms - history_days * DAY_MS
        self._playbill = playbill
        self._walk = Walk(seed, coins)
        self._mood = Mood(seed, coins)
        self._keys = np.array([key_of(seed, coin.symbol, "seconds") for coin in coins], np.uint64)
        grids = [(coin.profile.tick, coin.profile.lot) for coin in coins]
        self._scales = np.array([(t.scale / t.multiple, q.scale / q.multiple) for t, q in grids])
        n, hours = len(coins), history_days * 24
        self._hours = Reel(self._scales[:, 0], hours + _GROWTH_HOURS)
        self._moods = np.empty((SERIES, n, hours + _GROWTH_HOURS), np.float32)
        self._minutes = Reel(self._scales[:, 0], _ROOM_MINUTES)
        self._fine_ms = start_ms - min(FINE_DAYS, history_days) * DAY_MS
        self._seconds: dict[int, Minute] = {}
        self._write_hours((self._fine_ms - self.first_ms) // HOUR_MS)
        self._walk.turn_to_minutes()
        self.extend(start_ms)

    @property
    def fine_ms(self) -> int:
        """Open time of the first minute that is still there."""
        return self._fine_ms

    @property
    def minutes_end_ms(self) -> int:
        """Close time of the last minute that is made."""
        return self._fine_ms + len(self._minutes) * MINUTE_MS

    @property
    def hours_end_ms(self) -> int:
        """Close time of the last whole hour that is made."""
        return self.first_ms + len(self._hours) * HOUR_MS

    def hours(self) -> Reel:
        """Return the whole hours, read as an array of shape (n_coins, 5, n_hours)."""
        return self._hours

    def moods(self) -> NDArray[np.float32]:
        """Return what derivatives add at the end of each hour, shape (4, n_coins, n_hours)."""
        return self._moods[:, :, : len(self._hours)]

    def minutes(self) -> Reel:
        """Return the minutes that are made, read as an array of shape (n_coins, 5, n_minutes), from `fine_ms` on.

        The last ones may lie ahead of the clock; callers cut them.
        """
        return self._minutes

    def seconds(self, minute_ms: int) -> Minute:
        """Return the minute that opens then, second by second."""
        made = self._seconds.get(minute_ms)
        if made is None:
            bars = self._minutes[:, :, (minute_ms - self._fine_ms) // MINUTE_MS]
            made = seconds_of(bars, self._keys, minute_ms // MINUTE_MS, self._scales)
            while len(self._seconds) >= _KEPT_SECONDS:
                del self._seconds[next(iter(self._seconds))]
            self._seconds[minute_ms] = made
        return made

    def extend(self, now_ms: int) -> None:
        """Make minutes until the one that holds `now_ms` is there."""
        end = (now_ms // MINUTE_MS + 1) * MINUTE_MS
        while self.minutes_end_ms < end:
            self._write_minutes(min(end, self._calm_until(self.minutes_end_ms, end)))

    def _calm_until(self, ms: int, end: int) -> int:
        """Return where a piece of minutes should end: at the turn of the day, or where scenes start or end."""
        edge = (ms // DAY_MS + 1) * DAY_MS
        for scene in self._playbill.during(ms, end):
            for turn in (scene.start_ms, scene.end_ms):
                if ms < turn < edge:
                    edge = turn
        return edge

    def _write_minutes(self, end: int) -> None:
        begin = self.minutes_end_ms
        count = (end - begin) // MINUTE_MS
        if len(self._minutes) + count > _ROOM_MINUTES:
            self._forget()
        out = self._blank(count)
        self._walk.steps(MINUTE_MS, begin, out, self._playbill.during(begin, end))
        self._minutes.write(out)
        whole = (end - self.hours_end_ms) // HOUR_MS
        if whole:
            self._gather_hours(whole)

    def _forget(self) -> None:
        """Drop the oldest minutes of whole hours that are gathered already."""
        drop = (len(self._minutes) - _KEPT_MINUTES) // 60 * 60
        self._minutes.forget(drop)
        self._fine_ms += drop * MINUTE_MS

    def _gather_hours(self, count: int) -> None:
        """Make hours of the minutes they consist of."""
        first = (self.hours_end_ms - self._fine_ms) // MINUTE_MS
        minutes = self._minutes[:, :, first : first + count * 60]
        parts = minutes.reshape(len(minutes), COLUMNS, count, 60)
        out = np.empty((len(minutes), COLUMNS, count))
        out[:, OPEN] = parts[:, OPEN, :, 0]
        out[:, HIGH] = parts[:, HIGH].max(axis=2)
        out[:, LOW] = parts[:, LOW].min(axis=2)
        out[:, CLOSE] = parts[:, CLOSE, :, -1]
        out[:, VOLUME] = np.rint(parts[:, VOLUME].sum(axis=2) * self._scales[:, 1:]) / self._scales[:, 1:]
        self._note(out)

    def _write_hours(self, count: int) -> None:
        while count:
            piece = min(count, _PIECE_HOURS)
            out = self._blank(piece)
            self._walk.steps(HOUR_MS, self.hours_end_ms, out)
            self._note(out)
            count -= piece

    def _blank(self, count: int) -> FloatArray:
        """Return the place of the next bars while they are made."""
        # One bar wider: the compiled steps take arrays with gaps, as a scene's single bars are, and those without would
        # have to be compiled for themselves.
        return np.empty((len(self._scales), COLUMNS, count + 1))[:, :, :count]

    def _note(self, hours: FloatArray) -> None:
        """Keep hours, and let the derivatives follow them."""
        count, before = hours.shape[2], len(self._hours)
        end = before + count
        self._hours.write(hours)
        if end > self._moods.shape[2]:
            more = np.empty((*self._moods.shape[:2], _GROWTH_HOURS + count), np.float32)
            self._moods = np.concatenate([self._moods, more], axis=2)
        closes = self._hours[:, CLOSE, max(0, before - 25) : end]
        self._mood.hours(closes, count, self._moods[:, :, before:end])


def hour_times(first_ms: int, count: int) -> IntArray:
    """Return the open times of hours in a row."""
    times: IntArray = first_ms + np.arange(count, dtype=np.int64) * HOUR_MS
    return times
