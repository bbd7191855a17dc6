"""What a run of many slots samples, remembers and meets where its histories differ in length or in detail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.unit.engine.material import FREE, HOUR, rules, slot_input, steps
from vigie.domain import codes
from vigie.domain.account import Protections, Sizing
from vigie.domain.bar import Bars
from vigie.domain.errors import InvariantBroken
from vigie.domain.ids import SlotId
from vigie.domain.time import DAY_MS
from vigie.engine import backtest
from vigie.engine.backtest import _count_samples, run_shared, run_slot
from vigie.engine.live.fold.empty_account import LiveSlot, empty_books, empty_slots
from vigie.engine.portfolio import judge_sample


def daily(days: range) -> Bars:
    """Flat daily bars."""
    flat = steps([100.0] * len(days), instrument="eth-usdt-perp", hours=[24 * day for day in days])
    return replace(flat, span_ms=DAY_MS)


def hourly(hours: range) -> Bars:
    """Flat hourly bars."""
    return steps([100.0] * len(hours), hours=hours)


def sampled_hours(*histories: Bars) -> list[int]:
    """Return at which hours a shared account of slots that never trade is sampled."""
    inputs = [slot_input(bars) for bars in histories]
    assert _count_samples(inputs) >= len({ts for bars in histories for ts in bars.ts + bars.span_ms})
    outcome = run_shared(inputs, protections=None)
    return [int(ts) // HOUR for ts in outcome.equity_ts]


def test_samples_beyond_their_room_are_refused_and_written_nowhere(monkeypatch) -> None:
    inside = 20
    ts, equity = np.full(24, -1, dtype=np.int64), np.full(24, np.nan)
    make = backtest._books

    def short_of_room(*given):
        return make(*given)._replace(equity_ts=ts[:inside], equity=equity[:inside])

    monkeypatch.setattr(backtest, "_books", short_of_room)
    with pytest.raises(InvariantBroken, match="at most 20, were 24"):
        run_shared([slot_input(hourly(range(24)))], protections=None)
    assert np.isfinite(equity[:inside]).all()
    assert ts[inside:].tolist() == [-1] * 4
    assert np.isnan(equity[inside:]).all()


def test_daily_bars_that_go_on_after_the_hourly_ones_are_each_sampled() -> None:
    assert sampled_hours(hourly(range(24)), daily(range(1, 3))) == [*range(1, 25), 48, 72]


def test_a_daily_close_is_sampled_at_which_the_first_hourly_bar_only_opens() -> None:
    assert sampled_hours(hourly(range(24, 48)), daily(range(3))) == [24, *range(25, 49), 72]


def test_the_finer_bar_that_closes_last_is_met_though_the_coarse_bar_does_not_show_its_price() -> None:
    bars = hourly(range(6))
    finer = Bars(
        bars.instrument, HOUR // 2, np.arange(12, dtype=np.int64) * (HOUR // 2),
        np.full(12, 100.0), np.full(12, 100.5), np.full(12, 99.5), np.full(12, 100.0), np.ones(12),
    )  # fmt: skip
    finer.low[7] = 97.0
    outcome = run_slot(slot_input(bars, long=[1], detail=finer))
    assert outcome.trades["reason"].tolist() == [codes.STOP]
    assert outcome.trades["exit_ts"].tolist() == [4 * HOUR]


def test_an_entry_that_is_decided_has_neither_limit_nor_value() -> None:
    outcome = run_slot(slot_input(hourly(range(6)), long=[1]))
    assert outcome.log[0, 6] == codes.ENTRY_DECIDED
    assert outcome.values[0].tolist() == [0.0, 0.0]


def test_the_closes_of_every_day_are_remembered_one_after_the_other() -> None:
    names = ["btc-usdt-perp", "eth-usdt-perp"]
    slots = [LiveSlot(SlotId(name, "1h", "made_up"), HOUR, (rules(name),), Sizing(), FREE) for name in names]
    shared = empty_slots(slots, names)
    books = empty_books(slots, len(names), Protections(correlation_days=5), shared, 0)
    books.instruments["known"] = 1
    stored = 0
    for day in range(1, 4):
        books.instruments["last_close"] = [day, 10.0 * day]
        stored = judge_sample(shared, books, 10_000.0, day * DAY_MS, 10_000.0, stored)
    assert stored == 3
    np.testing.assert_array_equal(
        books.closes, [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [np.nan, np.nan], [np.nan, np.nan]]
    )
