"""Patterns of a setup are read from the bars up to its close alone, and told with the record of their kind."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.quant.patterns.hand_made import wandering
from tests.unit.services.setups.test_contributing import NOW, SERIES_ID, change
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.time import HOUR_MS
from vigie.quant.patterns.completion import completion_rates
from vigie.quant.patterns.finding import find_patterns
from vigie.services.setups import chart_patterns
from vigie.services.setups.chart_patterns import (
    HISTORY_BARS,
    history_until,
    pattern_boundaries,
    pattern_results,
    patterns_at_end,
)

N_BARS = 3_000


def made(seed):
    high, low, close = wandering(seed, N_BARS, start=600.0)
    opening = np.append(close[:1], close[:-1])
    return Bars(
        SERIES_ID.instrument, HOUR_MS, NOW + np.arange(N_BARS) * HOUR_MS, opening, np.maximum(high, opening),
        np.minimum(low, opening), close, np.ones(N_BARS), SERIES_ID.venue,
    )  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return what is told at many closes, from a store with all bars and from one that ends there."""
    bars, found = made(3), []
    whole = ParquetBars(tmp_path_factory.mktemp("whole"))
    whole.upsert(SERIES_ID, to_frame(bars))
    for bar in range(2_200, N_BARS, 40):
        cut = ParquetBars(tmp_path_factory.mktemp("cut"))
        cut.upsert(SERIES_ID, to_frame(bars.slice(0, bar + 1)))
        at = change(ts=int(bars.ts[bar]) + HOUR_MS)
        found.append((bars, bar, *(history_until(store, at) for store in (whole, cut))))
    return found


def test_what_is_stored_after_the_close_changes_nothing(told):
    for _, bar, whole, cut in told:
        assert (len(whole), int(whole.ts[-1])) == (HISTORY_BARS, NOW + bar * HOUR_MS)
        assert whole.close.tobytes() == cut.close.tobytes()
        assert patterns_at_end(whole) == patterns_at_end(cut)


def test_each_is_told_with_the_record_of_its_kind_in_the_same_bars(told, monkeypatch):
    monkeypatch.setattr(chart_patterns, "LEAST_ENDED", 8)
    seen = set()
    for bars, bar, history, _ in told:
        held = patterns_at_end(history)
        part = bars.slice(bar + 1 - HISTORY_BARS, bar + 1)
        rates = completion_rates(
            part.open, part.high, part.low, part.close, find_patterns(part.high, part.low, part.close)
        )
        of_kind = {rate.kind: rate for rate in rates}
        for living, result in zip(held, pattern_results(held, history), strict=True):
            rate = of_kind[living.pattern.kind]
            assert (result.kind, result.ended, result.completed) == (rate.kind, rate.ended, rate.completed)
            assert (result.any_bar, result.any_bar_atr) == (rate.at_any_bar, rate.at_any_bar_in_ranges)
            share = rate.completed / rate.ended if rate.ended >= 8 else None
            assert result.completed_share == share
            assert result.ts_known <= int(history.ts[-1]) + HOUR_MS
            seen.add(share is None)
    assert seen == {True, False}


def test_boundaries_have_prices_at_the_bars_of_the_chart_only(told):
    for _, _, history, _ in told:
        for living in patterns_at_end(history):
            ts = history.ts[living.pattern.swings[0].bar + 2 :: 2]
            for line in pattern_boundaries(living.pattern, history, ts).values():
                times = [moment for moment, _ in line]
                assert set(times) <= set(ts.tolist())
                assert times[-1] <= int(history.ts[living.pattern.known])
