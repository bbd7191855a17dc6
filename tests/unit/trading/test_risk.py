"""Protections of a shared account, station by station; docs/portfolio-rules.md says what each means."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain import codes, state
from vigie.domain.account import Protections
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.trading.risk import bookings, correlation, exposure, locks, samples


def rules(**changes: float):
    return state.protections_of(Protections(**changes))[0]


def record(dtype, **values: float):
    row = np.zeros(1, dtype)[0]
    for name, value in values.items():
        row[name] = value
    return row


def account(**values: float):
    return record(state.ACCOUNT, **values)


def instrument(**values: float):
    return record(state.INSTRUMENT, **values)


def slot(**values: float):
    return record(state.SLOT, **{"cooldown_from": state.NEVER, **values})


def slots(*rows: dict):
    out = np.zeros(len(rows), state.SLOT)
    for row, values in zip(out, rows, strict=True):
        for name, value in values.items():
            row[name] = value
    return out


# locks

LOCKED = [
    (codes.STOP_GUARD_INSTRUMENT, {}, {"stops_until": 11, "stops_value": 3}, {}),
    (codes.STOP_GUARD_ACCOUNT, {"stops_until": 11, "stops_value": 5}, {}, {}),
    (codes.WINDOW_DRAWDOWN, {"window_until": 11, "window_value": 0.12}, {}, {}),
    (codes.LOW_PROFIT, {}, {"low_until": 11, "low_value": -3.0}, {}),
    (codes.COOLDOWN, {}, {}, {"cooldown_from": 4, "cooldown_bars": 2}),
    (codes.LOSS_STREAK, {"paused": 1, "pause_losses": 4}, {}, {}),
    (codes.SLOT_DRAWDOWN, {}, {}, {"lock_until": 11, "lock_value": 0.04}),
    (codes.GLOBAL_DRAWDOWN, {"global_until": 11, "global_value": 0.09}, {}, {}),
]


@pytest.mark.parametrize(("code", "a", "i", "s"), LOCKED)
def test_each_lock_refuses_with_its_own_code_until_it_ends(code, a, i, s):
    found = locks.protection_refusal(account(**a), instrument(**i), slot(**s), 10, 5, rules())
    assert found[0] == code
    later = {name: 0 for name in a if name == "paused"}
    free = locks.protection_refusal(account(**{**a, **later}), instrument(**i), slot(**s), 11, 6, rules())
    assert free == (0, 0.0, 0.0)


@pytest.mark.parametrize("at", range(len(LOCKED)))
def test_the_first_lock_in_the_order_of_the_table_is_recorded(at):
    merged: tuple[dict, dict, dict] = ({}, {}, {})
    for _, *parts in LOCKED[at:]:
        for into, values in zip(merged, parts, strict=True):
            into.update(values)
    a, i, s = merged
    assert (
        locks.protection_refusal(account(**a), instrument(**i), slot(**s), 10, 5, rules())[0] == LOCKED[at][0]
    )


def test_a_refusal_says_limit_and_value():
    found = locks.protection_refusal(
        account(),
        instrument(stops_until=11, stops_value=3),
        slot(),
        10,
        5,
        rules(stop_guard_instrument_stops=3),
    )
    assert found == (codes.STOP_GUARD_INSTRUMENT, 3.0, 3.0)


def test_loss_limits_of_the_account():
    assert locks.loss_refusal(account(daily_latched=1, daily_value=0.05, halt_until=9), 5, rules()) == (
        codes.DAILY_LOSS, 0.04, 0.05,
    )  # fmt: skip
    assert locks.loss_refusal(account(halt_until=9, halt_value=0.11), 5, rules()) == (
        codes.ACCOUNT_DRAWDOWN,
        0.10,
        0.11,
    )
    assert locks.loss_refusal(account(halt_until=9), 9, rules()) == (0, 0.0, 0.0)


def test_an_instrument_is_taken_by_a_position_and_by_a_pending_entry():
    both = np.array([0, 0])
    assert locks.place_refusal(slots({"side": 1}, {}), both, 1, rules()) == (codes.INSTRUMENT_TAKEN, 1.0, 2.0)
    assert locks.place_refusal(slots({"pending_side": -1}, {}), both, 1, rules())[0] == codes.INSTRUMENT_TAKEN
    assert locks.place_refusal(slots({"side": 1}, {}), np.array([0, 1]), 1, rules())[0] == 0


def test_a_reversal_of_the_slot_itself_is_not_in_its_own_way():
    assert locks.place_refusal(slots({"side": 1}), np.array([0]), 0, rules(max_positions=1)) == (0, 0.0, 0.0)


def test_the_count_of_positions_comes_before_the_place():
    held = slots({"side": 1}, {"pending_side": 1}, {})
    where = np.array([0, 1, 0])
    assert locks.place_refusal(held, where, 2, rules(max_positions=2)) == (codes.MAX_POSITIONS, 2.0, 3.0)
    assert locks.place_refusal(held, where, 2, rules(max_positions=3))[0] == codes.INSTRUMENT_TAKEN


@pytest.mark.parametrize(
    ("side", "rate", "refused"),
    [(1, 0.0011, True), (1, 0.001, False), (-1, -0.0011, True), (-1, 0.0011, False), (1, np.nan, False)],
)
def test_funding_refuses_the_side_that_pays(side, rate, refused):
    code = locks.funding_refusal(side, rate, rules())[0]
    assert code == (codes.FUNDING_COST if refused else 0)


def test_a_limit_of_nought_switches_the_funding_rule_off():
    assert locks.funding_refusal(1, 0.5, rules(funding_cost_limit=0.0)) == (0, 0.0, 0.0)


# samples


def test_a_new_day_begins_with_its_equity_and_unlocks_what_lasts_a_day():
    books = account(day=3, daily_latched=1, daily_count=3, paused=1)
    assert not samples.change_day(books, 900.0, 3)
    assert samples.change_day(books, 900.0, 4)
    assert (books["day_open"], books["daily_latched"], books["daily_count"], books["paused"]) == (
        900.0,
        0,
        0,
        0,
    )


def test_the_daily_loss_latches_after_so_many_closes_in_a_row():
    books = account(day_open=1_000.0)
    for equity, latched in ((960, 0), (955, 0), (970, 0), (960, 0), (950, 0), (940, 1), (1_000, 1)):
        samples.judge_day(books, float(equity), rules(daily_loss_readings=3))
        assert books["daily_latched"] == latched
    assert books["daily_value"] == 0.06


def window(days: int = 3):
    return np.zeros(days), np.full(days, samples.NO_DAY)


def test_the_window_drawdown_looks_at_the_peak_of_the_last_days_only():
    peaks, days = window()
    given = rules(window_drawdown_fraction=0.10, window_drawdown_days=3)
    books = account()
    for day, equity in ((0, 1_000), (1, 950), (2, 940), (3, 860)):
        books["day"] = day
        samples.judge_window(books, float(equity), day * DAY_MS, peaks, days, given)
    assert books["window_until"] == 0  # 1,000 is three days old: 950 is the peak, 860 is 9.5 % below
    samples.judge_window(books, 855.0, 3 * DAY_MS + HOUR_MS, peaks, days, given)
    assert books["window_until"] == 33 * DAY_MS + HOUR_MS
    assert books["window_value"] == pytest.approx(0.1)


def test_the_window_forgets_its_peaks_when_the_lock_ends():
    peaks, days = window()
    given = rules(window_drawdown_fraction=0.10, window_drawdown_days=3, drawdown_unlock_days=1)
    books = account()
    samples.judge_window(books, 1_000.0, 0, peaks, days, given)
    samples.judge_window(books, 800.0, HOUR_MS, peaks, days, given)
    assert books["window_until"] == DAY_MS + HOUR_MS
    books["day"] = 1
    samples.judge_window(books, 790.0, DAY_MS, peaks, days, given)
    assert books["window_until"] == DAY_MS + HOUR_MS  # still locked: nothing is judged
    samples.judge_window(books, 780.0, DAY_MS + HOUR_MS, peaks, days, given)
    assert books["window_until"] == 0
    samples.judge_window(books, 710.0, DAY_MS + 2 * HOUR_MS, peaks, days, given)
    assert books["window_until"] == 0  # 9 % below 780


@pytest.mark.parametrize("off", [{"window_drawdown_fraction": 0.0}, {"window_drawdown_days": 0}])
def test_a_window_of_nought_is_off(off):
    peaks, days = window(1)
    books = account()
    for equity in (1_000.0, 1.0):
        samples.judge_window(books, equity, 0, peaks, days, rules(**off))
    assert books["window_until"] == 0


def test_drawdowns_of_the_account_lock_and_halt_and_begin_anew_afterwards():
    books = account(global_peak=1_000.0, halt_peak=1_000.0)
    given = rules(drawdown_unlock_days=1)
    samples.judge_account(books, 921.0, 0, given)
    assert (books["global_until"], books["halt_until"]) == (0, 0)
    samples.judge_account(books, 920.0, HOUR_MS, given)
    assert (books["global_until"], books["halt_until"]) == (DAY_MS + HOUR_MS, 0)
    samples.judge_account(books, 900.0, 2 * HOUR_MS, given)
    assert books["halt_until"] == DAY_MS + 2 * HOUR_MS
    assert books["halt_value"] == pytest.approx(0.1)
    later = DAY_MS + 3 * HOUR_MS
    samples.judge_account(books, 890.0, later, given)
    assert (books["global_until"], books["halt_until"]) == (0, 0)
    assert (books["global_peak"], books["halt_peak"]) == (890.0, 890.0)


def test_drawdowns_of_nought_are_off():
    books = account(global_peak=1_000.0, halt_peak=1_000.0)
    samples.judge_account(books, 1.0, 0, rules(global_drawdown_fraction=0, account_drawdown_fraction=0))
    assert (books["global_until"], books["halt_until"]) == (0, 0)


def test_a_slot_is_locked_by_its_own_fall_and_begins_anew():
    one = slot()
    given = rules(drawdown_unlock_days=1)
    samples.judge_slot(one, 50.0, 10_000.0, 0, given)
    samples.judge_slot(one, -249.0, 10_000.0, 1, given)
    assert one["lock_until"] == 0
    samples.judge_slot(one, -250.0, 10_000.0, 2, given)
    assert one["lock_until"] == DAY_MS + 2
    assert one["lock_value"] == pytest.approx(0.03)
    samples.judge_slot(one, -900.0, 10_000.0, 3, given)
    assert one["lock_until"] == DAY_MS + 2
    samples.judge_slot(one, -900.0, 10_000.0, DAY_MS + 2, given)
    assert (one["lock_until"], one["peak"]) == (0, -900.0)


def test_a_slot_drawdown_of_nought_is_off():
    one = slot()
    samples.judge_slot(one, -9_999.0, 10_000.0, 0, rules(slot_drawdown_fraction=0.0))
    assert one["lock_until"] == 0


# bookings


def trades(*rows: dict):
    out = np.zeros(len(rows), state.TRADE)
    for row, values in zip(out, rows, strict=True):
        for name, value in values.items():
            row[name] = value
    return out


def rings(instruments: int = 1):
    return np.full((instruments + 1, state.RING), state.NEVER, np.int64)


def test_stops_inside_the_window_are_counted_and_older_ones_are_not():
    ring = rings()[0]
    day = 24 * HOUR_MS
    assert [bookings.count_stops(ring, ts, day) for ts in (0, HOUR_MS, day, day + 1)] == [1, 2, 2, 3]


def test_the_ring_forgets_the_oldest_stop():
    ring = rings()[0]
    for ts in range(state.RING + 3):
        count = bookings.count_stops(ring, ts, 10**9)
    assert count == state.RING
    assert ring.min() == 3


def test_three_stops_lock_the_instrument_and_five_the_account():
    books, one, two = account(), instrument(), instrument()
    given, ring = rules(), rings(2)
    for hour in range(3):
        bookings.guard_stops(books, one, ring, 0, hour * HOUR_MS, given)
    assert (one["stops_until"], one["stops_value"]) == (26 * HOUR_MS, 3)
    assert books["stops_until"] == 0
    for hour in (3, 4):
        bookings.guard_stops(books, two, ring, 1, hour * HOUR_MS, given)
    assert two["stops_until"] == 0
    assert (books["stops_until"], books["stops_value"]) == (28 * HOUR_MS, 5)


def test_stop_guards_of_nought_are_off():
    books, one, ring = account(), instrument(), rings()
    given = rules(stop_guard_instrument_stops=0, stop_guard_account_stops=0)
    for _ in range(20):
        bookings.guard_stops(books, one, ring, 0, 0, given)
    assert (one["stops_until"], books["stops_until"]) == (0, 0)


UNIT = 10**8


def losing(n: int, *, number: int = 0, pnl: int = -1, start: int = 40 * DAY_MS):
    return [{"instrument": number, "exit_ts": start + k * HOUR_MS, "pnl_minor": pnl * UNIT} for k in range(n)]


def test_eight_trades_that_lost_together_lock_their_instrument():
    one = instrument()
    log = trades(*losing(8))
    bookings.judge_profit(one, log, 7, rules())
    assert one["low_until"] == 0
    bookings.judge_profit(one, log, 8, rules())
    assert one["low_until"] == 40 * DAY_MS + 7 * HOUR_MS + 7 * DAY_MS
    assert one["low_value"] == -8.0


def test_trades_of_others_old_trades_and_a_gain_together_lock_nothing():
    one = instrument()
    others = trades(*losing(7, number=1), *losing(1, start=41 * DAY_MS))
    bookings.judge_profit(one, others, 8, rules())
    old = trades(*losing(7, start=0), *losing(1, start=41 * DAY_MS))
    bookings.judge_profit(one, old, 8, rules())
    gained = trades(*losing(7), {"instrument": 0, "exit_ts": 41 * DAY_MS, "pnl_minor": 7 * UNIT})
    bookings.judge_profit(one, gained, 8, rules())
    tenths = [{**one, "pnl_minor": pnl * UNIT // 10} for one, pnl in zip(losing(3), (-1, -2, 3), strict=True)]
    bookings.judge_profit(one, trades(*tenths), 3, rules(low_profit_trades=3))
    assert -0.1 - 0.2 + 0.3 < 0.0, "as floats they would have lost"
    bookings.judge_profit(one, trades(*losing(8)), 8, rules(low_profit_trades=0))
    assert one["low_until"] == 0


def test_a_streak_of_losses_pauses_and_begins_anew():
    books = account()
    for pnl in (-1, -1, 0, -1, -1, -1):
        bookings.count_streaks(books, pnl, rules(halve_after_losses=0))
    assert books["paused"] == 0
    bookings.count_streaks(books, -1, rules(halve_after_losses=0))
    assert (books["paused"], books["pause_losses"], books["streak"], books["halved"]) == (1, 4, 0, 0)


def test_size_is_halved_after_losses_and_restored_after_wins_in_a_row():
    books = account()
    steps = [(-1, 0), (-1, 0), (-1, 1), (1, 1), (-1, 1), (1, 1), (0, 1), (1, 1), (1, 0)]
    for pnl, halved in steps:
        bookings.count_streaks(books, pnl, rules(loss_streak_trades=0))
        assert books["halved"] == halved, steps
    assert books["paused"] == 0


@pytest.mark.parametrize(
    ("reason", "bars"),
    [(codes.STOP, 2), (codes.LIQUIDATION, 2), (codes.TARGET, 1), (codes.SIGNAL, 1), (codes.PROTECTION, 1)],
)
def test_a_stop_cools_longer(reason, bars):
    one = slot()
    bookings.start_cooldown(one, reason, 7, rules())
    assert (one["cooldown_from"], one["cooldown_bars"]) == (7, bars)


@pytest.mark.parametrize(("reason", "stops"), [(codes.STOP, 1), (codes.LIQUIDATION, 1), (codes.TARGET, 0)])
def test_a_booked_trade_changes_everything_at_once(reason, stops):
    books, one, own, ring = account(), instrument(), slot(), rings()
    log = trades({"reason": reason, "exit_ts": 5, "exit_bar": 9, "pnl_minor": -UNIT, "instrument": 0})
    bookings.on_trade(books, one, own, log, 1, ring, rules())
    assert int((ring[0] != state.NEVER).sum()) == stops
    assert (books["streak"], own["cooldown_from"]) == (1, 9)


# exposure


def cap(
    held: list[dict], number: int, *, together: bool = True, where: list[int] | None = None, **changes: float
):
    rows = slots(*held)
    places = np.array(where or range(len(held)))
    n = int(places.max()) + 1
    pairs = np.ones((n, n), np.bool_) if together else np.eye(n, dtype=np.bool_)
    return exposure.exposure_cap(rows, places, number, pairs, 10_000.0, 5.0, 100.0, rules(**changes))


HELD = {"side": 1, "qty": 50.0, "entry": 100.0}
PENDING = {"pending_side": -1, "pending_qty": 20.0, "pending_close": 100.0}


def test_the_first_entry_may_take_the_share_of_an_instrument():
    assert cap([{}], 0) == pytest.approx(150.0)  # 30 % of 50,000 at 100


def test_what_others_hold_in_the_same_instrument_is_subtracted():
    assert cap([HELD, {}], 1, where=[0, 0]) == pytest.approx(100.0)


def test_a_correlated_group_shares_its_room():
    assert cap([HELD, PENDING, {}], 2) == pytest.approx(130.0)  # 40 % less 7,000
    assert cap([HELD, PENDING, {}], 2, together=False) == pytest.approx(150.0)


def test_margin_keeps_a_reserve_and_no_room_is_nought():
    wide = {"instrument_exposure_fraction": 0, "correlated_exposure_fraction": 0}
    assert cap([HELD, {}], 1, **wide) == pytest.approx(350.0)  # (8,000 - 1,000) x 5 / 100
    heavy = {"side": -1, "qty": 500.0, "entry": 100.0}
    assert cap([heavy, {}], 1) == 0.0


def test_the_slots_own_position_is_not_in_its_way():
    assert cap([{**HELD, **PENDING}], 0) == pytest.approx(150.0)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=4),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
@settings(derandomize=True, deadline=None, max_examples=200)
def test_protections_never_enlarge_an_order(held, one, group, margin):
    rows = [
        {"side": 1, "qty": q, "entry": 100.0, "pending_side": 1, "pending_qty": p, "pending_close": 100.0}
        for q, p in held
    ]
    changes = {
        "instrument_exposure_fraction": one,
        "correlated_exposure_fraction": group,
        "margin_fraction": margin,
    }
    off = dict.fromkeys(changes, 0.0)
    limit, free = cap([*rows, {}], len(rows), **changes), cap([*rows, {}], len(rows), **off)
    assert 0.0 <= limit <= free
    for name in changes:
        assert limit <= cap([*rows, {}], len(rows), **{**changes, name: 0.0})


# correlation


def closes(days: int, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    steps = 1 + 0.02 * rng.standard_normal((days, 2))
    return 100.0 * np.cumprod(steps, axis=0)


@given(st.integers(35, 60), st.floats(-0.99, 0.99), st.integers(0, 50))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_moving_together_is_pearson_above_the_limit(days, share, seed):
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((days, 2))
    steps = 0.02 * np.column_stack([noise[:, 0], share * noise[:, 0] + (1 - abs(share)) * noise[:, 1]])
    history = 100.0 * np.cumprod(1 + steps, axis=0)
    returns = history[1:] / history[:-1] - 1
    pearson = np.corrcoef(returns.T)[0, 1]
    for limit in (0.5, 0.8):
        if abs(pearson - limit) > 1e-9:
            assert correlation.moves_together(history, days, 0, 1, limit) == (pearson > limit)


def test_opposite_moves_are_not_together():
    steps = 0.02 * np.random.default_rng(2).standard_normal(40)
    history = np.column_stack([100 * np.cumprod(1 + steps), 100 * np.cumprod(1 - steps)])
    assert not correlation.moves_together(history, 40, 0, 1, 0.8)


def test_too_few_known_days_count_as_together():
    assert correlation.moves_together(closes(31), 30, 0, 1, 0.8)
    assert not correlation.moves_together(closes(31), 31, 0, 1, 0.8)
    history = closes(40)
    history[:12, 1] = np.nan
    assert correlation.moves_together(history, 40, 0, 1, 0.8)


def test_a_price_that_never_moves_counts_as_together():
    history = closes(40)
    history[:, 1] = 1.0
    assert correlation.moves_together(history, 40, 0, 1, 0.8)


def test_a_ring_is_read_from_its_oldest_day():
    history = closes(60)
    ring = np.empty((40, 2))
    for day in range(60):
        ring[day % 40] = history[day]
    for limit in (-0.3, 0.1, 0.8):
        assert correlation.moves_together(ring, 60, 0, 1, abs(limit)) == correlation.moves_together(
            history[20:], 40, 0, 1, abs(limit)
        )


def test_every_pair_is_judged_and_itself_always_together():
    history = np.column_stack([closes(40), closes(40)[:, 0]])
    together = np.zeros((3, 3), np.bool_)
    correlation.update_together(history, 40, 0.8, together)
    assert together.tolist() == [[True, False, True], [False, True, False], [True, False, True]]
