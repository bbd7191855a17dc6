"""Arming plans, cancelling them, and the order ticket: a plan that enters at once, previewed and then confirmed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from pydantic import Field

from vigie.domain.errors import Conflict
from vigie.domain.person import Caller
from vigie.domain.trade_plan import MAX_PRICE, MIN_PRICE, TradePlan, changed_meanwhile
from vigie.ports.connectors import ConnectorDirectory
from vigie.services.operation import OperationInput, operation
from vigie.services.operations.plans import PlanIdInput, PlanInput, plan_result, to_plan
from vigie.services.plans.arming import MAX_BARS, arm, cancel, check_armable, tradable_account
from vigie.services.plans.keeping import CHOSEN_ID, kept_order
from vigie.services.plans.plan_rows import PlanPreview, PlanResult, PlanSum
from vigie.services.plans.plan_sources import PlanSources, find_plan
from vigie.services.plans.previewing import preview_of
from vigie.services.typed_numbers import TypedNumber, TypedWhole

# So much more than was previewed may be lost before the preview is out of date.
_SLACK: Final = 0.02
# Nor may the price have gone so much of the way to the stop since, in either direction.
_MOVED: Final = 0.25
_EXAMPLE: Final = {
    "place": "binance-perp:btc-usdt-perp", "account": "main", "side": "long", "stop": 95.0, "target": 110.0,
}  # fmt: skip


class TicketInput(OperationInput):
    """An order at once, in a paper or demo account."""

    place: str = Field(min_length=3, max_length=80, description="`<venue>:<instrument>`.")
    account: str = Field(
        min_length=1, max_length=60, description="Paper or demo account with a slot of plan."
    )
    side: Literal["long", "short"]
    stop: TypedNumber
    target: TypedNumber
    bars: TypedWhole = Field(
        24, ge=1, le=MAX_BARS, description="Closes for which it waits for its entry, as of a plan."
    )
    setup: str = Field("", pattern=r"^([0-9a-f]{16})?$", description="The setup that it came of.")
    note: str = ""


class PlaceInput(TicketInput):
    """A ticket that was previewed and is confirmed."""

    worst_loss: TypedNumber = Field(
        ge=-MAX_PRICE,
        le=0.0,
        allow_inf_nan=False,
        description="As the preview said; refused where it would be larger now.",
    )
    entry: TypedNumber | None = Field(
        None,
        ge=MIN_PRICE,
        le=MAX_PRICE,
        allow_inf_nan=False,
        description="Price that the preview counted with; refused where it has moved since by a quarter of the way "
        "to the stop.",
    )
    order: str = Field(
        "",
        pattern=CHOSEN_ID,
        description="An id of your choice, `p` and 16 letters or digits: however often it is sent, it is one order.",
    )


class ArmPlanInput(PlanIdInput):
    """One plan, as it was looked at."""

    version: int | None = Field(
        None, ge=1, description="The version that you looked at; refused where there is a newer one."
    )


@operation("plans.arm", scope="trade", example={"plan": "p0123456789abcdef"})
def arm_plan(
    caller: Caller, params: ArmPlanInput, sources: PlanSources, directory: ConnectorDirectory
) -> PlanResult:
    """Hand a plan to its account: the first close that meets it enters, once."""
    newest = find_plan(sources, caller, params.plan)[-1]
    if params.version not in (None, newest.plan.version):
        raise changed_meanwhile(params.plan)
    try:
        # Pressed or sent twice, it is armed once.
        armed = newest if newest.is_traded else arm(sources, caller, newest)
    except Conflict:
        armed = find_plan(sources, caller, params.plan)[-1]
        if armed.number != newest.number or not armed.is_traded:
            raise
    return plan_result(sources, directory, armed)


@operation("plans.cancel", scope="write", example={"plan": "p0123456789abcdef"})
def cancel_plan(
    caller: Caller, params: PlanIdInput, sources: PlanSources, directory: ConnectorDirectory
) -> PlanResult:
    """Take back a draft, or an armed plan that has not entered; what is armed requires the scope `trade`, as arming."""
    newest = find_plan(sources, caller, params.plan)[-1]
    if newest.is_traded:
        caller.require("trade")
    return plan_result(sources, directory, cancel(sources, caller, newest))


@operation("plans.ticket", example=_EXAMPLE)
def preview_ticket(caller: Caller, params: TicketInput, sources: PlanSources) -> PlanPreview:
    """Show what an order at once comes to in its account: size under the caps, and the worst loss."""
    plan = to_plan(sources, caller, _as_plan(params))
    tradable_account(sources, plan)
    return preview_of(sources, plan, 0.0)


@operation("plans.place", scope="trade", example={**_EXAMPLE, "worst_loss": -50.0})
def place_ticket(
    caller: Caller, params: PlaceInput, sources: PlanSources, directory: ConnectorDirectory
) -> PlanResult:
    """Confirm a ticket that was previewed: it is kept as a plan; the first close between stop and target enters."""
    plan = to_plan(sources, caller, _as_plan(params))
    kept = kept_order(sources, plan, params.order)
    if kept is not None and kept.marks:
        return plan_result(sources, directory, kept)
    # Before it is kept: an order that cannot be placed leaves no draft behind.
    check_armable(sources, plan)
    told = preview_of(sources, plan, 0.0).in_account
    if told is not None and told.refusal:
        raise Conflict(
            "ticket_refused",
            "the account would refuse this entry: {code} (limit {limit:g}, was {value:g})",
            code=told.refusal,
            limit=told.limit,
            value=told.value,
        )
    if told is None or told.worst_loss < params.worst_loss * (1.0 + _SLACK):
        raise Conflict(
            "ticket_out_of_date",
            "the preview is out of date: the worst loss was {given:.2f} and would be {now:.2f} now; look again",
            given=params.worst_loss,
            now=0.0 if told is None else told.worst_loss,
        )
    _refuse_moved(params, plan, told)
    plan = replace(plan, id=params.order or plan.id, shown_qty=told.qty, shown_worst_loss=told.worst_loss)
    try:
        # One whose arming was cut off is kept already.
        armed = arm(sources, caller, kept or sources.plans.add(plan, caller.user))
    except Conflict:
        # Sent twice at the same moment: the other was kept or armed first.
        other = kept_order(sources, plan, params.order)
        if other is None or not other.is_traded:
            raise
        armed = other
    return plan_result(sources, directory, armed)


def _refuse_moved(params: PlaceInput, plan: TradePlan, told: PlanSum) -> None:
    given = params.entry
    if given is not None and abs(told.entry - given) > _MOVED * abs(given - plan.stop):
        raise Conflict(
            "ticket_price_moved",
            "the preview is out of date: the price was {given:g} and is {now:g} now; look again",
            given=given,
            now=told.entry,
        )


def _as_plan(params: TicketInput) -> PlanInput:
    return PlanInput.model_validate(
        params.model_dump(include={"place", "side", "stop", "target", "bars", "account", "setup", "note"})
    )
