"""The kernel and its plain-Python twin trade alike: times, prices, lots and codes exactly, money within 1e-7."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.twin.cases import SETTINGS, VERSION
from tests.twin.compare import unequal
from tests.twin.kernel_adapter import account_run, kernel_run
from tests.twin.random_runs import isolated_run, portfolio_run, ruin_run
from tests.twin.records import HOUR, LIQUIDATION, NO_EQUITY, REASONS, REFUSALS, TwinSlot
from tests.twin.twin import run

BLOCK = 100
ISOLATED = range(0, 1000, BLOCK)
PORTFOLIO = range(0, 600, BLOCK)

ATR = (1.0, 1.0, 2.0, 0.5, 0.0, 9.0, 60.0, math.nan)
BARS = st.lists(
    st.tuples(
        st.sampled_from((0, 0, 0, 1, -1, 2, -2, 4, -4, 21, -21)),  # gap before the open
        st.integers(-3, 3),  # body
        st.integers(0, 3),  # upper wick
        st.integers(0, 3),  # lower wick
        st.integers(0, 15),  # signals
        st.sampled_from(ATR),
    ),
    min_size=2,
    max_size=12,
)
COSTS_AND_SIZES = st.fixed_dictionaries(
    {
        "slippage_bps": st.sampled_from((0.0, 5.0, 50.0)),
        "taker": st.sampled_from((0.0, 0.0006)),
        "target_execution": st.sampled_from(("trigger", "limit")),
        "max_bars": st.integers(0, 3),
        "leverage": st.sampled_from((5.0, 2.0)),
    }
)


def slot_of(bars: list[tuple]) -> TwinSlot:
    """Turn steps into bars around 100, signals from bits, a settlement at every second open."""
    rows, price = [], 100.0
    for gap, body, upper, lower, _, _ in bars:
        first = max(price + gap, 5.0)
        price = max(first + body, 5.0)
        rows.append((first, max(first, price) + upper, min(first, price) - lower, price))
    first, high, low, close = (list(column) for column in zip(*rows, strict=True))
    units = [bar[5] for bar in bars]
    return TwinSlot(
        instrument="a",
        timeframe_ms=HOUR,
        ts=[HOUR * at for at in range(len(bars))],
        open=first,
        high=high,
        low=low,
        close=close,
        long_entry=[bool(bar[4] & 1) for bar in bars],
        short_entry=[bool(bar[4] & 2) for bar in bars],
        long_exit=[bool(bar[4] & 4) for bar in bars],
        short_exit=[bool(bar[4] & 8) for bar in bars],
        stop_unit=units,
        target_unit=units,
        funding=[(HOUR * at, 0.0001) for at in range(0, len(bars), 2)],
        versions=[{**VERSION, "lot": "0.01", "min_qty": 0.01}],
    )


@settings(derandomize=True, deadline=None, max_examples=400)
@given(bars=BARS, drawn=COSTS_AND_SIZES)
def test_small_histories_trade_alike(bars: list[tuple], drawn: dict):
    slots, chosen = [slot_of(bars)], {**SETTINGS, **drawn}
    twin = run(slots, chosen, None)
    assert unequal(twin, kernel_run(slots, chosen, None)) == []
    assert unequal(twin, account_run(slots, chosen, None)) == []


@pytest.mark.parametrize("first", ISOLATED)
def test_isolated_runs_trade_alike(first: int):
    different = {}
    for seed in range(first, first + BLOCK):
        slots, chosen = isolated_run(seed)
        twin = run(slots, chosen, None)
        found = unequal(twin, kernel_run(slots, chosen, None)) + unequal(
            twin, account_run(slots, chosen, None)
        )
        if found:
            different[seed] = found
    assert different == {}


@pytest.mark.parametrize("first", PORTFOLIO)
def test_portfolio_runs_with_every_protection_trade_alike(first: int):
    different = {}
    for seed in range(first, first + BLOCK):
        slots, chosen, protections = portfolio_run(seed)
        found = unequal(run(slots, chosen, protections), kernel_run(slots, chosen, protections))
        if found:
            different[seed] = found
    assert different == {}


def test_runs_on_finer_bars_with_holes_trade_alike():
    different = {}
    for seed in range(200):
        slots, chosen = isolated_run(seed, holes=True)
        found = unequal(run(slots, chosen, None), kernel_run(slots, chosen, None))
        if found:
            different[seed] = found
    assert different == {}


def test_runs_into_ruin_trade_alike():
    different, seen = {}, set()
    for seed in range(BLOCK):
        slots, chosen = ruin_run(seed)
        twin = run(slots, chosen, None)
        seen |= {row[6] for row in twin.decisions}
        found = unequal(twin, kernel_run(slots, chosen, None)) + unequal(
            twin, account_run(slots, chosen, None)
        )
        if found:
            different[seed] = found
    assert different == {}
    assert {LIQUIDATION, NO_EQUITY} <= seen


def test_random_portfolios_reach_every_other_reason_and_refusal():
    seen = {row[6] for seed in range(300) for row in run(*portfolio_run(seed)).decisions}
    assert seen >= (set(REASONS) | set(REFUSALS)) - {NO_EQUITY}
