"""What an account can do, tried step by step: clock, signature, rights, money, the least order, a stop.

Where one step fails, those that need it are not tried; what was opened is closed again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal

from vigie.domain.errors import (
    AuthError,
    ConnectorError,
    Forbidden,
    OrderRejected,
    OutcomeUnknown,
    TransientError,
    UsageError,
)
from vigie.domain.ids import parse_instrument
from vigie.domain.order import VenuePosition
from vigie.domain.time import iso
from vigie.ports.clock import PatientClock
from vigie.ports.listed_venue import ListedVenue
from vigie.ports.trading import Levels, NewOrder
from vigie.ports.venue import Terms
from vigie.services.venues.keys import check_rights
from vigie.trading.intents import trial_id

State = Literal["passed", "failed", "skipped"]
_DRIFT_MS: Final = 1_000
_LEVERAGE: Final = Decimal(1)
_STOP_AT: Final = Decimal("0.9")
_LOOKS: Final = 20
_LOOK_S: Final = 0.5
# The least value is not known before the venue says no: each further try is twice the size.
_TRIES: Final = 8
# What a step may meet; anything else is a fault of ours.
_MET: Final = (
    AuthError, ConnectorError, Forbidden, OrderRejected, OutcomeUnknown, TransientError, UsageError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrialStep:
    """One thing that was tried; `words` say what was found, or why it failed."""

    name: str
    state: State
    words: str


class _Failed(Exception):
    """A step did not find what it needs."""


@dataclass(slots=True)
class Trial:
    """One account, tried.

    Attributes
    ----------
    terms : Terms
        Of the instrument that is traded in the trial.
    can_order : bool
        Whether orders are placed; without, only what can be read is tried.
    """

    venue: ListedVenue
    terms: Terms
    clock: PatientClock
    can_order: bool
    steps: list[TrialStep] = field(default_factory=list)
    _order_id: str = ""

    async def run(self) -> list[TrialStep]:
        """Try everything, in order."""
        reads = (
            ("clock", self._clock),
            ("signature", self._signature),
            ("key rights", self._rights),
            ("balance", self._balance),
            ("instrument", self._instrument),
            ("fees", self._fees),
        )
        for name, step in reads:
            await self._run_step(name, step)
        orders = (
            ("set-up", self._prepare),
            ("minimum order", self._order),
            ("stop placed", self._stop),
            ("stop cancelled", self._cancel_stop),
            ("position closed", self._close),
        )
        for name, step in orders:
            if not self.can_order:
                self.steps.append(TrialStep(name, "skipped", "orders are tried in demo trading only"))
            elif name == "position closed" and self._order_id:
                await self._run_step(name, step)
            elif any(step_result.state == "failed" for step_result in self.steps):
                self.steps.append(TrialStep(name, "skipped", "a step before it failed"))
            else:
                await self._run_step(name, step)
        return self.steps

    async def _run_step(self, name: str, step: Callable[[], Awaitable[str]]) -> None:
        try:
            self.steps.append(TrialStep(name, "passed", await step()))
        except (_Failed, *_MET) as error:
            self.steps.append(TrialStep(name, "failed", str(error)))

    # What can be read ------------------------------------------------------------------------------------------

    async def _clock(self) -> str:
        ahead = await self.venue.now() - self.clock.wall_now()
        if abs(ahead) > _DRIFT_MS:
            raise _Failed(
                f"this machine's clock is {-ahead / 1_000:+.1f} s from the venue's; set it by network time (NTP)"
            )
        return f"{-ahead / 1_000:+.2f} s from the venue's"

    async def _signature(self) -> str:
        await self.venue.balance()
        return "the venue knows the key and its signature"

    async def _rights(self) -> str:
        check_rights(await self.venue.rights(), self.venue.venue)
        return "reads and trades futures, cannot withdraw"

    async def _balance(self) -> str:
        balance = await self.venue.balance()
        if balance.available <= 0:
            raise _Failed(f"no money is available (equity {balance.equity:f} {balance.currency})")
        return f"{balance.available:f} of {balance.equity:f} {balance.currency} available"

    async def _instrument(self) -> str:
        (state,) = await self.venue.states([self.terms.name])
        phase = state.phase_at(self.clock.wall_now())
        if phase != "trading":
            raise _Failed(
                f"{self.terms.name} ({state.symbol}) is {phase} at the venue; try another --instrument"
            )
        until = "" if state.ends_ts is None else f" until {iso(state.ends_ts)}"
        unit = parse_instrument(self.terms.name)
        many = "" if unit.multiplier == 1 else f", a contract of {unit.multiplier} {unit.coin}"
        return f"{state.symbol} is traded{until}{many}"

    async def _fees(self) -> str:
        level = await self.venue.fee_level(self.terms.name)
        return f"{level.taker:.4%} taker, {level.maker:.4%} maker, by the account's level"

    # What has to be done ---------------------------------------------------------------------------------------

    async def _prepare(self) -> str:
        name = self.terms.name
        orders = [order for order in await self.venue.open_orders() if order.instrument == name]
        if orders or await self._held_position() is not None:
            raise _Failed(f"{name} has a position or open orders; close them, or try another --instrument")
        setup = await self.venue.prepare(name, _LEVERAGE)
        return f"one-way mode, isolated margin, leverage {setup.leverage:f}"

    async def _order(self) -> str:
        lot = Decimal(str(self.terms.lot))
        qty = max(lot, Decimal(repr(self.terms.min_qty or 0.0)))
        start_ts = self.clock.wall_now()
        for attempt in range(_TRIES):
            client_id = trial_id(self.venue.venue, self.terms.name, start_ts, attempt)
            order = NewOrder(
                self.terms.name, client_id, 1, qty, is_reduce_only=False, ts=self.clock.wall_now()
            )
            try:
                self._order_id = client_id
                await self.venue.place(order)
                break
            except OrderRejected as error:
                self._order_id, refused = "", error
                qty *= 2
        else:
            raise _Failed(f"every size up to {qty / 2:f} was refused: {refused}")
        for _ in range(_LOOKS):
            placed = await self.venue.order(self.terms.name, client_id)
            if placed is not None and placed.state == "filled":
                at = "" if placed.average is None else f" at {placed.average:f}"
                return f"bought {placed.filled:f}{at}"
            await self.clock.pause(_LOOK_S)
        raise _Failed(f"order {client_id} was not filled in {_LOOKS * _LOOK_S:g} s")

    async def _stop(self) -> str:
        bought = await self._held_position()
        if bought is None:
            raise _Failed("the position that was bought is not there")
        stop = bought.entry * _STOP_AT
        tick = self._tick_at(stop)
        stop = (stop / tick).to_integral_value(ROUND_DOWN) * tick
        await self.venue.protect(Levels(self.terms.name, bought.side, stop, None))
        await self._wait_until(
            lambda position: position is not None and position.stop == stop, "the stop is not shown"
        )
        return f"at {stop:f}"

    def _tick_at(self, price: Decimal) -> Decimal:
        """Return the step of prices near one: figures may be fewer than the tick has, and whole prices always are."""
        tick, figures = Decimal(str(self.terms.tick)), self.terms.significant_figures
        if not figures:
            return tick
        return max(tick, min(Decimal(1), Decimal(1).scaleb(price.adjusted() + 1 - figures)))

    async def _cancel_stop(self) -> str:
        await self.venue.protect(Levels(self.terms.name, 1, None, None))
        await self._wait_until(
            lambda position: position is not None and position.stop is None, "the stop is still shown"
        )
        return "taken away"

    async def _close(self) -> str:
        await self.venue.flash_close(self.terms.name)
        await self._wait_until(
            lambda position: position is None, "the position is still open: close it at the venue"
        )
        return "nothing is left open"

    async def _wait_until(self, is_so: Callable[[VenuePosition | None], bool], otherwise: str) -> None:
        for _ in range(_LOOKS):
            if is_so(await self._held_position()):
                return
            await self.clock.pause(_LOOK_S)
        raise _Failed(otherwise)

    async def _held_position(self) -> VenuePosition | None:
        positions = await self.venue.positions()
        return next((position for position in positions if position.instrument == self.terms.name), None)
