"""What an account would make of an entry at its next close: a copy of the account takes the steps that it would take.

Takes an account and an entry; gives quantity, loss, gain and costs, or why the entry is refused. The decision is the
account's own code on the account's own records, so nothing here counts a limit a second time; the account itself never
hears of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Final

import numpy as np

from vigie.domain import codes
from vigie.domain.state import LONG_ENTRY, SHORT_ENTRY, Records
from vigie.engine import kernel
from vigie.engine.books import book
from vigie.engine.level_results import NUDGE, LevelResults
from vigie.engine.live import entry_room
from vigie.engine.live.entry_room import LimitRoom, RoomAt
from vigie.engine.live.fold import model, steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.ports.feed import MarketInstant
from vigie.quant import money
from vigie.quant.grid import grid_price
from vigie.trading import sizing

# More than any account affords; still a whole number as float64.
_ALL_LOTS: Final = 2**52
_DIGEST: Final = type(hashlib.sha256())
Rates = Mapping[str, tuple[tuple[int, float], ...]]
FindVetoes = Callable[[LiveAccount, Sequence[int], MarketInstant], Sequence[steps.EntryVeto]]


@dataclass(frozen=True, slots=True)
class WantedEntry:
    """An entry at the close of a slot's bar.

    Attributes
    ----------
    number : int
        Of the slot.
    side : int
        +1 long, -1 short.
    price : float
        Of the close, and of the first price after it.
    stop, target : float
        Quote units.
    ts : int
        When the bar closes, epoch milliseconds.
    rates : mapping of str to tuple
        By instrument, the last two settled funding rates, oldest first.
    """

    number: int
    side: int
    price: float
    stop: float
    target: float
    ts: int
    rates: Rates = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TriedEntry:
    """What the account makes of it.

    Attributes
    ----------
    equity : float
        What it is sized with, quote units.
    risk_fraction : float
        Share of it that is risked; half of the setting after a row of losses.
    """

    results: LevelResults
    equity: float
    risk_fraction: float


class TrialAccount(LiveAccount):
    """A copy of an account, which tries entries.

    Parameters
    ----------
    account : LiveAccount
        Stays as it is.
    """

    def __init__(self, account: LiveAccount) -> None:
        for name, value in vars(account).items():
            setattr(self, name, _copied(value))

    def leave(self, number: int) -> None:
        """Let a slot hold nothing and wait for nothing; what its position made so far stays in the account."""
        slot = self._books.slots[number]
        made = kernel.open_result(slot, self._last_close(number))
        book(self._books.account[0], slot, money.minor_of(made))
        slot["side"] = slot["pending_side"] = slot["exit_reason"] = 0

    def try_entry(self, wanted: WantedEntry, find_vetoes: FindVetoes | None = None) -> TriedEntry:
        """Return what the account makes of an entry, with everything that it holds; it tries one and is used up.

        Parameters
        ----------
        find_vetoes : callable or None
            Asked as the account asks its gateway, of everything that enters with it; None where nobody is asked.
        """
        slot = self._books.slots[wanted.number]
        if slot["side"] != 0 or slot["pending_side"] != 0:
            # The slot's own position: at the close its account would not even ask.
            return self._tried(_refused(codes.INSTRUMENT_TAKEN, 1.0, 2.0), wanted.number)
        bars, decided = self._close_with(wanted)
        told = self._tried(_refused(decided.code, decided.limit, decided.value), wanted.number)
        if decided.code != codes.ENTRY_DECIDED:
            return told
        self._open_and_leave(bars, wanted.ts)
        vetoes = () if find_vetoes is None else self._find_vetoes(bars, wanted.ts, find_vetoes)
        met = _row_of(wanted.number, self.apply(steps.EntriesVetted(0, wanted.ts, vetoes)))
        if met.code != codes.ENTRY_INTENT:
            return TriedEntry(_refused(met.code, met.limit, met.value), told.equity, told.risk_fraction)
        filled = model.fill_entry(*self._inputs(wanted), wanted.price, wanted.ts)
        self.apply(steps.EntriesFilled(0, wanted.ts, (filled,)))
        return TriedEntry(self._results(wanted), told.equity, told.risk_fraction)

    def measure_room(
        self, wanted: WantedEntry, find_vetoes: FindVetoes | None = None
    ) -> tuple[LimitRoom, ...]:
        """Return what each limit leaves for an entry at its close; it is used up, as by one that is tried.

        Empty where the slot holds or waits for a position: nothing enters beside it.

        Parameters
        ----------
        find_vetoes : callable or None
            Of the gateway: what it refuses beside the entry, cash is not kept for.
        """
        number = wanted.number
        slot = self._books.slots[number]
        if slot["side"] != 0 or slot["pending_side"] != 0:
            return ()
        bars, decided = self._close_with(wanted)
        rule, settings = self.rule(number, wanted.ts - self.slots[number].span_ms), self.settings(number)
        is_decided = decided.code == codes.ENTRY_DECIDED
        stop = self._stop_on_grid(wanted, rule)
        at = RoomAt(number, rule, settings, self.equity, wanted.price, stop, wanted.ts)
        rooms = [
            *entry_room.size_rooms(self._books, self._shared, at),
            *entry_room.count_rooms(self._books, number),
            *entry_room.loss_rooms(self._books, self._shared, at),
        ]
        if is_decided:
            rooms.insert(1, self._cash_room(wanted, bars, find_vetoes))
        return tuple(rooms)

    def _cash_room(
        self, wanted: WantedEntry, bars: Sequence[steps.ClosedBar], find_vetoes: FindVetoes | None
    ) -> LimitRoom:
        """Return what cash pays for at the open: what is left of an entry that asks for everything."""
        number = wanted.number
        self._open_and_leave(bars, wanted.ts)
        vetoes = () if find_vetoes is None else self._find_vetoes(bars, wanted.ts, find_vetoes)
        slot, rule = self._books.slots[number], self.rule(number, wanted.ts)
        slot["pending_lots"] = _ALL_LOTS
        slot["pending_qty"] = grid_price(_ALL_LOTS, rule["lot_multiple"], rule["lot_scale"])
        beside = tuple(veto for veto in vetoes if veto.slot != number)
        met = _row_of(number, self.apply(steps.EntriesVetted(0, wanted.ts, beside)))
        qty = float(slot["pending_qty"]) if met.code == codes.ENTRY_INTENT else 0.0
        return entry_room.alone_room("cash", qty * wanted.price, qty)

    def _close_with(self, wanted: WantedEntry) -> tuple[tuple[steps.ClosedBar, ...], DecisionRow]:
        """Take the close at which an entry is decided; return the bars that close, and what is decided."""
        bars = self._last_bars(wanted)
        span = self.slots[wanted.number].span_ms
        if not self._is_open[wanted.number]:
            self.apply(steps.BarsOpened(0, wanted.ts - span, ((wanted.number, wanted.price),)))
        return bars, _row_of(wanted.number, self.apply(steps.BarsClosed(0, wanted.ts, bars)))

    def _tried(self, results: LevelResults, number: int) -> TriedEntry:
        is_halved = self._books.protections[0]["on"] == 1 and self._books.account[0]["halved"] == 1
        risk_fraction = float(self.settings(number)["risk_fraction"])
        return TriedEntry(results, self.equity, risk_fraction * 0.5 if is_halved else risk_fraction)

    def _last_bars(self, wanted: WantedEntry) -> tuple[steps.ClosedBar, ...]:
        """Return the bars that close with the entry's: flat at the last close of their instruments."""
        own = self.slots[wanted.number].id.instrument
        bars = []
        for number, slot in enumerate(self.slots):
            is_closing = self._is_open[number] and not self._has_ended[number]
            if number != wanted.number and not (is_closing and wanted.ts % slot.span_ms == 0):
                continue
            price = wanted.price if slot.id.instrument == own else self._last_close(number)
            if not price:
                continue
            flags, units = 0, (nan, nan)
            if number == wanted.number:
                flags = LONG_ENTRY if wanted.side > 0 else SHORT_ENTRY
                units = self._units(wanted)
            bars.append(
                steps.ClosedBar(
                    number, wanted.ts - slot.span_ms, price, price, price, price, flags, *units,
                    wanted.rates.get(slot.id.instrument, ()),
                )
            )  # fmt: skip
        return tuple(bars)

    def _units(self, wanted: WantedEntry) -> tuple[float, float]:
        """Return distances of which the account's multiples are the levels."""
        settings = self.settings(wanted.number)
        to_stop, to_target = abs(wanted.price - wanted.stop), abs(wanted.target - wanted.price)
        return (
            float(to_stop / settings["stop_atr"] * (1.0 - NUDGE)),
            float(to_target / settings["target_atr"] * (1.0 + NUDGE)),
        )

    def _stop_on_grid(self, wanted: WantedEntry, rule: np.void) -> float:
        """Return the stop to which risk is measured: rounded away from the close, also where nothing is decided."""
        multiple, scale = rule["tick_multiple"], rule["tick_scale"]
        distance = self.settings(wanted.number)["stop_atr"] * self._units(wanted)[0]
        ticks = sizing.stop_ticks(wanted.side, wanted.price, distance, multiple, scale, rule["figures"])
        return float(grid_price(ticks, multiple, scale))

    def _open_and_leave(self, bars: Sequence[steps.ClosedBar], ts: int) -> None:
        """Let the next bars open where the last ones closed, and fill the exits that are decided."""
        self.apply(steps.BarsOpened(0, ts, tuple((bar.slot, bar.close) for bar in bars)))
        leaving = tuple(
            model.exit_at_open(
                number, self.slot(number), self.rule(number, ts), self.settings(number),
                self.last_open(number), ts,
            )
            for number in self.slots_to_exit()
        )  # fmt: skip
        if leaving:
            self.apply(steps.ExitsFilled(0, ts, leaving))

    def _find_vetoes(
        self, bars: Sequence[steps.ClosedBar], ts: int, find_vetoes: FindVetoes
    ) -> tuple[steps.EntryVeto, ...]:
        opened = tuple((self.slots[bar.slot].series, bar.close) for bar in bars)
        vetoes = find_vetoes(self, self.slots_to_enter(), MarketInstant(0, ts, (), opened))
        return tuple(sorted(vetoes, key=lambda veto: veto.slot))

    def _results(self, wanted: WantedEntry) -> LevelResults:
        slot = self.slot(wanted.number)
        at_stop = TrialAccount(self)._trade_to(wanted, float(slot["stop"]))
        at_target = self._trade_to(wanted, float(slot["target"]))
        return LevelResults(
            qty=float(at_stop["qty"]),
            notional=float(at_stop["qty"] * at_stop["entry"]),
            loss=float(at_stop["pnl"]),
            gain=float(at_target["pnl"]),
            costs_at_stop=float(at_stop["fees"] + at_stop["slippage"]),
            costs_at_target=float(at_target["fees"] + at_target["slippage"]),
            liquidation=float(slot["liquidation"]),
        )

    def _trade_to(self, wanted: WantedEntry, level: float) -> Records:
        """Return the trade that a bar ends which reaches a level."""
        price = wanted.price
        left = model.exit_inside(
            *self._inputs(wanted), price, max(price, level), min(price, level), wanted.ts
        )
        assert left is not None
        self.apply(steps.ExitsFilled(0, wanted.ts, (left,)))
        trade: Records = self.trades[-1]
        return trade

    def _inputs(self, wanted: WantedEntry) -> tuple[int, Records, Records, Records]:
        number = wanted.number
        return number, self.slot(number), self.rule(number, wanted.ts), self.settings(number)

    def _last_close(self, number: int) -> float:
        return float(self._books.instruments[self._shared.instrument[number]]["last_close"])


def _row_of(number: int, rows: Sequence[DecisionRow]) -> DecisionRow:
    return next(row for row in reversed(rows) if row.slot == number)


def _refused(code: int, limit: float, value: float) -> LevelResults:
    return LevelResults(refusal=codes.refusal_name(code), limit=limit, value=value)


def _copied(value: object) -> object:
    """Return a copy of a part of an account; what never changes is shared."""
    if isinstance(value, (np.ndarray, list, _DIGEST)):
        return value.copy()
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return type(value)._make(map(_copied, value))
    return value
