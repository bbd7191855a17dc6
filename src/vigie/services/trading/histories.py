"""The histories of an account's series as its decisions saw them; what the venue corrects is told and recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from vigie.data.decided_bars import MOST_BARS, DecidedBars, Prices
from vigie.domain.bar import Bars
from vigie.domain.ids import SeriesId
from vigie.domain.order import TradeRun
from vigie.domain.time import iso
from vigie.engine.live import steps
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar
from vigie.services.house import House
from vigie.services.trading.plan import KEPT_BARS, TradePlan

_CHECK_S: Final = 60.0
# Of a SHA-256, in hex: by chance two histories share so many once in 10^19.
_DIGITS: Final = 16


class Histories:
    """One history a series.

    Parameters
    ----------
    run : TradeRun, optional
        Whose earlier decisions are kept to; none were taken without it.
    say : callable
        Told what the venue corrected after it was decided on, and where a history is pinned anew.
    """

    def __init__(
        self,
        house: House,
        plan: TradePlan,
        run: TradeRun | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._house, self._run, self._say = house, run, say
        self._series = [SeriesId(plan.venue, one.slot.instrument, one.slot.timeframe) for one in plan.slots]
        decided = self._decided()
        self._held: dict[str, DecidedBars] = {}
        for series, slot in zip(self._series, plan.slots, strict=True):
            if _name(series) not in self._held:
                self._held[_name(series)] = DecidedBars(
                    house.data.bars, series, slot.history_start, KEPT_BARS, decided.get(series, {}),
                    revised=partial(self._revised, series), repinned=partial(self._repinned, series),
                )  # fmt: skip

    def until(self, number: int, ts_bar: int) -> Bars:
        """Return the history of a slot up to and with a bar."""
        return self._held[_name(self._series[number])].until(ts_bar)

    def fingerprint(self, number: int) -> str:
        """Return the first digits of the SHA-256 of the history that a slot was decided on last.

        A process that has decided nothing yet takes what the one before it decided on.
        """
        held = self._held[_name(self._series[number])]
        found = held.fingerprint()
        if not found and held.decided:
            held.until(max(held.decided))
            found = held.fingerprint()
        return found[:_DIGITS]

    def hear(self, closed: Sequence[FeedBar]) -> None:
        """Take the bars that have just ended, so that nothing is read between their end and a decision."""
        for bar in closed:
            if bar.series in self._held:
                self._held[bar.series].hear(bar)

    async def watch(self, clock: PatientClock) -> None:
        """Look now and then whether the venue corrected what was decided on."""
        while True:
            await clock.pause(_CHECK_S)
            for one in self._held.values():
                one.check()

    def _decided(self) -> dict[SeriesId, dict[int, Prices]]:
        """Return the bars that the log of a run decided on, the newest `MOST_BARS` of each series."""
        found: dict[SeriesId, dict[int, Prices]] = defaultdict(dict)
        written = () if self._run is None else self._house.trades.steps(self._run.id)
        for step in written:
            for bar in getattr(steps.read(step), "bars", ()):
                bars = found[self._series[bar.slot]]
                bars[bar.ts] = bar.open, bar.high, bar.low, bar.close
                if len(bars) > MOST_BARS:
                    bars.pop(next(iter(bars)))
        return found

    def _revised(self, series: SeriesId, ts: int) -> None:
        self._record("trade.bar_revised", {"series": str(series), "bar": iso(ts)})
        self._say(
            f"{iso(ts)} {series}: the bar was corrected after it was decided on; decisions keep to what they saw"
        )

    def _repinned(self, series: SeriesId, ts: int) -> None:
        self._record("trade.history_pinned", {"series": str(series), "begins": iso(ts)})
        self._say(f"{series}: its history begins at {iso(ts)} from now on")

    def _record(self, kind: str, told: dict[str, str]) -> None:
        if self._run is not None:
            self._house.audit.append(kind, actor=self._run.owner, subject=self._run.account, text=told)


def _name(series: SeriesId) -> str:
    return f"{series.instrument}/{series.timeframe}"
