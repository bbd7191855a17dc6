"""Paper decides what the backtest decides: same rows, trades and equity, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.parity.material import assert_same, on_finer_bars, random_portfolio, random_single
from vigie.domain.order import TradeStep
from vigie.engine.backtest import run_shared
from vigie.engine.live import steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.paper import trade_on_paper

SEEDS = st.integers(0, 10**9)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(SEEDS)
def test_an_account_with_every_protection_trades_on_paper_as_in_the_backtest(seed):
    inputs, protections = random_portfolio(seed)
    backtest = run_shared([slot for _, slot in inputs], protections=protections)
    assert_same(backtest, trade_on_paper(inputs, protections))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(SEEDS)
def test_an_account_on_finer_bars_trades_on_paper_as_in_the_backtest_with_the_same_detail(seed):
    inputs, protections = on_finer_bars(seed)
    backtest = run_shared([slot for _, slot in inputs], protections=protections)
    spans = np.array([slot.bars.span_ms for _, slot in inputs])[backtest.trades["slot"]]
    event(f"{(backtest.trades['exit_ts'] % spans != 0).sum()} exits inside a bar")
    assert_same(backtest, trade_on_paper(inputs, protections))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(SEEDS)
def test_a_single_slot_trades_on_paper_as_in_the_backtest(seed):
    inputs = random_single(seed)
    backtest = run_shared([slot for _, slot in inputs], protections=None)
    assert_same(backtest, trade_on_paper(inputs, None))


@settings(derandomize=True, deadline=None, max_examples=20)
@given(SEEDS, st.data())
def test_an_account_that_was_killed_anywhere_is_its_written_log_read_again(seed, data):
    inputs, protections = random_portfolio(seed)
    whole = trade_on_paper(inputs, protections)
    written = [steps.written(step) for step in whole.taken]
    cut = data.draw(st.integers(0, len(written)))
    account = LiveAccount(whole.account.slots, protections, whole.account.ts_begun)
    log = []
    for number, step in enumerate(written[:cut] + written[cut:], start=1):
        log += account.apply(steps.read(TradeStep(step.kind, step.ts, step.body, number)))
    assert log == whole.log
    assert account.decision_hash == whole.account.decision_hash
    assert (account.cash, account.equity) == (whole.account.cash, whole.account.equity)
