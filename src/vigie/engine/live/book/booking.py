"""From a venue's fills and funding to what the account's log says of its slots.

Takes everything the venue reports, any number of times and in any order; gives each fact once, to the slot whose it
is: by the order's id where the order was ours, else to the slot that holds the instrument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from vigie.domain import codes
from vigie.domain.order import Fill, FundingPayment, Intent
from vigie.engine.live.book.surplus import Surplus, net_result, sum_fills
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.steps import CashAdjusted, EntryResult, Payment, PositionExit, Step

# Of each instrument so many are remembered: funding is told within hours.
_HOLDINGS: Final = 64
_SETTLED_WITHIN_MS: Final = 60_000
_REASON_OF: Final = {"stop": codes.STOP, "target": codes.TARGET, "liquidation": codes.LIQUIDATION}


@dataclass(frozen=True, slots=True)
class _HoldingPeriod:
    """When a slot held its instrument."""

    start: int
    slot: int
    end: int | None = None


class Bookings:
    """Fills that wait until they are the whole of an entry or of an exit.

    Parameters
    ----------
    account : LiveAccount or None
        Whose slots they are for; None before there is one, when nothing can be booked.
    """

    def __init__(self, account: LiveAccount | None) -> None:
        self._account = account
        names = account.slots if account is not None else ()
        self._slots = {str(slot.id): number for number, slot in enumerate(names)}
        self._holders: dict[str, int] = {}
        self._latest: dict[str, int] = {}
        self._holdings: dict[str, list[_HoldingPeriod]] = {}
        self._closing: dict[int, list[Fill]] = {}
        self._unassigned: list[Fill] = []
        self._entered_by: dict[str, tuple[int, int]] = {}
        self._started: dict[str, int] = {}
        self._entering: dict[str, list[Fill]] = {}
        self._dust_entries: dict[int, Intent] = {}
        self._flattening: set[int] = set()
        self._intents: Mapping[str, Intent] = {}
        self._surplus = Surplus()
        self._filled_by_order: dict[str, Decimal] = {}

    def number(self, intent: Intent) -> int:
        """Return the slot of an intent."""
        return self._slots[intent.slot]

    def holder(self, instrument: str) -> int | None:
        """Return the slot that holds an instrument."""
        return self._holders.get(instrument)

    # What comes in ---------------------------------------------------------------------------------------------

    def take(self, fills: Iterable[Fill], intents: Mapping[str, Intent]) -> None:
        """Sort new fills; those that are nobody's wait for what may explain them, and change no slot of ours."""
        new_fills = tuple(fills)
        self.add_filled(new_fills)
        pending, self._unassigned = [*self._unassigned, *new_fills], []
        self._intents = intents
        # Entries first: what closes a position may be told before what opened it.
        for fill in sorted(pending, key=lambda item: not _is_entry(item, intents)):
            intent = intents.get(fill.client_id)
            if intent is not None and intent.leg == "entry":
                if intent.id not in self._entering:
                    self._started[fill.instrument] = fill.ts
                self._entering.setdefault(intent.id, []).append(fill)
                self._entered_by[fill.instrument] = (self._slots[intent.slot], intent.side)
                continue
            number = self._slots[intent.slot] if intent is not None else self._holder(fill)
            surplus_slot = self._surplus_slot(fill, number)
            if surplus_slot is not None:
                self._surplus.add(surplus_slot, fill)
            elif number is None:
                self._unassigned.append(fill)
            else:
                self._closing.setdefault(number, []).append(fill)

    def add_filled(self, fills: Iterable[Fill]) -> None:
        """Note how much of every order was filled."""
        for fill in fills:
            if fill.client_id:
                self._filled_by_order[fill.client_id] = (
                    self._filled_by_order.get(fill.client_id, Decimal(0)) + fill.qty
                )

    def restore_filled(self, by_order: Mapping[str, Decimal]) -> None:
        """Note how much of orders was filled by fills that nobody reads any more."""
        for id_, qty in by_order.items():
            self._filled_by_order[id_] = self._filled_by_order.get(id_, Decimal(0)) + qty

    def total_filled(self, intent: Intent) -> Decimal:
        """Return how much of an intent was filled as far as the fills that were ever told go, booked or not."""
        return self._filled_by_order.get(intent.id, Decimal(0))

    def split_surplus(self, position_exit: PositionExit, fills: Sequence[Fill]) -> None:
        """Take again what was too much of the fills that closed a position, before that is taken from the log."""
        if self._account is not None:
            self._surplus.cut_surplus(position_exit.slot, fills, self._qty(position_exit.slot))

    def note_step(self, step: Step) -> None:
        """Note who holds what after a step."""
        if isinstance(step, CashAdjusted):
            self._surplus.remove_booked(step.instrument, step.fills)
        for position_exit in getattr(step, "leaves", ()):
            instrument = self._instrument(position_exit.slot)
            self._holders.pop(instrument, None)
            holdings = self._holdings.get(instrument, [])
            if holdings and holdings[-1].slot == position_exit.slot:
                holdings[-1] = replace(holdings[-1], end=position_exit.ts)
        for entry in getattr(step, "entries", ()):
            if entry.lots:
                self.note_holder(entry.slot, self._start_of(entry))

    def _start_of(self, entry: EntryResult) -> int:
        """Return when a position began: with its first fill, where that was told and is not another position's."""
        instrument = self._instrument(entry.slot)
        start = self._started.get(instrument, entry.ts)
        return (
            entry.ts if start in {holding.start for holding in self._holdings.get(instrument, ())} else start
        )

    def note_holder(self, number: int, start: int) -> None:
        """Note that a slot holds its instrument, and when that began; what is known better replaces it."""
        instrument = self._instrument(number)
        holdings = self._holdings.setdefault(instrument, [])
        if self._holders.get(instrument) == number and holdings:
            holdings.pop()
        holdings.append(_HoldingPeriod(start, number))
        del holdings[:-_HOLDINGS]
        self._holders[instrument] = self._latest[instrument] = number
        self._started[instrument] = start

    # What it makes ---------------------------------------------------------------------------------------------

    def payments(self, fundings: Sequence[FundingPayment]) -> list[Payment]:
        """Return funding as the slots bear it: the one that held the instrument when it was settled.

        What was paid for an instrument that no slot held by then is somebody else's.
        """
        payers = [(self._payer(funding), funding) for funding in fundings]
        return [
            Payment(number, funding.ts, float(funding.amount))
            for number, funding in payers
            if number is not None
        ]

    def _payer(self, payment: FundingPayment) -> int | None:
        """Return the slot that held an instrument last when it was settled; a venue is done with that a while later.

        What is settled when that had ended is of a position that somebody else opened.
        """
        holdings = self._holdings.get(payment.instrument, [])
        before = [holding for holding in holdings if holding.start < payment.ts]
        soon = [holding for holding in holdings if holding.start < payment.ts + _SETTLED_WITHIN_MS]
        if before and (before[-1].end is None or payment.ts <= before[-1].end + _SETTLED_WITHIN_MS):
            return before[-1].slot
        return soon[len(before)].slot if len(soon) > len(before) else None

    def take_exits(self) -> list[PositionExit]:
        """Return the positions that are closed as a whole, and forget their fills."""
        if self._account is None:
            return []
        exits = []
        for number in sorted(self._closing):
            if not self.is_whole(number):
                continue
            fills = self._surplus.cut_surplus(number, self._closing.pop(number), self._qty(number))
            _, price, fee = sum_fills(fills)
            ids = tuple(fill.id for fill in fills)
            exits.append(
                PositionExit(number, self._exit_reason(number, fills), price, fee, fills[-1].ts, ids)
            )
            self._flattening.discard(number)
        # What somebody added to a position explains why more of it was closed.
        self.take((), self._intents)
        return exits

    def mark_flattening(self, intent: Intent) -> None:
        """Note that a slot's position is closed by us, whatever the venue calls it."""
        self._flattening.add(self._slots[intent.slot])

    def is_flattening(self, instrument: str) -> bool:
        """Tell whether what is held of an instrument is being closed by us, under whatever name."""
        return any(self._instrument(number) == instrument for number in self._flattening)

    def end_flattening(self, number: int) -> None:
        """Note that a slot is closed: where there was nothing to close, what comes later is not closed by us."""
        if number not in self._dust_entries and number not in self._closing:
            self._flattening.discard(number)

    def mark_dust(self, intent: Intent) -> None:
        """Note that what was filled of an entry is no position."""
        self._dust_entries[self._slots[intent.slot]] = intent

    def take_entry(self, intent: Intent, raw: float, ts: int) -> EntryResult:
        """Return what came of an entry whose order has ended, and forget its fills.

        What is too small to be held is no entry: its fills stay until it is swept.
        """
        number = self._slots[intent.slot]
        fills = self._entering.get(intent.id, [])
        if self.is_dust(intent):
            self.mark_dust(intent)
            return EntryResult(number, 0, 0.0, raw, 0.0, ts)
        self._entering.pop(intent.id, None)
        self._entered_by.pop(intent.instrument, None)
        if not fills:
            return EntryResult(number, 0, 0.0, raw, 0.0, ts)
        qty, price, fee = sum_fills(fills)
        lots = int(qty / (intent.qty / intent.lots))
        return EntryResult(number, lots, price, raw, fee, fills[-1].ts, tuple(fill.id for fill in fills))

    def take_closed_dust(self) -> list[tuple[Intent, float, tuple[str, ...]]]:
        """Return entries too small to be held that are closed again: what they cost, and their fills."""
        closed = []
        for number, intent in list(self._dust_entries.items()):
            if not self.is_closed(number):
                continue
            fills = [*self._entering.get(intent.id, ()), *self._closing.get(number, ())]
            closed.append((intent, net_result(fills), tuple(fill.id for fill in fills)))
            del self._dust_entries[number]
            self._flattening.discard(number)
            self._entering.pop(intent.id, None)
            self._closing.pop(number, None)
            self._entered_by.pop(intent.instrument, None)
        return closed

    def open_surplus(self) -> list[tuple[int, Decimal]]:
        """Return the slots whose position was closed more than once, and what that left: positive is long."""
        return [(number, self._surplus.net_qty(number)) for number in self._surplus.open_slots()]

    def take_closed_surplus(self) -> list[tuple[str, float, tuple[str, ...]]]:
        """Return what was closed more than once and is gone again: its instrument, what it cost, its fills."""
        closed = []
        for number, fills in self._surplus.take_closed():
            self._flattening.discard(number)
            closed.append((self._instrument(number), net_result(fills), tuple(fill.id for fill in fills)))
        return closed

    # What is known ---------------------------------------------------------------------------------------------

    def pending_fills(self) -> list[Fill]:
        """Return the fills that are not yet the whole of an entry or of an exit."""
        parts = (*self._closing.values(), *self._entering.values(), self._surplus.all_fills())
        return [fill for fills in parts for fill in fills]

    def filled_qty(self, intent: Intent) -> Decimal:
        """Return how much of an intent's fills is here."""
        parts = self._entering.get(intent.id)
        if parts is None:
            closing = self._closing.get(self._slots[intent.slot], [])
            parts = [closing_fill for closing_fill in closing if closing_fill.client_id == intent.id]
        return sum((fill.qty for fill in parts), Decimal(0))

    def is_whole(self, number: int) -> bool:
        """Tell whether the fills that are here close a slot's position."""
        if self._account is None:
            return False
        if self._account.slot(number)["side"] == 0:
            return False
        closing = sum((fill.qty for fill in self._closing.get(number, ())), Decimal(0))
        return closing >= self._qty(number)

    def is_closed(self, number: int) -> bool:
        """Tell whether nothing of a slot is left, or the fills that are here close it."""
        if self._surplus.net_qty(number):
            return False
        if number in self._dust_entries:
            intent = self._dust_entries[number]
            parts = [*self._entering.get(intent.id, ()), *self._closing.get(number, ())]
            return not sum(fill.side * fill.qty for fill in parts)
        if self._account is None or self._account.slot(number)["side"] == 0:
            return True
        return self.is_whole(number)

    def is_dust(self, intent: Intent) -> bool:
        """Tell whether what was filled of an entry cannot be held: no whole lots, or less than may be ordered."""
        qty = self.filled_qty(intent)
        if not 0 < qty < intent.qty:
            return False
        return qty % (intent.qty / intent.lots) != 0 or self.is_too_small(intent, qty)

    def is_too_small(self, intent: Intent, qty: Decimal) -> bool:
        """Tell whether the venue takes no order of a quantity; what lots have changed under is none of whole ones."""
        if self._account is None:
            return False
        number = self._slots[intent.slot]
        rule = self._account.rule(number, intent.ts_bar)
        if qty % (Decimal(int(rule["lot_multiple"])) / Decimal(int(rule["lot_scale"]))):
            return True
        price = self._account.last_open(number)
        least = max(float(rule["min_qty"]), float(rule["lot"]))
        return float(qty) < least or float(qty) * price < float(rule["min_notional"])

    def _exit_reason(self, number: int, fills: Sequence[Fill]) -> int:
        """Return why a position ended: what the venue says of the last fill, else what an order of ours was for."""
        if self._account is None or fills[-1].cause in _REASON_OF:
            return _REASON_OF[fills[-1].cause]
        last = self._intents.get(fills[-1].client_id)
        if last is not None and last.leg == "target":
            return codes.TARGET
        decided = int(self._account.slot(number)["exit_reason"])
        ordered = [fill for fill in fills if fill.cause == "order" and fill.client_id in self._intents]
        legs = {self._intents[fill.client_id].leg for fill in ordered}
        if legs - {"flatten"}:
            return decided or codes.END_OF_DATA
        if legs or number in self._flattening:
            return decided or codes.PROTECTION
        return codes.OUTSIDE

    def _qty(self, number: int) -> Decimal:
        """Return what a slot holds, base units."""
        if self._account is None or self._account.slot(number)["side"] == 0:
            return Decimal(0)
        slot = self._account.slot(number)
        return self._account.qty(number, int(slot["entry_ts"]), int(slot["lots"]))

    def _surplus_slot(self, fill: Fill, number: int | None) -> int | None:
        """Return the slot whose position was closed before a fill that closes it again, or that rights this."""
        if self._account is None:
            return None
        if number is None:
            last = self._latest.get(fill.instrument)
            if last is None or fill.ts < self._started.get(fill.instrument, fill.ts):
                return None
            rest = -fill.side * self._surplus.net_qty(last)
            return last if fill.qty <= rest or self._is_second_close(last, fill) else None
        is_entering = self._entered_by.get(fill.instrument, (None, 0))[0] == number
        return None if is_entering or self._account.slot(number)["side"] != 0 else number

    def _is_second_close(self, number: int, fill: Fill) -> bool:
        """Tell whether a stop was filled, without an order of ours, for a position that is closed."""
        account = self._account
        if account is None or fill.cause not in _REASON_OF or fill.instrument in self._holders:
            return False
        for k, slot in enumerate(account.slots):
            record = account.slot(k)
            is_next = slot.id.instrument == fill.instrument and record["pending_side"] == -fill.side
            # Of the next position, and told before what opened it; nothing opens that before the next bar begins.
            if is_next and fill.ts >= record["pending_ts"] + slot.span_ms:
                return False
        ended = [trade for trade in account.trades if trade["slot"] == number]
        return bool(ended) and fill.side == -ended[-1]["side"] and fill.ts >= ended[-1]["entry_ts"]

    def _instrument(self, number: int) -> str:
        return "" if self._account is None else self._account.slots[number].id.instrument

    def _holder(self, fill: Fill) -> int | None:
        """Return the slot whose position a fill makes smaller: one that is held, or one that is just being entered."""
        if fill.ts < self._started.get(fill.instrument, fill.ts):
            # Traded by somebody before this position was: it cannot have closed it.
            return None
        number = self._holders.get(fill.instrument)
        if number is not None and self._account is not None:
            return number if self._account.slot(number)["side"] == -fill.side else None
        entering = self._entered_by.get(fill.instrument)
        return entering[0] if entering is not None and entering[1] == -fill.side else None


def _is_entry(fill: Fill, intents: Mapping[str, Intent]) -> bool:
    intent = intents.get(fill.client_id)
    return intent is not None and intent.leg == "entry"
