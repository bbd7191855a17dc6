"""The fast loop of one slot and the loop of the shared account give the same run, to the last bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import CODES, LIVE_REASONS
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine import journal
from vigie.engine.backtest import Outcome, run_shared, run_slot
from vigie.engine.inputs import SlotInput, check_input, settlements_of

HOUR = 3_600_000
START = 1_704_067_200_000
SEEDS = range(60)


def walk(rng: np.random.Generator, bars: int) -> Bars:
    """A walk on half ticks, so that prices tie with levels; with jumps, crashes and missing bars."""
    steps = rng.integers(-4, 5, bars) * 0.5
    jumps = np.where(rng.random(bars) < 0.05, rng.integers(-20, 21, bars) * 0.5, 0.0)
    crashes = np.where(rng.random(bars) < 0.004, rng.choice((-22.0, 22.0), bars), 0.0)
    middle = 100.0 + 40.0 * np.sin(np.arange(bars) / 150.0)
    open_ = np.maximum(middle + jumps + crashes, 5.0).round(1)
    close = np.maximum(open_ + steps, 5.0)
    high = np.maximum(open_, close) + rng.integers(0, 5, bars) * 0.5
    low = np.maximum(np.minimum(open_, close) - rng.integers(0, 5, bars) * 0.5, 1.0)
    holes = np.where(rng.random(bars) < 0.03, rng.integers(2, 30, bars), 1)
    ts = START + HOUR * np.cumsum(holes)
    return Bars("a-usdt-perp", HOUR, ts, open_, high, low, close, np.ones(bars))


def signals(rng: np.random.Generator, bars: int, share: float) -> np.ndarray:
    """Flags, some of them of both sides at once."""
    flags = np.zeros(bars, np.uint8)
    for bit, often in ((LONG_ENTRY, share), (SHORT_ENTRY, share), (LONG_EXIT, 0.05), (SHORT_EXIT, 0.05)):
        flags |= (rng.random(bars) < often) * np.uint8(bit)
    return flags


def versions(rng: np.random.Generator, bars: Bars) -> tuple[Instrument, ...]:
    """One to three versions of the rules, with other grids, minimums and maintenance rates."""
    since = (0, *np.sort(rng.choice(bars.ts, rng.integers(0, 3), replace=False)).tolist())
    return tuple(
        Instrument(
            "",
            bars.instrument,
            tick=parse_step(str(rng.choice(("0.5", "0.1", "1", "0.25")))),
            lot=parse_step(str(rng.choice(("0.001", "0.1", "1"))), name="lot"),
            min_notional=float(rng.choice((0.0, 5.0, 2_000.0))),
            max_qty=float(rng.choice((np.inf, 80.0))),
            maintenance_rate=float(rng.choice((0.005, 0.05))),
            significant_figures=int(rng.choice((0, 0, 3, 4))),
            valid_from=valid_from,
        )
        for valid_from in since
    )


def random_slot(seed: int) -> SlotInput:
    """One slot with everything the fast loop takes; some seeds signal on nearly every bar."""
    rng = np.random.default_rng(seed)
    bars = walk(rng, int(rng.choice((3, 40, 700, 2_500))))
    n = len(bars)
    every = int(rng.choice((8, 1, 4))) * HOUR
    due = np.arange(START, int(bars.ts[-1]) + HOUR, every) + rng.choice((0, 17_000))
    marked = rng.random(len(due)) < 0.5
    unit = np.where(rng.random(n) < 0.05, np.nan, rng.choice((0.5, 1.0, 2.0, 3.3, 9.0), n))
    return SlotInput(
        bars=bars,
        flags=signals(rng, n, float(rng.choice((0.02, 0.2, 0.6)))),
        stop_unit=unit,
        target_unit=unit if seed % 2 else np.where(rng.random(n) < 0.5, unit, 2.0),
        versions=versions(rng, bars),
        sizing=Sizing(
            capital=float(rng.choice((10_000.0, 300.0))),
            leverage=float(rng.choice((5.0, 2.0))),
            stop_atr=float(rng.choice((2.0, 1.0))),
            target_atr=float(rng.choice((3.0, 1.0))),
            target_execution="limit" if rng.random() < 0.5 else "trigger",
            max_bars=int(rng.choice((0, 0, 1, 3, 20))),
        ),
        costs=Costs(slippage_bps=float(rng.choice((0.0, 5.0, 30.0)))),
        funding=settlements_of(
            due, rng.choice((1e-4, -2e-4, 1e-3), len(due)), due[marked], 100.0 + due[marked] % 7
        )
        if rng.random() < 0.7
        else settlements_of(due[:0], np.zeros(0)),
        first=int(rng.integers(0, max(1, n // 10))),
    )


def assert_same(fast: Outcome, account: Outcome) -> None:
    """Compare every byte: decisions, refusals with limit and value, trades, equity."""
    assert fast.log.tobytes() == account.log.tobytes()
    assert fast.values.tobytes() == account.values.tobytes()
    assert fast.trades.tobytes() == account.trades.tobytes()
    assert fast.equity.tobytes() == account.equity.tobytes()
    assert np.array_equal(fast.equity_ts, account.equity_ts)


@pytest.mark.parametrize("seed", SEEDS)
def test_fast_loop_and_account_loop_give_the_same_run(seed: int) -> None:
    slot = random_slot(seed)
    check_input(slot)
    assert_same(run_slot(slot), run_shared([slot], protections=None))


def test_the_random_runs_meet_every_reason_and_refusal_of_one_slot() -> None:
    met = {CODES[code] for seed in SEEDS for code in run_slot(random_slot(seed)).log[:, 6].tolist()}
    protections = {name for number, name in CODES.items() if number >= 60 or "protection" in name}
    assert met >= set(CODES.values()) - set(LIVE_REASONS.values()) - protections - {"no_equity", "bad_level"}


def test_logs_have_room_for_a_signal_on_every_bar() -> None:
    slot = random_slot(next(seed for seed in SEEDS if len(random_slot(seed).bars) > 2_000))
    every = np.full(len(slot.bars), LONG_ENTRY, np.uint8)
    every[1::2] = SHORT_ENTRY
    busy = dataclasses.replace(slot, flags=every)
    fast = run_slot(busy)
    assert len(fast.log) > 2_000
    assert_same(fast, run_shared([busy], protections=None))


def test_an_account_whose_logs_begin_too_short_goes_on_in_longer_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slot = random_slot(next(seed for seed in SEEDS if len(run_slot(random_slot(seed)).trades) > 50))
    whole = run_shared([slot], protections=None)
    short = journal.room(2)
    monkeypatch.setattr(journal, "room", lambda entries: short)
    assert_same(run_shared([slot], protections=None), whole)
    assert len(whole.log) > len(short[1])
