"""Histories as a live feed: instants at which bars end and begin, as the world would give them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np

from tests.parity.material import Inputs
from vigie.engine.inputs import SlotInput
from vigie.engine.live.fold.evaluation import SlotEvaluation
from vigie.ports.feed import FeedBar, MarketInstant


class HistoryFeed:
    """A `LiveFeed` over stored histories; nobody has to wait for it.

    Rates are told up to `late` instants after they were settled, and all of them in the end. Finer bars are one series
    of an instrument; between the bars of slots they have instants of their own.
    """

    def __init__(self, inputs: Inputs, *, late: int = 0) -> None:
        self._series: dict[str, SlotInput] = {}
        for name, given in inputs:
            self._series.setdefault(f"{name.instrument}/{name.timeframe}", given)
        self._finer = {
            f"{name.instrument}/{given.detail.timeframe}": given.detail
            for name, given in inputs
            if given.detail is not None
        }
        times = set()
        for given in self._series.values():
            times |= set(given.bars.ts.tolist()) | set((given.bars.ts + given.bars.span_ms).tolist())
        self._own = frozenset(times)
        for detail in self._finer.values():
            times |= {
                ts for ts in (detail.ts + detail.span_ms).tolist() if min(self._own) < ts < max(self._own)
            }
        self._instants = sorted(times)
        self.acknowledged: list[tuple[int, int]] = []
        self._told: dict[int, set[tuple[str, int, float]]] = {}
        for name, given in self._series.items():
            for ts, rate in zip(given.funding.ts.tolist(), given.funding.rate.tolist(), strict=True):
                place = bisect_left(self._instants, ts) + hash((ts, late)) % (late + 1)
                if self._instants[0] <= ts or not late:
                    told = self._told.setdefault(min(place, len(self._instants) - 1), set())
                    told.add((name.split("/")[0], ts, rate))

    async def after(self, number: int) -> MarketInstant | None:
        if number >= len(self._instants):
            return None
        now = self._instants[number]
        closed, opened = [], []
        for name, given in self._series.items():
            bars = given.bars
            at = int(np.searchsorted(bars.ts, now - bars.span_ms))
            if at < len(bars) and bars.ts[at] == now - bars.span_ms:
                prices = (float(column[at]) for column in (bars.open, bars.high, bars.low, bars.close))
                closed.append(FeedBar(name, int(bars.ts[at]), *prices, float(bars.volume[at])))
            at = int(np.searchsorted(bars.ts, now))
            if at < len(bars) and bars.ts[at] == now:
                opened.append((name, float(bars.open[at])))
        for name, detail in self._finer.items():
            at = int(np.searchsorted(detail.ts, now - detail.span_ms))
            if at < len(detail) and detail.ts[at] == now - detail.span_ms:
                prices = (
                    float(column[at]) for column in (detail.open, detail.high, detail.low, detail.close)
                )
                closed.append(FeedBar(name, int(detail.ts[at]), *prices, float(detail.volume[at])))
        is_last = number == len(self._instants) - 1
        rates = tuple(sorted(self._told.get(number, ()), key=lambda one: one[1]))
        is_inside = now not in self._own
        return MarketInstant(
            number + 1, now, tuple(closed), tuple(opened), rates, is_last=is_last, is_inside=is_inside
        )

    async def exits_placed(self, instant: MarketInstant) -> None:
        self.acknowledged.append((instant.number, 1))

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        self.acknowledged.append((instant.number, 2))


class GivenVerdicts:
    """An `Evaluator` that knows the flags beforehand."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = [given for _, given in inputs]

    def evaluate_at(self, number: int, ts_bar: int) -> SlotEvaluation:
        given = self._inputs[number]
        row = int(np.searchsorted(given.bars.ts, ts_bar))
        return SlotEvaluation(
            int(given.flags[row]), float(given.stop_unit[row]), float(given.target_unit[row])
        )

    def fingerprint(self, number: int) -> str:
        return f"bars of {number}"
