"""What a run leaves at its venue: orders that were sent and never booked, asked for before another run begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from vigie.domain.errors import UsageError
from vigie.domain.order import Intent, Lease, TradeRun
from vigie.engine.live.book.orders import OrderSender, OrderTimeouts, SendChecks
from vigie.engine.live.waiting import RetryingCaller, gather_all, until_one_ends
from vigie.ports.clock import PatientClock
from vigie.ports.tradebook import TradeBook
from vigie.ports.trading import TradingVenue
from vigie.services.trading.process.lease_acquisition import LEASE_S


def find_unbooked(trades: TradeBook, account: str) -> tuple[TradeRun, list[Intent]] | None:
    """Return an account's run and what it meant and never heard the end of; None where there is no such thing.

    On paper an order that was not filled when its process died never was.
    """
    run = trades.run(account)
    if run is None or run.mode == "paper":
        return None
    intents = [item.intent for item in trades.intents(run.id, open_only=True)]
    return (run, intents) if intents else None


async def check_no_unbooked(
    trades: TradeBook,
    lease: Lease,
    venue: TradingVenue,
    clock: PatientClock,
    say: Callable[[str], None],
) -> None:
    """Ask a venue what became of what an account's run left open there; the right to trade is kept meanwhile.

    Raises
    ------
    UsageError
        If an order is there and has not ended, or one of these instruments is held.
    """
    unbooked = find_unbooked(trades, lease.account)
    if unbooked is None:
        return
    say(f"asking {venue.venue} what became of {len(unbooked[1])} orders that the run before left open")
    problems: list[str] = []

    async def ask() -> None:
        problems.extend(await _OpenOrderQuery(venue, clock, say).list_open(unbooked[1]))

    async def keep() -> None:
        while True:
            await clock.pause(LEASE_S / 3)
            trades.keep(lease, for_s=LEASE_S)

    await until_one_ends((ask(), keep()))
    if problems:
        raise UsageError(
            "previous_run_left_open",
            "the previous run left open at {venue}: {problems}. A new run would lose "
            "track of it: start once without --new-run to book it, or close everything: vigie trade "
            "flatten --account {account}",
            venue=venue.venue,
            problems="; ".join(problems),
            account=lease.account,
        )


class _OpenOrderQuery:
    def __init__(self, venue: TradingVenue, clock: PatientClock, say: Callable[[str], None]) -> None:
        self._venue, self._clock, self._patience = venue, clock, OrderTimeouts()
        self._asker = RetryingCaller(
            clock, self._patience.look_s, lambda why: say(f"the venue does not answer: {why}")
        )
        counsel = SendChecks(_nothing_is_sent, lambda: False, _is_open)
        self._order_sender = OrderSender(venue, self._asker, counsel, asyncio.Event(), self._patience)

    async def list_open(self, intents: list[Intent]) -> list[str]:
        """Say what is there of intents: orders that go on, and what is held of their instruments."""
        orders = await gather_all(*map(self._order_sender.find_order, intents))
        orders_open = [
            f"an order ({intent.leg}) of {intent.slot}"
            for intent, order in zip(intents, orders, strict=True)
            if order is not None and order.state not in ("filled", "cancelled")
        ]
        # One list without a position proves nothing: what was filled a moment ago may be missing in it.
        instruments = await self._held_instruments(intents)
        await self._clock.pause(self._patience.absent_s)
        instruments |= await self._held_instruments(intents)
        return [*orders_open, *(f"a position in {name}" for name in sorted(instruments))]

    async def _held_instruments(self, intents: list[Intent]) -> set[str]:
        names = {item.instrument for item in intents}
        positions = await self._asker.until_answered(self._venue.positions)
        return {item.instrument for item in positions if item.qty > 0 and item.instrument in names}


async def _nothing_is_sent() -> int:
    raise UsageError("checking_what_last_run_left", "checking what the last run left open; nothing is sent")


async def _is_open(_intent: Intent) -> bool:
    return False
