"""The life of an order between its intent and its end: sent once, read back when nobody knows, never doubled.

An entry whose answer is lost is not sent again: once its absence is proven it expires. Exits are sent again with the
same id, reduce-only, after the position was read: they can only do what they were meant to, once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    InvariantBroken,
    OrderRejected,
    OrderWithheld,
    OutcomeUnknown,
    TransientError,
)
from vigie.domain.order import Intent, IntentMove, IntentState, VenueOrder, VenuePosition
from vigie.domain.time import Elapsed
from vigie.engine.live.waiting import Deadline, RetryingCaller, pause_after, wait_for_event
from vigie.ports.trading import NewOrder, TradingVenue, not_withheld

MOST_FLASHES: Final = 5
# An exit that is never answered, and never there, is tried again later.
MOST_UNKNOWN: Final = 2


@dataclass(frozen=True, slots=True)
class OrderTimeouts:
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
        How long a market order may stay unfilled before its rest is cancelled; an exit that the venue does not take
        for so long is tried again later, so that other slots need not wait for it.
    fills_s : float
        How long the fills of an order that has ended may take to show.
    """

    look_s: float = 1.0
    absent_s: float = 5.0
    window_s: float = 30.0
    entry_s: float = 60.0
    exit_s: float = 30.0
    fills_s: float = 300.0


@dataclass(frozen=True, slots=True)
class SendChecks:
    """What the account says before something is sent, or is believed to be gone.

    Attributes
    ----------
    confirm_lease : callable
        Called before every sending; gives the time that is signed with, raises where this process may not trade any
        more.
    may_enter : callable
        Whether entries are taken now: a person may have halted the account since this one was decided.
    is_closed : callable
        Whether the fills that were told close what an intent would close.
    is_allowed : callable
        Whether an entry is of what the account may order.
    target_limit : callable
        Gives the price at which the order of a target is taken now.
    is_revised : callable
        Whether the bar that an entry was decided on was corrected since.
    """

    confirm_lease: Callable[[], Awaitable[int]]
    may_enter: Callable[[], bool]
    is_closed: Callable[[Intent], Awaitable[bool]]
    is_allowed: Callable[[Intent], bool] = lambda _: True
    target_limit: Callable[[Intent], Decimal | None] = lambda intent: intent.target
    is_revised: Callable[[Intent], bool] = lambda _: False


class OrderSender:
    """Carries intents to the venue.

    Parameters
    ----------
    hinted : asyncio.Event
        Set when the venue said that something changed: looking then need not wait.
    """

    def __init__(
        self,
        venue: TradingVenue,
        caller: RetryingCaller,
        checks: SendChecks,
        hinted: asyncio.Event,
        timeouts: OrderTimeouts,
    ) -> None:
        self._venue = venue
        self._caller = caller
        self._clock = caller.clock
        self._checks = checks
        self._hinted = hinted
        self._timeouts = timeouts
        # Intents whose order may be at the venue, also where nobody heard the answer to the end.
        self._sent: set[str] = set()
        self._asking: asyncio.Future[Sequence[VenuePosition]] | None = None

    def forget(self, open_ids: Collection[str]) -> None:
        """Keep in mind what was sent of open intents only."""
        self._sent.intersection_update(open_ids)

    async def send(self, intent: Intent, *, may_be_sent: bool, waits_long: bool = False) -> IntentMove | None:
        """Bring an intent to the venue, or prove that it is there or never will be.

        Parameters
        ----------
        may_be_sent : bool
            A process before this one may have sent it.
        waits_long : bool
            Nothing comes after it: an exit waits for as long as the venue does not take it.

        Returns
        -------
        IntentMove or None
            ``acked``, ``rejected`` or ``expired``; None where the venue takes nothing now and an exit was not sent.
        """
        deadline, n_unknown, last_error = Deadline(self._clock, self._timeouts.exit_s), 0, ""
        # A bar may have broken off the wait for an answer.
        may_be_sent = may_be_sent or intent.id in self._sent
        # What was signed before this process began could not have been signed later than now.
        signed_ts = self._clock.wall_now() if may_be_sent and intent.is_reduce_only else intent.ts
        if may_be_sent and (move := await self._resolve_unanswered(intent, signed_ts)):
            return move
        while True:
            if reason := await self._reason_not_to_send(intent):
                return self._make_move(
                    intent, "expired", reason=f"{reason}; {last_error}" if last_error else reason
                )
            seen_ts = await self._checks.confirm_lease()
            signed_ts = seen_ts if intent.is_reduce_only else intent.ts
            self._sent.add(intent.id)
            try:
                order_id = await self._venue.place(self._new_order(intent, signed_ts))
                return self._make_move(intent, "acked", order_id)
            except OrderWithheld as fault:
                self._sent.discard(intent.id)
                return self._make_move(intent, "expired", reason=str(fault))
            except OrderRejected as fault:
                self._sent.discard(intent.id)
                return self._make_move(intent, "rejected", reason=str(fault))
            except OutcomeUnknown:
                if move := await self._resolve_unanswered(intent, signed_ts):
                    return move
                n_unknown += 1
                if n_unknown >= MOST_UNKNOWN and not waits_long:
                    return None
            except (TransientError, ConnectorError) as fault:
                self._sent.discard(intent.id)
                last_error = f"the venue took no order: {fault}"
                await self._wait_after(fault)
                if intent.is_reduce_only and not waits_long and deadline.is_over():
                    return None

    async def _resolve_unanswered(self, intent: Intent, signed_ts: int) -> IntentMove | None:
        """Return what became of an order without an answer; None where an exit never arrived: it is sent again."""
        order = await self._read_back(intent, signed_ts)
        if order is not None:
            return self._make_move(intent, "acked", order.order_id)
        self._sent.discard(intent.id)
        return (
            None
            if intent.is_reduce_only
            else self._make_move(intent, "expired", reason="never reached the venue")
        )

    async def _reason_not_to_send(self, intent: Intent) -> str:
        """Return why an order is not worth sending any more; empty where it is."""
        if intent.is_reduce_only:
            return "" if await self._is_held(intent) else "the position is closed already"
        return self._entry_refusal(intent)

    def _entry_refusal(self, intent: Intent) -> str:
        """Return why an entry is not sent any more; empty where it is."""
        if 0 < intent.ts_expires <= self._clock.wall_now():
            return "the signal is too old"
        if not self._checks.is_allowed(intent):
            return "the account may not order this: it is not on its allow-list, or its model was taken back"
        if self._checks.is_revised(intent):
            return "the bar it was decided on was corrected before it was sent"
        return "" if self._checks.may_enter() else "the account takes no entries any more"

    async def _wait_after(self, fault: TransientError | ConnectorError) -> None:
        """Wait after a failure that did nothing: maintenance ends, and of a contract that is gone nothing is held."""
        if isinstance(fault, AuthError):
            raise fault
        await pause_after(self._clock, fault, self._timeouts.look_s)

    async def until_ended(self, intent: Intent, *, most_s: float | None = None) -> VenueOrder | None:
        """Watch an order that the venue has until it is filled or cancelled; cancel the rest when it takes too long.

        None where the venue took it and then denies it, as often and for as long as proves an absence.

        Parameters
        ----------
        most_s : float or None
            After so long the order is returned as it stands.
        """
        limit_s = self._timeouts.exit_s if intent.is_reduce_only else self._timeouts.entry_s
        deadline = Deadline(self._clock, limit_s if most_s is None else most_s)
        absence = _AbsenceProof(self._timeouts, Elapsed(self._clock.wall_now()))
        while True:
            self._hinted.clear()
            with suppress(TransientError):
                order = await self._venue.order(intent.instrument, intent.id)
                if order is None and absence.is_proven(self._clock.wall_now()):
                    return None
                if order is not None and order.state in ("filled", "cancelled"):
                    return order
                if order is not None and deadline.is_over():
                    if most_s is not None:
                        return order
                    await self.cancel(intent)
            await wait_for_event(self._clock, self._timeouts.look_s, self._hinted)

    async def flatten(self, intent: Intent) -> bool:
        """Close a position whatever its size; whether it is gone after some tries."""
        for _ in range(MOST_FLASHES):
            if await self._is_gone(intent):
                return True
            seen_ts = await self._checks.confirm_lease()
            try:
                await self._venue.flash_close(intent.instrument, seen_ts)
            except AuthError:
                raise
            except (TransientError, OutcomeUnknown, OrderRejected, ConnectorError):
                # Whether it worked is seen at the next look.
                pass
            await self._clock.pause(self._timeouts.look_s)
        return await self._is_gone(intent)

    async def cancel(self, intent: Intent) -> None:
        """Ask for an order's end; whether it was cancelled, or has ended before, is seen at the next look."""
        seen_ts = await self._checks.confirm_lease()
        try:
            await self._venue.cancel(intent.instrument, intent.id, seen_ts)
        except AuthError:
            raise
        except (TransientError, OutcomeUnknown, OrderRejected, ConnectorError):
            return

    async def find_order(self, intent: Intent) -> VenueOrder | None:
        """Return the order of what somebody may have sent before this began; None once its absence is proven."""
        # What that one signed could not have been signed later than now.
        return await self._read_back(intent, self._clock.wall_now() if intent.is_reduce_only else intent.ts)

    async def _read_back(self, intent: Intent, signed_ts: int) -> VenueOrder | None:
        """Return the order, or None once its absence is proven."""
        absence = _AbsenceProof(self._timeouts, Elapsed(signed_ts))
        while True:
            order = await self._caller.until_answered(lambda: self._venue.order(intent.instrument, intent.id))
            if order is not None or absence.is_proven(self._clock.wall_now()):
                return order
            await self._clock.pause(self._timeouts.look_s)

    async def _is_held(self, intent: Intent) -> bool:
        """Whether there is a position that an exit could make smaller; that it is gone is believed of its fills.

        Raises
        ------
        InvariantBroken
            If the venue shows neither for long.
        """
        deadline = Deadline(self._clock, self._timeouts.fills_s)
        while not await self._holds(intent.instrument, -intent.side):
            if await self._checks.is_closed(intent):
                return False
            if deadline.is_over():
                raise InvariantBroken(
                    "venue_shows_no_position",
                    "the venue shows no position in {instrument}, and no fills that closed it",
                    instrument=intent.instrument,
                )
            self._hinted.clear()
            await wait_for_event(self._clock, self._timeouts.look_s, self._hinted)
        return True

    async def _is_gone(self, intent: Intent) -> bool:
        """Whether nothing is held: one list without it proves nothing, two some seconds apart do, or its fills."""
        if await self._holds(intent.instrument):
            return False
        if await self._checks.is_closed(intent):
            return True
        await self._clock.pause(self._timeouts.absent_s)
        return not await self._holds(intent.instrument)

    async def _holds(self, instrument: str, side: int = 0) -> bool:
        positions = await self._caller.until_answered(self._shared_positions)
        return any(
            position.instrument == instrument and side in (0, position.side) and position.qty > 0
            for position in positions
        )

    async def _shared_positions(self) -> Sequence[VenuePosition]:
        """Return the positions; whoever asks in the same moment shares one question, sent after all have asked.

        Venues take this question a few times in a second, and all exits of an instant ask it.
        """
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask_positions())
            # Of a failure nobody may be left to hear, where an instant broke off the others.
            self._asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._asking)

    async def _ask_positions(self) -> Sequence[VenuePosition]:
        await asyncio.sleep(0)
        self._asking = None
        return await self._venue.positions()

    def _new_order(self, intent: Intent, signed_ts: int) -> NewOrder:
        return NewOrder(
            instrument=intent.instrument,
            client_id=intent.id,
            side=intent.side,
            qty=intent.qty,
            is_reduce_only=intent.is_reduce_only,
            ts=signed_ts,
            limit=self._checks.target_limit(intent) if intent.leg == "target" else None,
            stop=intent.stop,
            target=None if intent.leg == "target" else intent.target,
            withheld=not_withheld if intent.is_reduce_only else partial(self._entry_refusal, intent),
        )

    def _make_move(
        self, intent: Intent, state: IntentState, order_id: str = "", reason: str = ""
    ) -> IntentMove:
        return IntentMove(intent.id, state, self._clock.wall_now(), order_id, Decimal(0), reason)


@dataclass(slots=True)
class _AbsenceProof:
    """Whether an order is not there: denied twice, some seconds apart, after it could still have arrived."""

    timeouts: OrderTimeouts
    since_signed: Elapsed
    since_denied: Elapsed | None = None
    n_denials: int = 0

    def is_proven(self, now: int) -> bool:
        """Tell so at a denial."""
        signed_ms = self.since_signed.passed_ms(now)
        if self.since_denied is None or self.since_denied.passed_ms(now) >= self.timeouts.absent_s * 1_000:
            self.since_denied, self.n_denials = Elapsed(now), self.n_denials + 1
        return self.n_denials >= 2 and signed_ms > self.timeouts.window_s * 1_000
