"""What a preview says that each limit leaves is where the account's decision turns: random accounts and plans."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.property.test_trial_entries import SEEDS, Case, case_of
from vigie.engine.live.entry_room import LimitRoom, binding_size
from vigie.engine.live.trial_account import TrialAccount, TriedEntry
from vigie.quant.grid import grid_price, whole_lots
from vigie.trading.risk import samples

# `make test` has so many of them; all others are left to `make chaos`.
ALWAYS = 24
EACH = [seed if seed < ALWAYS else pytest.param(seed, marks=pytest.mark.chaos) for seed in SEEDS]
# Fractions at which risk asks for more than anything else allows.
FAR_TOO_MUCH = 1e6


@cache
def measured(seed: int) -> tuple[Case, TriedEntry, tuple[LimitRoom, ...]]:
    case = case_of(seed)
    account = case.account_before()
    before = account.decision_hash, account.equity, account.record.tobytes()
    rooms = TrialAccount(account).measure_room(case.wanted)
    assert (account.decision_hash, account.equity, account.record.tobytes()) == before
    return case, case.told(), rooms


def asking_for(case: Case, risk_fraction: float) -> TriedEntry:
    """What the account makes of the entry where its slot would risk so much."""
    account = case.account_before()
    account.settings(case.wanted.number)["risk_fraction"] = risk_fraction
    return TrialAccount(account).try_entry(case.wanted)


def rule_of(case: Case):
    return case.account_before().rule(case.wanted.number, case.wanted.ts)


def floored(case: Case, qty: float) -> float:
    rule = rule_of(case)
    lots = whole_lots(qty, rule["lot_multiple"], rule["lot_scale"])
    return float(grid_price(lots, rule["lot_multiple"], rule["lot_scale"]))


@pytest.mark.parametrize("seed", EACH)
def test_the_size_that_is_left_enters_and_the_next_lot_is_cut(seed):
    case, told, rooms = measured(seed)
    if told.results.refusal not in ("", "too_small"):
        return
    tightest = binding_size(rooms)
    shown = floored(case, tightest.left_qty)
    assert shown == (told.results.value if told.results.refusal else told.results.qty)
    if told.results.refusal:
        return
    # The account asks for exactly what the tightest of all but risk leaves, for a lot more, and for far too much.
    (risk,) = (room for room in rooms if room.name == "risk")
    others = [room for room in rooms if room.name != "risk"]
    cap = floored(case, binding_size(others).left_qty)
    rule = rule_of(case)
    lot = float(grid_price(1, rule["lot_multiple"], rule["lot_scale"]))
    if cap < max(rule["min_qty"], lot) or cap * case.wanted.price < 1.01 * rule["min_notional"]:
        return
    fraction = float(case.account_before().settings(case.wanted.number)["risk_fraction"])
    for wanted, entered in ((cap, cap), (cap + lot, cap), (cap * FAR_TOO_MUCH, cap)):
        asked = asking_for(case, fraction * wanted / risk.left_qty * (1 + 1e-12))
        assert asked.results.qty == entered
    if (
        cap - lot >= max(rule["min_qty"], lot)
        and (cap - lot) * case.wanted.price >= rule["min_notional"] * 1.01
    ):
        # One lot less is not cut, so it is this cap that cuts.
        asked = asking_for(case, fraction * (cap - lot) / risk.left_qty * (1 + 1e-12))
        assert asked.results.qty == pytest.approx(cap - lot, abs=lot / 2)


@pytest.mark.parametrize("seed", EACH)
def test_a_count_that_is_full_refuses_and_one_with_room_does_not(seed):
    _, told, rooms = measured(seed)
    counts = [room for room in rooms if room.name == "max_positions"]
    assert len(counts) == bool(rooms)
    for room in counts:
        assert room.left == max(room.most - room.used, 0)
        if told.results.refusal == "max_positions":
            assert (room.left, room.most, room.used + 1) == (0, told.results.limit, told.results.value)
        elif not told.results.refusal:
            assert room.left >= 1


@pytest.mark.parametrize("seed", EACH)
def test_a_loss_just_below_what_is_left_locks_nothing_and_one_above_does(seed):
    case, told, rooms = measured(seed)
    refusals = {"daily_loss", "window_drawdown", "global_drawdown", "account_drawdown", "slot_drawdown"}
    if told.results.refusal in refusals:
        (room,) = (room for room in rooms if room.name == told.results.refusal)
        assert room.left == 0.0
    if told.results.refusal:
        return
    # The samples judge the account as it stands at the close.
    trial = TrialAccount(case.account_before())
    trial.measure_room(case.wanted)
    equity, rules = told.equity, trial._books.protections[0]
    for room in rooms:
        # A day's loss that is over its limit already and waits for its next reading leaves nothing to be below.
        below = [(1 - 1e-6, False)] if room.left > 0.0 else []
        assert below or (room.name == "daily_loss" and room.used >= room.most)
        for share, locks in (*below, (1 + 1e-6, True)):
            account = trial._books.account.copy()[0]
            lost = equity - room.left * share
            if room.name == "daily_loss":
                for _ in range(int(rules["readings"])):
                    samples.judge_day(account, lost, rules)
                assert (account["daily_latched"] == 1) == locks
            elif room.name in ("global_drawdown", "account_drawdown"):
                samples.judge_account(account, lost, case.wanted.ts, rules)
                field = "global_until" if room.name == "global_drawdown" else "halt_until"
                assert (case.wanted.ts < account[field]) == locks
            elif room.name == "window_drawdown":
                peaks, days = trial._books.peaks.copy(), trial._books.peak_days.copy()
                samples.judge_window(account, lost, case.wanted.ts, peaks, days, rules)
                assert (case.wanted.ts < account["window_until"]) == locks
            elif room.name == "slot_drawdown":
                slot = trial._books.slots.copy()[case.wanted.number]
                result = slot["peak"] - room.used - room.left * share
                samples.judge_slot(slot, result, trial.settings(0)["capital"], case.wanted.ts, rules)
                assert (case.wanted.ts < slot["lock_until"]) == locks


def test_the_random_plans_are_bound_by_several_limits_of_size():
    met: Counter[str] = Counter()
    for seed in SEEDS[:ALWAYS]:
        _, told, rooms = measured(seed)
        if not told.results.refusal:
            met[binding_size(rooms).name] += 1
        met[told.results.refusal] += 1
    assert (
        len(set(met) & {"risk", "leverage", "instrument_exposure", "correlated_exposure", "margin", "cash"})
        >= 3
    ), met
