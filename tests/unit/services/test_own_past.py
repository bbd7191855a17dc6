"""Figures against their own past: what is usual, from how many days on, of what the change counts, what is old."""

import numpy as np
import pytest

from tests.houses import person
from tests.unit.services.figures_material import EIGHT, NOW, THIRD, empty, full, quote
from vigie.domain.fact import Observation
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.services.caches.own_pasts import FRESH_MS, OwnPastCache
from vigie.services.market_data.own_past import own_past, surprise_of, weekly_changes, whole_bounds
from vigie.services.market_data.series import Values
from vigie.services.operation_calls import run_operation


def days(values):
    ts = NOW - np.arange(len(values), dtype=np.int64)[::-1] * DAY_MS
    return Values(ts, ts, np.array(values, dtype=np.float64))


def asked(house, name, **values):
    return run_operation(house, person(), name, values).rows


def test_the_range_is_of_the_past_without_the_value_it_is_compared_with():
    past = own_past(days([*np.linspace(1.0, 2.0, 51), 9.0]))
    assert (past.low, past.high) == (pytest.approx(1.02), pytest.approx(1.98))
    assert (past.last, past.ts, past.days) == (9.0, NOW, 52)
    assert surprise_of(9.0, past) == ("high", pytest.approx((9.0 - 1.98) / 0.96))
    assert surprise_of(0.0, past)[0] == "low"
    assert surprise_of(1.5, past) == ("", 0.0)


@pytest.mark.parametrize(("count", "is_known"), [(29, False), (30, True)])
def test_fewer_than_30_days_say_nothing_however_many_values_they_have(count, is_known):
    assert (own_past(days(np.arange(count))).low is not None) == is_known
    hours = NOW - np.arange(20 * 24, dtype=np.int64)[::-1] * HOUR_MS
    assert own_past(Values(hours, hours, np.arange(20.0 * 24))).low is None


def test_a_past_that_never_moved_is_left_only_by_a_real_move():
    past = own_past(days([0.1] * 40))
    assert surprise_of(0.1 + 1e-17, past) == ("", 0.0)
    assert surprise_of(0.2, past) == ("high", 99.0)


def test_nothing_is_made_of_nothing():
    assert own_past(days([])) is None
    assert own_past(days([np.nan, np.nan])) is None


def test_changes_are_of_a_week_and_leave_holes_out():
    changes = weekly_changes(days([100.0 + day for day in range(20)]))
    assert changes.values.tolist() == pytest.approx(
        [(100.0 + day) / (93.0 + day) - 1 for day in range(7, 20)]
    )
    ts = np.array([NOW - 40 * DAY_MS, NOW], dtype=np.int64)
    assert len(weekly_changes(Values(ts, ts, np.array([1.0, 2.0])))) == 0


def test_bounds_of_what_is_counted_are_whole_and_lie_inside():
    past = own_past(days([*(1_000.3 + 10 * np.arange(60)), 5_000.0]))
    low, high = whole_bounds(past, "count")
    assert (low % 1, high % 1) == (0.0, 0.0)
    assert past.low <= low <= high <= past.high
    assert whole_bounds(past, "usd") == (past.low, past.high)


def test_measures_of_derivatives_stand_beside_their_own_past(tmp_path):
    made = full(tmp_path / "home")
    rows = {(row.kind, row.venue): row for row in asked(made, "derivatives.past", assets="bitcoin")}
    funding = rows["funding", "bitget-perp"]
    # What the venue quotes now, as in the table of rates.
    assert (funding.value, funding.outlier) == (0.0008, "high")
    assert funding.ts_event == NOW - MINUTE_MS
    assert -0.00001 <= funding.low < funding.high <= 0.00021
    assert len(funding.spark) > 2
    # 72 hours are no past.
    basis = rows["basis", "bitget-perp"]
    assert (basis.low, basis.high, basis.outlier, basis.days) == (None, None, "", 4)
    # Three hours of liquidations: the last day is told, and nothing is usual of it.
    forced = rows["liquidations", "binance-perp"]
    assert (forced.value, forced.low) == (36 * 150.0, None)
    assert rows["volatility", "deribit"].value == pytest.approx(47.1)
    assert {row.asset for row in asked(made, "derivatives.past")} >= {"bitcoin"}


def test_a_day_of_liquidations_hardly_heard_is_no_day(tmp_path):
    made = empty(tmp_path / "home")
    facts = []
    for part in range(40 * 288):
        ts = NOW - part * 5 * MINUTE_MS
        # Of the third day before now, an hour was heard.
        if 2 * 288 + 12 <= part < 3 * 288:
            continue
        amount = 10.0 if part < 288 else 1.0
        facts += [
            Observation(f"derivatives/{THIRD}/liquidations_{side}_usd", ts, ts, amount)
            for side in ("long", "short")
        ]
    made.facts.append(facts)
    (row,) = [row for row in asked(made, "derivatives.past") if row.kind == "liquidations"]
    assert (row.value, row.low, row.high, row.outlier) == (5_760.0, 576.0, 576.0, "high")


def test_what_is_old_is_not_unusual_now(tmp_path):
    made = empty(tmp_path / "home")
    name = f"derivatives/{EIGHT}/basis_fraction"
    start = NOW - 60 * DAY_MS
    made.facts.append(
        [Observation(name, start + k * DAY_MS, start + k * DAY_MS, 0.001 + 1e-5 * (k % 3)) for k in range(50)]
    )
    made.facts.append([Observation(name, NOW - 9 * DAY_MS, NOW - 9 * DAY_MS, 0.5)])
    (row,) = asked(made, "derivatives.past")
    assert (row.value, row.is_stale, row.outlier) == (0.5, True, "")
    # At that time it was.
    (then,) = asked(made, "derivatives.past", as_of=NOW - 9 * DAY_MS)
    assert (then.outlier, then.is_stale) == ("high", False)


def test_metrics_of_chains_stand_beside_their_own_year(tmp_path):
    rows = {row.series: row for row in asked(full(tmp_path / "home"), "onchain.past")}
    active = rows["onchain/bitcoin/adr_act_cnt"]
    assert (active.value, active.outlier, active.asset, active.name) == (
        5_000.0,
        "high",
        "bitcoin",
        "Bitcoin",
    )
    # What only grows is compared by its change over a week.
    locked = rows["defi/total/tvl_usd"]
    assert (locked.is_change, locked.unit, locked.asset) == (True, "change", "")
    assert abs(locked.value) < 0.01
    assert rows["sentiment/fear_greed_index"].low is None
    # The supply follows a schedule.
    assert not any(name.endswith("sply_cur") for name in rows)


def test_what_came_later_is_unknown_then(tmp_path):
    made = full(tmp_path / "home")
    then = {row.series: row for row in asked(made, "onchain.past", as_of=NOW - 2 * HOUR_MS)}
    assert then["onchain/bitcoin/adr_act_cnt"].value == 1_399.0


def test_of_named_assets_there_are_no_other_rows_now_and_as_of_then(tmp_path):
    made = full(tmp_path / "home")
    for as_of in ({}, {"as_of": NOW}):
        everything = {row.series: row for row in asked(made, "onchain.past", **as_of)}
        named = {row.series: row for row in asked(made, "onchain.past", assets="BTC", **as_of)}
        assert named == {series: row for series, row in everything.items() if row.asset == "bitcoin"}
        assert 0 < len(named) < len(everything)
        perpetuals = asked(made, "derivatives.past", **as_of)
        assert asked(made, "derivatives.past", assets="BTC", **as_of) == [
            row for row in perpetuals if row.asset == "bitcoin"
        ]


def test_pasts_are_found_once_a_minute_and_again_beside_the_page():
    cache, found = OwnPastCache(), []

    def find():
        found.append(len(found))
        return {"n": len(found)}

    assert cache.read("a", 1_000, dict) == {}
    assert cache.read("a", 1_000, find) == cache.read("a", 1_000 + FRESH_MS - 1, find) == {"n": 1}
    # The old one is shown meanwhile.
    assert cache.read("a", 1_000 + FRESH_MS, find) == {"n": 1}
    for thread in _refreshers():
        thread.join()
    assert cache.read("a", 1_000 + FRESH_MS, find) == {"n": 2}


def _refreshers():
    import threading

    return [thread for thread in threading.enumerate() if thread.name == "vigie-own-pasts"]


def test_a_quote_is_newer_than_what_is_stored(tmp_path):
    made = full(tmp_path / "home")
    made.quotes.put([quote(EIGHT, mark=103.0, index=100.0)])
    rows = asked(made, "derivatives.past", assets="BTC")
    (basis,) = [row for row in rows if row.kind == "basis" and row.venue == "bitget-perp"]
    assert basis.value == pytest.approx(0.03)
