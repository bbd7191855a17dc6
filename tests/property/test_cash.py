"""Cash is exact: whatever was booked, its sum is the decimal one, in every host, to the last lot."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from numba import njit

from tests.property.test_loops_agree import random_slot
from tests.unit.engine.material import HOUR
from vigie.domain.account import Costs, Sizing
from vigie.domain.bar import Bars
from vigie.domain.codes import ENTRY_DECIDED, ENTRY_INTENT
from vigie.domain.errors import UsageError
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step, to_decimal
from vigie.domain.state import LONG_ENTRY, LONG_EXIT
from vigie.engine.backtest import run_shared, run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.live.paper.paper import trade_on_paper
from vigie.quant import money
from vigie.trading import ledger

BOOKINGS = 10_000_000
UNIT = Decimal("0.00000001")


@njit
def summed(capital, amounts):
    """Book amounts one after the other: as the kernel does, as floats, and as floats that are rounded again."""
    minor = money.minor_of(capital)
    plain = rounded = capital
    for amount in amounts:
        minor = money.add(minor, ledger.booked(amount))
        kept = np.rint(amount * 1e8) / 1e8
        plain += kept
        rounded = np.rint((rounded + kept) * 1e8) / 1e8
    return minor, plain, rounded


def test_ten_million_bookings_sum_to_the_decimal():
    rng = np.random.default_rng(17)
    minor = np.rint(10.0 ** rng.uniform(0.0, 14.0, BOOKINGS) * rng.choice((-1.0, 1.0), BOOKINGS)).astype(
        np.int64
    )
    # Less than half a unit beside each, as products of quantities, prices and rates are.
    amounts = (minor + rng.uniform(-0.3, 0.3, BOOKINGS)) / 1e8
    capital = 50_000_000.0
    expected = Decimal(int(capital)) / UNIT + sum(int(part.sum()) for part in np.split(minor, 1_000))
    found, plain, rounded = summed(capital, amounts)
    assert found == expected
    assert money.amount_of(found) == float(expected * UNIT)
    assert plain != float(expected * UNIT), "a sum of floats drifts, or this test shows nothing"
    assert rounded != float(expected * UNIT), "so does one that is rounded again at 50 million"


def booked(trades) -> Decimal:
    """Return what trades came to, as decimals."""
    parts = ("gross", 1), ("fees", -1), ("funding", 1)
    return sum((sign * to_decimal(amount) for name, sign in parts for amount in trades[name]), Decimal(0))


def test_every_host_ends_with_the_decimal_sum_of_what_it_booked():
    several = 0
    for seed in range(12):
        given = random_slot(seed)
        capital = to_decimal(given.sizing.capital)
        alone, shared = run_slot(given), run_shared([given], protections=None)
        paper = trade_on_paper([(SlotId("a-usdt-perp", "1h", "some"), given)], None).account
        expected = float(capital + booked(alone.trades))
        assert alone.equity[-1] == shared.equity[-1] == paper.cash == expected
        for trades in (alone.trades, shared.trades, paper.trades):
            results = [booked(trades[at : at + 1]) for at in range(len(trades))]
            assert trades["pnl"].tolist() == [float(one) for one in results]
            ends = [float(end) for end in accumulate(results, initial=capital)]
            assert trades["equity"].tolist() == ends[1:]
        several += len(alone.trades)
    assert several > 200


def test_a_lot_is_not_lost_to_the_sum_of_floats():
    rng = np.random.default_rng(5)
    n = 2_000
    close = 1.0 + 0.0001 * np.cumsum(rng.integers(-2, 3, n))
    open_ = np.append(close[:1], close[:-1])
    ts = np.arange(n, dtype=np.int64) * HOUR
    bars = Bars(
        "a-usdt-perp", HOUR, ts, open_, np.maximum(open_, close), np.minimum(open_, close), close, np.ones(n)
    )
    flags = np.zeros(n, np.uint8)
    flags[::4], flags[2::4] = LONG_ENTRY, LONG_EXIT
    lot = Fraction(1, 10**8)
    rules = Instrument("", "a-usdt-perp", tick=parse_step("0.0001"), lot=parse_step("0.00000001", name="lot"))
    given = SlotInput(
        bars, flags, np.full(n, 0.001), np.full(n, 0.02), (rules,),
        Sizing(capital=48_944.0), Costs(taker=0.0006, slippage_bps=0.0),
    )  # fmt: skip
    found = run_slot(given)
    cash, entered = Fraction(48_944), 0
    ended = iter(found.trades)
    for row in found.log.tolist():
        ts_bar, _, _, lots, _, _, code = row
        at = ts_bar // HOUR
        if code in (ENTRY_DECIDED, ENTRY_INTENT):
            # Five times the cash is less than the planned risk allows: the lots hang on the last digit of the cash.
            price = Fraction(to_decimal(close[at] if code == ENTRY_DECIDED else open_[at]))
            assert lots == math.floor(5 * cash / price / lot), at
            entered += 1
        elif code < ENTRY_DECIDED:
            trade = next(ended)
            cash += sum(
                (sign * Fraction(to_decimal(trade[name])) for name, sign in (("gross", 1), ("fees", -1))),
                Fraction(0),
            )
    assert entered > 500


def rising(capital: float) -> SlotInput:
    """One long trade that reaches its target: 3 % of the capital."""
    close = 100.0 + np.arange(20.0)
    ts = np.arange(20, dtype=np.int64) * HOUR
    bars = Bars("a-usdt-perp", HOUR, ts, close, close + 0.5, close - 0.5, close, np.ones(20))
    flags = np.zeros(20, np.uint8)
    flags[2] = LONG_ENTRY
    rules = Instrument("", "a-usdt-perp", tick=parse_step("0.1"), lot=parse_step("0.01", name="lot"))
    unit = np.full(20, 2.0)
    return SlotInput(bars, flags, unit, unit, (rules,), Sizing(capital=capital), Costs(0.0, 0.0, 0.0))


@pytest.mark.parametrize("host", ["alone", "shared", "paper"])
def test_a_run_beyond_the_range_is_refused_in_words(host):
    def traded(given):
        if host == "paper":
            return trade_on_paper([(SlotId("a-usdt-perp", "1h", "some"), given)], None)
        return run_slot(given) if host == "alone" else run_shared([given], protections=None)

    traded(rising(8.7e10))
    with pytest.raises(UsageError, match=r"cash went beyond 9e\+10 on a-usdt-perp; start with less"):
        traded(rising(8.9e10))


def test_a_capital_beyond_the_range_is_refused():
    with pytest.raises(UsageError, match="capital must be in"):
        Sizing(capital=9.1e10)
