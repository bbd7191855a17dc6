"""What a person says to a trading account: stop, resume, close everything, switch slots, tighten limits.

Each works whether or not a process trades the account, and is an event in the audit.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Final, cast

from pydantic import Field

from vigie.domain.account import Protections
from vigie.domain.errors import ConnectorError, StorageError, UsageError
from vigie.domain.order import TradeRun, TradingState
from vigie.domain.person import Caller
from vigie.ports.clock import PatientClock
from vigie.services.desk.trading import AccountAsk, State
from vigie.services.house import House
from vigie.services.operation import Answer, operation
from vigie.services.people.ownership import owner_of
from vigie.services.trading.flattening import flatten
from vigie.services.trading.lifting import lift
from vigie.services.trading.plan import kept_plan
from vigie.services.trading.standing import run_of
from vigie.services.trading.trading import LEASE_S, TradeJob
from vigie.services.trading.wishes import switch, tighten, wishes_of

HOLDER: Final = "pages"
MOST_S: Final = 90.0


class OrderAsk(AccountAsk):
    """An account and the reason of the order."""

    why: str = Field("by hand", min_length=1, max_length=200, description="Written into the audit.")


class FlattenAsk(OrderAsk):
    """An account whose positions are all closed."""

    confirm: str = Field(max_length=60, description="The account's name once more: what is closed is closed.")


class SwitchAsk(AccountAsk):
    """Slots of an account, and whether they may enter."""

    slots: list[str] = Field(min_length=1, max_length=400, description="As `trading.slots` names them.")
    on: bool


class LimitsAsk(AccountAsk):
    """Limits of one's own; left out, the plan's count."""

    max_positions: int | None = Field(None, ge=1, le=100)
    daily_loss_fraction: float | None = Field(None, gt=0.0, le=1.0)


class LiftAsk(AccountAsk):
    """An account whose limits of loss end early, and why."""

    why: str = Field(min_length=1, max_length=200, description="The reason; written into the audit.")
    confirm: str = Field(
        max_length=60, description="The account's name once more: it may lose more from then on."
    )
    limits: list[str] = Field(
        default=[],
        max_length=20,
        description="As `trading.limits` names them; left out, all that refuse entries now.",
    )


class Lifted(Answer):
    """Limits that were lifted."""

    account: str
    lifted: dict[str, int] = Field(description="By limit when it would have ended: epoch ms of the market.")


class Flattened(Answer):
    """What was closed."""

    account: str
    state: TradingState
    closed: int
    said: list[str]


class Switched(Answer):
    """Which slots were switched the other way before."""

    account: str
    on: bool
    changed: list[str]


class Limits(Answer):
    """The limits of one's own that count now; null leaves the plan's."""

    account: str
    max_positions: int | None
    daily_loss_fraction: float | None


@operation("trading.stop", scope="trade", example={"account": "main"})
def stop(house: House, caller: Caller, ask: OrderAsk) -> State:
    """Let an account enter nothing any more; positions are led to their end."""
    return _ordered(house, caller, ask, "reducing")


@operation("trading.resume", scope="trade", example={"account": "main"})
def resume(house: House, caller: Caller, ask: OrderAsk) -> State:
    """Let an account that was stopped or flattened enter again."""
    return _ordered(house, caller, ask, "active")


@operation("trading.flatten", scope="trade", example={"account": "main", "confirm": "main"})
def flatten_account(house: House, caller: Caller, ask: FlattenAsk) -> Flattened:
    """Close every position of an account now and enter nothing any more; its process may be dead."""
    run = _run(house, caller, ask)
    if ask.confirm != run.account:
        raise UsageError(f"confirm must be the account's name, {run.account}, was {ask.confirm!r}")
    said: list[str] = []
    counts: list[int] = []

    def act() -> None:
        said.clear()
        house.trades.order(run.account, "flat", by=caller.user, why=ask.why)
        is_paper = run.mode == "paper"
        counts.append(
            asyncio.run(_closed(house, run, said)) if is_paper else _closed_apart(run, ask.why, said)
        )

    try:
        house.results.write_although_full(act)
    except StorageError:
        if run.mode == "paper":
            raise
        # The command closes at the venue although nothing can be written.
        counts.append(_closed_apart(run, ask.why, said))
    state = house.trades.state(run.account)
    return Flattened(account=run.account, state=state, closed=counts[-1], said=said)


async def _closed(house: House, run: TradeRun, said: list[str]) -> int:
    lease = house.trades.take(run.account, HOLDER, for_s=LEASE_S, by_force=True)
    # Both clocks of a home can wait beside other things.
    clock = cast("PatientClock", house.clock)
    try:
        return await flatten(TradeJob(house, run, kept_plan(house, run.id), lease, clock), said.append)
    finally:
        house.trades.leave(lease)


def _closed_apart(run: TradeRun, why: str, said: list[str]) -> int:
    """Close at the venue in a process of its own: keys are opened by the command, never by what answers pages."""
    command = [sys.executable, "-m", "vigie", "trade", "flatten", "--account", run.account, "--why", why]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=MOST_S, check=False
        )
    except subprocess.TimeoutExpired as fault:
        raise ConnectorError(
            f"account {run.account} enters nothing any more, but its positions were not closed within "
            f"{MOST_S:g} s; look at the venue, or run `vigie trade flatten --account {run.account}`"
        ) from fault
    said += [line for line in done.stdout.splitlines() if line.startswith("closed ")]
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise ConnectorError(
            f"account {run.account} enters nothing any more, but its positions were not closed: {reason}; "
            f"run `vigie trade flatten --account {run.account}` in a terminal"
        )
    return len(said)


@operation(
    "trading.switch", scope="trade",
    example={"account": "main", "slots": ["btc-usdt-perp/4h/ema_cross"], "on": False},
)  # fmt: skip
def switch_slots(house: House, caller: Caller, ask: SwitchAsk) -> Switched:
    """Let slots of an account enter, or not; what they hold is led to its end either way."""
    run = _run(house, caller, ask)
    known = {str(one.slot) for one in kept_plan(house, run.id).slots}
    strange = [slot for slot in ask.slots if slot not in known]
    if strange:
        raise UsageError(f"account {run.account} has no slot {strange[0]!r}; trading.slots lists them")
    return Switched(account=run.account, on=ask.on, changed=switch(house, run, ask.slots, on=ask.on))


@operation("trading.tighten", scope="trade", example={"account": "main", "max_positions": 3})
def tighten_limits(house: House, caller: Caller, ask: LimitsAsk) -> Limits:
    """Set limits tighter than those of the account's plan, or take them back."""
    run = _run(house, caller, ask)
    plan = kept_plan(house, run.id).protections or Protections()
    tighten(house, run, plan, positions=ask.max_positions, loss=ask.daily_loss_fraction)
    now = wishes_of(house, run)
    return Limits(
        account=run.account, max_positions=now.max_positions, daily_loss_fraction=now.daily_loss_fraction
    )


@operation("trading.lift", scope="trade", example={"account": "main", "why": "checked", "confirm": "main"})
def lift_limits(house: House, caller: Caller, ask: LiftAsk) -> Lifted:
    """End limits of loss of an account before their time: it may enter again, and what they measure begins anew."""
    run = _run(house, caller, ask)
    if ask.confirm != run.account:
        raise UsageError(f"confirm must be the account's name, {run.account}, was {ask.confirm!r}")
    return Lifted(account=run.account, lifted=lift(house, run, ask.limits, by=caller.user, why=ask.why))


def _run(house: House, caller: Caller, ask: AccountAsk) -> TradeRun:
    return run_of(house, ask.account, owner_of(house, caller))


def _ordered(house: House, caller: Caller, ask: OrderAsk, state: TradingState) -> State:
    run = _run(house, caller, ask)
    house.trades.order(run.account, state, by=caller.user, why=ask.why)
    return State(account=run.account, mode=run.mode, state=house.trades.state(run.account))
