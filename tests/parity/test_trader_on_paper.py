"""The trader, its book on the disk and paper's venue: the same run as the backtest's, also when it is killed."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, event, example, given, settings
from hypothesis import strategies as st

from tests.clocks import QuickClock
from tests.parity.feeds import GivenVerdicts, HistoryFeed
from tests.parity.material import Inputs, on_finer_bars, random_portfolio
from vigie.adapters.stores.sql.tradebook.book import SqlTradeBook
from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.order import TradeRun
from vigie.engine.backtest import run_shared
from vigie.engine.inputs import Settlements, SlotInput
from vigie.engine.live.book.account_memory import LogReplay
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.engine.live.trader import Trader, TraderConfig

BY_SEED = settings(derandomize=True, deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))


# Portfolios on finer bars in which many positions end inside a bar, of some slots in its first hours.
DETAILED = (3, 7, 9, 11, 16, 17, 25, 29, 30, 34)
# Portfolios in which positions are funded, without and with finer bars.
FUNDED = (
    *((seed, False) for seed in (11, 16, 27, 34, 37, 38, 48, 55)),
    *((seed, True) for seed in (3, 17, 27, 30, 37)),
)
IDS = re.compile(r"\b[0-9a-f]{32}\b")


def one_feed(seed: int, *, detail: bool = False) -> tuple[Inputs, Protections]:
    """A random portfolio whose slots of one instrument share its settlements, without marks."""
    inputs, protections = on_finer_bars(seed) if detail else random_portfolio(seed)
    shared: dict[str, Settlements] = {}
    made = []
    longest = max(int(one.bars.ts[-1]) + one.bars.span_ms for _, one in inputs)
    for name, one in inputs:
        funding = shared.setdefault(name.instrument, Settlements(one.funding.ts, one.funding.rate))
        marks = replace(funding, mark=funding.rate * float("nan"))
        made.append((name, replace(one, funding=marks, first=0)))
    # One end for all: a live feed has no slots that stop before the others.
    return [(n, s) for n, s in made if int(s.bars.ts[-1]) + s.bars.span_ms == longest], protections


def live_slots(inputs: Inputs) -> tuple[LiveSlot, ...]:
    return tuple(
        LiveSlot(
            name,
            one.bars.span_ms,
            one.versions,
            one.sizing,
            one.costs,
            detail="" if one.detail is None else one.detail.timeframe,
        )
        for name, one in inputs
    )


class Dead(BaseException):
    """The process was killed."""


class DyingBook:
    """A book whose process dies at the n-th write: before it, or right after it."""

    def __init__(self, book, at, after):
        self._book, self._left, self._after = book, at, after

    def __getattr__(self, name):
        return getattr(self._book, name)

    def commit(self, lease, change):
        self._left -= 1
        if self._left == 0 and not self._after:
            raise Dead
        number = self._book.commit(lease, change)
        if self._left == 0:
            raise Dead
        return number


def begin(book, account: str) -> TradeRun:
    run = TradeRun(f"run-{account}", account, "owner", "paper", "paper", "plan", Decimal(10_000), 0)
    book.begin(run)
    return run


def trade(book, run, inputs, protections, *, late: int = 0, fold: LogReplay | None = None) -> Trader:
    clock = QuickClock()
    slots = live_slots(inputs)
    venue = PaperVenue(run, slots, HistoryFeed(inputs, late=late), book, clock, fold)
    given = TraderConfig(
        run,
        slots,
        protections,
        GivenVerdicts(inputs),
        lambda *_: (),
        lease_s=1e7,
        entry_age_s=1e7,
        replay=fold,
    )
    lease = book.take(run.account, "tests", for_s=10_000_000.0, by_force=True)
    trader = Trader(given, book, venue, venue, clock, lease)
    asyncio.run(trader.trade())
    return trader


def rows(book, run, inputs, protections) -> tuple[list, LiveAccount]:
    """Fold what lies on the disk."""
    taken = [steps.decode_step(step) for step in book.steps(run.id)]
    account = LiveAccount(live_slots(inputs), protections, taken[0].ts)
    return [row for step in taken for row in account.apply(step)], account


def assert_as_in_the_backtest(book, run, inputs, protections, folded=None) -> None:
    """Compare what lies on the disk, or what was folded of it just now, with the backtest."""
    backtest = run_shared([one for _, one in inputs], protections=protections)
    log, account = folded or rows(book, run, inputs, protections)
    assert [[r.ts, r.slot, r.side, r.lots, r.stop_ticks, r.target_ticks, r.code] for r in log] == (
        backtest.log.tolist()
    )
    assert account.decision_hash == backtest.decision_hash
    for name in ("slot", "side", "lots", "entry", "exit", "fees", "funding", "pnl", "exit_ts", "reason"):
        assert account.trades[name].tolist() == pytest.approx(backtest.trades[name].tolist(), abs=1e-7), name
    assert account.cash == pytest.approx(backtest.equity[-1], abs=1e-6)


@BY_SEED
@given(st.integers(0, 10**9))
def test_a_trader_on_paper_trades_as_the_backtest(sqlite_database, seed):
    inputs, protections = one_feed(seed)
    book = SqlTradeBook(sqlite_database, QuickClock())
    run = begin(book, f"whole-{seed}")
    trade(book, run, inputs, protections)
    assert_as_in_the_backtest(book, run, inputs, protections)


@BY_SEED
@example(632362, [(1, False)])  # a tick that is another from the instant on at which a bar ends on a stop
@given(st.integers(0, 10**9), st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=1, max_size=6))
def test_a_trader_that_is_killed_again_and_again_trades_as_the_backtest(sqlite_database, seed, deaths):
    inputs, protections = one_feed(seed)
    book = SqlTradeBook(sqlite_database, QuickClock())
    run = begin(book, f"killed-{seed}-{deaths}")
    for at, after in deaths:
        with suppress(Dead):
            trade(DyingBook(book, at, after), run, inputs, protections)
    trader = trade(book, run, inputs, protections)
    known = book.intents(run.id)
    assert {one.move.state for one in known if one.intent.leg != "target"} <= {"filled", "expired"}
    assert all(one.move.state == "filled" for one in known if one.intent.leg == "exit")
    fills = Counter(fill.client_id for fill in book.fills(run.id) if fill.client_id)
    assert fills == Counter(one.intent.id for one in known if one.move.state == "filled")
    _, account = rows(book, run, inputs, protections)
    assert (account.cash, account.decision_hash) == (trader.account.cash, trader.account.decision_hash)
    # An entry that was written down and never sent is not sent by who comes later: it expires.
    if all(one.move.state == "filled" for one in known if one.intent.leg == "entry"):
        assert_as_in_the_backtest(book, run, inputs, protections)
        event("as in the backtest")


@settings(BY_SEED, max_examples=8, phases=(Phase.generate,))
@given(
    st.sampled_from(DETAILED),
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=6),
)
def test_killed_between_finer_bars_the_log_is_that_of_a_trader_that_was_not(sqlite_database, seed, deaths):
    inputs, protections = one_feed(seed, detail=True)
    book, logs = SqlTradeBook(sqlite_database, QuickClock()), []
    for name, killed in (("whole", ()), ("killed", deaths)):
        run = begin(book, f"{name}-{seed}-{deaths}")
        for at, after in killed:
            with suppress(Dead):
                trade(DyingBook(book, at, after), run, inputs, protections)
        trade(book, run, inputs, protections)
        # Ids of orders come from the run's.
        logs.append([(one.kind, one.ts, re.sub(IDS, "id", one.body)) for one in book.steps(run.id)])
        entries = [one.move.state for one in book.intents(run.id) if one.intent.leg == "entry"]
        if all(state == "filled" for state in entries):
            assert_as_in_the_backtest(book, run, inputs, protections)
            event("as in the backtest")
    # An entry that was written down and never sent is not sent by who comes later: it expires.
    if all(state == "filled" for state in entries):
        assert logs[1] == logs[0]
    assert any(not steps.decode_step(step).bars for step in book.steps(run.id) if step.kind == "closed")


def borne(trade, given: SlotInput) -> float:
    """What rule 8 makes of a trade: settlements after its entry's open, until its end, at the opens of their bars."""
    bars, total = given.bars, 0.0
    is_inside = trade["reason"] in (codes.STOP, codes.TARGET, codes.LIQUIDATION, codes.END_OF_DATA)
    for ts, rate in zip(given.funding.ts.tolist(), given.funding.rate.tolist(), strict=True):
        if not trade["entry_ts"] < ts or not (
            ts < trade["exit_ts"] or (ts == trade["exit_ts"] and not is_inside)
        ):
            continue
        row = int(np.searchsorted(bars.ts, ts, side="right")) - 1
        row += int(bars.ts[row] + bars.span_ms <= ts)
        price, finer = bars.open[row], given.detail
        if finer is not None and bars.ts[row] < ts:
            at = int(np.searchsorted(finer.ts + finer.span_ms, ts, side="right"))
            if at < len(finer) and finer.ts[at] < bars.ts[row] + bars.span_ms:
                price = finer.open[at]
        total -= round(float(trade["side"] * trade["qty"] * price * rate), 8)
    return total


@settings(BY_SEED, max_examples=10, phases=(Phase.generate,))
@given(st.sampled_from(FUNDED), st.integers(1, 30), st.lists(st.integers(1, 30), max_size=3))
def test_funding_that_is_told_late_is_what_the_backtest_charges_whoever_was_killed(
    sqlite_database, portfolio, late, deaths
):
    seed, detail = portfolio
    inputs, protections = one_feed(seed, detail=detail)
    book = SqlTradeBook(sqlite_database, QuickClock())
    run = begin(book, f"late-{seed}-{late}-{deaths}")
    for at in deaths:
        with suppress(Dead):
            trade(DyingBook(book, at, at % 2 == 0), run, inputs, protections, late=late)
    trade(book, run, inputs, protections, late=late)
    _, account = rows(book, run, inputs, protections)
    capital = inputs[0][1].sizing.capital
    expected = [borne(one, inputs[one["slot"]][1]) for one in account.trades]
    assert account.trades["funding"].tolist() == pytest.approx(expected, abs=1e-6)
    assert account.cash == pytest.approx(capital + account.trades["pnl"].sum(), abs=1e-6)
    assert any(expected) or not len(account.trades)
    event("funded" if any(expected) else "none traded")
