"""What a trade gains and loses at its levels: the kernel's own trade, its costs, and never more than the cap risked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.engine.material import rules
from vigie.domain.account import Costs, Sizing
from vigie.domain.money import parse_step
from vigie.engine.level_results import LevelResults, level_results

TS = 1_750_000_000_000
COSTS = Costs(taker=0.001, maker=0.0, slippage_bps=10.0)
# So fine that no price of these tests is rounded much.
VERSIONS = (replace(rules(), tick=parse_step("0.0001"), lot=parse_step("0.0001", name="lot")),)


def made(*, side="long", entry=100.0, stop=95.0, target=110.0, sizing=None, costs=COSTS, versions=VERSIONS):
    return level_results(
        versions, sizing or Sizing(), costs, side=side, entry=entry, stop=stop, target=target, ts=TS
    )  # fmt: skip


def test_a_long_trade_counts_slippage_and_fees_both_ways():
    told = made()
    # 2 % of 10,000 over 5 is 40 units; in at 100.1, out at 95 less 0.1 %.
    assert told.qty == pytest.approx(40.0)
    assert told.notional == pytest.approx(40.0 * 100.1)
    fees = 40.0 * (100.1 + 94.905) * 0.001
    assert told.loss == pytest.approx(40.0 * (94.905 - 100.1) - fees, abs=0.05)
    assert told.costs_at_stop == pytest.approx(fees + 40.0 * (0.1 + 0.095), abs=0.05)
    assert told.gain == pytest.approx(40.0 * (109.89 - 100.1) - 40.0 * (100.1 + 109.89) * 0.001, abs=0.05)
    assert told.break_even == pytest.approx(-told.loss / (told.gain - told.loss))
    assert 0.0 < told.liquidation < 95.0


def test_a_short_trade_is_its_mirror():
    told = made(side="short", stop=105.0, target=90.0)
    assert told.qty == pytest.approx(40.0)
    assert told.loss < -200.0 < 0.0 < told.gain
    assert told.liquidation > 105.0


@pytest.mark.parametrize(
    ("given_levels", "refusal"),
    [
        ({"stop": 100.0}, "level_too_close"),
        ({"target": 100.0}, "level_too_close"),
        ({"stop": 75.0}, "liquidation_too_near"),
        ({"sizing": Sizing(capital=10.0, risk_fraction=0.00001)}, "too_small"),
    ],
)
def test_what_the_fill_model_refuses_is_told_with_its_code(given_levels, refusal):
    told = made(**given_levels)
    assert isinstance(told, LevelResults)
    assert told.refusal == refusal
    assert told.qty == told.loss == told.gain == 0.0
    assert told.break_even is None


@given(
    entry=st.floats(0.5, 200_000.0),
    distance=st.floats(0.001, 0.19),
    reward=st.floats(0.001, 0.5),
    risk=st.floats(0.0001, 0.02),
    side=st.sampled_from(["long", "short"]),
)
def test_the_planned_risk_is_never_above_the_cap(entry, distance, reward, risk, side):
    away = 1.0 if side == "long" else -1.0
    stop, target = entry * (1.0 - away * distance), entry * (1.0 + away * reward)
    told = made(
        side=side,
        entry=entry,
        stop=stop,
        target=target,
        sizing=Sizing(risk_fraction=risk),
        costs=Costs(0, 0, 0),
    )
    if not told.refusal:
        # The entry's price is rounded by less than a tick after the size is decided.
        assert -told.loss <= 10_000.0 * risk + told.qty * 0.0001 + 0.01
        assert told.notional <= 5.0 * 10_000.0 * (1.0 + 1e-9)
