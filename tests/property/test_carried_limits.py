"""Limits of loss belong to the money: a new run, with any capital, is judged as the run before would have been."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crash import market
from tests.parity.test_trader_on_paper import live_slots
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.loss_limits import NAMES, DayLoss, LossLimits, add_day_loss, merge_stricter
from vigie.ports.listed_venue import LedgerEntry
from vigie.services.trading.limits.carried_limits import compute_day_loss

MANY = settings(
    derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
RULES = replace(
    market.PROTECTIONS, daily_loss_fraction=0.04, window_drawdown_fraction=0.09, window_drawdown_days=3,
    global_drawdown_fraction=0.08, account_drawdown_fraction=0.11, drawdown_unlock_days=1,
)  # fmt: skip
SLOTS = live_slots(market.inputs())
BEGUN = int(market.inputs()[0][1].bars.ts[0]) // DAY_MS * DAY_MS
# Never a share at which a limit stands or falls by the last bit.
RESULTS = st.sampled_from([-0.0131, -0.0237, -0.0071, 0.0, 0.0, 0.0043, 0.0117, -0.0313])
HISTORY = st.lists(RESULTS, min_size=2, max_size=60)


def account(capital: float) -> LiveAccount:
    slots = [replace(one, sizing=replace(one.sizing, capital=capital)) for one in SLOTS]
    return LiveAccount(slots, RULES, BEGUN)


def hour(one: LiveAccount, number: int, result: float) -> None:
    """Let an hour pass in which a share of equity was lost or won."""
    now = BEGUN + (number + 1) * HOUR_MS
    one.apply(steps.CashAdjusted(now, result * one.equity, "tests", "btc", ("1",)))
    one.apply(steps.BarsOpened(number + 1, now - HOUR_MS, tuple((k, 100.0) for k, _ in enumerate(one.slots))))
    bars = tuple(
        steps.ClosedBar(k, now - HOUR_MS, 100.0, 101.0, 99.0, 100.0, 0, 1.0, 1.0)
        for k, _ in enumerate(one.slots)
    )
    one.apply(steps.BarsClosed(number + 1, now, bars))


def stored(step: Any) -> Any:
    """Return a step as it comes back from the disk."""
    return steps.decode_step(steps.encode_step(step))


def carried(limits: LossLimits, ts: int) -> steps.LimitsInherited:
    return steps.LimitsInherited(ts, limits.limits, limits.peaks, (("r0", 7),), 3)


@MANY
@given(HISTORY, HISTORY, st.sampled_from([0.01, 0.5, 1.0, 7.0, 320.0]))
def test_a_new_run_is_judged_as_the_run_before_would_have_been(before, after, capital):
    one = account(10_000.0)
    for number, result in enumerate(before):
        hour(one, number, result)
    other = account(capital * 10_000.0)
    other.apply(stored(carried(one.limits, BEGUN + len(before) * HOUR_MS)))
    for number, result in enumerate(after, len(before)):
        now = BEGUN + (number + 1) * HOUR_MS
        hour(one, number, result)
        hour(other, number, result)
        assert other.limits.active_until(now) == one.limits.active_until(now)
        assert other.limits.day_loss(now) == pytest.approx(one.limits.day_loss(now), abs=1e-9)


@MANY
@given(HISTORY, HISTORY)
def test_of_two_the_stricter_holds_wherever_one_does(first, second):
    one, other = account(10_000.0), account(777.0)
    for made, history in ((one, first), (other, second)):
        for number, result in enumerate(history):
            hour(made, number, result)
    joined = merge_stricter(one.limits, other.limits)
    heir = account(50.0)
    heir.apply(stored(carried(joined, BEGUN)))
    for now in range(BEGUN, BEGUN + 5 * DAY_MS, 7 * HOUR_MS):
        for part in (one.limits.active_until(now), other.limits.active_until(now)):
            # Of two days only the newer one is still going on.
            mine = {name: ts for name, ts in part.items() if name not in ("daily_loss", "loss_streak")}
            assert all(joined.active_until(now)[name] >= ts for name, ts in mine.items())
        assert heir.limits.active_until(now) == joined.active_until(now)
    newest = (BEGUN + max(len(first), len(second)) * HOUR_MS) // DAY_MS * DAY_MS
    assert joined.day_loss(newest) >= max(one.limits.day_loss(newest), other.limits.day_loss(newest)) - 1e-12


@MANY
@given(HISTORY, st.sets(st.sampled_from(NAMES), min_size=1), HISTORY)
def test_a_lift_ends_what_it_names_and_nothing_else_and_the_limit_is_there_again(history, names, after):
    one = account(10_000.0)
    for number, result in enumerate(history):
        hour(one, number, result)
    now = BEGUN + len(history) * HOUR_MS
    held, equity = one.limits.active_until(now), one.equity
    one.apply(stored(steps.LimitsLifted(now, tuple(sorted(names)), 1)))
    assert one.limits.active_until(now) == {name: ts for name, ts in held.items() if name not in names}
    assert one.equity == equity
    if "daily_loss" in names & held.keys():
        assert one.limits.day_loss(now) == 0.0
    # What comes after is judged as ever: a fall beyond the limit halts it anew.
    for number in range(len(history), len(history) + 4):
        hour(one, number, -0.06)
    assert "account_drawdown" in one.limits.active_until(now + 4 * HOUR_MS)


MONEY = st.decimals(Decimal(-400), Decimal(400), places=2)


@MANY
@given(st.lists(st.tuples(MONEY, st.booleans()), max_size=20))
def test_a_ledger_tells_the_loss_of_the_day_as_the_account_would_have_seen_it(rows):
    entries = [
        LedgerEntry(BEGUN + number, money, is_transfer=moved) for number, (money, moved) in enumerate(rows)
    ]
    one, there, worst = account(10_000.0), Decimal(10_000), 0.0
    for entry in entries:
        of = ("", ()) if entry.is_transfer else ("btc", ("1",))
        one.apply(steps.CashAdjusted(entry.ts, float(entry.amount), "tests", *of))
        there += entry.amount
        worst = max(worst, one.limits.day_loss(BEGUN))
    told = compute_day_loss(entries[::-1], there, there, BEGUN // DAY_MS)
    assert max(told.now, 0.0) == pytest.approx(one.limits.day_loss(BEGUN), abs=1e-9)
    assert told.worst == pytest.approx(worst, abs=1e-9)
    assert compute_day_loss([one for one in entries if one.is_transfer], there, there, 0).worst == 0.0


@pytest.mark.parametrize(
    ("now", "worst", "is_latched"),
    [(0.0, 0.0, False), (0.039, 0.039, False), (0.04, 0.04, True), (-0.1, 0.05, True), (1.0, 1.0, True)],
)
def test_a_loss_of_the_day_that_only_the_venue_saw_latches_the_day_at_once(now, worst, is_latched):
    day = BEGUN // DAY_MS
    limits = add_day_loss(None, DayLoss(day, now, worst), RULES)
    one = account(500.0)
    one.apply(stored(carried(limits, BEGUN)))
    assert ("daily_loss" in one.limits.active_until(BEGUN)) is is_latched
    assert one.limits.day_loss(BEGUN) == pytest.approx(max(0.0, now) if now < 1.0 else 0.0)
    assert one.record["halt_peak"] == 500.0, "the drawdown counts from now"


@MANY
@given(HISTORY, st.sampled_from([0.0, 0.011, 0.033, 0.2]))
def test_a_loss_that_nobody_watched_comes_on_top_of_what_is_known(history, share):
    one = account(10_000.0)
    for number, result in enumerate(history):
        hour(one, number, result)
    now = BEGUN + len(history) * HOUR_MS
    joined = add_day_loss(one.limits, DayLoss(now // DAY_MS, share, share), RULES)
    known = one.limits.day_loss(now)
    opened = one.record["day_open"] / one.equity if int(one.record["day"]) == now // DAY_MS else 1.0
    assert joined.day_loss(now) == pytest.approx(max(0.0, 1.0 - (1.0 - share) / opened))
    assert joined.day_loss(now) >= known - 1e-12
    assert set(joined.active_until(now)) >= set(one.limits.active_until(now))
    peak = joined.values()["halt_peak"]
    assert peak == pytest.approx(one.record["halt_peak"] / one.equity / (1.0 - share))
