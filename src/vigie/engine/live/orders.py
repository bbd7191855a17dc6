"""The life of an order between its intent and its end: sent once, read back when nobody knows, never doubled.

An entry whose answer is lost is not sent again: once its absence is proven it expires. Exits are sent again with the
same id, reduce-only, after the position was read: they can only do what they were meant to, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from vigie.domain.errors import AuthError, ConnectorError, OrderRejected, OutcomeUnknown, TransientError
from vigie.domain.order import Intent, IntentMove, IntentState, VenueOrder
from vigie.engine.live.waiting import answered, either, rest
from vigie.ports.clock import PatientClock
from vigie.ports.trading import NewOrder, TradingVenue

MOST_FLASHES: Final = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds on the wall.

    Attributes
    ----------
    look_s : float
        Between two questions about an order without an answer.
    absent_s : float
        Between the two times the venue must say "not found".
    window_s : float
        How long a request stays valid: one that is under way may still arrive.
    entry_s, exit_s : float
        How long a market order may stay unfilled before its rest is cancelled.
    fills_s : float
        How long the fills of an order that has ended may take to show.
    """

    look_s: float = 1.0
    absent_s: float = 5.0
    window_s: float = 30.0
    entry_s: float = 60.0
    exit_s: float = 30.0
    fills_s: float = 300.0


class Courier:
    """Carries intents to the venue.

    Parameters
    ----------
    guard : callable
        Called before every sending; raises where this process may not trade any more.
    hinted : asyncio.Event
        Set when the venue said that something changed: looking then need not wait.
    """

    def __init__(
        self,
        venue: TradingVenue,
        clock: PatientClock,
        guard: Callable[[], Awaitable[None]],
        hinted: asyncio.Event,
        patience: Patience,
    ) -> None:
        self._venue = venue
        self._clock = clock
        self._guard = guard
        self._hinted = hinted
        self._patience = patience

    async def carry(self, intent: Intent, *, may_be_sent: bool) -> IntentMove:
        """Bring an intent to the venue, or prove that it is there or never will be.

        Parameters
        ----------
        may_be_sent : bool
            A process before this one may have sent it.

        Returns
        -------
        IntentMove
            ``acked``, ``rejected`` or ``expired``.
        """
        # What was signed before this process began could not have been signed later than now.
        signed_ts = self._clock.wall_now() if may_be_sent and intent.is_reduce_only else intent.ts
        if may_be_sent:
            order = await self._read_back(intent, signed_ts)
            if order is not None:
                return self._moved(intent, "acked", order.order_id)
            if not intent.is_reduce_only:
                return self._moved(intent, "expired", reason="never reached the venue")
        while True:
            if intent.is_reduce_only and not await self._is_held(intent):
                return self._moved(intent, "expired", reason="the position is closed already")
            if not intent.is_reduce_only and 0 < intent.ts_expires <= self._clock.wall_now():
                return self._moved(intent, "expired", reason="the signal is too old")
            await self._guard()
            signed_ts = self._clock.wall_now() if intent.is_reduce_only else intent.ts
            try:
                order_id = await self._venue.place(_new_order(intent, signed_ts))
                return self._moved(intent, "acked", order_id)
            except OrderRejected as fault:
                return self._moved(intent, "rejected", reason=str(fault))
            except OutcomeUnknown:
                order = await self._read_back(intent, signed_ts)
                if order is not None:
                    return self._moved(intent, "acked", order.order_id)
                if not intent.is_reduce_only:
                    return self._moved(intent, "expired", reason="never reached the venue")
            except (TransientError, ConnectorError) as fault:
                await self._bear(fault)

    async def _bear(self, fault: TransientError | ConnectorError) -> None:
        """Wait after a failure that did nothing: maintenance ends, and of a contract that is gone nothing is held."""
        if isinstance(fault, AuthError):
            raise fault
        await rest(self._clock, fault, self._patience.look_s)

    async def until_ended(self, intent: Intent) -> VenueOrder | None:
        """Watch an order that the venue has until it is filled or cancelled; cancel the rest when it takes too long.

        None where the venue took it and then denies it, as often and for as long as proves an absence.
        """
        limit_s = self._patience.exit_s if intent.is_reduce_only else self._patience.entry_s
        until = self._clock.wall_now() + round(limit_s * 1_000)
        absence = _Absence(self._patience, self._clock.wall_now())
        while True:
            self._hinted.clear()
            with suppress(TransientError):
                order = await self._venue.order(intent.instrument, intent.id)
                if order is None and absence.is_proven(self._clock.wall_now()):
                    return None
                if order is not None and order.state in ("filled", "cancelled"):
                    return order
                if order is not None and self._clock.wall_now() >= until:
                    await self.cancel(intent)
            await either(self._clock, self._patience.look_s, self._hinted)

    async def flatten(self, instrument: str) -> bool:
        """Close a position whatever its size; whether it is gone after some tries."""
        for _ in range(MOST_FLASHES):
            if not await self._holds(instrument):
                return True
            await self._guard()
            try:
                await self._venue.flash_close(instrument)
            except AuthError:
                raise
            except (TransientError, OutcomeUnknown, OrderRejected, ConnectorError):
                # Whether it worked is seen at the next look.
                pass
            await self._clock.pause(self._patience.look_s)
        return not await self._holds(instrument)

    async def cancel(self, intent: Intent) -> None:
        """Ask for an order's end; whether it was cancelled, or has ended before, is seen at the next look."""
        try:
            await self._venue.cancel(intent.instrument, intent.id)
        except AuthError:
            raise
        except (TransientError, OutcomeUnknown, OrderRejected, ConnectorError):
            return

    async def _read_back(self, intent: Intent, signed_ts: int) -> VenueOrder | None:
        """Return the order, or None once its absence is proven."""
        absence = _Absence(self._patience, signed_ts)
        while True:
            order = await answered(
                lambda: self._venue.order(intent.instrument, intent.id), self._clock, self._patience.look_s
            )
            if order is not None or absence.is_proven(self._clock.wall_now()):
                return order
            await self._clock.pause(self._patience.look_s)

    async def _is_held(self, intent: Intent) -> bool:
        """Whether there is a position that an exit could make smaller."""
        return await self._holds(intent.instrument, -intent.side)

    async def _holds(self, instrument: str, side: int = 0) -> bool:
        positions = await answered(self._venue.positions, self._clock, self._patience.look_s)
        return any(
            one.instrument == instrument and side in (0, one.side) and one.qty > 0 for one in positions
        )

    def _moved(self, intent: Intent, state: IntentState, order_id: str = "", reason: str = "") -> IntentMove:
        return IntentMove(intent.id, state, self._clock.wall_now(), order_id, Decimal(0), reason)


@dataclass(slots=True)
class _Absence:
    """Whether an order is not there: denied twice, some seconds apart, after it could still have arrived."""

    patience: Patience
    signed_ts: int
    denied_ts: int = 0
    denials: int = 0

    def is_proven(self, now: int) -> bool:
        """Tell so at a denial."""
        if not self.denials or now - self.denied_ts >= self.patience.absent_s * 1_000:
            self.denied_ts, self.denials = now, self.denials + 1
        return self.denials >= 2 and now > self.signed_ts + self.patience.window_s * 1_000


def _new_order(intent: Intent, signed_ts: int) -> NewOrder:
    return NewOrder(
        instrument=intent.instrument,
        client_id=intent.id,
        side=intent.side,
        qty=intent.qty,
        is_reduce_only=intent.is_reduce_only,
        ts=signed_ts,
        limit=intent.target if intent.leg == "target" else None,
        stop=intent.stop,
        target=None if intent.leg == "target" else intent.target,
    )
