"""What is read and written of plans, as one record, and a person's plan by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigie.data.stores import DataStores
from vigie.domain.errors import NotFound
from vigie.domain.order import TradeRun
from vigie.domain.order_caps import OrderCaps
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.facts import FactStore
from vigie.ports.health import HomeHealth
from vigie.ports.plans import MarkedPlan, PlanStore
from vigie.ports.quotes import QuoteStore
from vigie.ports.setups import SetupStore
from vigie.services.people.ownership import owner_of
from vigie.services.trading.account_plans.account_plan import AccountPlan, PlanSlot
from vigie.services.trading.gateway.entry_previews import GatewaySources
from vigie.services.trading.log.account_view import AccountLogs
from vigie.trading import catalogue


@dataclass(frozen=True, slots=True)
class PlanSources:
    """Where plans are kept, and what they are traded with."""

    plans: PlanStore
    setups: SetupStore
    logs: AccountLogs
    accounts: UserStore
    facts: FactStore
    quotes: QuoteStore
    audit: AuditLog
    data: DataStores
    home_health: HomeHealth
    caps: OrderCaps

    @property
    def gateway(self) -> GatewaySources:
        """What the gateway of an account is asked with."""
        return GatewaySources(
            self.logs.trades, self.accounts, self.quotes, self.data, self.home_health, self.caps
        )


def find_plan(sources: PlanSources, caller: Caller, plan: str) -> Sequence[MarkedPlan]:
    """Return the versions of a caller's plan, oldest first; whose it is else is not told.

    Raises
    ------
    NotFound
        If they have none such.
    """
    versions = sources.plans.versions(owner_of(sources.accounts, caller), plan)
    if not versions:
        raise NotFound(
            "no_such_plan",
            "there is no plan {plan}; `vigie plan list` and the page Plans list yours",
            plan=plan,
        )
    return versions


def slot_of(account_plan: AccountPlan, instrument: str) -> PlanSlot | None:
    """Return the slot of an account that trades the plans of an instrument; None where it has none."""
    number = slot_number(account_plan, instrument)
    return None if number is None else account_plan.slots[number]


def slot_number(account_plan: AccountPlan, instrument: str) -> int | None:
    """Return the number of the slot of an account that trades the plans of an instrument; None where it has none."""
    if not account_plan.plan_key:
        return None
    wanted = (catalogue.PLAN, instrument)
    slots = enumerate(slot.slot for slot in account_plan.slots)
    return next((number for number, slot in slots if (slot.strategy, slot.instrument) == wanted), None)


def runs_since(sources: PlanSources, account: str, owner: str, ts: int) -> list[TradeRun]:
    """Return the runs of an account that went on at a moment or began later, oldest first; replays are left out."""
    runs = [
        run for run in sources.logs.trades.runs_of(owner) if run.account == account and not run.is_replayed
    ]
    following = [*runs[1:], None]  # Longer where there is no run: the account may be another's by now.
    return [run for run, after in zip(runs, following, strict=False) if after is None or after.ts > ts]
