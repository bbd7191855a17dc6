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
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock, PatientClock
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.operation import OperationResult, operation
from vigie.services.operations.trading import AccountInput, AccountState
from vigie.services.people.ownership import owner_of
from vigie.services.refusal_text import RefusalText
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.accounts.account_status import find_traded_run
from vigie.services.trading.flattening.flattening import flatten
from vigie.services.trading.gateway.overrides import load_overrides, set_own_limits, switch_slots
from vigie.services.trading.limits.lifting import lift
from vigie.services.trading.process.trading import LEASE_S, TradeJob
from vigie.services.typed_numbers import TypedSetting, TypedWhole

LEASE_HOLDER: Final = "pages"
FLATTEN_TIMEOUT_S: Final = 90.0


class AccountCommandInput(AccountInput):
    """An account and the reason of the order."""

    why: str = Field("by hand", min_length=1, max_length=200, description="Recorded in the audit log.")


class FlattenInput(AccountCommandInput):
    """An account whose positions are all closed."""

    confirm: str = Field(max_length=60, description="The account's name once more: what is closed is closed.")


class SwitchAccountSlotsInput(AccountInput):
    """Slots of an account, and whether they may enter."""

    slots: list[str] = Field(min_length=1, max_length=400, description="As `trading.slots` names them.")
    on: bool


class TightenLimitsInput(AccountInput):
    """Limits of one's own; left out, the plan's count."""

    max_positions: TypedWhole | None = Field(None, ge=1, le=100)
    daily_loss_fraction: TypedSetting | None = Field(None, gt=0.0, le=1.0)


class LiftLimitsInput(AccountInput):
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


class LiftLimitsResult(OperationResult):
    """Limits that were lifted."""

    account: str
    lifted: dict[str, int] = Field(description="By limit when it would have ended: epoch ms of the market.")


class FlattenResult(OperationResult):
    """What was closed."""

    account: str
    state: TradingState
    closed: int
    said: list[RefusalText]


class SwitchedAccountSlots(OperationResult):
    """Which slots were switched the other way before."""

    account: str
    on: bool
    changed: list[str]


class AccountLimits(OperationResult):
    """The limits of one's own that count now; null leaves the plan's."""

    account: str
    max_positions: int | None
    daily_loss_fraction: float | None


@operation("trading.stop", scope="trade", example={"account": "main"})
def stop_account(
    caller: Caller, params: AccountCommandInput, accounts: UserStore, trades: TradeBook
) -> AccountState:
    """Let an account enter nothing any more; positions are led to their end."""
    return _set_account_state(accounts, trades, caller, params, "reducing")


@operation("trading.resume", scope="trade", example={"account": "main"})
def resume_account(
    caller: Caller, params: AccountCommandInput, accounts: UserStore, trades: TradeBook
) -> AccountState:
    """Let an account that was stopped or flattened enter again."""
    return _set_account_state(accounts, trades, caller, params, "active")


@operation("trading.flatten", scope="trade", example={"account": "main", "confirm": "main"})
def flatten_account(caller: Caller, params: FlattenInput, stores: TradingStores) -> FlattenResult:
    """Close every position of an account now and enter nothing any more; its process may be dead."""
    run = _find_account_run(stores.accounts, stores.trades, caller, params)
    if params.confirm != run.account:
        raise UsageError(
            "confirm_must_account_name",
            "confirm must be the account's name, {account}, was {confirm!r}",
            account=run.account,
            confirm=params.confirm,
        )
    messages: list[RefusalText] = []
    counts: list[int] = []

    def close_positions() -> None:
        messages.clear()
        stores.trades.request_state(run.account, "flat", by=caller.user, why=params.why)
        is_paper = run.mode == "paper"
        counts.append(
            asyncio.run(_flatten_here(stores, run, messages))
            if is_paper
            else _flatten_in_process(run, params.why, messages)
        )

    try:
        stores.results.write_although_full(close_positions)
    except StorageError:
        if run.mode == "paper":
            raise
        # The command closes at the venue although nothing can be written.
        counts.append(_flatten_in_process(run, params.why, messages))
    state = stores.trades.state(run.account)
    return FlattenResult(account=run.account, state=state, closed=counts[-1], said=messages)


async def _flatten_here(stores: TradingStores, run: TradeRun, messages: list[str]) -> int:
    lease = stores.trades.take(run.account, LEASE_HOLDER, for_s=LEASE_S, by_force=True)
    # Both clocks of a home can wait beside other things.
    clock = cast("PatientClock", stores.clock)
    try:
        return await flatten(
            TradeJob(stores, run, load_plan(stores.results, run.id), lease, clock), messages.append
        )
    finally:
        stores.trades.leave(lease)


def _flatten_in_process(run: TradeRun, why: str, messages: list[str]) -> int:
    """Close at the venue in a process of its own: keys are opened by the command, never by what answers pages."""
    command = [sys.executable, "-m", "vigie", "trade", "flatten", "--account", run.account, "--why", why]
    try:
        process = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FLATTEN_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise ConnectorError(
            "account_opens_no_new_positions",
            "account {account} opens no new positions, but its positions were not closed within "
            "{flatten_timeout_s:g} s; check the venue, or run `vigie trade flatten --account "
            "{account}`",
            account=run.account,
            flatten_timeout_s=FLATTEN_TIMEOUT_S,
        ) from fault
    messages += [line for line in process.stdout.splitlines() if line.startswith("closed ")]
    if process.returncode:
        reason = (process.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise ConnectorError(
            "account_opens_no_new_positions_but",
            "account {account} opens no new positions, but its positions were not closed: {reason}; "
            "run `vigie trade flatten --account {account}` in a terminal",
            account=run.account,
            reason=reason,
        )
    return len(messages)


@operation(
    "trading.switch", scope="trade",
    example={"account": "main", "slots": ["btc-usdt-perp/4h/ema_cross"], "on": False},
)  # fmt: skip
def switch_account_slots(
    caller: Caller,
    params: SwitchAccountSlotsInput,
    results: ResultsHome,
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
) -> SwitchedAccountSlots:
    """Let slots of an account enter, or not; what they hold is led to its end either way."""
    run = _find_account_run(accounts, trades, caller, params)
    known_slots = {str(planned_slot.slot) for planned_slot in load_plan(results, run.id).slots}
    unknown_slots = [slot for slot in params.slots if slot not in known_slots]
    if unknown_slots:
        raise UsageError(
            "account_no_slot",
            "account {account} has no slot {unknown_slots!r}; the page Trading lists them",
            account=run.account,
            unknown_slots=unknown_slots[0],
        )
    return SwitchedAccountSlots(
        account=run.account,
        on=params.on,
        changed=switch_slots(accounts, audit, run, params.slots, on=params.on),
    )


@operation("trading.tighten", scope="trade", example={"account": "main", "max_positions": 3})
def tighten_limits(
    caller: Caller,
    params: TightenLimitsInput,
    results: ResultsHome,
    accounts: UserStore,
    audit: AuditLog,
    trades: TradeBook,
) -> AccountLimits:
    """Set limits tighter than those of the account's plan, or take them back."""
    run = _find_account_run(accounts, trades, caller, params)
    plan = load_plan(results, run.id).protections or Protections()
    set_own_limits(
        accounts, audit, run, plan, positions=params.max_positions, loss=params.daily_loss_fraction
    )
    current = load_overrides(accounts, run)
    return AccountLimits(
        account=run.account,
        max_positions=current.max_positions,
        daily_loss_fraction=current.daily_loss_fraction,
    )


@operation("trading.lift", scope="trade", example={"account": "main", "why": "checked", "confirm": "main"})
def lift_limits(
    caller: Caller,
    params: LiftLimitsInput,
    results: ResultsHome,
    accounts: UserStore,
    trades: TradeBook,
    clock: Clock,
    is_simulated: IsSimulated,
) -> LiftLimitsResult:
    """End limits of loss of an account before their time: it may enter again, and what they measure begins anew."""
    run = _find_account_run(accounts, trades, caller, params)
    if params.confirm != run.account:
        raise UsageError(
            "confirm_must_account_name",
            "confirm must be the account's name, {account}, was {confirm!r}",
            account=run.account,
            confirm=params.confirm,
        )
    return LiftLimitsResult(
        account=run.account,
        lifted=lift(results, trades, clock, is_simulated, run, params.limits, by=caller.user, why=params.why),
    )


def _find_account_run(
    accounts: UserStore, trades: TradeBook, caller: Caller, params: AccountInput
) -> TradeRun:
    return find_traded_run(trades, params.account, owner_of(accounts, caller))


def _set_account_state(
    accounts: UserStore, trades: TradeBook, caller: Caller, params: AccountCommandInput, state: TradingState
) -> AccountState:
    run = _find_account_run(accounts, trades, caller, params)
    trades.request_state(run.account, state, by=caller.user, why=params.why)
    return AccountState(account=run.account, mode=run.mode, state=trades.state(run.account))
