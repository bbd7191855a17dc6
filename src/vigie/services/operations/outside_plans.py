"""Plans proposed for trades made elsewhere: by coin, side and time; a person accepts one or refuses it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.ports.accounts import UserStore
from vigie.ports.outside import MatchVerdict, OutsideStore, TradeMatch
from vigie.ports.plans import PlanStore
from vigie.services.operation import OperationInput, OperationResult, Origin, Table, operation
from vigie.services.operations.outside import KEY, find_trip, trips_to_match
from vigie.services.operations.outside_matches import ProposalsInput
from vigie.services.operations.plans import PLAN
from vigie.services.outside.outside_rows import SOURCE
from vigie.services.outside.plan_proposals import PlanProposals
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of


@dataclass(frozen=True, slots=True)
class PlanMatchSources:
    """What is read to propose plans."""

    outside: OutsideStore
    plans: PlanStore
    accounts: UserStore


class DecidePlanInput(OperationInput):
    """What you say of a plan that is proposed for a trade."""

    outside_trade: str = Field(pattern=KEY, description="The trade.")
    plan: str = Field(pattern=PLAN, description="The plan.")
    verdict: MatchVerdict = Field(description="`accepted` or `refused`.")


class DecidePlanResult(OperationResult):
    """What is kept now."""

    outside_trade: str
    plan: str
    verdict: MatchVerdict


class PlanProposalRow(Row):
    """A plan that a trade may have followed."""

    outside_trade: str = shown("Trade", source=SOURCE)
    ts_opened: int = shown("Opened", unit="ms", source=SOURCE)
    instrument: str = shown("Instrument", source=SOURCE)
    side: str = shown("Side", source=SOURCE)
    plan: str = shown("Plan", source="vigie")
    version: int = shown("Version", unit="count", source="vigie")
    ts_made: int = shown("Made", unit="ms", source="vigie")
    until: int = shown("Valid until", unit="ms", source="vigie")
    verdict: str = shown("Your answer", definition="Empty: none yet.", source="vigie")


@operation("outside.plans", example={})
def list_plan_proposals(
    caller: Caller, params: ProposalsInput, sources: PlanMatchSources
) -> Table[PlanProposalRow]:
    """List plans that trades made elsewhere may have followed: of their coin and side, valid when they opened."""
    owner = owner_of(sources.accounts, caller)
    trips = trips_to_match(sources.outside, owner, params.outside_trade)
    said = {
        (match.trade, match.target): match.verdict
        for match in sources.outside.matches(owner)
        if match.kind == "plan"
    }
    proposals = PlanProposals(sources.plans.versions(owner))
    rows = [
        PlanProposalRow(
            outside_trade=trip.id,
            ts_opened=trip.ts_opened,
            instrument=trip.instrument,
            side=trip.side,
            plan=proposed.marked.plan.id,
            version=proposed.marked.plan.version,
            ts_made=proposed.marked.plan.ts_made,
            until=proposed.marked.plan.until,
            verdict=said.get((trip.id, proposed.marked.plan.id), ""),
        )
        for trip in trips
        for proposed in proposals.of(trip)
    ]
    rows = rows if params.with_decided else [row for row in rows if not row.verdict]
    return table_of(PlanProposalRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation(
    "outside.match_plan",
    scope="write",
    example={"outside_trade": "0123456789abcdef", "plan": "p0123456789abcdef", "verdict": "accepted"},
)
def decide_plan(caller: Caller, params: DecidePlanInput, sources: PlanMatchSources) -> DecidePlanResult:
    """Accept or refuse a plan that is proposed for a trade made elsewhere; the last answer counts."""
    owner = owner_of(sources.accounts, caller)
    trip = find_trip(sources.outside, owner, params.outside_trade)
    proposed = PlanProposals(sources.plans.versions(owner)).of(trip)
    if all(one.marked.plan.id != params.plan for one in proposed):
        raise NotFound(
            "no_such_plan_proposal", "plan {plan!r} is not proposed for this trade", plan=params.plan
        )
    sources.outside.decide(owner, TradeMatch(trip.id, "plan", params.plan, "", params.verdict))
    return DecidePlanResult(outside_trade=trip.id, plan=params.plan, verdict=params.verdict)
