"""Labels of trades are the kernel's own trades: same reason, same bar, same prices, same gross result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.engine.material import rules, slot_input, steps
from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import END_OF_DATA, LIQUIDATION, STOP, TARGET, TIME
from vigie.domain.errors import UsageError
from vigie.engine.backtest import run_slot
from vigie.engine.barrier_walk import walk_barriers

CAREFUL = settings(derandomize=True, deadline=None, max_examples=60)


@st.composite
def histories(draw: st.DrawFn) -> Bars:
    """Prices that jump between bars and often meet a level exactly; a hole at times."""
    count = draw(st.integers(3, 30))
    jumps = st.sampled_from([-30.0, -2.0, -1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 2.0, 25.0])
    moves = np.array(draw(st.lists(jumps, min_size=count, max_size=count)))
    gaps = np.array(
        draw(st.lists(st.sampled_from([0.0] * 6 + [-2.0, 1.5, -40.0, 45.0]), min_size=count, max_size=count))
    )
    close = np.maximum(np.round(100.0 + np.cumsum(moves), 1), 0.5)
    bars = steps(
        close, hours=np.cumsum(draw(st.lists(st.sampled_from([1] * 9 + [5]), min_size=count, max_size=count)))
    )
    opening = np.maximum(np.round(bars.open + gaps, 1), 0.5)
    high = np.maximum(np.maximum(opening, close), bars.high)
    low = np.maximum(np.minimum(np.minimum(opening, close), bars.low), 0.1)
    return replace(bars, open=opening, high=high, low=low)


def compare(
    bars: Bars, *, unit: float, max_bars: int, leverage: float, slippage: float, execution: str
) -> set[int]:
    """Compare the trade of every bar, long and short, with that of a run of its own; return how they ended."""
    seen: set[int] = set()
    # Nothing is too small or too dear here: what depends on size is no matter of a label.
    terms = Sizing(
        capital=1e6,
        max_bars=max_bars,
        leverage=leverage,
        target_execution=execution,
        stop_atr=2.0,
        target_atr=3.0,
    )
    costs = Costs(taker=0.0, maker=0.0, slippage_bps=slippage)
    versions = (rules(), rules(valid_from=int(bars.ts[len(bars) // 2]), significant_figures=3))
    for side in (1, -1):
        walked = walk_barriers(
            bars, np.full(len(bars), side), np.full(len(bars), unit), versions, terms=terms, costs=costs
        )
        for bar in range(len(bars)):
            where = {"long": [bar]} if side > 0 else {"short": [bar]}
            slot = slot_input(bars, unit=unit, sizing=terms, **{**where, "costs": costs})
            outcome = run_slot(replace(slot, versions=versions))
            seen.add(int(walked.reason[bar]))
            if not len(outcome.trades) or outcome.trades[0]["reason"] == END_OF_DATA:
                refused = outcome.log[outcome.refusals]
                assert walked.reason[bar] == (refused[0][6] if len(refused) else 0)
                assert np.isnan(walked.gross[bar])
                assert walked.last[bar] == -1
                continue
            trade = outcome.trades[0]
            assert walked.reason[bar] == trade["reason"]
            assert walked.last[bar] == trade["exit_bar"]
            assert walked.entry[bar] == trade["entry"]
            assert walked.exit[bar] == trade["exit"]
            # Booked amounts are rounded to 1e-8.
            booked = trade["gross"] / (trade["qty"] * trade["entry"])
            assert walked.gross[bar] == pytest.approx(booked, abs=1e-8)
    return seen


@CAREFUL
@given(
    bars=histories(),
    unit=st.sampled_from([0.05, 0.3, 1.0, 4.0, 12.0]),
    max_bars=st.sampled_from([0, 1, 2, 7]),
    leverage=st.sampled_from([1.0, 5.0]),
    slippage=st.sampled_from([0.0, 5.0]),
    execution=st.sampled_from(["trigger", "limit"]),
)
def test_label_of_a_trade_when_any_history_then_it_is_the_kernels(
    bars, unit, max_bars, leverage, slippage, execution
):
    compare(bars, unit=unit, max_bars=max_bars, leverage=leverage, slippage=slippage, execution=execution)


def test_label_of_a_trade_when_a_bar_opens_beyond_liquidation_then_the_margin_is_lost():
    bars = steps([100.0, 100.0, 101.0, 60.0, 60.0, 140.0, 140.0])
    opening = bars.open.copy()
    opening[3], opening[5] = 60.0, 140.0
    high, low = np.maximum(bars.high, opening), np.minimum(bars.low, opening)
    seen = compare(
        replace(bars, open=opening, high=high, low=low),
        unit=4.0, max_bars=0, leverage=5.0, slippage=5.0, execution="trigger",
    )  # fmt: skip
    assert LIQUIDATION in seen


def test_label_of_a_trade_when_a_level_or_the_time_ends_it_then_that_is_its_reason():
    bars = steps([100.0, 100.0, 101.0, 103.5, 101.0, 99.0, 97.0, 97.0, 97.0, 97.0])
    seen = compare(bars, unit=1.0, max_bars=2, leverage=5.0, slippage=0.0, execution="limit")
    assert {STOP, TARGET, TIME} <= seen


def test_barriers_when_sides_or_units_do_not_fit_then_refused():
    bars = steps([100.0, 101.0, 102.0])
    good = {"terms": Sizing(), "costs": Costs()}
    with pytest.raises(UsageError, match="3 values"):
        walk_barriers(bars, [1, 1], [1.0, 1.0, 1.0], (rules(),), **good)
    for wrong in ([1, 2, 0], [1.0, 0.9, 0.0], [1.0, np.nan, 0.0]):
        with pytest.raises(UsageError, match="-1, 0 or 1"):
            walk_barriers(bars, wrong, [1.0, 1.0, 1.0], (rules(),), **good)
    with pytest.raises(UsageError, match="at least one version"):
        walk_barriers(bars, [1, 1, 0], [1.0, 1.0, 1.0], (), **good)
