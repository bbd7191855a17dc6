"""What a run decided on, read off its log: bars with features, what each slot said at them, the rules of orders.

Only read: nothing is written, and what is corrected later changes nothing. The bars before the first decision are those
that are stored when they are asked for first.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vigie.data.decided_bars import COLUMNS, pinned_start
from vigie.data.feature_columns import add_columns, recorded_features
from vigie.data.features import add_recorded
from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.ids import SeriesId
from vigie.domain.instrument import Instrument
from vigie.domain.order import TradeRun
from vigie.engine.inputs import Settlements, SlotInput
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.rule_changes import with_rules
from vigie.services.setups.told_funding import ToldFunding
from vigie.services.trading.account_plans.account_plan import KEPT_BARS, AccountPlan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.decided_histories import features_of

_PRICES: Final = COLUMNS[:-1]
_VOLUME: Final = COLUMNS.index("volume")


@dataclass(frozen=True, slots=True)
class ClosesTogether:
    """Closes of a slot that are judged on one history, under the same rules.

    Attributes
    ----------
    begins : int
        Open time of the first bar of that history, epoch milliseconds.
    first, last : int
        Open times of the first and the last bar whose close is read.
    """

    begins: int
    first: int
    last: int


class _Rows:
    """Rows of numbers by rising time, packed."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._ts, self._values = array("q"), array("d")

    def add(self, ts: int, values: tuple[float, ...]) -> None:
        """Add a row; one that is not later is known."""
        if not self._ts or ts > self._ts[-1]:
            self._ts.append(ts)
            self._values.extend(values)

    def put(self, row: int, place: int, value: float) -> None:
        """Write one number of a row."""
        self._values[row * self._width + place] = value

    @property
    def ts(self) -> IntArray:
        """Times, shape (n_rows,)."""
        return np.array(self._ts, dtype=np.int64)

    @property
    def values(self) -> FloatArray:
        """Values, shape (n_rows, width)."""
        return np.array(self._values, dtype=np.float64).reshape(-1, self._width)


class DecidedLog:
    """The log of one run, as far as it was read.

    Parameters
    ----------
    stores : TradingStores
        Where the log and the bars before it are.
    plan : AccountPlan
        Of the run.
    run : TradeRun
        Which.
    """

    def __init__(self, stores: TradingStores, plan: AccountPlan, run: TradeRun) -> None:
        self._stores, self._plan, self._run = stores, plan, run
        self._features = features_of(stores.results, plan)
        self._series = [
            SeriesId(plan.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe)
            for plan_slot in plan.slots
        ]
        self._slots = plan.live_slots()
        self._recorded = {
            series: recorded_features(self._features, series.instrument) for series in self._series
        }
        self._bars = {
            series: _Rows(len(COLUMNS) + len(recorded)) for series, recorded in self._recorded.items()
        }
        self._said = [_Rows(4) for _ in plan.slots]
        self._instruments = tuple(series.instrument for series in self._series)
        self.funding = ToldFunding()
        self._before: dict[SeriesId, Bars] = {}
        self._newest: dict[SeriesId, tuple[ClosesTogether, Bars]] = {}
        self.step = 0
        self.first_close: int | None = None
        """When the first bars of the run ended that were decided on; None where none have yet."""

    def read(self, until: int | None = None) -> None:
        """Read what the log says since the last time, up to and with the step of a number where one is given."""
        for written in self._stores.trades.steps(self._run.id, after=self.step):
            if until is not None and written.number > until:
                break
            step = steps.decode_step(written)
            if isinstance(step, steps.BarsClosed):
                if step.bars and self.first_close is None:
                    self.first_close = step.ts
                for bar in step.bars:
                    self._take(bar, written.number)
            elif isinstance(step, steps.RulesChanged):
                self._slots = with_rules(self._slots, step)
            self.funding.take(step, self._instruments, written.number)
            self.step = written.number

    def let_go(self) -> None:
        """Drop the histories that were joined for the closes read last, with all indicators they remember."""
        self._newest.clear()

    def closes(self, number: int, after: int | None, last: int | None = None) -> Iterator[ClosesTogether]:
        """Yield the closes of a slot after a bar, in their order, those together that are judged together.

        Parameters
        ----------
        number : int
            Of the slot.
        after : int or None
            Open time of the last bar whose close was read; None where none was.
        last : int, optional
            Open time of the bar after which none is read.
        """
        plan_slot, span = self._plan.slots[number], self._series[number].span_ms
        decided = self._said[number].ts
        open_times = decided[int(np.searchsorted(decided, -1 if after is None else after, side="right")) :]
        if last is not None:
            open_times = open_times[open_times <= last]
        changes = sorted({version.valid_from for version in self._slots[number].versions})
        rules = np.searchsorted(changes, open_times, side="right")
        together: ClosesTogether | None = None
        for place, ts in enumerate(open_times.tolist()):
            begins = pinned_start(plan_slot.history_start, ts, span, KEPT_BARS)
            if together is not None and (begins != together.begins or rules[place] != rules[place - 1]):
                yield together
                together = None
            together = replace(together, last=ts) if together else ClosesTogether(begins, ts, ts)
        if together is not None:
            yield together

    def history(self, number: int, closes: ClosesTogether) -> Bars:
        """Return the bars that closes are judged on, up to the last of them; the same for slots of one series."""
        series = self._series[number]
        bounds = replace(closes, first=closes.begins)
        if series not in self._newest or self._newest[series][0] != bounds:
            self._newest[series] = bounds, self._join(number, closes)
        return self._newest[series][1]

    def last_history(self, number: int) -> Bars | None:
        """Return the bars up to the last of a slot that was decided on; None where none was."""
        decided, span = self._said[number].ts, self._series[number].span_ms
        if not len(decided):
            return None
        last = int(decided[-1])
        begins = pinned_start(self._plan.slots[number].history_start, last, span, KEPT_BARS)
        return self.history(number, ClosesTogether(begins, last, last))

    def as_decided(self, number: int, read: SlotInput) -> SlotInput:
        """Return what the kernel reads of a slot, with what its decisions were made of where the log says it."""
        rows, values = self._said[number].ts, self._said[number].values
        at = np.searchsorted(read.bars.ts, rows)
        is_there = at < len(read.bars)
        is_there[is_there] = read.bars.ts[at[is_there]] == rows[is_there]
        flags, stop, target = read.flags.copy(), read.stop_unit.copy(), read.target_unit.copy()
        flags[at[is_there]] = values[is_there, 0].astype(flags.dtype)
        stop[at[is_there]], target[at[is_there]] = values[is_there, 1], values[is_there, 2]
        return replace(read, flags=flags, stop_unit=stop, target_unit=target)

    def versions(self, number: int) -> tuple[Instrument, ...]:
        """Return the rules of a slot's instrument in time, as far as the log tells them."""
        return self._slots[number].versions

    def settled_by(self, number: int, ts_bar: int) -> Settlements:
        """Return the funding of a slot's instrument that was told by the step at which a bar was decided on."""
        rows, values = self._said[number].ts, self._said[number].values
        place = int(np.searchsorted(rows, ts_bar, side="right")) - 1
        return self.funding.known_by(self._instruments[number], int(values[place, 3]) if place >= 0 else 0)

    def _join(self, number: int, closes: ClosesTogether) -> Bars:
        """Return the stored bars before the run's first, and the run's own."""
        series, rows = self._series[number], self._bars[self._series[number]]
        if series not in self._before:
            stored = bars_until(
                self._stores.data.bars, series, self._plan.slots[number].history_start, int(rows.ts[0])
            )
            self._before[series] = add_recorded(
                stored,
                self._stores.data.bars,
                self._stores.facts,
                self._recorded[series],
                self._plan.plan_key,
            )
        before = self._before[series]
        self._fill_volumes(series, rows)
        ts = np.concatenate([before.ts, rows.ts])
        begin, end = np.searchsorted(ts, (closes.begins, closes.last + 1))
        values = rows.values

        def joined(place: int, known: FloatArray) -> FloatArray:
            return np.concatenate([known, values[:, place]])[begin:end]

        open_, high, low, close, volume = (
            joined(place, getattr(before, name)) for place, name in enumerate(COLUMNS)
        )
        features = {
            name: joined(len(COLUMNS) + place, before.feature(name))
            for place, name in enumerate(self._recorded[series])
        }
        bars = Bars(
            series.instrument, series.span_ms, ts[begin:end], open_, high, low, close, volume,
            series.venue, features,
        )  # fmt: skip
        return add_columns(bars, self._features)

    def _fill_volumes(self, series: SeriesId, rows: _Rows) -> None:
        """Take the volumes that the log does not tell from the store, once."""
        unknown = np.flatnonzero(np.isnan(rows.values[:, _VOLUME]))
        if not len(unknown):
            return
        ts = rows.ts[unknown]
        stored = bars_until(self._stores.data.bars, series, int(ts[0]), int(ts[-1]) + series.span_ms)
        at = np.searchsorted(stored.ts, ts)
        for row, place, open_time in zip(unknown.tolist(), at.tolist(), ts.tolist(), strict=True):
            is_stored = place < len(stored) and int(stored.ts[place]) == open_time
            rows.put(row, _VOLUME, float(stored.volume[place]) if is_stored else 0.0)

    def _take(self, bar: steps.ClosedBar, number: int) -> None:
        known = dict(bar.features)
        volume = np.nan if bar.volume is None else bar.volume
        series = self._series[bar.slot]
        features = (known.get(name, np.nan) for name in self._recorded[series])
        prices = (getattr(bar, name) for name in _PRICES)
        self._bars[series].add(bar.ts, (*prices, volume, *features))
        self._said[bar.slot].add(bar.ts, (bar.flags, bar.stop_unit, bar.target_unit, float(number)))
