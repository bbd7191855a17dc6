"""What a person or agent may ask of the last closed bars: which slots say long, short, or nearly so, and why.

Takes the request of a backtest; gives one `Signal` a slot, never from a bar in progress.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.signal import Signal
from vigie.domain.time import iso, timeframe_ms
from vigie.engine.run import PlannedSlot, Ticker, execute
from vigie.services.judging.signal_reading import signal_at
from vigie.services.runs.asked import NATIVE, BacktestRequest, SlotRequest
from vigie.services.runs.backtest import plan_slots
from vigie.services.runs.features import EmptyFeature, empty_features
from vigie.trading import catalogue

HISTORY_BARS: Final = 1_500


@dataclass(frozen=True, slots=True)
class RefusedSlot:
    """A slot without a signal, and why."""

    slot: str
    message: str


@dataclass(frozen=True, slots=True)
class SignalReport:
    """Signals of the last closed bars.

    Attributes
    ----------
    now_ms : int
        The market's time when they were read.
    signals : tuple of Signal
        In slot order.
    refused : tuple of RefusedSlot
        Strategies that look ahead, slots without bars.
    empty : tuple of EmptyFeature
        Features that strategies read and that have no value on the bars that were judged.
    """

    now_ms: int
    signals: tuple[Signal, ...]
    refused: tuple[RefusedSlot, ...]
    empty: tuple[EmptyFeature, ...] = ()

    def age_ms(self, signal: Signal) -> int:
        """Return how long ago the signal could first be known."""
        return self.now_ms - signal.ts_known

    def bars_behind(self, signal: Signal) -> int:
        """Return how many bars of the slot have closed since and are not stored; 0 where it is of now."""
        return max(0, self.age_ms(signal)) // (signal.ts_known - signal.ts_bar)


def latest_signals(
    desk: DataStores, request: BacktestRequest, *, progress: Ticker | None = None
) -> SignalReport:
    """Judge the last closed bar of every slot; a slot that cannot be judged is named, the others are.

    Parameters
    ----------
    desk : DataStores
        Stores and the clock that says which bars are closed.
    request : BacktestRequest
        As for a backtest; each slot is traded on its own over the bars given, for the horizon. Where no span is
        asked for it is the newest 1,500 bars.
    progress : callable, optional
        Told stage, done, of.

    Returns
    -------
    SignalReport

    Raises
    ------
    UsageError
        If no slot can be judged; the message is that of the first.
    """
    now = desk.clock.market_now()
    account = replace(request.account, mode="isolated", protections=None)
    if request.last is None and request.start_ms is None and not request.bars:
        request = replace(request, last=HISTORY_BARS)
    signals: list[Signal] = []
    refused: list[RefusedSlot] = []
    judged: list[PlannedSlot] = []
    planned = _planned(desk, replace(request, account=account), refused)
    for done, plan in enumerate(planned):
        try:
            closed = _closed(plan, now)
            run = execute([closed], account, check=request.check, seed=request.seed)
        except UsageError as fault:
            refused.append(RefusedSlot(str(plan.slot), str(fault)))
        else:
            signals.append(signal_at(run.slots[0], len(closed.bars) - 1))
            judged.append(closed)
        if progress:
            progress("signals", done + 1, len(planned))
    if refused and not signals:
        raise UsageError(refused[0].message)
    return SignalReport(now, tuple(signals), tuple(refused), empty_features(judged))


def with_stored_slots(
    desk: DataStores,
    venue: str | None,
    symbols: Sequence[str],
    strategy: str | None,
    *,
    own: Path | None = None,
) -> tuple[str, list[str], str]:
    """Fill in what was left out: the only venue with bars, all its instruments, all strategies that have bars there.

    Parameters
    ----------
    desk : DataStores
        Stores.
    venue, symbols, strategy
        As asked for; None or empty where left out.
    own : Path, optional
        A person's own strategies.

    Returns
    -------
    venue, symbols, strategy
        As a backtest takes them.

    Raises
    ------
    UsageError
        If nothing is stored, or more than one venue is.
    """
    series = [holding.series for holding in desk.bars.holdings()]
    venues = sorted({one.venue for one in series})
    if not venues:
        raise UsageError(
            "no bars are stored yet; get some: vigie data import PATH, or vigie data fetch VENUE SYMBOL"
        )
    if venue is None and len(venues) > 1:
        raise UsageError(f"--venue must be one of {' '.join(venues)}, was not given")
    venue = venue or venues[0]
    there = [one for one in series if one.venue == venue]
    names = list(symbols) or sorted({one.instrument for one in there})
    if not names:
        raise UsageError(f"no bars of {venue} are stored; there are {' '.join(venues)}")
    return venue, names, strategy or ",".join(_with_bars(own, [one.span_ms for one in there]))


def _with_bars(own: Path | None, spans: list[int]) -> list[str]:
    """Return the strategies whose own timeframe can be read; one that cannot be loaded stays, to be named."""
    names = []
    for name in catalogue.available(own):
        try:
            wanted = timeframe_ms(catalogue.load(name, own).timeframe)
        except UsageError:
            names.append(name)
            continue
        if any(wanted % span == 0 for span in spans):
            names.append(name)
    return names


def _planned(desk: DataStores, request: BacktestRequest, refused: list[RefusedSlot]) -> list[PlannedSlot]:
    # Slots of one series are planned together, so that its bars are read once; one that fails spares the others.
    groups: dict[tuple[str, str], list[SlotRequest]] = {}
    for wanted in request.slots:
        try:
            strategy = catalogue.load(wanted.strategy, request.own_strategies)
            strategy.with_params(wanted.params)
        except UsageError as fault:
            refused.append(RefusedSlot(_label(wanted), str(fault)))
            continue
        timeframe = strategy.timeframe if wanted.timeframe == NATIVE else wanted.timeframe
        groups.setdefault((wanted.instrument, timeframe), []).append(wanted)
    plans: dict[int, PlannedSlot] = {}
    order = {id(wanted): at for at, wanted in enumerate(request.slots)}
    for slots in groups.values():
        try:
            found = plan_slots(desk, replace(request, slots=tuple(slots)))
        except UsageError as fault:
            refused += [RefusedSlot(_label(wanted), str(fault)) for wanted in slots]
            continue
        plans.update({order[id(wanted)]: plan for wanted, plan in zip(slots, found, strict=True)})
    return [plans[at] for at in sorted(plans)]


def _label(wanted: SlotRequest) -> str:
    return f"{wanted.instrument}/{wanted.timeframe}/{wanted.strategy}"


def _closed(plan: PlannedSlot, now_ms: int) -> PlannedSlot:
    """Return the slot without bars that are still in progress."""
    bars = plan.bars
    stop = int(np.searchsorted(bars.ts + bars.span_ms, now_ms, side="right"))
    if stop <= plan.first:
        raise UsageError(
            f"{plan.slot} has no closed bar yet; the first one opens at {iso(int(bars.ts[plan.first]))}"
        )
    return plan if stop == len(bars) else replace(plan, bars=bars.slice(0, stop))


def document_of(report: SignalReport) -> dict[str, Any]:
    """Return a report as plain values, for JSON."""
    return {
        "signals": [
            record_of(signal, report.now_ms) | {"bars_behind": report.bars_behind(signal)}
            for signal in report.signals
        ],
        "refused": [dataclasses.asdict(one) for one in report.refused],
        "empty_features": [dataclasses.asdict(one) for one in report.empty],
    }


def record_of(signal: Signal, now_ms: int) -> dict[str, Any]:
    """Return a signal as plain values, for JSON: times as numbers and in ISO UTC, the slot as its name."""
    record = dataclasses.asdict(signal)
    shown = {"side": signal.side, "forming": signal.forming, "score": signal.score}
    return {
        "id": signal.id,
        "slot": str(signal.slot),
        "venue": signal.venue,
        "instrument": signal.slot.instrument,
        "timeframe": signal.slot.timeframe,
        "strategy": signal.slot.strategy,
        "bar": iso(signal.ts_bar),
        "known_at": iso(signal.ts_known),
        "age_ms": now_ms - signal.ts_known,
        **shown,
        "criteria_side": signal.outlook_side,
        "criteria": [dataclasses.asdict(one) for one in signal.criteria],
        **{name: value for name, value in record.items() if name not in ("id", "slot", "venue", *shown)},
    }
