"""A trading account as a fold over its log: the kernel's own stations, called once per event.

Takes steps (see `vigie.engine.live.fold.steps`); gives what was decided. The same steps always give the same decisions
and the same state, so an account that was killed is its log read again. It asks nobody, sends nothing and knows no
clock: prices, fills and fees are in the steps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np

from vigie.domain import codes, state
from vigie.domain.account import Protections
from vigie.domain.errors import InvariantBroken
from vigie.domain.state import LOG_COLUMNS, Records
from vigie.engine import journal, kernel, portfolio
from vigie.engine.books import book, check_money, sums_of
from vigie.engine.live.fold import bar_rows, cash_flows, late_funding, loss_limits, model, rule_changes, steps
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.engine.live.fold.empty_account import LiveSlot, empty_books, empty_histories, empty_slots
from vigie.quant import money
from vigie.trading import ledger

_TRADES_AT_FIRST: Final = 256


class LiveAccount:
    """All slots of one account.

    Parameters
    ----------
    slots : sequence of LiveSlot
        In slot order; the first one's capital and leverage are the account's.
    protections : Protections or None
        As in a backtest of the same run file.
    ts : int
        The first instant of the run.
    """

    def __init__(self, slots: Sequence[LiveSlot], protections: Protections | None, ts: int) -> None:
        self.slots = tuple(slots)
        self.ts_start = ts
        self._instruments = list(dict.fromkeys(slot.id.instrument for slot in slots))
        self._histories = empty_histories(slots)
        self._shared = empty_slots(slots, self._instruments)
        self._books = empty_books(slots, len(self._instruments), protections, self._shared, ts)
        self._bar = np.array([slot.first_bar - 1 for slot in slots], np.int64)
        self._is_open = [False] * len(slots)
        self._has_started = [False] * len(slots)
        self._has_ended = [False] * len(slots)
        self._open = np.zeros(len(slots))
        room = journal.ROWS_PER_BAR * len(slots)
        self._log = np.zeros((room, LOG_COLUMNS), np.int64)
        self._values = np.zeros((room, 2))
        self._digest = hashlib.sha256()
        self._trades = np.zeros(_TRADES_AT_FIRST, state.TRADE)
        self._n_trades = self._stored = self._n_log = 0
        self._is_emptied = False

    # What is known ---------------------------------------------------------------------------------------------

    @property
    def cash(self) -> float:
        """Capital and everything booked."""
        return float(money.amount_of(self._books.account[0]["cash_minor"]))

    @property
    def equity(self) -> float:
        """Cash plus every open position at the latest close of its instrument."""
        return float(portfolio.equity_now(self._shared, self._books))

    @property
    def decision_hash(self) -> str:
        """SHA-256 of the decision log so far."""
        return self._digest.copy().hexdigest()

    @property
    def trades(self) -> Records:
        """Trades that ended, in booking order."""
        return self._trades[: self._n_trades]

    @property
    def record(self) -> Any:
        """Return a copy of the account's record: cash, peaks, the day's opening, locks."""
        return self._books.account[0].copy()

    @property
    def limits(self) -> loss_limits.LossLimits:
        """Return the limits of loss as another run would go on with them."""
        return loss_limits.read_limits(self._records, self.equity)

    def find_refusal(self, number: int, now: int) -> tuple[int, float, float]:
        """Return the code of the first limit of loss that refuses an entry of a slot, with limit and value; or 0."""
        return loss_limits.find_refusal(self._records, number, now, int(self._bar[number]))

    @property
    def _records(self) -> loss_limits.AccountRecords:
        return loss_limits.AccountRecords(
            self._books, self._shared, [str(slot.id) for slot in self.slots], self._instruments
        )

    def slot(self, number: int) -> Any:
        """Return a copy of a slot's record: position, levels, pending entry, decided exit."""
        return self._books.slots[number].copy()

    def rule(self, number: int, ts: int) -> Any:
        """Return the rules in force for a slot's instrument."""
        return self._shared.rules[portfolio.rule_at(self._shared, number, ts)]

    def qty(self, number: int, ts: int, lots: int) -> Decimal:
        """Return lots of a slot's instrument in base units."""
        rule = self.rule(number, ts)
        return Decimal(lots * int(rule["lot_multiple"])) / Decimal(int(rule["lot_scale"]))

    def price(self, number: int, ts: int, ticks: int) -> Decimal:
        """Return a grid price of a slot's instrument."""
        rule = self.rule(number, ts)
        return Decimal(ticks * int(rule["tick_multiple"])) / Decimal(int(rule["tick_scale"]))

    def levels(self, number: int) -> tuple[Decimal, Decimal]:
        """Return stop and target of a slot's position, else of its pending entry, on the grid of the decision."""
        slot = self._books.slots[number]
        before = "" if slot["side"] != 0 else "pending_"
        ts = int(slot["decision_ts" if slot["side"] != 0 else "pending_ts"])
        stop, target = (
            self.price(number, ts, int(slot[f"{before}{name}_ticks"])) for name in ("stop", "target")
        )
        return stop, target

    def last_open(self, number: int) -> float:
        """Return the last first price of a slot's bars."""
        return float(self._open[number])

    def has_limit_target(self, number: int) -> bool:
        """Tell whether a slot's targets are limit orders of their own."""
        return bool(self._shared.settings[number]["limit_target"])

    def settings(self, number: int) -> Any:
        """Return a slot's settings."""
        return self._shared.settings[number]

    def slots_to_exit(self) -> list[int]:
        """Return the slots whose decided exit may be sent: their next bar is open."""
        return [
            k
            for k, slot in enumerate(self._books.slots)
            if slot["side"] != 0 and slot["exit_reason"] != 0 and self._is_open[k]
        ]

    def slots_to_enter(self) -> list[int]:
        """Return the slots whose decided entry may meet the market: no position is in its way."""
        return [
            k
            for k, slot in enumerate(self._books.slots)
            if slot["pending_side"] != 0 and slot["side"] == 0 and self._is_open[k]
        ]

    # The fold --------------------------------------------------------------------------------------------------

    def apply(self, step: steps.Step) -> list[DecisionRow]:
        """Take one step of the log and return what was decided."""
        self._n_log = 0
        match step:
            case steps.BarsClosed():
                self._close(step)
            case steps.BarsOpened():
                self._open_bars(step)
            case steps.ExitsFilled():
                for position_exit in sorted(step.leaves, key=lambda item: item.slot):
                    opened = self._open[position_exit.slot]
                    kernel.stretch(self._books.slots[position_exit.slot], opened, opened)
                    self._exit(position_exit, None)
            case steps.EntriesVetted():
                self._vet_entries(step)
            case steps.EntriesFilled():
                for entry in sorted(step.entries, key=lambda item: item.slot):
                    self._enter(entry)
            case _:
                self._apply_other(step)
        check_money(sums_of(self._books), self._instruments)
        rows = self._log[: self._n_log]
        self._digest.update(np.ascontiguousarray(rows, dtype="<i8").tobytes())
        return [
            DecisionRow(*row, *beside)
            for row, beside in zip(rows.tolist(), self._values[: self._n_log].tolist(), strict=True)
        ]

    def _apply_other(self, step: steps.Step) -> None:
        match step:
            case steps.CashAdjusted():
                self._adjust(step)
            case steps.LimitsInherited():
                loss_limits.write_limits(
                    self._records, loss_limits.LossLimits(step.limits, step.peaks), self.equity
                )
            case steps.LimitsLifted():
                loss_limits.lift_limits(self._records, step.names, self.equity, step.ts)
            case steps.RulesChanged():
                self.slots, self._shared = rule_changes.apply_changes(self.slots, self._shared, step)

    def _adjust(self, step: steps.CashAdjusted) -> None:
        """Book money that came or went: paid in or out, or what fills of no slot's position came to."""
        before = self.equity
        account = self._books.account[0]
        account["cash_minor"] = money.add(account["cash_minor"], money.minor_of(step.amount))
        if not step.instrument:
            self._is_emptied = cash_flows.move_limits(
                self._books, before, step.amount, is_emptied=self._is_emptied
            )

    def _close(self, step: steps.BarsClosed) -> None:
        bars = {bar.slot: bar for bar in step.bars}
        is_sample = any(self.slots[k].span_ms == self._base_span() for k in bars)
        self._book_inside(step, bars)
        if not bars:
            return
        for k in sorted(bars, reverse=True):
            # The first slot in order names the instrument's close, so it writes last.
            instrument = self._books.instruments[self._shared.instrument[k]]
            instrument["last_close"] = bars[k].close
            instrument["known"] = 1
        equity = portfolio.equity_now(self._shared, self._books)
        if is_sample:
            self._mark(step.ts, equity)
        for k in sorted(bars):
            self._is_open[k] = False
            if k in step.ends:
                self._has_ended[k] = True
            else:
                self._decide(k, bars[k], step.ts, equity)

    def _book_inside(self, step: steps.BarsClosed, bars: dict[int, steps.ClosedBar]) -> None:
        """Book what happened inside the bars that end now, slot by slot."""
        exits = {leave.slot: leave for leave in step.leaves}
        finer_bars = {finer_bar.slot: finer_bar for finer_bar in step.finer}
        for k in range(len(self.slots)):
            bar, slot = bars.get(k), self._books.slots[k]
            if bar is not None:
                bar_rows.write_bar(self._histories, self._shared, bar)
            self._book_payments(k, step.payments)
            for finer_bar in (finer_bars.get(k), bar):
                if finer_bar is not None and slot["side"] != 0:
                    kernel.stretch(slot, finer_bar.high, finer_bar.low)
            if k in exits:
                self._exit(exits[k], model.ending_bar(slot, finer_bars.get(k), bar))

    def _mark(self, now: int, equity: float) -> None:
        account = self._books.account[0]
        account["equity"] = equity
        if self._is_emptied and equity > 0.0:
            self._is_emptied = False
            cash_flows.reset_bases(account, equity)
        # What somebody took out was not lost.
        if self._books.protections[0]["on"] == 1 and not self._is_emptied:
            capital, stored = self._shared.settings[0]["capital"], self._stored
            self._stored = portfolio.judge_sample(self._shared, self._books, equity, now, capital, stored)

    def _decide(self, number: int, bar: steps.ClosedBar, now: int, equity: float) -> None:
        reason = portfolio.exit_due(
            self._books.slots[number], self._books.account[0], self._shared.settings[number],
            self._books.protections[0], bar.flags, int(self._bar[number]), bar.close, now,
        )  # fmt: skip
        if reason != 0 or bar.flags & portfolio.ENTRIES:
            self._n_log = portfolio.decide_slot(
                self._histories, self._shared, self._books, number, reason, now, equity,
                self._log, self._values, self._n_log,
            )  # fmt: skip

    def _open_bars(self, step: steps.BarsOpened) -> None:
        for number, price in sorted(step.prices):
            self._bar[number] += 1
            bar_rows.set_bar_number(self._histories, self._shared, number, int(self._bar[number]))
            self._histories.ts[number] = step.ts
            self._histories.open[number] = price
            self._open[number] = price
            self._is_open[number] = self._has_started[number] = True
        for number in range(len(self.slots)):
            self._book_payments(number, step.payments)

    def _vet_entries(self, step: steps.EntriesVetted) -> None:
        vetoes = {veto.slot: veto for veto in step.vetoes}
        cash = self._books.account[0]["cash_minor"]
        for number in self.slots_to_enter():
            slot = self._books.slots[number]
            side, decided = int(slot["pending_side"]), int(slot["pending_lots"])
            levels = int(slot["pending_stop_ticks"]), int(slot["pending_target_ticks"])
            ts = int(self._histories.ts[number])
            rule = self.rule(number, ts)
            settings = self._shared.settings[number]
            veto = vetoes.get(number)
            if veto is not None:
                code, price, limit, value = veto.code, 0.0, veto.limit, veto.value
            else:
                leverage = settings["leverage"]
                if self._books.protections[0]["on"] == 1:
                    leverage = min(leverage, rule["leverage_cap"])
                free = money.amount_of(cash)
                code, price = kernel.open_entry(slot, rule, settings, free, leverage, self._open[number])
                limit, value = float(slot["limit"]), float(slot["value"])
            if code != 0:
                slot["pending_side"] = 0
                self._log_decision(ts, number, side, decided, levels, code, limit, value)
                continue
            # What the venue will take is not known yet; the next slot must not count on it.
            cash = money.add(cash, -ledger.fee(slot["pending_qty"], price, rule["taker"]))
            self._log_decision(
                ts, number, side, int(slot["pending_lots"]), levels, codes.ENTRY_INTENT, 0.0, 0.0
            )

    def _enter(self, entry: steps.EntryResult) -> None:
        number = entry.slot
        slot = self._books.slots[number]
        if slot["pending_side"] == 0:
            raise InvariantBroken(
                "slot_no_pending_entry_fill",
                "slot {id} has no pending entry to fill",
                id=self.slots[number].id,
            )
        if entry.lots == 0:
            slot["pending_side"] = 0
            return
        rule = self.rule(number, entry.ts)
        slot["pending_lots"] = entry.lots
        slot["pending_qty"] = entry.lots * rule["lot_multiple"] / rule["lot_scale"]
        fee = money.minor_of(entry.fee)
        book(self._books.account[0], slot, -fee)
        kernel.fill_entry(
            slot, rule, self._shared.settings[number], entry.price, entry.raw, fee,
            int(self._bar[number]), int(self._histories.ts[number]),
        )  # fmt: skip

    def _book_payments(self, number: int, payments: Sequence[steps.Payment]) -> None:
        slot = self._books.slots[number]
        for payment in (item for item in payments if item.slot == number):
            amount = money.minor_of(payment.amount)
            late_funding.charge_funding(slot, self.trades, number, payment.ts, amount)
            book(self._books.account[0], slot, amount)

    def _exit(self, position_exit: steps.PositionExit, bar: steps.FinerBar | steps.ClosedBar | None) -> None:
        number = position_exit.slot
        slot = self._books.slots[number]
        if slot["side"] == 0:
            raise InvariantBroken(
                "slot_no_position_close", "slot {id} has no position to close", id=self.slots[number].id
            )
        settings = self._shared.settings[number]
        raw = model.raw_price(slot, position_exit, bar, float(self._open[number]))
        if bar is None:
            kernel.stretch(slot, raw, raw)
        if position_exit.reason == codes.LIQUIDATION:
            slot["pending_side"] = 0
            gross = ledger.liquidation_result(slot["qty"], slot["entry"], settings["leverage"])
        else:
            gross = ledger.gross_result(slot["side"], slot["qty"], slot["entry"], position_exit.price)
        self._grow_trades()
        account = self._books.account[0]
        account["cash_minor"] = kernel.close_position(
            slot, self._trades[self._n_trades], position_exit.reason, position_exit.price, raw, gross,
            money.minor_of(position_exit.fee),
            account["cash_minor"], position_exit.ts, int(self._bar[number]),
        )  # fmt: skip
        self._n_log = portfolio.finish_trade(
            self._shared, self._books, number, self._trades, self._n_trades,
            int(self._histories.ts[number]),
            self._log, self._values, self._n_log,
        )  # fmt: skip
        self._n_trades += 1

    def _base_span(self) -> int:
        """Return the length of the base bar: the finest of the slots that have begun and not ended."""
        return min(
            (
                slot.span_ms
                for k, slot in enumerate(self.slots)
                if self._has_started[k] and not self._has_ended[k]
            ),
            default=portfolio.FAR,
        )

    def _log_decision(
        self, ts: int, number: int, side: int, lots: int, levels: tuple[int, int], code: int,
        limit: float, value: float,
    ) -> None:  # fmt: skip
        self._n_log = journal.write(
            self._log, self._values, self._n_log, ts, number, side, lots, levels[0], levels[1], code,
            limit, value,
        )  # fmt: skip

    def _grow_trades(self) -> None:
        if self._n_trades < len(self._trades):
            return
        longer = np.zeros(2 * len(self._trades), state.TRADE)
        longer[: self._n_trades] = self._trades
        self._trades = longer
