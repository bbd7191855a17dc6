"""Histories traded on paper: a live account fed bar by bar, its fills made by the fill model.

What a backtest loops over in compiled code, the live account meets here step by step. The steps are those that a
trading process writes down, so a run can be compared, stored and read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vigie.domain import codes
from vigie.domain.account import Protections
from vigie.domain.ids import SlotId
from vigie.engine.inputs import SlotInput
from vigie.engine.live.fold import model, steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.engine.live.fold.empty_account import LiveSlot


@dataclass(slots=True)
class PaperRun:
    """What came of it."""

    account: LiveAccount
    log_steps: list[steps.Step] = field(default_factory=list)
    log: list[DecisionRow] = field(default_factory=list)
    equity_ts: list[int] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)

    def take(self, step: steps.Step) -> None:
        """Let the account take a step, and remember both."""
        self.log_steps.append(step)
        self.log += self.account.apply(step)


def trade_on_paper(inputs: Sequence[tuple[SlotId, SlotInput]], protections: Protections | None) -> PaperRun:
    """Trade histories from their first bar to their last.

    Parameters
    ----------
    inputs : sequence of (SlotId, SlotInput)
        In slot order; positions meet their levels on finer bars where there are any, else on the slot's own.
    protections : Protections or None
        As in a backtest.
    """
    feeds = [_Feed(number, slot_input) for number, (_, slot_input) in enumerate(inputs)]
    slots = [
        LiveSlot(
            name,
            slot_input.bars.span_ms,
            slot_input.versions,
            slot_input.sizing,
            slot_input.costs,
            slot_input.first,
        )
        for name, slot_input in inputs
    ]
    run = PaperRun(LiveAccount(slots, protections, min(feed.due for feed in feeds)))
    number = 0
    while (now := min(feed.due for feed in feeds)) < _NEVER:
        number += 1
        while (ts := min(feed.finer_due(run.account) for feed in feeds)) < now:
            run.take(_close_finer(run.account, feeds, number, ts))
            number += 1
        for step in _instant_steps(run.account, feeds, number, now):
            run.take(step)
            if isinstance(step, steps.BarsClosed) and step.bars:
                run.equity_ts.append(now)
                run.equity.append(run.account.equity)
    return run


_NEVER = 2**62


class _Feed:
    """Where one slot's history stands."""

    def __init__(self, number: int, given: SlotInput) -> None:
        self.number = number
        self.slot_input = given
        self.row = given.first
        self.is_open = False
        self.due = int(given.bars.ts[given.first])
        self.settled = self.fine = 0

    @property
    def is_last(self) -> bool:
        """Whether the present bar is the history's last."""
        return self.row == len(self.slot_input.bars) - 1

    def bar(self) -> tuple[int, float, float, float, float]:
        """Return the present bar."""
        bars = self.slot_input.bars
        columns = (bars.open, bars.high, bars.low, bars.close)
        open_, high, low, close = (float(column[self.row]) for column in columns)
        return int(bars.ts[self.row]), open_, high, low, close

    def open_bar(self, now: int) -> None:
        """Begin the present bar, and its finer bars with it."""
        self.is_open = True
        self.due = now + self.slot_input.bars.span_ms
        self.fine = (
            0 if self.slot_input.detail is None else int(np.searchsorted(self.slot_input.detail.ts, now))
        )

    def finer_due(self, account: LiveAccount) -> int:
        """Return when the next finer bar closes that the slot's open position meets; never where there is none."""
        detail = self.slot_input.detail
        if (
            detail is None
            or not self.is_open
            or self.fine >= len(detail)
            or not account.slot(self.number)["side"]
        ):
            return _NEVER
        close_ts = int(detail.ts[self.fine]) + detail.span_ms
        return close_ts if close_ts <= self.due else _NEVER

    def finer_bar(self, now: int, account: LiveAccount) -> steps.FinerBar | None:
        """Return the finer bar that closes now, and step to the next; None where the position meets none."""
        detail = self.slot_input.detail
        if detail is None or self.finer_due(account) != now:
            return None
        row, self.fine = self.fine, self.fine + 1
        prices = (float(column[row]) for column in (detail.open, detail.high, detail.low, detail.close))
        return steps.FinerBar(self.number, int(detail.ts[row]), *prices)

    def due_settlements(self, until: int) -> list[tuple[int, float, float]]:
        """Return the settlements before a time that were not passed yet."""
        funding = self.slot_input.funding
        first = self.settled
        self.settled = max(first, int(np.searchsorted(funding.ts, until)))
        rows = slice(first, self.settled)
        return list(
            zip(
                funding.ts[rows].tolist(),
                funding.rate[rows].tolist(),
                funding.mark[rows].tolist(),
                strict=True,
            )
        )

    def last_rates(self, now: int) -> tuple[tuple[int, float], ...]:
        """Return the last two settled rates that are known."""
        funding = self.slot_input.funding
        end = int(np.searchsorted(funding.ts, now, side="right"))
        rows = slice(max(end - 2, 0), end)
        return tuple(zip(funding.ts[rows].tolist(), funding.rate[rows].tolist(), strict=True))

    def closed_bar(self, now: int) -> steps.ClosedBar:
        """Return the present bar as the account gets it."""
        slot_input = self.slot_input
        return steps.ClosedBar(
            self.number, *self.bar(), int(slot_input.flags[self.row]), float(slot_input.stop_unit[self.row]),
            float(slot_input.target_unit[self.row]), self.last_rates(now),
        )  # fmt: skip

    def advance(self) -> None:
        """Step to the next bar, which opens when it is stored to."""
        self.row += 1
        self.is_open = False
        self.due = int(self.slot_input.bars.ts[self.row]) if self.row < len(self.slot_input.bars) else _NEVER


def _instant_steps(account: LiveAccount, feeds: list[_Feed], number: int, now: int) -> Iterator[steps.Step]:
    closing = [feed for feed in feeds if feed.is_open and feed.due == now]
    between = _close_finer(account, feeds, number, now)
    if closing or between.finer:
        payments, leaves = list(between.payments), list(between.leaves)
        ended = {leave.slot for leave in leaves}
        for feed in closing:
            if feed.number not in ended:
                paid, leave = _close_inside(account, feed, now)
                payments += paid
                leaves += [leave] if leave else []
        last_bars = tuple(feed.closed_bar(now) for feed in closing if feed.is_last)
        other_bars = tuple(feed.closed_bar(now) for feed in closing if not feed.is_last)
        bars = tuple(sorted((*last_bars, *other_bars), key=lambda bar: bar.slot))
        yield steps.BarsClosed(
            number, now, bars, tuple(payments), tuple(leaves), frozenset(bar.slot for bar in last_bars),
            between.finer,
        )  # fmt: skip
        for feed in closing:
            feed.advance()
    opening = [feed for feed in feeds if not feed.is_open and feed.due == now]
    if not opening:
        return
    payments = []
    for feed in opening:
        feed.open_bar(now)
        due = feed.due_settlements(now + 1)
        payments += model.fundings(feed.number, account.slot(feed.number), due, feed.bar()[1])
    yield steps.BarsOpened(
        number, now, tuple((feed.number, feed.bar()[1]) for feed in opening), tuple(payments)
    )
    opens = {feed.number: feed.bar()[1] for feed in feeds if feed.is_open}
    if leaving := account.slots_to_exit():
        yield steps.ExitsFilled(
            number,
            now,
            tuple(_fill_order(model.exit_at_open, account, number, opens[number], now) for number in leaving),
        )
    if account.slots_to_enter():
        yield steps.EntriesVetted(number, now)
        entering = account.slots_to_enter()
        if entering:
            filled = tuple(
                _fill_order(model.fill_entry, account, number, opens[number], now) for number in entering
            )
            yield steps.EntriesFilled(number, now, filled)


def _fill_order(model_fill: Any, account: LiveAccount, number: int, open_: float, now: int) -> Any:
    return model_fill(
        number, account.slot(number), account.rule(number, now), account.settings(number), open_, now
    )


def _close_finer(account: LiveAccount, feeds: list[_Feed], number: int, now: int) -> steps.BarsClosed:
    """Return what the finer bars that close now do to the positions that meet them."""
    payments: list[steps.Payment] = []
    leaves: list[steps.PositionExit] = []
    finer: list[steps.FinerBar] = []
    for feed in feeds:
        bar = feed.finer_bar(now, account)
        if bar is None:
            continue
        finer.append(bar)
        slot, ts = account.slot(feed.number), feed.bar()[0]
        payments += model.fundings(feed.number, slot, feed.due_settlements(now), bar.open)
        inputs = feed.number, slot, account.rule(feed.number, ts), account.settings(feed.number)
        leave = model.exit_inside(*inputs, bar.open, bar.high, bar.low, now)
        leaves += [leave] if leave else []
    return steps.BarsClosed(number, now, (), tuple(payments), tuple(leaves), finer=tuple(finer))


def _close_inside(
    account: LiveAccount, feed: _Feed, now: int
) -> tuple[tuple[steps.Payment, ...], steps.PositionExit | None]:
    number = feed.number
    slot = account.slot(number)
    ts, open_, high, low, close = feed.bar()
    paid = model.fundings(number, slot, feed.due_settlements(now), open_)
    inputs = number, slot, account.rule(number, ts), account.settings(number)
    leave = model.exit_inside(*inputs, open_, high, low, now)
    if leave is None and slot["side"] != 0 and feed.is_last:
        leave = model.exit_at_market(*inputs, codes.END_OF_DATA, close, now)
    return paid, leave
