"""Paper trading's venue: no key, no network; the feed's prices, and fills by the fill model.

It stands between the trader and the feed: it sees the finished bars before the trader does, and fills what was placed
when the trader says that it has placed it. What it knows of positions is in the book: a process that was killed
finds them there, and an order that was not filled by then never was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from vigie.domain import codes
from vigie.domain.errors import OrderRejected
from vigie.domain.money import to_decimal
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
from vigie.engine.live.book.account_memory import LogReplay
from vigie.engine.live.book.fill_cache import FillCache
from vigie.engine.live.fold import model, steps
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.empty_account import LiveSlot
from vigie.engine.live.fold.paper_funding import FundingInputs, PaperFunding
from vigie.engine.live.paper.paper_position import PaperPosition, empty_record, intent_order
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar, LiveFeed, MarketInstant
from vigie.ports.tradebook import TradeBook
from vigie.ports.trading import Hint, InstrumentSetup, KeyRights, Levels, NewOrder
from vigie.trading import sizing

_CAUSES: dict[int, FillCause] = {
    codes.STOP: "stop", codes.TARGET: "target", codes.LIQUIDATION: "liquidation",
}  # fmt: skip


class PaperVenue:
    """A `TradingVenue` and a `LiveFeed` in one.

    Parameters
    ----------
    slots : sequence of LiveSlot
        Of the run: grids, fees, leverage and slippage are theirs.
    inner : LiveFeed
        Where instants come from.
    fold : LogReplay, optional
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
        fold: LogReplay | None = None,
    ) -> None:
        self._run = run
        # Rules that changed since the run began are in its log.
        self._slots = tuple(slots) if fold is None or fold.account is None else fold.account.slots
        self._inner = inner
        self._clock = clock
        self._rules = LiveAccount(self._slots, None, run.ts)
        self._funding = PaperFunding(slots)
        self._positions: dict[str, PaperPosition] = {}
        self._waiting: dict[str, NewOrder] = {}
        self._orders: dict[str, VenueOrder] = {}
        self._fills: list[Fill] = []
        self._fundings: list[FundingPayment] = []
        self._opens: dict[str, float] = {}
        self._last: dict[str, FeedBar] = {}
        self._applied_number = 0
        self._ts = run.ts
        self._restore(book, fold)

    # The feed --------------------------------------------------------------------------------------------------

    async def after(self, number: int) -> MarketInstant | None:
        """Return the instant after a number, with what happened inside its bars done."""
        instant = await self._inner.after(number)
        if instant is not None:
            self._opens |= dict(instant.opened)
            self._last |= {bar.series: bar for bar in instant.closed}
            self._ts = instant.ts
            if instant.number > self._applied_number:
                self._applied_number = instant.number
                self._apply_bars(instant)
        return instant

    async def exits_placed(self, instant: MarketInstant) -> None:
        """Fill what makes positions smaller, at the open, or at the last close where nothing opens any more."""
        for order in [item for item in self._waiting.values() if item.is_reduce_only]:
            del self._waiting[order.client_id]
            position = self._positions.get(order.instrument)
            if position is None:
                continue
            series = self._slots[position.slot].series
            if instant.is_last:
                inputs, price = self._model_input(position, self._last[series].ts), self._last[series].close
                position_exit = model.exit_at_market(*inputs, codes.END_OF_DATA, price, instant.ts)
            else:
                position_exit = model.exit_at_open(
                    *self._model_input(position, instant.ts), self._opens[series], instant.ts
                )
            self._exit(position, position_exit, order.client_id)
        await self._inner.exits_placed(instant)

    async def entries_placed(self, instant: MarketInstant, series: Mapping[str, str]) -> None:
        """Fill entries at the open."""
        for order in [item for item in self._waiting.values() if item.client_id in series]:
            del self._waiting[order.client_id]
            number = next(k for k, slot in enumerate(self._slots) if slot.series == series[order.client_id])
            self._enter(number, order, self._opens[series[order.client_id]], instant.ts)
        await self._inner.entries_placed(instant, series)

    def _apply_bars(self, instant: MarketInstant) -> None:
        """Let the bars that ended act on the positions that live on them; settle funding."""
        bars = {bar.series: bar for bar in instant.closed}
        self._funding.take_instant(instant)
        for position in self._positions.values():
            if (finer_bar := bars.get(self._slots[position.slot].finer)) is not None:
                self._funding.take_finer_bar(position.slot, finer_bar)
        self._settle(instant.ts)
        for position in sorted(self._positions.values(), key=lambda item: item.slot):
            self._apply_levels(position, bars, instant.ts)
        self._settle(instant.ts + 1)

    def _apply_levels(self, position: PaperPosition, bars: Mapping[str, FeedBar], now: int) -> None:
        """Let the finer bar that ended act on a position, then its own: that shows what no finer one did."""
        slot = self._slots[position.slot]
        for bar in filter(None, (bars.get(slot.finer), bars.get(slot.series))):
            # By the rules of the slot's bar: others may hold from the instant at which it ended.
            inputs = self._model_input(position, bar.ts // slot.span_ms * slot.span_ms)
            position_exit = model.exit_inside(*inputs, bar.open, bar.high, bar.low, now)
            if position_exit is not None:
                self._exit(position, position_exit, "", is_inside=True)
                break

    def watched_series(self) -> frozenset[str]:
        """Return the finer series on which positions meet their levels now."""
        return frozenset(self._slots[position.slot].finer for position in self._positions.values()) - {""}

    def _settle(self, until: int) -> None:
        """Charge what was settled before a time."""
        for instrument in dict.fromkeys(slot.id.instrument for slot in self._slots):
            self._fundings += self._funding.charge(instrument, until)

    def _exit(
        self,
        position: PaperPosition,
        position_exit: steps.PositionExit,
        client_id: str,
        *,
        is_inside: bool = False,
    ) -> None:
        instrument = self._slots[position.slot].id.instrument
        del self._positions[instrument]
        self._funding.close_period(instrument, position_exit.ts, is_inside=is_inside)
        cause = _CAUSES.get(position_exit.reason, "order")
        if position.target_id and cause == "target":
            # The order that rests at the target is filled.
            cause, client_id = "order", position.target_id
        elif position.target_id:
            self._end(position.target_id, Decimal(0), position_exit.ts)
        # A liquidation takes the place of the exit that was placed.
        order_client_id = client_id if cause == "order" else ""
        id_ = f"{instrument}-{position_exit.ts}-{client_id or cause}"
        fill = Fill(
            instrument, id_, id_, order_client_id, -position.side, position.qty, to_decimal(position_exit.price),
            to_decimal(position_exit.fee), position_exit.ts,
            cause=cause,
        )  # fmt: skip
        self._fills.append(fill)
        if client_id:
            self._end(client_id, position.qty if order_client_id else Decimal(0), position_exit.ts)

    def _enter(self, number: int, order: NewOrder, open_: float, ts: int) -> None:
        record = empty_record()
        record["pending_side"], record["pending_qty"] = order.side, float(order.qty)
        rule, settings = self._rules.rule(number, ts), self._rules.settings(number)
        filled = model.fill_entry(number, record, rule, settings, open_, ts)
        self._hold(number, order, order.side, order.qty, to_decimal(filled.price), ts)
        fill = Fill(
            order.instrument, order.client_id, order.client_id, order.client_id, order.side, order.qty,
            to_decimal(filled.price), to_decimal(filled.fee), ts,
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

    async def prepare(self, instrument: str, leverage: Decimal) -> InstrumentSetup:
        """Return what was asked for."""
        return InstrumentSetup(instrument, leverage, is_isolated=True, is_one_way=True)

    async def place(self, order: NewOrder) -> str:
        """Take an order; it waits until the trader says that all were placed, or rests at its limit."""
        if order.client_id not in self._orders:
            if order.limit is None:
                self._waiting[order.client_id] = order
            else:
                self._rest_target(order.instrument, order.client_id, order.limit)
            self._orders[order.client_id] = VenueOrder(
                order.instrument, order.client_id, order.client_id, order.side,
                "market" if order.limit is None else "limit", order.qty, Decimal(0),
                "live", order.is_reduce_only, self._ts, self._ts, order.limit,
            )  # fmt: skip
        return order.client_id

    async def cancel(self, instrument: str, client_id: str, ts: int | None = None) -> bool:
        """Take away an order that waits or rests."""
        del ts
        position = self._positions.get(instrument)
        if position is not None and position.target_id == client_id:
            position.set_levels(position.stop, None)
            position.target_id = ""
        elif self._waiting.pop(client_id, None) is None:
            return False
        self._end(client_id, Decimal(0), self._ts)
        return True

    async def order(self, instrument: str, client_id: str) -> VenueOrder | None:
        """Return an order."""
        return self._orders.get(client_id)

    async def open_orders(self) -> Sequence[VenueOrder]:
        """Return the orders that wait or rest."""
        return [order for order in self._orders.values() if order.state == "live"]

    async def fills(self, since_ms: int) -> Sequence[Fill]:
        """Return the fills of this process; earlier ones are in the book."""
        return [fill for fill in self._fills if fill.ts >= since_ms]

    async def fundings(self, since_ms: int) -> Sequence[FundingPayment]:
        """Return the funding of this process; earlier payments are in the book."""
        return [payment for payment in self._fundings if payment.ts >= since_ms]

    async def positions(self) -> Sequence[VenuePosition]:
        """Return what is held."""
        return [self._position(name, position) for name, position in self._positions.items()]

    def _position(self, name: str, position: PaperPosition) -> VenuePosition:
        leverage = Decimal(str(self._slots[position.slot].sizing.leverage))
        stop, target = position.stop, position.target
        return VenuePosition(
            name, position.side, position.qty, position.entry, leverage, self._ts, stop=stop, target=target
        )

    async def balance(self) -> Balance:
        """Return the capital; the account's own books know the rest."""
        capital = self._run.capital
        return Balance("USDT", capital, capital, capital, self._ts)

    async def protect(self, levels: Levels, ts: int | None = None) -> None:
        """Put levels on a position."""
        del ts
        position = self._positions.get(levels.instrument)
        if position is not None:
            position.set_levels(levels.stop, levels.target)

    async def flash_close(self, instrument: str, ts: int | None = None) -> None:
        """Close a position at the last price known."""
        del ts
        position = self._positions.get(instrument)
        if position is None:
            return
        price = self._opens[self._slots[position.slot].series]
        inputs = self._model_input(position, self._ts)
        self._exit(position, model.exit_at_market(*inputs, codes.PROTECTION, price, self._ts), "")

    async def hints(self) -> AsyncIterator[Hint]:
        """Yield nothing, for ever: whoever places also says when to fill."""
        await asyncio.Event().wait()
        yield Hint("connected")

    async def close(self) -> None:
        """Let go of nothing."""

    def change_rules(self, step: steps.RulesChanged) -> None:
        """Fill by other rules from an instant on."""
        self._rules.apply(step)

    # What is held ----------------------------------------------------------------------------------------------

    def _restore(self, book: TradeBook, fold: LogReplay | None) -> None:
        inputs = FundingInputs(self._slots) if fold is None else fold.funding_inputs.copy()
        # What the bars of an instant did is booked with its first step: it is not done again.
        done_steps = {} if fold is None else fold.memory.done_steps
        self._applied_number = max(done_steps.get(steps.BarsOpened, 0), done_steps.get(steps.BarsClosed, 0))
        for step in map(steps.decode_step, book.steps(self._run.id, 0 if fold is None else fold.number)):
            inputs.take(step)
            if isinstance(step, steps.BarsOpened | steps.BarsClosed):
                self._applied_number = max(self._applied_number, step.number)
            if isinstance(step, steps.RulesChanged):
                self.change_rules(step)
        numbers = {str(slot.id): number for number, slot in enumerate(self._slots)}
        fill_cache = FillCache() if fold is None else fold.fill_cache
        fills = fill_cache.fills(book.fills_after(self._run.id, fill_cache.number))
        intents = {
            id_: known.intent for id_, known in book.find_intents(known.client_id for known in fills).items()
        }
        for fill in fills:
            intent = intents.get(fill.client_id)
            if intent is not None:
                self._orders[intent.id] = replace(intent_order(intent), state="filled", filled=fill.qty)
            if intent is not None and intent.leg == "entry":
                number = numbers[intent.slot]
                self._hold(number, intent, fill.side, fill.qty, fill.price, fill.ts)
            elif self._positions.pop(fill.instrument, None) is not None:
                is_inside = fill.cause != "order" or (intent is not None and intent.leg == "target")
                self._funding.close_period(fill.instrument, fill.ts, is_inside=is_inside)
        for known in book.intents(self._run.id, open_only=True):
            if known.intent.leg == "target":
                self._restore_target(known.intent)
        self._funding.restore(inputs)

    def _restore_target(self, intent: Intent) -> None:
        """Let a target rest that rested when the process ended."""
        if intent.instrument in self._positions and intent.target is not None:
            self._rest_target(intent.instrument, intent.id, intent.target)
            self._orders[intent.id] = intent_order(intent)

    def _hold(
        self, number: int, order: NewOrder | Intent, side: int, qty: Decimal, entry: Decimal, ts: int
    ) -> None:
        slot = self._slots[number]
        record = empty_record()
        record["side"], record["qty"], record["entry"] = side, float(qty), float(entry)
        settings, rule = self._rules.settings(number), self._rules.rule(number, ts)
        record["liquidation"] = sizing.liquidation_price(
            side, float(entry), settings["leverage"], rule["maintenance_rate"]
        )
        self._positions[slot.id.instrument] = position = PaperPosition(
            number, side, qty, entry, order.stop, order.target, record
        )
        position.set_levels(order.stop, order.target)
        self._funding.open_period(number, record, ts)

    def _rest_target(self, instrument: str, client_id: str, limit: Decimal) -> None:
        position = self._positions.get(instrument)
        if position is None:
            raise OrderRejected(
                "no_position_target_close",
                "there is no position in {instrument} for a target to close",
                instrument=instrument,
            )
        position.set_levels(position.stop, limit)
        position.target_id = client_id

    def _model_input(self, position: PaperPosition, ts: int) -> tuple[int, Any, Any, Any]:
        """Return what the model asks of a position: its slot and record, the rules of a time, and its settings."""
        return (
            position.slot,
            position.record,
            self._rules.rule(position.slot, ts),
            self._rules.settings(position.slot),
        )
