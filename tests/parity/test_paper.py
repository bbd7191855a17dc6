"""Paper decides what the backtest decides: same rows, trades and equity, to the last bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.parity.material import assert_same, named, on_finer_bars, random_portfolio, random_single
from tests.twin.kernel_adapter import inputs_of
from tests.twin.random_runs import isolated_run
from vigie.domain.order import TradeStep
from vigie.engine.backtest import run_shared, run_slot, unshown
from vigie.engine.booked_trades import booked_run_from_records
from vigie.engine.differences import differences
from vigie.engine.inputs import Settlements
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.paper.paper import trade_on_paper

SEEDS = st.integers(0, 10**9)


def _plain(row) -> list[int]:  # type: ignore[no-untyped-def]
    return [getattr(row, name) for name in row.__slots__[:7]]


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


@settings(derandomize=True, deadline=None, max_examples=60)
@given(SEEDS)
def test_where_finer_bars_do_not_show_a_bar_the_first_gap_to_the_backtest_is_named_so(seed):
    slots, chosen = isolated_run(seed, holes=True)
    inputs = named([replace(one, funding=Settlements()) for one in inputs_of(slots, chosen)])
    (name, given), backtest = inputs[0], run_slot(inputs[0][1])
    paper, spans = trade_on_paper(inputs, None), [(str(name), given.bars.span_ms)]
    log = np.array([_plain(row) for row in paper.log], np.int64).reshape(-1, 7)
    hidden = frozenset((str(name), ts) for ts in unshown(given.bars, given.detail, given.first))
    first = replace(booked_run_from_records("backtest", backtest.trades, backtest.log, spans), unshown=hidden)
    found = differences(first, booked_run_from_records("paper", paper.account.trades, log, spans))
    apart = [row for row in found.rows if row.parts]
    if not apart:
        event("no gap")
        return
    # A target that rests as an order has another rate of fees than a stop.
    assert "detail" in apart[0].parts
    assert set(apart[0].parts) <= {"detail", "fee"}
    event("a gap")


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
    written = [steps.encode_step(step) for step in whole.log_steps]
    cut = data.draw(st.integers(0, len(written)))
    account = LiveAccount(whole.account.slots, protections, whole.account.ts_start)
    log = []
    for number, step in enumerate(written[:cut] + written[cut:], start=1):
        log += account.apply(steps.decode_step(TradeStep(step.kind, step.ts, step.body, number)))
    assert log == whole.log
    assert account.decision_hash == whole.account.decision_hash
    assert (account.cash, account.equity) == (whole.account.cash, whole.account.equity)
