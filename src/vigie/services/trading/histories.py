"""The histories of an account's series as its decisions saw them; what is corrected later is told and recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from vigie.data.decided_bars import MOST_BARS, SAME, DecidedBars, Prices
from vigie.data.decided_features import DecidedFeatures
from vigie.data.feature_names import find_feature_names
from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.domain.time import iso
from vigie.engine.live import steps
from vigie.engine.live.evaluation import SlotEvaluation
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar
from vigie.services.house import House
from vigie.services.trading.plan import KEPT_BARS, TradePlan
from vigie.trading import catalogue

_CHECK_S: Final = 60.0
# Of a SHA-256, in hex: by chance two histories share so many once in 10^19.
_DIGITS: Final = 16
Says = Callable[[int, Bars], SlotEvaluation]
"""Number of a slot and its bars; gives what its strategy says at their last close."""
Known = Mapping[str, float]
"""Features at one close, by name."""


class Histories:
    """One history a series.

    Parameters
    ----------
    run : TradeRun, optional
        Whose earlier decisions are kept to; none were taken without it.
    say : callable
        Told what became another after it was decided on, once of an account, and where a history is pinned anew.
    """

    def __init__(
        self,
        house: House,
        plan: TradePlan,
        run: TradeRun | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._house, self._run, self._say = house, run, say
        self._begun = plan.begun
        self._told: dict[str, set[frozenset[tuple[str, str]]]] = {}
        self._series = [SeriesId(plan.venue, one.slot.instrument, one.slot.timeframe) for one in plan.slots]
        decided, known = self._decided()
        self._held: dict[str, DecidedBars] = {}
        self._confirmed: dict[str, tuple[int, Prices]] = {}
        self._features: dict[str, DecidedFeatures] = {}
        self.says: Says | None = None
        self._otherwise: dict[int, tuple[int, int, bool]] = {}
        features = features_of(house, plan)
        for series, slot in zip(self._series, plan.slots, strict=True):
            if _name(series) not in self._held:
                self._held[_name(series)] = DecidedBars(
                    house.data.bars, series, slot.history_start, KEPT_BARS, decided.get(series, {}),
                    on_revised=partial(self._revised, series), on_repinned=partial(self._repinned, series),
                    on_volume=partial(self._other_volume, series),
                )  # fmt: skip
                self._features[_name(series)] = DecidedFeatures(
                    house.facts, features, known.get(series, {}), partial(self._late, series)
                )

    def until(self, number: int, ts_bar: int) -> Bars:
        """Return the history of a slot up to and with a bar, with the features that its strategies read."""
        name = _name(self._series[number])
        return self._features[name].add_features(self._held[name].until(ts_bar))

    def fingerprint(self, number: int) -> str:
        """Return the first digits of the SHA-256 of the history that a slot was decided on last.

        A process that has decided nothing yet takes what the one before it decided on.
        """
        name = _name(self._series[number])
        return self._features[name].fingerprint(self._resumed(name).fingerprint())[:_DIGITS]

    def _resumed(self, name: str) -> DecidedBars:
        """Return the history of a series; where nothing was decided yet, as the process before this one left it."""
        held = self._held[name]
        if held.decided and not held.is_used:
            self._features[name].add_features(held.until(max(held.decided)))
        return held

    def prepare(self) -> None:
        """Read what decisions begin with, so that nothing is read between the end of the first bar and its order."""
        for name, held in self._held.items():
            if not self._resumed(name).is_used:
                held.prepare((self._begun // held.series.span_ms - 1) * held.series.span_ms)

    def hear(self, closed: Sequence[FeedBar]) -> None:
        """Take the bars that have just ended, so that nothing is read between their end and a decision."""
        for bar in closed:
            if bar.series not in self._held:
                continue
            held = self._held[bar.series]
            held.add_bar(bar)
            # The history may have answered while a first price, or another series, was waited for.
            if bar.is_pushed and (told := self._confirmed.get(bar.series)):
                held.confirm(*told)

    def confirm(self, name: str, ts: int, prices: Prices, *, is_history: bool) -> None:
        """Compare a bar of a series as its venue tells it now with what was decided on, or soon is.

        Parameters
        ----------
        is_history : bool
            The venue's history tells it; of pushes the last one before a decision is what is decided on.
        """
        if name not in self._held:
            return
        if is_history:
            self._confirmed[name] = ts, prices
        self._held[name].confirm(ts, prices, is_history=is_history)

    def is_revised(self, number: int) -> bool:
        """Tell whether the bar that a slot was decided on last was corrected since.

        In a price; or in volumes, its own or of bars before it, by which the slot decides otherwise.
        """
        held = self._resumed(_name(self._series[number]))
        if held.is_revised():
            return True
        others = held.other_volumes()
        return others is not None and self._is_otherwise(number, *others)

    def _is_otherwise(self, number: int, ts: int, changes: int, volumes: Mapping[int, float]) -> bool:
        """Tell whether a slot decides otherwise where all bars have the volumes that the venue tells now."""
        if self.says is None:
            return True
        if self._otherwise.get(number, ())[:2] != (ts, changes):
            bars = self.until(number, ts)
            other = replace(bars, volume=_with_volumes(bars, volumes), _memo={})
            is_other = _differs(partial(self.says, number), bars, other)
            if is_other:
                # Before it is kept: what could not be recorded is told again.
                self._revised(self._series[number], ts)
            self._otherwise[number] = ts, changes, is_other
        return self._otherwise[number][2]

    async def watch(self, clock: PatientClock) -> None:
        """Look now and then whether the venue corrected what was decided on."""
        while True:
            await clock.pause(_CHECK_S)
            for name, held in self._held.items():
                held.check()
                self._features[name].check()

    def _decided(self) -> tuple[dict[SeriesId, dict[int, Prices]], dict[SeriesId, dict[int, Known]]]:
        """Return the bars that the log of a run decided on, and their features: the newest `MOST_BARS` of a series."""
        found: dict[SeriesId, dict[int, Prices]] = defaultdict(dict)
        known: dict[SeriesId, dict[int, Known]] = defaultdict(dict)
        written = () if self._run is None else self._house.trades.steps(self._run.id)
        for step in written:
            for bar in getattr(steps.read(step), "bars", ()):
                series = self._series[bar.slot]
                bars = found[series]
                volume = () if bar.volume is None else (bar.volume,)
                bars[bar.ts] = (bar.open, bar.high, bar.low, bar.close, *volume)
                if bar.features:
                    known[series][bar.ts] = dict(bar.features)
                if len(bars) > MOST_BARS:
                    oldest = next(iter(bars))
                    del bars[oldest]
                    known[series].pop(oldest, None)
        return found, known

    def _revised(self, series: SeriesId, ts: int) -> None:
        if self._is_new("trade.bar_revised", {"series": str(series), "bar": iso(ts)}):
            self._say(
                f"{iso(ts)} {series}: the bar was corrected after it was decided on; decisions keep to what they saw"
            )

    def _other_volume(self, series: SeriesId, ts: int) -> None:
        if self._is_new("trade.other_volume", {"series": str(series)}):
            self._say(
                f"{iso(ts)} {series}: the venue now tells another volume of a bar that was decided on; entries are "
                "refused only where they are decided by it, and decisions keep to what they saw"
            )

    def _late(self, series: SeriesId, feature: str, ts: int) -> None:
        if self._is_new("trade.feature_late", {"series": str(series), "feature": feature, "bar": iso(ts)}):
            self._say(
                f"{iso(ts)} {series}: {feature} became another after it was decided on; "
                "decisions keep to what they saw"
            )

    def _repinned(self, series: SeriesId, ts: int) -> None:
        self._record("trade.history_pinned", {"series": str(series), "begins": iso(ts)})
        self._say(f"{series}: its history begins at {iso(ts)} from now on")

    def _is_new(self, kind: str, told: dict[str, str]) -> bool:
        """Record what became another, unless a process before this one did."""
        if kind not in self._told:
            self._told[kind] = self._recorded(kind)
        known, this = self._told[kind], frozenset(told.items())
        if this in known:
            return False
        self._record(kind, told)
        # Not before: what could not be recorded is new when it is told again.
        known.add(this)
        return True

    def _recorded(self, kind: str) -> set[frozenset[tuple[str, str]]]:
        found: set[frozenset[tuple[str, str]]] = set()
        if self._run is None:
            return found
        seq, of = 0, (self._run.owner, self._run.account)
        while page := self._house.audit.after(seq, kinds=[kind]):
            found |= {frozenset((one.text or {}).items()) for one in page if (one.actor, one.subject) == of}
            seq = page[-1].seq
        return found

    def _record(self, kind: str, told: dict[str, str]) -> None:
        if self._run is not None:
            self._house.audit.append(kind, actor=self._run.owner, subject=self._run.account, text=told)


def features_of(house: House, plan: TradePlan) -> tuple[str, ...]:
    """Return the features that the strategies of a plan read, each once."""
    names: dict[str, None] = {}
    for strategy in dict.fromkeys(one.slot.strategy for one in plan.slots):
        names |= dict.fromkeys(find_feature_names(catalogue.load(strategy, house.results.strategies).path))
    return tuple(names)


def _differs(says: Callable[[Bars], SlotEvaluation], bars: Bars, other: Bars) -> bool:
    """Tell whether a strategy decides otherwise on other bars, or cannot judge them."""
    first = says(bars)
    try:
        second = says(other)
    except (UsageError, DataError):
        return True
    return first.flags != second.flags or not np.allclose(
        (first.stop_unit, first.target_unit),
        (second.stop_unit, second.target_unit),
        rtol=SAME, atol=0.0, equal_nan=True,
    )  # fmt: skip


def _with_volumes(bars: Bars, volumes: Mapping[int, float]) -> FloatArray:
    """Return the volumes of bars, some of them as others tell them."""
    found = bars.volume.copy()
    ts = np.fromiter(volumes, dtype=np.int64, count=len(volumes))
    at = np.minimum(np.searchsorted(bars.ts, ts), len(bars) - 1)
    is_there = bars.ts[at] == ts
    found[at[is_there]] = np.fromiter(volumes.values(), dtype=float, count=len(volumes))[is_there]
    return found


def _name(series: SeriesId) -> str:
    return f"{series.instrument}/{series.timeframe}"
