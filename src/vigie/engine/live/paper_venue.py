"""Paper trading's venue: no key, no network; the feed's prices, and fills by the fill model.

It stands between the trader and the feed: it sees the finished bars before the trader does, and fills what was placed
when the trader says that it has placed it. What it knows of positions is in the book: a process that was killed
finds them there, and an order that was not filled by then never was.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np

from vigie.domain import codes, state
from vigie.domain.errors import OrderRejected
from vigie.domain.money import exact
from vigie.domain.order import (
    Balance,
    Fill,
    FillCause,
    FundingPayment,
    Intent,
    TradeRun,
    VenueOrder,
    VenuePosition,
)
from vigie.engine.live import model, steps
from vigie.engine.live.account import LiveAccount
from vigie.engine.live.blank import LiveSlot
from vigie.engine.live.memory import Fold
from vigie.engine.live.met_fills import MetFills
from vigie.engine.live.paper_funding import Heard, PaperFunding
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar, Instant, LiveFeed
from vigie.ports.tradebook import TradeBook
from vigie.ports.trading import Hint, KeyRights, Levels, NewOrder, Setup
from vigie.trading import sizing

NEVER = math.inf
_CAUSES: dict[int, FillCause] = {
    codes.STOP: "stop", codes.TARGET: "target", codes.LIQUIDATION: "liquidation",
}  # fmt: skip


@dataclass(slots=True)
class _Held:
    """A position and the slot whose bars it lives on."""

    slot: int
    side: int
    qty: Decimal
    entry: Decimal
    stop: Decimal | None
    target: Decimal | None
    record: Any
    target_id: str = ""

    def level(self, stop: Decimal | None, target: Decimal | None) -> None:
        """Put levels on it; one that is not there is never touched."""
        never = (-NEVER, NEVER) if self.side > 0 else (NEVER, -NEVER)
        self.stop, self.target = stop, target
        self.record["stop"] = never[0] if stop is None else float(stop)
        self.record["target"] = never[1] if target is None else float(target)


class PaperVenue:
    """A `TradingVenue` and a `LiveFeed` in one.

    Parameters
    ----------
    slots : sequence of LiveSlot
        Of the run: grids, fees, leverage and slippage are theirs.
    inner : LiveFeed
        Where instants come from.
    fold : Fold, optional
        How far the log was folded already; it is only read.
    """

    venue = "paper"
    attaches_levels = True

    def __init__(
        self,
        run: TradeRun,
        slots: Sequence[LiveSlot],
        inner: LiveFeed,
        book: TradeBook,
        clock: PatientClock,
        fold: Fold | None = None,
    ) -> None:
        self._run = run
        # Rules that changed since the run began are in its log.
        self._slots = tuple(slots) if fold is None or fold.account is None else fold.account.slots
        self._inner = inner
        self._clock = clock
        self._rules = LiveAccount(self._slots, None, run.ts)
        self._funding = PaperFunding(slots)
        self._held: dict[str, _Held] = {}
        self._waiting: dict[str, NewOrder] = {}
        self._orders: dict[str, VenueOrder] = {}
        self._fills: list[Fill] = []
        self._fundings: list[FundingPayment] = []
        self._opens: dict[str, float] = {}
        self._last: dict[str, FeedBar] = {}
        self._walked = 0
        self._ts = run.ts
        self._restore(book, fold)

    # The feed --------------------------------------------------------------------------------------------------

    async def after(self, number: int) -> Instant | None:
        """Return the instant after a number, with what happened inside its bars done."""
        instant = await self._inner.after(number)
        if instant is not None:
            self._opens |= dict(instant.opened)
            self._last |= {bar.series: bar for bar in instant.closed}
            self._ts = instant.ts
            if instant.number > self._walked:
                self._walked = instant.number
                self._walk(instant)
        return instant

    async def exits_placed(self, instant: Instant) -> None:
        """Fill what makes positions smaller, at the open, or at the last close where nothing opens any more."""
        for order in [one for one in self._waiting.values() if one.is_reduce_only]:
            del self._waiting[order.client_id]
            held = self._held.get(order.instrument)
            if held is None:
                continue
            series = self._slots[held.slot].series
            if instant.is_last:
                given, price = self._given(held, self._last[series].ts), self._last[series].close
                leave = model.leave_at(*given, codes.END_OF_DATA, price, instant.ts)
            else:
                leave = model.at_open(*self._given(held, instant.ts), self._opens[series], instant.ts)
            self._leave(held, leave, order.client_id)
        await self._inner.exits_placed(instant)

    async def entries_placed(self, instant: Instant, series: Mapping[str, str]) -> None:
        """Fill entries at the open."""
        for order in [one for one in self._waiting.values() if one.client_id in series]:
            del self._waiting[order.client_id]
            number = next(k for k, slot in enumerate(self._slots) if slot.series == series[order.client_id])
            self._enter(number, order, self._opens[series[order.client_id]], instant.ts)
        await self._inner.entries_placed(instant, series)

    def _walk(self, instant: Instant) -> None:
        """Let the bars that ended act on the positions that live on them; settle funding."""
        bars = {bar.series: bar for bar in instant.closed}
        self._funding.hear(instant)
        for held in self._held.values():
            if (met := bars.get(self._slots[held.slot].finer)) is not None:
                self._funding.meet(held.slot, met)
        self._settle(instant.ts)
        for held in sorted(self._held.values(), key=lambda one: one.slot):
            self._meet(held, bars, instant.ts)
        self._settle(instant.ts + 1)

    def _meet(self, held: _Held, bars: Mapping[str, FeedBar], now: int) -> None:
        """Let the finer bar that ended act on a position, then its own: that shows what no finer one did."""
        slot = self._slots[held.slot]
        for bar in filter(None, (bars.get(slot.finer), bars.get(slot.series))):
            # By the rules of the slot's bar: others may hold from the instant at which it ended.
            given = self._given(held, bar.ts // slot.span_ms * slot.span_ms)
            leave = model.inside(*given, bar.open, bar.high, bar.low, now)
            if leave is not None:
                self._leave(held, leave, "", is_inside=True)
                break

    def met_on(self) -> frozenset[str]:
        """Return the finer series on which positions meet their levels now."""
        return frozenset(self._slots[one.slot].finer for one in self._held.values()) - {""}

    def _settle(self, until: int) -> None:
        """Charge what was settled before a time."""
        for instrument in dict.fromkeys(slot.id.instrument for slot in self._slots):
            self._fundings += self._funding.charged(instrument, until)

    def _leave(self, held: _Held, leave: steps.Leave, client_id: str, *, is_inside: bool = False) -> None:
        instrument = self._slots[held.slot].id.instrument
        del self._held[instrument]
        self._funding.left(instrument, leave.ts, is_inside=is_inside)
        cause = _CAUSES.get(leave.reason, "order")
        if held.target_id and cause == "target":
            # The order that rests at the target is filled.
            cause, client_id = "order", held.target_id
        elif held.target_id:
            self._end(held.target_id, Decimal(0), leave.ts)
        # A liquidation takes the place of the exit that was placed.
        of_ours = client_id if cause == "order" else ""
        id_ = f"{instrument}-{leave.ts}-{client_id or cause}"
        fill = Fill(
            instrument, id_, id_, of_ours, -held.side, held.qty, exact(leave.price), exact(leave.fee), leave.ts,
            cause=cause,
        )  # fmt: skip
        self._fills.append(fill)
        if client_id:
            self._end(client_id, held.qty if of_ours else Decimal(0), leave.ts)

    def _enter(self, number: int, order: NewOrder, open_: float, ts: int) -> None:
        record = _empty_record()
        record["pending_side"], record["pending_qty"] = order.side, float(order.qty)
        rule, settings = self._rules.rule(number, ts), self._rules.settings(number)
        made = model.enter(number, record, rule, settings, open_, ts)
        self._hold(number, order, order.side, order.qty, exact(made.price), ts)
        fill = Fill(
            order.instrument, order.client_id, order.client_id, order.client_id, order.side, order.qty,
            exact(made.price), exact(made.fee), ts,
        )  # fmt: skip
        self._fills.append(fill)
        self._end(order.client_id, order.qty, ts)

    def _end(self, client_id: str, filled: Decimal, ts: int) -> None:
        order = self._orders[client_id]
        state = "filled" if filled >= order.qty else "cancelled"
        self._orders[client_id] = replace(order, state=state, filled=filled, ts_updated=ts)  # type: ignore[arg-type]  # both words are states

    # The venue -------------------------------------------------------------------------------------------------

    async def now(self) -> int:
        """Return the time of the last instant."""
        return self._ts

    async def rights(self) -> KeyRights:
        """Return what a key of paper may do."""
        return KeyRights(can_read=True, can_trade=True, can_withdraw=False)

    async def prepare(self, instrument: str, leverage: Decimal) -> Setup:
        """Return what was asked for."""
        return Setup(instrument, leverage, is_isolated=True, is_one_way=True)

    async def place(self, order: NewOrder) -> str:
        """Take an order; it waits until the trader says that all were placed, or rests at its limit."""
        if order.client_id not in self._orders:
            if order.limit is None:
                self._waiting[order.client_id] = order
            else:
                self._rest(order.instrument, order.client_id, order.limit)
            self._orders[order.client_id] = VenueOrder(
                order.instrument, order.client_id, order.client_id, order.side,
                "market" if order.limit is None else "limit", order.qty, Decimal(0),
                "live", order.is_reduce_only, self._ts, self._ts, order.limit,
            )  # fmt: skip
        return order.client_id

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        """Take away an order that waits or rests."""
        del ts
        held = self._held.get(instrument)
        if held is not None and held.target_id == client_id:
            held.level(held.stop, None)
            held.target_id = ""
        elif self._waiting.pop(client_id, None) is None:
            return False
        self._end(client_id, Decimal(0), self._ts)
        return True

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        """Return an order."""
        return self._orders.get(client_id)

    async def open_orders(self) -> Sequence[VenueOrder]:
        """Return the orders that wait or rest."""
        return [one for one in self._orders.values() if one.state == "live"]

    async def fills(self, since_ms: int) -> Sequence[Fill]:
        """Return the fills of this process; earlier ones are in the book."""
        return [fill for fill in self._fills if fill.ts >= since_ms]

    async def fundings(self, since_ms: int) -> Sequence[FundingPayment]:
        """Return the funding of this process; earlier payments are in the book."""
        return [one for one in self._fundings if one.ts >= since_ms]

    async def positions(self) -> Sequence[VenuePosition]:
        """Return what is held."""
        return [self._position(name, held) for name, held in self._held.items()]

    def _position(self, name: str, held: _Held) -> VenuePosition:
        leverage = Decimal(str(self._slots[held.slot].sizing.leverage))
        stop, target = held.stop, held.target
        return VenuePosition(
            name, held.side, held.qty, held.entry, leverage, self._ts, stop=stop, target=target
        )

    async def balance(self) -> Balance:
        """Return the capital; the account's own books know the rest."""
        capital = self._run.capital
        return Balance("USDT", capital, capital, capital, self._ts)

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        """Put levels on a position."""
        del ts
        held = self._held.get(levels.instrument)
        if held is not None:
            held.level(levels.stop, levels.target)

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        """Close a position at the last price known."""
        del ts
        held = self._held.get(instrument)
        if held is None:
            return
        price = self._opens[self._slots[held.slot].series]
        given = self._given(held, self._ts)
        self._leave(held, model.leave_at(*given, codes.PROTECTION, price, self._ts), "")

    async def hints(self) -> AsyncIterator[Hint]:
        """Yield nothing, for ever: whoever places also says when to fill."""
        await asyncio.Event().wait()
        yield Hint("connected")

    async def close(self) -> None:
        """Let go of nothing."""

    def heed(self, step: steps.Ruled) -> None:
        """Fill by other rules from an instant on."""
        self._rules.apply(step)

    # What is held ----------------------------------------------------------------------------------------------

    def _restore(self, book: TradeBook, fold: Fold | None) -> None:
        heard = Heard(self._slots) if fold is None else fold.heard.copy()
        # What the bars of an instant did is booked with its first step: it is not done again.
        done = {} if fold is None else fold.memory.done
        self._walked = max(done.get(steps.Opened, 0), done.get(steps.Closed, 0))
        for step in map(steps.read, book.steps(self._run.id, 0 if fold is None else fold.number)):
            heard.take(step)
            if isinstance(step, steps.Opened | steps.Closed):
                self._walked = max(self._walked, step.number)
            if isinstance(step, steps.Ruled):
                self.heed(step)
        numbers = {str(slot.id): number for number, slot in enumerate(self._slots)}
        met = MetFills() if fold is None else fold.met
        fills = met.fills(book.arrived(self._run.id, met.number))
        intents = {id_: one.intent for id_, one in book.named(one.client_id for one in fills).items()}
        for fill in fills:
            intent = intents.get(fill.client_id)
            if intent is not None:
                self._orders[intent.id] = replace(_order_of(intent), state="filled", filled=fill.qty)
            if intent is not None and intent.leg == "entry":
                number = numbers[intent.slot]
                self._hold(number, intent, fill.side, fill.qty, fill.price, fill.ts)
            elif self._held.pop(fill.instrument, None) is not None:
                is_inside = fill.cause != "order" or (intent is not None and intent.leg == "target")
                self._funding.left(fill.instrument, fill.ts, is_inside=is_inside)
        for one in book.intents(self._run.id, open_only=True):
            if one.intent.leg == "target":
                self._rest_again(one.intent)
        self._funding.restore(heard)

    def _rest_again(self, intent: Intent) -> None:
        """Let a target rest that rested when the process ended."""
        if intent.instrument in self._held and intent.target is not None:
            self._rest(intent.instrument, intent.id, intent.target)
            self._orders[intent.id] = _order_of(intent)

    def _hold(
        self, number: int, meant: NewOrder | Intent, side: int, qty: Decimal, entry: Decimal, ts: int
    ) -> None:
        slot = self._slots[number]
        record = _empty_record()
        record["side"], record["qty"], record["entry"] = side, float(qty), float(entry)
        settings, rule = self._rules.settings(number), self._rules.rule(number, ts)
        record["liquidation"] = sizing.liquidation_price(
            side, float(entry), settings["leverage"], rule["maintenance_rate"]
        )
        self._held[slot.id.instrument] = held = _Held(
            number, side, qty, entry, meant.stop, meant.target, record
        )
        held.level(meant.stop, meant.target)
        self._funding.entered(number, record, ts)

    def _rest(self, instrument: str, client_id: str, limit: Decimal) -> None:
        held = self._held.get(instrument)
        if held is None:
            raise OrderRejected(f"there is no position in {instrument} that a target could close")
        held.level(held.stop, limit)
        held.target_id = client_id

    def _given(self, held: _Held, ts: int) -> tuple[int, Any, Any, Any]:
        """Return what the model asks of a position: its slot and record, the rules of a time, and its settings."""
        return held.slot, held.record, self._rules.rule(held.slot, ts), self._rules.settings(held.slot)


def _order_of(intent: Intent) -> VenueOrder:
    """Return the order that an intent became."""
    return VenueOrder(
        intent.instrument, intent.id, intent.id, intent.side, "limit" if intent.leg == "target" else "market",
        intent.qty, Decimal(0), "live", intent.is_reduce_only, intent.ts, intent.ts,
    )  # fmt: skip


def _empty_record() -> Any:
    return np.zeros(1, state.SLOT)[0]
