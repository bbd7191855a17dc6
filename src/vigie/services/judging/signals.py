"""What a person or agent may ask of the last closed bars: which slots say long, short, or nearly so, and why.

Takes the request of a backtest; gives one `Signal` a slot, never from a bar in progress.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.signal import Signal
from vigie.domain.time import iso, timeframe_ms
from vigie.engine.run import PlannedSlot, ProgressCallback
from vigie.services.judging.closed_slots import RefusedSlot, run_closed_slots
from vigie.services.judging.signal_reading import signal_at
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.runs.features import FeatureWithoutValues, find_empty_features
from vigie.services.runs.judged_markets import OtherMarket, find_other_markets
from vigie.trading import catalogue


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
    empty_features : tuple of FeatureWithoutValues
        Features that strategies read and that have no value on the bars that were judged.
    other_markets : tuple of OtherMarket
        Models on bars that they were not judged on.
    """

    now_ms: int
    signals: tuple[Signal, ...]
    refused: tuple[RefusedSlot, ...]
    empty_features: tuple[FeatureWithoutValues, ...] = ()
    other_markets: tuple[OtherMarket, ...] = ()

    def age_ms(self, signal: Signal) -> int:
        """Return how long ago the signal could first be known."""
        return self.now_ms - signal.ts_known

    def bars_behind(self, signal: Signal) -> int:
        """Return how many bars of the slot have closed since and are not stored; 0 where it is of now."""
        return max(0, self.age_ms(signal)) // (signal.ts_known - signal.ts_bar)


def latest_signals(
    data_stores: DataStores, request: BacktestRequest, *, progress: ProgressCallback | None = None
) -> SignalReport:
    """Judge the last closed bar of every slot; a slot that cannot be judged is named, the others are.

    Parameters
    ----------
    data_stores : DataStores
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
    now = data_stores.clock.market_now()
    signals: list[Signal] = []
    refused: list[RefusedSlot] = []
    evaluated: list[PlannedSlot] = []
    for run in run_closed_slots(data_stores, request, now, progress=progress):
        if isinstance(run, RefusedSlot):
            refused.append(run)
        else:
            signals.append(signal_at(run, len(run.plan.bars) - 1))
            evaluated.append(run.plan)
    if refused and not signals:
        raise UsageError(refused[0].message)
    return SignalReport(
        now, tuple(signals), tuple(refused), find_empty_features(evaluated), find_other_markets(evaluated)
    )


def fill_from_store(
    data_stores: DataStores,
    venue: str | None,
    symbols: Sequence[str],
    strategy: str | None,
    *,
    own: Path | None = None,
) -> tuple[str, list[str], str]:
    """Fill in what was left out: the only venue with bars, all its instruments, all strategies that have bars there.

    Parameters
    ----------
    data_stores : DataStores
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
    series = [holding.series for holding in data_stores.bars.holdings()]
    venues = sorted({series_id.venue for series_id in series})
    if not venues:
        raise UsageError(
            "no_bars_stored_yet",
            "no bars are stored yet; get some: vigie data import PATH, or vigie data fetch VENUE SYMBOL",
        )
    if venue is None and len(venues) > 1:
        raise UsageError(
            "venue_must", "--venue must be one of {venues}, was not given", venues=" ".join(venues)
        )
    venue = venue or venues[0]
    venue_series = [series_id for series_id in series if series_id.venue == venue]
    names = list(symbols) or sorted({series_id.instrument for series_id in venue_series})
    if not names:
        raise UsageError(
            "no_bars_of_venue",
            "no bars of {venue} are stored; there are {venues}",
            venue=venue,
            venues=" ".join(venues),
        )
    return (
        venue,
        names,
        strategy or ",".join(_strategies_with_bars(own, [series_id.span_ms for series_id in venue_series])),
    )


def _strategies_with_bars(own: Path | None, spans: list[int]) -> list[str]:
    """Return the strategies whose own timeframe can be read; one that cannot be loaded stays, to be named."""
    names = []
    for name in catalogue.available(own):
        try:
            span_ms = timeframe_ms(catalogue.load(name, own).timeframe)
        except UsageError:
            names.append(name)
            continue
        if any(span_ms % span == 0 for span in spans):
            names.append(name)
    return names


def report_record(report: SignalReport) -> dict[str, Any]:
    """Return a report as plain values, for JSON."""
    return {
        "signals": [
            signal_record(signal, report.now_ms) | {"bars_behind": report.bars_behind(signal)}
            for signal in report.signals
        ],
        "refused": [dataclasses.asdict(item) for item in report.refused],
        "empty_features": [dataclasses.asdict(item) for item in report.empty_features],
        "other_markets": [dataclasses.asdict(item) for item in report.other_markets],
    }


def signal_record(signal: Signal, now_ms: int) -> dict[str, Any]:
    """Return a signal as plain values, for JSON: times as numbers and in ISO UTC, the slot as its name."""
    record = dataclasses.asdict(signal)
    sides = {"side": signal.side, "forming": signal.forming, "score": signal.score}
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
        **sides,
        "criteria_side": signal.outlook_side,
        "criteria": [dataclasses.asdict(criterion) for criterion in signal.criteria],
        **{name: value for name, value in record.items() if name not in ("id", "slot", "venue", *sides)},
    }
