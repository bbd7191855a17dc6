"""Random runs of the twin, as the live account reads them; and what two hosts must agree on."""

from __future__ import annotations

import numpy as np

from tests.twin.kernel_adapter import inputs_of
from tests.twin.random_runs import isolated_run, portfolio_run
from vigie.domain.account import Protections
from vigie.domain.ids import SlotId
from vigie.domain.time import HOUR_MS
from vigie.engine.backtest import Outcome
from vigie.engine.inputs import SlotInput
from vigie.engine.live.paper import PaperRun

Inputs = list[tuple[SlotId, SlotInput]]


def named(inputs: list[SlotInput]) -> Inputs:
    """Give every slot a name of its own."""
    return [
        (SlotId(given.bars.instrument, f"{given.bars.span_ms // HOUR_MS}h", f"s{number}"), given)
        for number, given in enumerate(inputs)
    ]


def random_portfolio(seed: int) -> tuple[Inputs, Protections]:
    """One to six slots on one account, every protection on; live has no finer bars."""
    slots, settings, protections = portfolio_run(seed)
    for slot in slots:
        slot.detail, slot.detail_ms = None, 0
    return named(inputs_of(slots, settings)), Protections(**protections)


def random_single(seed: int) -> Inputs:
    """One slot on its own capital, no protections."""
    slots, settings = isolated_run(seed)
    for slot in slots:
        slot.detail, slot.detail_ms = None, 0
    return named(inputs_of(slots, settings))


def assert_same(backtest: Outcome, paper: PaperRun) -> None:
    """Decisions, trades and equity of both hosts, to the last bit."""
    assert [list(row[:7]) for row in map(_row, paper.log)] == backtest.log.tolist()
    assert paper.account.decision_hash == backtest.decision_hash
    beside = np.array([row[7:] for row in map(_row, paper.log)]).reshape(-1, 2)
    np.testing.assert_array_equal(beside, backtest.values)
    assert paper.account.trades.dtype == backtest.trades.dtype
    for name in backtest.trades.dtype.names or ():
        np.testing.assert_array_equal(paper.account.trades[name], backtest.trades[name], err_msg=name)
    sampled = dict(zip(paper.equity_ts, paper.equity, strict=True))
    assert [sampled[ts] for ts in backtest.equity_ts.tolist()] == backtest.equity.tolist()


def _row(decided) -> tuple:  # type: ignore[no-untyped-def]
    return tuple(getattr(decided, name) for name in decided.__slots__)
