"""Walk-forward: each window knows only its past, and the joined account is what its trades say."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.research.material import history, plan, slot
from vigie.adapters.executors.threads import ThreadExecutor
from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.codes import END_OF_DATA
from vigie.domain.errors import UsageError
from vigie.engine.run import execute
from vigie.research.sweep.loop import Search
from vigie.research.sweep.plan import variant_slots
from vigie.research.tables import TRADE_COLUMNS
from vigie.research.walk_forward import WalkForward, WalkWindow, count_choices, permuted_walk, walk_forward
from vigie.research.walk_tables import trades_frame
from vigie.research.walk_windows import WalkSettings, WindowSpans, window_spans

GRID = "fast=4:12:4,slow=16:32:8"
WALK = WalkSettings(train=500, test=250)


def walked(given, walk=WALK, threads=1, search=None):
    with ThreadExecutor(threads) as executor:
        return walk_forward(given, search or Search(), walk, executor)


def test_rolling_spans_adjoin_and_anchored_ones_begin_at_the_start():
    given = plan(GRID)
    ts, span = given.slots[0].bars.ts, given.slots[0].bars.span_ms
    rolling = window_spans(given, WALK)
    assert len(rolling) == 4
    assert rolling[1] == WindowSpans(ts[250], ts[750], ts[750], ts[1000])
    assert rolling[-1].test_to == ts[-1] + span
    anchored = window_spans(given, replace(WALK, scheme="anchored"))
    assert {one.train_from for one in anchored} == {ts[0]}
    assert [one.test_from for one in anchored] == [one.test_from for one in rolling]
    assert window_spans(given, replace(WALK, gap=10))[0] == WindowSpans(ts[0], ts[500], ts[510], ts[760])


def test_each_window_chooses_the_best_of_its_training_span():
    given = plan(GRID)
    result = walked(given)
    ts = given.slots[0].bars.ts
    for number, window in enumerate(result.windows):
        first, end = number * 250, number * 250 + 500
        found = {}
        for combination in range(given.space.size):
            (one,) = variant_slots(given, combination)
            cut = replace(one, bars=one.bars.slice(0, end), first=first)
            summary = execute([cut], cut.account, check=False).slots[0].summary
            found[combination] = 0.0 if math.isnan(summary.sharpe) else summary.sharpe
        assert window.combination == max(found, key=found.get)
        assert window.in_sample == found[window.combination]
        assert window.spans.train_from == ts[first]


def test_tests_trade_their_own_span_with_warm_indicators_and_end_flat():
    # Levels far away: positions last until they are turned, so that every window ends with one.
    account = AccountSettings(sizing=Sizing(stop_atr=8.0, target_atr=30.0))
    given = plan(GRID, slot(account=account), account=account)
    result = walked(given)
    ends = 0
    for window in result.windows:
        trades = window.trades
        assert len(trades) >= 3
        assert trades["entry_ts"].min() >= window.spans.test_from
        assert trades["exit_ts"].max() <= window.spans.test_to
        ends += int((trades["reason"] == END_OF_DATA).sum())
        (one,) = variant_slots(given, window.combination)
        whole = execute([one], one.account, check=False)
        signalled = np.flatnonzero(whole.slots[0].input.flags & 3)
        bars = given.slots[0].bars
        inside = [k for k in signalled if bars.ts[k] >= window.spans.test_from]
        assert trades["decision_ts"][0] == bars.ts[inside[0]], (
            "the first signal of the span, with all history behind it"
        )
    assert ends >= 3


def test_account_goes_on_with_what_the_window_before_left():
    result = walked(plan(GRID))
    assert len(result.equity) == len(result.equity_ts) == 1000
    assert (np.diff(result.equity_ts) > 0).all()
    left = 10_000.0
    for window in result.windows:
        assert window.run.account.sizing.capital == left
        left = float(window.run.equity[-1])
    assert result.equity[-1] == left
    assert result.equity[-1] - 10_000.0 == pytest.approx(result.pnl.sum(), abs=1e-6)
    returns = result.daily_returns()
    assert np.prod(1 + returns) * 10_000.0 == pytest.approx(left, rel=1e-12)


def test_later_bars_change_no_earlier_window():
    bars = history()
    known = walked(plan(GRID, slot(bars)))
    cut = walked(plan(GRID, slot(bars.slice(0, 1_000))))
    assert len(cut.windows) == 2
    for early, whole in zip(cut.windows, known.windows, strict=False):
        assert early.combination == whole.combination
        assert early.run.log.tobytes() == whole.run.log.tobytes()
    np.testing.assert_array_equal(cut.equity, known.equity[:500])


def test_threads_and_repetition_change_nothing():
    first, second = walked(plan(GRID)), walked(plan(GRID), threads=3)
    np.testing.assert_array_equal(first.equity, second.equity)
    assert [w.params for w in first.windows] == [w.params for w in second.windows]


@pytest.mark.parametrize("search", [Search("random", 5, 1), Search("tpe", 16, 1)])
def test_random_and_tpe_searches_can_be_walked(search):
    result = walked(plan("fast=4:14,slow=16:32"), search=search)
    assert len(result.windows) == 4
    again = walked(plan("fast=4:14,slow=16:32"), search=search)
    assert [w.combination for w in result.windows] == [w.combination for w in again.windows]


def test_nothing_is_traded_where_nothing_traded_enough_in_training():
    result = walked(plan(GRID), replace(WALK, min_trades=10_000))
    assert [window.combination for window in result.windows] == [-1] * 4
    assert set(result.equity.tolist()) == {10_000.0}
    assert result.trades == 0
    assert math.isnan(result.efficiency)
    assert result.profitable_share == 0.0


def window_of(inside, outside):
    return WalkWindow(WindowSpans(0, 2_000, 2_000, 3_000), 0, {"fast": 4}, 1.0, 1.0, inside, outside, None)


def test_efficiency_compares_yearly_returns():
    windows = (window_of(0.2, 0.05), window_of(0.4, 0.01))
    result = WalkForward(windows, np.array([1]), np.array([1.0]), 1.0, 1_000, np.array([0]))
    assert result.efficiency == pytest.approx((0.06 / 2 / 1_000) / (0.6 / 2 / 2_000))
    losing = WalkForward((window_of(-0.1, 0.1),), np.array([1]), np.array([1.0]), 1.0, 1_000, np.array([0]))
    assert math.isnan(losing.efficiency)


def test_trades_have_the_same_columns_where_nothing_ran():
    given = plan(GRID)
    full = trades_frame(walked(given))
    idle = WalkForward((window_of(0.0, 0.0),), np.array([1]), np.array([1.0]), 1.0, 1_000, np.array([0]))
    empty = trades_frame(idle)
    assert len(full) > len(empty) == 0
    assert empty.schema == full.schema
    assert list(empty.columns) == ["window", *TRADE_COLUMNS]


def test_stability_counts_what_was_chosen():
    windows = tuple(replace(window_of(0.1, 0.1), params={"fast": k}) for k in (4, 8, 8))
    result = WalkForward(windows, np.array([1]), np.array([1.0]), 1.0, 1_000, np.array([0]))
    assert count_choices(result, ["fast"]) == {"fast": {8: 2, 4: 1}}


def test_several_series_share_windows_by_time():
    given = plan(GRID, slot(history(seed=1)), slot(history(seed=2, instrument="eth-usdt-perp")))
    result = walked(given)
    assert result.capital == 20_000.0
    assert all(len(window.run.slots) == 2 for window in result.windows)
    assert result.equity[-1] - 20_000.0 == pytest.approx(result.pnl.sum(), abs=1e-6)


def test_portfolio_mode_walks_one_account():
    account = AccountSettings(mode="portfolio")
    slots = [
        slot(history(seed=k, instrument=f"{name}-usdt-perp"), account=account) for k, name in enumerate("ab")
    ]
    result = walked(plan("fast=4|8,slow=16", *slots, account=account))
    assert result.capital == 10_000.0
    assert result.trades > 10


def test_series_that_begin_too_late_are_refused():
    late = history(600, seed=2, instrument="eth-usdt-perp")
    late = replace(late, ts=late.ts + 900 * late.span_ms, _memo={})
    with pytest.raises(UsageError, match="each series must cover every window; leave out"):
        walked(plan(GRID, slot(history()), slot(late)))


def test_too_short_a_history_is_refused():
    with pytest.raises(UsageError, match="at least 1501 bars of 4h, had 1500"):
        window_spans(plan(GRID), WalkSettings(train=1_500, test=10))
    with pytest.raises(UsageError, match="scheme must be"):
        WalkSettings(10, 10, scheme="sideways")
    with pytest.raises(UsageError, match=">= 1"):
        WalkSettings(0, 10)


def test_permutations_walk_shuffled_histories():
    given = plan("fast=4|8,slow=16|24")
    with ThreadExecutor(1) as executor:
        observed = walk_forward(given, Search(), WALK, executor).score("sharpe")
        first = permuted_walk(given, Search(), WALK, executor, observed=observed, permutations=5, seed=3)
        again = permuted_walk(given, Search(), WALK, executor, observed=observed, permutations=5, seed=3)
        other = permuted_walk(given, Search(), WALK, executor, observed=observed, permutations=5, seed=4)
    np.testing.assert_array_equal(first.statistics, again.statistics)
    assert (first.statistics != other.statistics).any()
    better = int((first.statistics >= observed).sum())
    assert first.p_value == (1 + better) / 6
