"""An account's log, folded and told: positions, trades, refusals, and one line in plain words for each event."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain import codes
from vigie.domain.order import TradeStep
from vigie.domain.time import iso
from vigie.engine.live.book.account_memory import FindFill, LogReplay
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.decision_row import DecisionRow
from vigie.services.trading.account_plans.account_plan import AccountPlan

SIDES: Final = {1: "long", -1: "short"}
# Points of the curve; beyond, every second one goes.
MOST_POINTS: Final = 4_000
_ENDS = {**codes.REASONS, **codes.LIVE_REASONS}
_HASHED: Final = tuple(name for name in DecisionRow.__dataclass_fields__ if name not in ("limit", "value"))
_ROW: Final = struct.Struct(f"<{len(_HASHED)}q")
_WHY: Final = {
    codes.BOTH_SIDES: "the strategy says long and short at once",
    codes.TRADING_STATE: "the account enters nothing",
    codes.STALE_DATA: "no fresh price is known",
    codes.NOT_RECONCILED: "the position differs from the venue's",
    codes.SLOT_PAUSED: "the slot is switched off or paused",
    codes.MISSED_BAR: "its moment had passed",
    codes.NOT_ALLOWED: "the slot is not on the account's allow-list",
    codes.BAR_REVISED: "the venue corrected the bar of this decision",
    codes.MODEL_DEMOTED: "its model is below the stage that the account needs, or its rule has changed",
}


@dataclass(frozen=True, slots=True)
class EntryRefusal:
    """An entry that was not let through."""

    ts: int
    slot: str
    side: str
    code: str
    limit: float
    value: float


@dataclass(frozen=True, slots=True)
class UnfilledEntry:
    """An entry that was sent and not filled; `why` has the venue's code and words where it told them."""

    ts: int
    slot: str
    why: str = ""


def describe_limit(row: DecisionRow) -> str:
    """Return what a rule asked for and what it found, in words where there is nothing to measure."""
    if row.code == codes.INSTRUMENT_STATE:
        return codes.INSTRUMENT_STATES.get(row.value, "the venue does not say why")
    if row.code in codes.YES_OR_NO:
        return _WHY[row.code]
    was = "it was not known" if codes.is_not_known(row.code, row.value) else f"was {row.value:g}"
    return f"limit {row.limit:g}, {was}"


class EventLog:
    """Folds the log of a run as it grows.

    Parameters
    ----------
    find_fill : callable
        Gives the booked fills that steps are made of; what only tells needs none, what trades does.

    Attributes
    ----------
    plan : AccountPlan
    replay : LogReplay
        What the log says; another trader may begin with it.
    number, ts : int
        Of the last step; 0 before there is one.
    refusals : list of EntryRefusal
    unfilled : list of UnfilledEntry
    decisions : bytearray
        The decision log so far, as its hash hears it.
    curve : list of (int, float)
        Time and equity after its steps, in time order.
    """

    def __init__(self, plan: AccountPlan, find_fill: FindFill = lambda _: None) -> None:
        self.plan = plan
        self._find_fill = find_fill
        self._slots = plan.live_slots()
        self.replay = LogReplay(self._slots, plan.protections)
        self.number = 0
        self.ts = 0
        self.refusals: list[EntryRefusal] = []
        self.unfilled: list[UnfilledEntry] = []
        self.decisions = bytearray()
        self.curve: list[tuple[int, float]] = [(plan.begun, plan.capital)]

    @property
    def account(self) -> LiveAccount | None:
        """The account; None before the first instant."""
        return self.replay.account

    @property
    def open_slots(self) -> list[int]:
        """Numbers of the slots that hold a position."""
        account = self.account
        return (
            []
            if account is None
            else [k for k, _ in enumerate(account.slots) if account.slot(k)["side"] != 0]
        )

    def apply(self, stored_step: TradeStep) -> list[str]:
        """Take the next step of the log and say what happened in it."""
        step = steps.decode_step(stored_step)
        before = 0 if self.account is None else len(self.account.trades)
        rows = self.replay.take(step, stored_step.number, self._find_fill)
        for row in rows:
            self.decisions += _ROW.pack(*(getattr(row, name) for name in _HASHED))
        self.number, self.ts = stored_step.number, step.ts
        self._add_point()
        closed_trades = () if self.account is None else self.account.trades[before:]
        lines = [self._describe_close(step.ts, trade) for trade in closed_trades]
        lines += [line for row in rows if (line := self._describe_decision(step.ts, row))]
        if isinstance(step, steps.EntriesFilled):
            lines += [self._describe_entry(entry) for entry in step.entries]
        return lines

    def take_over(self, other: EventLog) -> None:
        """Go on from where another log of the same plan stands; that one is nobody's any more."""
        self.replay, self.number, self.ts = other.replay, other.number, other.ts
        self.refusals, self.unfilled = other.refusals, other.unfilled
        self.decisions, self.curve = other.decisions, other.curve

    def _add_point(self) -> None:
        assert self.account is not None
        equity = self.account.equity
        if self.curve[-1][0] >= self.ts:
            self.curve[-1] = self.curve[-1][0], equity
        else:
            self.curve.append((self.ts, equity))
        if len(self.curve) > MOST_POINTS:
            self.curve = [*self.curve[:-1:2], self.curve[-1]]

    def _describe_decision(self, ts: int, row: DecisionRow) -> str:
        assert self.account is not None
        name, side = str(self._slots[row.slot].id), SIDES.get(row.side, "")
        code_name = codes.CODES[row.code]
        if row.code in codes.ENTRY_REFUSALS:
            self.refusals.append(EntryRefusal(ts, name, side, code_name, row.limit, row.value))
            return f"{iso(ts)} {name}: {side} refused, {_with_spaces(code_name)} ({describe_limit(row)})"
        if row.code in _ENDS:
            return ""  # told as the closing that it is
        if row.code == codes.ENTRY_INTENT:
            qty = self.account.qty(row.slot, row.ts, row.lots)
            stop, target = self.account.levels(row.slot)
            return f"{iso(ts)} {name}: orders {side} {qty:f}, stop {stop:f}, target {target:f}"
        if row.code == codes.ENTRY_DECIDED:
            return f"{iso(ts)} {name}: decided to enter {side} at the next open"
        reason = _with_spaces(code_name.removeprefix("exit_decided_"))
        return f"{iso(ts)} {name}: decided to leave at the next open, {reason}"

    def _describe_entry(self, entry: steps.EntryResult) -> str:
        assert self.account is not None
        name = str(self._slots[entry.slot].id)
        if not entry.lots:
            self.unfilled.append(UnfilledEntry(entry.ts, name, entry.why))
            return f"{iso(entry.ts)} {name}: the entry was not filled{f': {entry.why}' if entry.why else ''}"
        side = SIDES[int(self.account.slot(entry.slot)["side"])]
        qty = self.account.qty(entry.slot, entry.ts, entry.lots)
        return f"{iso(entry.ts)} {name}: is {side} {qty:f} at {entry.price:g}"

    def _describe_close(self, ts: int, trade: np.void) -> str:
        name = str(self._slots[int(trade["slot"])].id)
        reason = codes.CODES[int(trade["reason"])]
        price, pnl = float(trade["exit"]), float(trade["pnl"])
        return f"{iso(ts)} {name}: closed at {price:g}, {_with_spaces(reason)}, result {pnl:+.2f}"


def _with_spaces(word: str) -> str:
    return word.replace("_", " ")
