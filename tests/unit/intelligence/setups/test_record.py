"""What may be expected of a setup, which are told, and the record of those that ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.setups.budget import BudgetCandidate, decide_budget
from vigie.intelligence.setups.expectation import EndedTrade, expected_r
from vigie.intelligence.setups.record import EndedSetup, horizon_of, notice_cells, record_cells
from vigie.intelligence.setups.regime import regime_at

NOW = 1_750_000_000_000


def ended(rs, *, instrument="btc-usdt-perp", regime="rising_calm", ts=NOW, strategy="s"):
    return [EndedTrade(strategy, instrument, regime, ts, r) for r in rs]


def expected(past, ts=NOW):
    found = expected_r(past, strategy="s", instrument="btc-usdt-perp", regime="rising_calm", ts=ts)
    return found.value


def test_a_mean_counts_by_how_many_it_comes_from():
    assert expected([]) == 0.0
    # Thirty of the strategy, all alike: half of 1 towards half of 1.
    assert expected(ended([1.0] * 30)) == pytest.approx(0.5 * 1.0 + 0.5 * 0.5)
    # None alike: the strategy's own, drawn to 0.
    assert expected(ended([1.0] * 30, instrument="eth-usdt-perp")) == pytest.approx(0.5)
    assert expected(ended([1.0] * 30, strategy="other")) == 0.0


def test_those_of_another_instrument_or_regime_count_for_the_strategy_alone():
    for other in ({"instrument": "eth-usdt-perp"}, {"regime": "falling_calm"}):
        # The strategy's sixty made nothing on average; half of the thirty alike counts.
        assert expected([*ended([1.0] * 30), *ended([-1.0] * 30, **other)]) == pytest.approx(0.5)
        assert expected(ended([1.0] * 30, **other)) == pytest.approx(0.5)


def test_what_was_not_known_then_does_not_count():
    assert expected(ended([1.0] * 30, ts=NOW + 1)) == 0.0


def candidate(day, expected_r=0.0, total=0.0):
    return BudgetCandidate(expected_r, total, NOW + day * DAY_MS)


def test_with_little_history_the_first_are_told():
    past = [candidate(-1, 9.0)] * 100
    first, full = (decide_budget(candidate(0), past, told=told, budget=2) for told in (1, 2))
    assert (first.held, first.threshold) == ("", None)
    assert (first.rank, first.of) == (101, 101)
    assert full.held == "full"


def test_with_history_only_the_best_are_told_and_equals_by_contribution():
    # 150 in thirty days, of which one a day may be told: those above the thirty-first.
    past = [candidate(-31), *(candidate(-n // 6 / 1.0, n / 150.0, 0.0) for n in range(150))]
    level = 119 / 150.0
    below = decide_budget(candidate(0, level - 0.001), past, told=0, budget=1)
    equal = decide_budget(candidate(0, level, 0.0), past, told=0, budget=1)
    by_total = decide_budget(candidate(0, level, 0.1), past, told=0, budget=1)
    assert below.threshold == pytest.approx(level)
    assert (below.held, equal.held, by_total.held) == ("below", "below", "")
    assert (by_total.rank, equal.rank, below.rank) == (31, 31, 32)
    assert decide_budget(candidate(0, 9.0), past, told=1, budget=1).held == "full"


def test_where_all_that_comes_fits_nothing_is_below():
    past = [candidate(-31), *(candidate(-n) for n in range(1, 30))]
    found = decide_budget(candidate(0, -9.0), past, told=0, budget=1)
    assert (found.held, found.threshold) == ("", None)


def setups(rs, *, instrument="btc-usdt-perp", begin=NOW, kind="trade"):
    return [
        EndedSetup(
            f"{instrument}{n}", kind, "s", instrument, "rising_calm", "day", begin + n * 50 * HOUR_MS, r
        )
        for n, r in enumerate(rs)
    ]


def cells_of(found, grouping):
    return {cell.value: cell for cell in record_cells(found) if cell.grouping == grouping}


def test_under_thirty_only_the_count_stands():
    cell = cells_of(setups([1.0] * 29), "strategy")["s"]
    assert cell.trades == 29
    assert [cell.mean_r, cell.low, cell.won_share, cell.unconfirmed_share] == [None] * 4
    assert cells_of(setups([1.0, -1.0] * 15), "strategy")["s"].mean_r == 0.0


def test_what_was_told_and_what_was_held_back_stand_beside_each_other():
    told = [replace(one, notice="told") for one in setups([1.0, -0.5] * 15)]
    held = [replace(one, notice="held") for one in setups([-1.0] * 29, instrument="eth-usdt-perp")]
    unasked = setups([9.0] * 40, instrument="sol-usdt-perp")
    sent, kept = notice_cells([*told, *held, *unasked])
    assert (sent.value, sent.trades, sent.mean_r, sent.won_share) == ("told", 30, 0.25, 0.5)
    # Losers that nobody was told of are scored too; of fewer than thirty the count stands alone.
    assert (kept.value, kept.trades, kept.mean_r, kept.won_share) == ("held", 29, None, None)
    assert notice_cells(unasked) == []
    assert {cell.grouping for cell in record_cells([*told, *held])}.isdisjoint({"notice"})


def test_of_few_weeks_there_is_no_interval_and_nothing_is_called_better():
    few = [*setups([3.0] * 40), *setups([-1.0] * 40, instrument="eth-usdt-perp")]
    few = [replace(one, ts_known=NOW + n * HOUR_MS) for n, one in enumerate(few)]
    cell = cells_of(few, "instrument")["btc-usdt-perp"]
    assert (cell.mean_r, cell.low, cell.is_better) == (3.0, None, False)
    assert cell.weeks < 10


def test_weeks_are_those_of_the_calendar_from_monday():
    monday = 1_749_427_200_000  # 9 June 2025, 00:00 UTC.
    for before, after, weeks in ((-1, 0, 2), (0, 7 * DAY_MS - 1, 1), (0, 7 * DAY_MS, 2)):
        two = [
            replace(one, ts_known=monday + ts)
            for one, ts in zip(setups([1.0, 2.0]), (before, after), strict=True)
        ]
        assert cells_of(two, "all")[""].weeks == weeks


def test_what_never_was_confirmed_is_a_rate_and_no_r_of_nothing():
    both = [*setups([0.5] * 60), *setups([None] * 40, kind="unconfirmed", instrument="eth-usdt-perp")]
    cell = cells_of(both, "all")[""]
    assert (cell.trades, cell.mean_r, cell.unconfirmed_share) == (60, 0.5, 0.4)
    void = [replace(one, kind="void") for one in both if one.kind == "unconfirmed"]
    assert cells_of([*setups([0.5] * 60), *void], "all")[""].unconfirmed_share == 0.0


def test_cells_stand_by_count_and_only_one_beyond_chance_is_called_better():
    rng = np.random.default_rng(1)
    good = setups(rng.normal(1.0, 1.0, 200), instrument="a-usdt-perp")
    plain = setups(rng.normal(0.0, 1.0, 300), instrument="b-usdt-perp")
    lucky = setups(rng.normal(0.0, 1.0, 31), instrument="c-usdt-perp")
    found = [cell for cell in record_cells([*good, *plain, *lucky]) if cell.grouping == "instrument"]
    assert [cell.value[0] for cell in found] == ["b", "a", "c"]
    assert [cell.is_better for cell in found] == [False, True, False]
    assert found[1].low < found[1].mean_r < found[1].high


def test_of_chance_alone_nothing_is_called_better():
    called = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        of = [setups(rng.normal(0.0, 1.0, 40), instrument=f"{name}-usdt-perp") for name in "abcdef"]
        called += any(cell.is_better for cell in record_cells([one for some in of for one in some]))
    assert called <= 3


def test_the_order_they_are_given_in_changes_nothing():
    found = setups(np.random.default_rng(3).normal(0.1, 1.0, 60))
    assert record_cells(found) == record_cells(found[::-1])


def test_an_horizon_is_named_by_how_long_it_lasts():
    assert [horizon_of(bars, HOUR_MS) for bars in (0, 24, 25, 169)] == ["", "day", "week", "longer"]


def test_a_regime_is_trend_and_volatility_and_depends_on_nothing_later():
    rng = np.random.default_rng(5)
    spreads = np.r_[np.full(400, 0.002), np.full(200, 0.02)]
    up, down = (np.exp(np.cumsum(drift + rng.normal(0.0, spreads))) for drift in (0.004, -0.004))
    assert regime_at(up) == "rising_volatile"
    assert regime_at(down) == "falling_volatile"
    assert regime_at(up[:390]) in ("rising_calm", "rising_volatile")
    assert regime_at(np.exp(np.linspace(0.0, 1.0, 300) ** 0.5)) == "rising_calm"
    assert regime_at(up[:199]) == ""
    long = np.exp(np.cumsum(rng.normal(0.0, 0.01, 3_000)))
    assert {regime_at(long[begin:2_500]) for begin in (0, 700, 1_500)} == {regime_at(long[1_500:2_500])}


def test_the_intervals_of_few_weeks_are_as_narrow_as_documented():
    held = 0
    for seed in range(120):
        rng = np.random.default_rng(1_000 + seed)
        of_week = rng.normal(0.0, 1.0, 12)
        rs = [float(of_week[n % 12] + rng.normal()) for n in range(120)]
        found = [
            replace(one, ts_known=4 * DAY_MS + (n % 12) * 7 * DAY_MS + n) for n, one in enumerate(setups(rs))
        ]
        whole = record_cells(found)[0]
        held += whole.low <= 0.0 <= whole.high
    documented = (Path(__file__).parents[4] / "docs" / "record.md").read_text("utf-8")
    assert f"{held} of 120" in " ".join(documented.split())
