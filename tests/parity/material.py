"""Random runs of the twin, as the live account reads them; and what two hosts must agree on."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from tests.twin.kernel_adapter import inputs_of
from tests.twin.random_runs import (
    HOUR,
    flips,
    isolated_run,
    portfolio_run,
    random_protections,
    random_settings,
    random_slot,
    random_versions,
    together,
)
from vigie.domain.account import Protections
from vigie.domain.ids import SlotId
from vigie.domain.time import HOUR_MS
from vigie.engine.backtest import Outcome
from vigie.engine.inputs import SlotInput
from vigie.engine.live.paper.paper import PaperRun

Inputs = list[tuple[SlotId, SlotInput]]


def named(inputs: list[SlotInput]) -> Inputs:
    """Give every slot a name of its own."""
    return [
        (SlotId(given.bars.instrument, f"{given.bars.span_ms // HOUR_MS}h", f"s{number}"), given)
        for number, given in enumerate(inputs)
    ]


PRICES = ("open", "high", "low", "close")
SIGNALS = ("long_entry", "short_entry", "long_exit", "short_exit")


def random_portfolio(seed: int) -> tuple[Inputs, Protections]:
    """One to six slots on one account, every protection on, without finer bars."""
    slots, settings, protections = portfolio_run(seed)
    for slot in slots:
        slot.detail, slot.detail_ms = None, 0
    return named(inputs_of(slots, settings)), Protections(**protections)


def on_finer_bars(seed: int) -> tuple[Inputs, Protections]:
    """Two instruments, each on bars of one and of four hours made of the same finer ones, some of which are missing."""
    random, slots = Random(seed), []
    for instrument in "ab":
        slow = random_slot(random, instrument, random_versions(random), 4, detail=True, count=20)
        columns = (list(column) for column in zip(*together(slow.detail, slow.ts[0], HOUR), strict=True))
        bars = dict(zip(("ts", "open", "high", "low", "close"), columns, strict=True))
        count = len(bars["ts"])
        said = {name: flips(random, count, 0.2) for name in SIGNALS}
        units = [random.choice((0.5, 1.0, 2.0)) for _ in range(count)]
        fast = replace(slow, timeframe_ms=HOUR, **bars, **said, stop_unit=units, target_unit=units)
        slots += [fast, slow]
    # One end for all: a live feed has no slots that stop before the others.
    end = max(set.intersection(*({ts + slot.timeframe_ms for ts in slot.ts} for slot in slots)))
    for slot in slots:
        count = sum(ts + slot.timeframe_ms <= end for ts in slot.ts)
        for name in ("ts", *PRICES, *SIGNALS, "stop_unit", "target_unit"):
            setattr(slot, name, getattr(slot, name)[:count])
        slot.mark, slot.first = {}, 0
    return named(inputs_of(slots, random_settings(random))), Protections(**random_protections(random))


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
