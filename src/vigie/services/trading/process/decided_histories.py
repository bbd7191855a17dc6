"""The histories of an account's series as its decisions saw them; what is corrected later is told and recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final

import numpy as np

from vigie.data.decided_bars import MOST_BARS, SAME, DecidedBars, Prices
from vigie.data.decided_features import DecidedFeatures
from vigie.data.feature_columns import is_column, other_series, recorded_features
from vigie.data.feature_names import find_feature_names
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.domain.refusal import read_refusals
from vigie.domain.time import iso
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.evaluation import SlotEvaluation
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar
from vigie.ports.home import ResultsHome
from vigie.services.trading.account_plans.account_plan import KEPT_BARS, AccountPlan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.trading import catalogue

_CHECK_S: Final = 60.0
# Of a SHA-256, in hex: by chance two histories share so many once in 10^19.
_DIGITS: Final = 16
DecideFunction = Callable[[int, Bars], SlotEvaluation]
"""Number of a slot and its bars; gives what its strategy says at their last close."""
FeatureValues = Mapping[str, float]
"""Features at one close, by name."""


class DecidedHistories:
    """One history a series.

    Parameters
    ----------
    run : TradeRun, optional
        Whose earlier decisions are kept to; none were taken without it.
    say : callable
        Told what became another after it was decided on, once of an account, and where a history is pinned anew.

    Attributes
    ----------
    others : list of SeriesId
        Whose closes are read beside those that are traded.
    """

    def __init__(
        self,
        stores: TradingStores,
        plan: AccountPlan,
        run: TradeRun | None = None,
        say: Callable[[str], None] = lambda _: None,
        read: Mapping[SeriesId, tuple[str, ...]] | None = None,
    ) -> None:
        self._stores = stores
        self._run, self._say = run, say
        self._begun = plan.begun
        self._recorded_changes: dict[str, set[frozenset[tuple[str, str]]]] = {}
        self._series = [
            SeriesId(plan.venue, plan_slot.slot.instrument, plan_slot.slot.timeframe)
            for plan_slot in plan.slots
        ]
        decided, known_features = self._load_decided()
        self._histories: dict[str, DecidedBars] = {}
        self._confirmed: dict[str, tuple[int, Prices]] = {}
        self._features: dict[str, DecidedFeatures] = {}
        self.decide: DecideFunction | None = None
        self._decided_otherwise: dict[int, tuple[int, int, bool]] = {}
        read = read or read_features(stores.results, plan)
        self.others = other_series(read)
        self._read = {series: recorded_features(names, series.instrument) for series, names in read.items()}
        # Recorded alike for all slots, so that what is decided on keeps its fingerprint.
        features = _each_once(read)
        for series, slot in zip(self._series, plan.slots, strict=True):
            if _series_name(series) not in self._histories:
                self._histories[_series_name(series)] = DecidedBars(
                    stores.data.bars, series, slot.history_start, KEPT_BARS, decided.get(series, {}),
                    on_revised=partial(self._report_revised, series),
                    on_repinned=partial(self._report_repinned, series),
                    on_volume=partial(self._report_other_volume, series),
                )  # fmt: skip
                self._features[_series_name(series)] = DecidedFeatures(
                    stores.data.bars,
                    stores.facts,
                    recorded_features(features, series.instrument),
                    known_features.get(series, {}),
                    partial(self._report_late_feature, series),
                    plan.plan_key,
                    [name for name in features if is_column(name)],
                    self._decided_bars,
                )

    def bars_until(self, number: int, ts_bar: int) -> Bars:
        """Return the history of a slot up to and with a bar, with the features that its strategies read."""
        name = _series_name(self._series[number])
        return self._features[name].add_features(self._histories[name].until(ts_bar))

    def fingerprint(self, number: int) -> str:
        """Return the first digits of the SHA-256 of the history that a slot was decided on last.

        A process that has decided nothing yet takes what the one before it decided on.
        """
        name = _series_name(self._series[number])
        return self._features[name].fingerprint(self._resume(name).fingerprint())[:_DIGITS]

    def _resume(self, name: str) -> DecidedBars:
        """Return the history of a series; where nothing was decided yet, as the process before this one left it."""
        history = self._histories[name]
        if history.decided and not history.is_used:
            self._features[name].add_features(history.until(max(history.decided)))
        return history

    def _decided_bars(self, series: SeriesId) -> Bars | None:
        """Return the bars of a series that is traded here as they were decided on; None where none were yet."""
        name = _series_name(series)
        return self._resume(name).newest if name in self._histories else None

    def prepare(self) -> None:
        """Read what decisions begin with, so that nothing is read between the end of the first bar and its order."""
        for name, history in self._histories.items():
            if not self._resume(name).is_used:
                history.prepare((self._begun // history.series.span_ms - 1) * history.series.span_ms)

    def take_bars(self, closed: Sequence[FeedBar]) -> None:
        """Take the bars that have just ended, so that nothing is read between their end and a decision."""
        for bar in closed:
            if bar.series not in self._histories:
                continue
            history = self._histories[bar.series]
            history.add_bar(bar)
            # The history may have answered while a first price, or another series, was waited for.
            if bar.is_pushed and (confirmation := self._confirmed.get(bar.series)):
                history.confirm(*confirmation)

    def confirm(self, name: str, ts: int, prices: Prices, *, is_history: bool) -> None:
        """Compare a bar of a series as its venue tells it now with what was decided on, or soon is.

        Parameters
        ----------
        is_history : bool
            The venue's history tells it; of pushes the last one before a decision is what is decided on.
        """
        if name not in self._histories:
            return
        if is_history:
            self._confirmed[name] = ts, prices
        self._histories[name].confirm(ts, prices, is_history=is_history)

    def is_revised(self, number: int) -> bool:
        """Tell whether the bar that a slot was decided on last was corrected since.

        In a price; or in volumes, its own or of bars before it, by which the slot decides otherwise.
        """
        history = self._resume(_series_name(self._series[number]))
        if history.is_revised():
            return True
        other_volumes = history.other_volumes()
        return other_volumes is not None and self._is_decided_otherwise(number, *other_volumes)

    def _is_decided_otherwise(self, number: int, ts: int, changes: int, volumes: Mapping[int, float]) -> bool:
        """Tell whether a slot decides otherwise where all bars have the volumes that the venue tells now."""
        if self.decide is None:
            return True
        if self._decided_otherwise.get(number, ())[:2] != (ts, changes):
            bars = self.bars_until(number, ts)
            changed_bars = replace(bars, volume=_with_volumes(bars, volumes), _memo={})
            is_other = _decides_differently(partial(self.decide, number), bars, changed_bars)
            if is_other:
                # Before it is kept: what could not be recorded is told again.
                self._report_revised(self._series[number], ts)
            self._decided_otherwise[number] = ts, changes, is_other
        return self._decided_otherwise[number][2]

    async def watch(self, clock: PatientClock) -> None:
        """Look now and then whether the venue corrected what was decided on."""
        while True:
            await clock.pause(_CHECK_S)
            for name, history in self._histories.items():
                history.check()
                self._features[name].check()

    def _load_decided(
        self,
    ) -> tuple[dict[SeriesId, dict[int, Prices]], dict[SeriesId, dict[int, FeatureValues]]]:
        """Return the bars that the log of a run decided on, and their features: the newest `MOST_BARS` of a series."""
        decided: dict[SeriesId, dict[int, Prices]] = defaultdict(dict)
        known_features: dict[SeriesId, dict[int, FeatureValues]] = defaultdict(dict)
        written = () if self._run is None else self._stores.trades.steps(self._run.id)
        for step in written:
            for bar in getattr(steps.decode_step(step), "bars", ()):
                series = self._series[bar.slot]
                bars = decided[series]
                volume = () if bar.volume is None else (bar.volume,)
                bars[bar.ts] = (bar.open, bar.high, bar.low, bar.close, *volume)
                if bar.features:
                    known_features[series][bar.ts] = dict(bar.features)
                if len(bars) > MOST_BARS:
                    oldest = next(iter(bars))
                    del bars[oldest]
                    known_features[series].pop(oldest, None)
        return decided, known_features

    def _report_revised(self, series: SeriesId, ts: int) -> None:
        if self._record_if_new("trade.bar_revised", {"series": str(series), "bar": iso(ts)}):
            self._say(
                f"{iso(ts)} {series}: the bar was corrected after it was decided on; decisions keep to what they saw"
            )

    def _report_other_volume(self, series: SeriesId, ts: int) -> None:
        if self._record_if_new("trade.other_volume", {"series": str(series)}):
            self._say(
                f"{iso(ts)} {series}: the venue now tells another volume of a bar that was decided on; entries are "
                "refused only where they are decided by it, and decisions keep to what they saw"
            )

    def _report_late_feature(self, series: SeriesId, feature: str, ts: int) -> None:
        # A slot does not wait for what only other slots read.
        if feature in self._read[series] and self._record_if_new(
            "trade.feature_late", {"series": str(series), "feature": feature, "bar": iso(ts)}
        ):
            self._say(
                f"{iso(ts)} {series}: {feature} became another after it was decided on; "
                "decisions keep to what they saw"
            )

    def _report_repinned(self, series: SeriesId, ts: int) -> None:
        self._record("trade.history_pinned", {"series": str(series), "begins": iso(ts)})
        self._say(f"{series}: its history begins at {iso(ts)} from now on")

    def _record_if_new(self, kind: str, details: dict[str, str]) -> bool:
        """Record what became another, unless a process before this one did."""
        if kind not in self._recorded_changes:
            self._recorded_changes[kind] = self._load_recorded(kind)
        recorded, change = self._recorded_changes[kind], frozenset(details.items())
        if change in recorded:
            return False
        self._record(kind, details)
        # Not before: what could not be recorded is new when it is told again.
        recorded.add(change)
        return True

    def _load_recorded(self, kind: str) -> set[frozenset[tuple[str, str]]]:
        recorded: set[frozenset[tuple[str, str]]] = set()
        if self._run is None:
            return recorded
        seq, of = 0, (self._run.owner, self._run.account)
        while page := self._stores.audit.after(seq, kinds=[kind]):
            recorded |= {
                frozenset(read_refusals(event.text or {}).items())
                for event in page
                if (event.actor, event.subject) == of
            }
            seq = page[-1].seq
        return recorded

    def _record(self, kind: str, details: dict[str, str]) -> None:
        # The audit chain says what happened; a replay did not.
        if self._run is not None and not self._run.is_replayed:
            self._stores.audit.append(kind, actor=self._run.owner, subject=self._run.account, text=details)


def features_of(results: ResultsHome, plan: AccountPlan) -> tuple[str, ...]:
    """Return the features that the strategies of a plan read, each once."""
    return _each_once(read_features(results, plan))


def _each_once(read: Mapping[SeriesId, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(read.values())))


def read_features(results: ResultsHome, plan: AccountPlan) -> dict[SeriesId, tuple[str, ...]]:
    """Return by series the features that the strategies of its slots read, each once."""
    slots = [plan_slot.slot for plan_slot in plan.slots]
    names = {
        strategy: find_feature_names(catalogue.load(strategy, results.strategies).path)
        for strategy in dict.fromkeys(slot.strategy for slot in slots)
    }
    read: dict[SeriesId, tuple[str, ...]] = {}
    for slot in slots:
        series = SeriesId(plan.venue, slot.instrument, slot.timeframe)
        read[series] = tuple(dict.fromkeys((*read.get(series, ()), *names[slot.strategy])))
    return read


def _decides_differently(decide: Callable[[Bars], SlotEvaluation], bars: Bars, other_bars: Bars) -> bool:
    """Tell whether a strategy decides otherwise on other bars, or cannot judge them."""
    first = decide(bars)
    try:
        second = decide(other_bars)
    except (UsageError, DataError):
        return True
    return first.flags != second.flags or not np.allclose(
        (first.stop_unit, first.target_unit),
        (second.stop_unit, second.target_unit),
        rtol=SAME, atol=0.0, equal_nan=True,
    )  # fmt: skip


def _with_volumes(bars: Bars, volumes: Mapping[int, float]) -> FloatArray:
    """Return the volumes of bars, some of them as others tell them."""
    result = bars.volume.copy()
    ts = np.fromiter(volumes, dtype=np.int64, count=len(volumes))
    at = np.minimum(np.searchsorted(bars.ts, ts), len(bars) - 1)
    is_there = bars.ts[at] == ts
    result[at[is_there]] = np.fromiter(volumes.values(), dtype=float, count=len(volumes))[is_there]
    return result


def _series_name(series: SeriesId) -> str:
    return f"{series.instrument}/{series.timeframe}"
