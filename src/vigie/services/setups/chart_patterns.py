"""The chart patterns that held at the close of a setup's change, from the stored bars up to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vigie.data.live_history import bars_until
from vigie.domain.bar import Bars, IntArray
from vigie.domain.ids import SeriesId, parse_slot
from vigie.intelligence.setups.contributions import SetupReading, of_pattern
from vigie.ports.setups import StoredChange
from vigie.ports.store import BarStore
from vigie.quant.patterns.chart_pattern import ChartPattern
from vigie.quant.patterns.completion import CompletionRate, completion_rates
from vigie.quant.patterns.finding import find_patterns
from vigie.quant.patterns.living import LivingPattern, living_patterns
from vigie.services.setups.setup_results import SetupPattern

# Bars that patterns are looked for and counted in, back from the close. Those that hold began within the newest 200 or
# so; the rest is for their record. A fixed count, so that the same close gives the same patterns.
HISTORY_BARS: Final = 2_000
# With fewer that ended no share is told.
LEAST_ENDED: Final = 30


def history_until(bars: BarStore, change: StoredChange) -> Bars:
    """Return the newest stored bars of a setup's series up to the close of one of its changes; perhaps none.

    Parameters
    ----------
    bars : BarStore
        Read as they are stored now: a bar that was corrected since is the corrected one.
    change : StoredChange
        Whose close is meant.
    """
    slot = parse_slot(change.slot)
    series = SeriesId(change.venue, slot.instrument, slot.timeframe)
    end = change.ts_bar + series.span_ms
    history = bars_until(bars, series, end - HISTORY_BARS * series.span_ms, end)
    is_whole = len(history) > 0 and int(history.ts[-1]) == change.ts_bar
    return history if is_whole else history.slice(0, 0)


def patterns_at_end(history: Bars) -> list[LivingPattern]:
    """Return the patterns that hold at the last bar, by when they became known."""
    columns = history.high, history.low, history.close
    return living_patterns(*columns, history.once(_find), gaps=history.gaps)


def _find(bars: Bars) -> list[ChartPattern]:
    return find_patterns(bars.high, bars.low, bars.close, gaps=bars.gaps)


def pattern_readings(history: Bars) -> list[SetupReading]:
    """Return what the patterns that hold at the last bar say, each with its confirmation level; or that none holds.

    Parameters
    ----------
    history : Bars
        Up to the close; none at all where its bar is not stored.
    """
    if not len(history):
        return [SetupReading("patterns", 0.0, absence="missing")]
    return [
        SetupReading(
            living.pattern.kind, of_pattern(living.pattern.side, is_confirmed=living.is_confirmed),
            living.pattern.confirmation, "price", int(history.ts[living.pattern.known]) + history.span_ms,
        )
        for living in patterns_at_end(history)
    ] or [SetupReading("patterns", 0.0, absence="none")]  # fmt: skip


def pattern_results(held: Sequence[LivingPattern], history: Bars) -> list[SetupPattern]:
    """Return patterns as operations tell them, each with the record of its kind on the same bars.

    Parameters
    ----------
    held : sequence of LivingPattern
        Found in `history`.
    history : Bars
        Up to the close; what ended by then is counted.
    """
    kinds = sorted({living.pattern.kind for living in held})
    rates = completion_rates(
        history.open, history.high, history.low, history.close, history.once(_find) if kinds else (),
        gaps=history.gaps, kinds=kinds,
    )  # fmt: skip
    of_kind = {rate.kind: rate for rate in rates}
    return [_setup_pattern(living, history, of_kind[living.pattern.kind]) for living in held]


def _setup_pattern(living: LivingPattern, history: Bars, rate: CompletionRate) -> SetupPattern:
    pattern = living.pattern
    return SetupPattern(
        kind=pattern.kind, side=pattern.side, confirmed=living.is_confirmed,
        ts_known=int(history.ts[pattern.known]) + history.span_ms,
        confirmation=pattern.confirmation, target=pattern.target, invalidation=pattern.invalidation,
        swings=[(int(history.ts[swing.bar]), swing.price) for swing in pattern.swings],
        bars=len(history), ended=rate.ended, completed=rate.completed,
        completed_share=rate.completed / rate.ended if rate.ended >= LEAST_ENDED else None,
        any_bar=rate.at_any_bar, any_bar_atr=rate.at_any_bar_in_ranges,
    )  # fmt: skip


def pattern_boundaries(
    pattern: ChartPattern, history: Bars, ts: IntArray
) -> dict[str, list[tuple[int, float]]]:
    """Return the boundaries of a pattern at the bars of a chart, by their names `upper` and `lower`.

    Parameters
    ----------
    pattern : ChartPattern
        Found in `history`.
    history : Bars
        Gives its bars their times.
    ts : int64 array, shape (n_bars,)
        Open times of the chart's bars; a boundary has prices at those between its ends.
    """
    boundaries = {}
    for name, line in (("upper", pattern.upper), ("lower", pattern.lower)):
        ends = [int(history.ts[end.bar]) for end in (line.first, line.last)]
        shown = ts[(ts >= ends[0]) & (ts <= ends[1])]
        prices = np.interp(shown, ends, [line.first.price, line.last.price])
        boundaries[name] = list(zip(shown.tolist(), prices.tolist(), strict=True))
    return boundaries
