"""Plans of trades: what they come to, each version, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

from pydantic import Field

from vigie.data.instruments.table import resolve_instrument
from vigie.domain.account import MAX_CAPITAL, MIN_CAPITAL, Sizing
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.ids import parse_venue, split_full_name
from vigie.domain.person import Caller
from vigie.domain.time import TIMEFRAME_MS
from vigie.domain.trade_plan import OPEN, STATE_WORDS, TradePlan, changed_meanwhile, refuse_absurd_levels
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.plans import MarkedPlan
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.plans.arming import MAX_BARS, refuse_late_entry
from vigie.services.plans.keeping import CHOSEN_ID, kept_plan
from vigie.services.plans.noting import note_outcome
from vigie.services.plans.plan_markets import leverage_at, refuse_other_setup, refuse_unknown_market
from vigie.services.plans.plan_rows import (
    SOURCE,
    PlanPreview,
    PlanResult,
    PlanRow,
    PlanVersionRow,
    SizedAnew,
    to_plan_row,
    to_version_row,
)
from vigie.services.plans.plan_sources import PlanSources, find_plan, runs_since, slot_of
from vigie.services.plans.plan_states import PlanOutcome, outcome_of
from vigie.services.plans.previewing import preview_of
from vigie.services.plans.ticket import TicketWords, ticket_lines
from vigie.services.plans.venue_links import VENUE_SETTING, link_of
from vigie.services.random_tokens import random_token
from vigie.services.rows import table_of
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.accounts.account_status import find_run
from vigie.services.typed_numbers import TypedNumber, TypedWhole

PLAN: Final = r"^p[A-Za-z0-9_-]{16}$"
# Of a person, that wait to be armed; and of a plan.
MOST_DRAFTS: Final = 200
MOST_VERSIONS: Final = 100
_EXAMPLE: Final = {
    "place": "binance-perp:btc-usdt-perp", "side": "long", "low": 99.0, "high": 101.0, "stop": 95.0, "target": 110.0,
}  # fmt: skip


class PlanInput(OperationInput):
    """A trade as a person plans it."""

    place: str = Field(
        min_length=3,
        max_length=80,
        description="`<venue>:<instrument>`, such as `binance-perp:btc-usdt-perp`.",
    )
    side: Literal["long", "short"]
    stop: TypedNumber = Field(description="The one stop.")
    target: TypedNumber = Field(description="The one target.")
    low: TypedNumber | None = Field(
        None, description="Lowest close that enters; leave both out to enter at once."
    )
    high: TypedNumber | None = Field(None, description="Highest close that enters.")
    timeframe: Literal["1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"] = Field(
        "1h",
        description="On whose closes it is decided. An account decides on those of its own slot: leave it out there; "
        "another is refused.",
    )
    bars: TypedWhole = Field(24, ge=1, le=MAX_BARS, description="Closes for which it waits for its entry.")
    leverage: TypedNumber | None = Field(
        1.0, description="1 to 5, what sizes are counted with; null: none, long only. An account has its own."
    )
    account: str = Field(
        "", max_length=60, description="Paper or demo account that trades it; empty: by hand."
    )
    further_targets: list[TypedNumber] = Field(default_factory=list, description="To act on by hand.")
    limit_entries: list[TypedNumber] = Field(default_factory=list, description="To act on by hand.")
    setup: str = Field("", pattern=r"^([0-9a-f]{16})?$", description="The setup that it came of.")
    note: str = Field("", description="Your own words.")
    capital: TypedNumber = Field(
        Sizing().capital, ge=MIN_CAPITAL, le=MAX_CAPITAL, description="For sizes where it has no account."
    )


class MakePlanInput(PlanInput):
    """A new plan."""

    new_id: str = Field(
        "",
        pattern=CHOSEN_ID,
        description="An id of your choice, `p` and 16 letters or digits: however often it is sent, it is one plan.",
    )


class ChangePlanInput(PlanInput):
    """Another version of a plan."""

    plan: str = Field(pattern=PLAN, description="Its id.")
    version: int = Field(ge=1, description="The version that was changed.")


class PlanIdInput(OperationInput):
    """One plan."""

    plan: str = Field(pattern=PLAN, description="Its id.", examples=["p0123456789abcdef"])


class PlansInput(OperationInput):
    """Plans of the caller."""

    state: Literal[
        "", "open", "ended", "draft", "armed", "entered", "closed", "refused", "expired", "cancelled"
    ] = Field("", description="`open`: draft, armed or entered; `ended`: all others; empty for all.")
    account: str = Field("", max_length=60)
    instrument: str = Field("", max_length=80)
    setup: str = Field(
        "", pattern=r"^([0-9a-f]{16})?$", description="The setup that they came of; empty for all."
    )
    limit: int = Field(100, ge=1, le=1_000, description="Maximum number of rows, the latest first.")


class PlansTable(Table[PlanRow]):
    """Plans, and how many are in each state."""

    counts: dict[str, int]
    accounts: list[str] = Field(description="The caller's accounts.")


@operation("plans.list", example={})
def list_plans(caller: Caller, params: PlansInput, sources: PlanSources) -> PlansTable:
    """List one's plans, the latest first."""
    owner, now = owner_of(sources.accounts, caller), sources.data.clock.market_now()
    if params.account:
        find_run(sources.logs.trades, params.account, owner)
    rows = [to_plan_row(marked, outcome_of(sources, marked, now)) for marked in sources.plans.newest(owner)]
    wanted = [
        row
        for row in rows
        if params.account in ("", row.account)
        and params.instrument in ("", row.instrument)
        and params.setup in ("", row.setup)
    ]
    counts: dict[str, int] = {}
    for row in wanted:
        counts[row.state] = counts.get(row.state, 0) + 1
    shown = [row for row in wanted if _is_in(row.state, params.state)]
    table = table_of(PlanRow, shown[: params.limit], origins=[Origin(source=SOURCE)], total=len(shown))
    return PlansTable(
        **{name: getattr(table, name) for name in Table.model_fields},
        counts=counts,
        accounts=sorted({run.account for run in sources.logs.trades.accounts(owner)}),
    )


@operation("plans.read", example={"plan": "p0123456789abcdef"})
def read_plan(
    caller: Caller, params: PlanIdInput, sources: PlanSources, directory: ConnectorDirectory
) -> PlanResult:
    """Show one plan: its newest version, what became of it, and how to act on it by hand."""
    versions = find_plan(sources, caller, params.plan)
    return plan_result(sources, directory, versions[-1], language=caller.language)


@operation("plans.versions", example={"plan": "p0123456789abcdef"})
def list_versions(caller: Caller, params: PlanIdInput, sources: PlanSources) -> Table[PlanVersionRow]:
    """List the versions of a plan, oldest first."""
    rows = [to_version_row(marked) for marked in find_plan(sources, caller, params.plan)]
    return table_of(PlanVersionRow, rows, origins=[Origin(source=SOURCE)], total=len(rows))


@operation("plans.preview", example=_EXAMPLE)
def preview_plan(caller: Caller, params: PlanInput, sources: PlanSources) -> PlanPreview:
    """Show what a plan comes to: size, loss, gain, costs, and how often such distances were reached first."""
    return preview_of(sources, to_plan(sources, caller, params), params.capital)


@operation("plans.figures", example={"plan": "p0123456789abcdef"})
def read_figures(caller: Caller, params: PlanIdInput, sources: PlanSources) -> PlanPreview:
    """Show what a plan that is kept comes to now."""
    newest = find_plan(sources, caller, params.plan)[-1]
    return preview_of(sources, newest.plan, Sizing().capital, is_armed=newest.is_traded)


@operation("plans.make", scope="write", example=_EXAMPLE)
def make_plan(
    caller: Caller, params: MakePlanInput, sources: PlanSources, directory: ConnectorDirectory
) -> PlanResult:
    """Keep a plan as a draft; nothing is traded."""
    plan = to_plan(sources, caller, params)
    if params.new_id:
        plan = replace(plan, id=params.new_id)
        if kept := kept_plan(sources, plan):
            return plan_result(sources, directory, kept)
    refuse_unknown_market(sources, plan)
    _refuse_more_drafts(sources, caller)
    try:
        marked = sources.plans.add(plan, caller.user)
    except Conflict:
        # Sent twice at the same moment: the other was kept first.
        kept = kept_plan(sources, plan)
        if kept is None:
            raise
        marked = kept
    return plan_result(sources, directory, marked)


@operation("plans.change", scope="write", example={**_EXAMPLE, "plan": "p0123456789abcdef", "version": 1})
def change_plan(
    caller: Caller, params: ChangePlanInput, sources: PlanSources, directory: ConnectorDirectory
) -> PlanResult:
    """Write another version of a draft; an armed plan is cancelled first."""
    newest = find_plan(sources, caller, params.plan)[-1]
    outcome = outcome_of(sources, newest, sources.data.clock.market_now())
    state = outcome.state
    if state in ("armed", "entered"):
        raise Conflict(
            "plan_is_running",
            "plan {plan} is {state}; cancel it first",
            plan=params.plan,
            state=STATE_WORDS[state],
        )
    if state == "closed":
        raise Conflict(
            "plan_was_traded", "plan {plan} was traded and stays as it is; make a new one", plan=params.plan
        )
    refuse_late_entry(sources, newest)
    if state != "draft":
        _refuse_more_drafts(sources, caller)
    if newest.plan.version >= MOST_VERSIONS:
        raise UsageError(
            "most_plan_versions",
            "plan {plan} has {most} versions, the most there can be; make a new one",
            plan=params.plan,
            most=MOST_VERSIONS,
        )
    if newest.plan.version != params.version:
        raise changed_meanwhile(params.plan)
    plan = replace(to_plan(sources, caller, params), id=params.plan, version=params.version + 1)
    refuse_unknown_market(sources, plan)
    if newest.is_traded:
        note_outcome(sources, newest, outcome)
    return plan_result(sources, directory, sources.plans.add(plan, caller.user))


def parse_place(place: str) -> tuple[str, str]:
    """Return the venue and the instrument that a plan names.

    Raises
    ------
    UsageError
        If it names no venue, or one or an instrument that cannot be.
    """
    venue, name = split_full_name(place)
    if not venue:
        raise UsageError(
            "plan_names_a_venue",
            "a plan names a venue and an instrument, such as binance-perp:btc-usdt-perp, was {given!r}",
            given=place,
        )
    return parse_venue(venue), str(resolve_instrument(venue, name))


def to_plan(sources: PlanSources, caller: Caller, params: PlanInput) -> TradePlan:
    """Return the plan that an input describes, its levels checked."""
    refuse_absurd_levels(
        {"stop": params.stop, "target": params.target, "low": params.low, "high": params.high},
        params.further_targets,
        params.limit_entries,
    )
    venue, instrument = parse_place(params.place)
    owner, now = owner_of(sources.accounts, caller), sources.data.clock.market_now()
    timeframe: str = params.timeframe
    if params.account:
        own_timeframe = plan_timeframe(sources, params.account, owner, instrument)
        if own_timeframe:
            timeframe = own_timeframe
            _refuse_other_bars(params, instrument, timeframe)
    span = TIMEFRAME_MS[timeframe]
    plan = TradePlan(
        id=f"p{random_token(12)}", version=1, owner=owner, account=params.account, venue=venue,
        instrument=instrument, timeframe=timeframe, side=params.side, low=params.low, high=params.high,
        stop=params.stop, target=params.target, until=(now // span + params.bars) * span,
        leverage=leverage_at(venue, instrument, params.side, params.leverage),
        further_targets=tuple(params.further_targets), limit_entries=tuple(params.limit_entries),
        setup=params.setup, note=params.note.strip(), ts_made=now,
    )  # fmt: skip
    refuse_other_setup(sources, plan)
    return plan


def plan_timeframe(sources: PlanSources, account: str, owner: str, instrument: str) -> str:
    """Return on which bars an account decides plans of an instrument; empty where it has no slot for them.

    Raises
    ------
    NotFound
        If the owner has no such account.
    DataError
        If the account's file cannot be read.
    """
    run = find_run(sources.logs.trades, account, owner)
    slot = slot_of(load_plan(sources.logs.results, run.id), instrument)
    return "" if slot is None else slot.slot.timeframe


def _refuse_other_bars(params: PlanInput, instrument: str, timeframe: str) -> None:
    """Refuse a timeframe that was asked for and is not the account's: the plan would end at another time."""
    if "timeframe" in params.model_fields_set and params.timeframe != timeframe:
        raise UsageError(
            "plan_bars_of_account",
            "account {account} decides plans of {instrument} on bars of {timeframe}, not {given}: choose {timeframe}, "
            "and how many such bars the plan is to wait",
            account=params.account,
            instrument=instrument,
            timeframe=timeframe,
            given=params.timeframe,
        )


def plan_result(
    sources: PlanSources, directory: ConnectorDirectory, marked: MarkedPlan, *, language: str = ""
) -> PlanResult:
    """Return one plan in full, with a link in the reader's language."""
    plan, outcome = marked.plan, outcome_of(sources, marked, sources.data.clock.market_now())
    chosen = str(sources.accounts.settings(plan.owner)[1].get(VENUE_SETTING) or "")
    link = link_of(
        directory.market_pages(), sources.data.instruments, plan.venue, plan.instrument, chosen=chosen,
        language=language,
    )  # fmt: skip
    told = PlanResult(
        newest=to_plan_row(marked, outcome), leverage=plan.leverage, further_targets=list(plan.further_targets),
        limit_entries=list(plan.limit_entries), note=plan.note, is_at_once=plan.is_at_once,
        limit=outcome.limit, value=outcome.value, words=outcome.words, qty=outcome.qty,
        planned_risk=outcome.planned_risk, r=_multiple(outcome),
        sized_anew=_sized_anew(sources, marked, outcome), previewed_qty=plan.shown_qty,
        previewed_worst_loss=plan.shown_worst_loss,
        link=link.address, link_venue=link.title, link_unlisted=link.unlisted,
        ticket="", versions=plan.version,
    )  # fmt: skip
    return told.model_copy(update={"ticket": "\n".join(ticket_lines(told, TicketWords()))})


def _refuse_more_drafts(sources: PlanSources, caller: Caller) -> None:
    if (
        sources.plans.draft_count(owner_of(sources.accounts, caller), sources.data.clock.market_now())
        >= MOST_DRAFTS
    ):
        raise UsageError(
            "most_plan_drafts", "you can have at most {most} drafts; cancel one first", most=MOST_DRAFTS
        )


def _sized_anew(sources: PlanSources, marked: MarkedPlan, outcome: PlanOutcome) -> SizedAnew | None:
    """Return what a change of its account's run file made of an armed plan's size; None where it is as it was."""
    plan = marked.plan
    if outcome.state != "armed" or marked.ts_armed is None:
        return None
    runs = runs_since(sources, plan.account, plan.owner, marked.ts_armed)
    slots = [slot_of(load_plan(sources.logs.results, run.id), plan.instrument) for run in runs]
    before, after = (slots[0], slots[-1]) if slots else (None, None)
    if before is None or after is None:
        return None
    told = SizedAnew(
        risk_before=before.sizing.risk_fraction, leverage_before=before.sizing.leverage,
        risk=after.sizing.risk_fraction, leverage=after.sizing.leverage,
    )  # fmt: skip
    is_same = (told.risk_before, told.leverage_before) == (told.risk, told.leverage)
    return None if is_same else told


def _multiple(outcome: PlanOutcome) -> float | None:
    if outcome.pnl is None or not outcome.planned_risk:
        return None
    return outcome.pnl / outcome.planned_risk


def _is_in(state: str, wanted: str) -> bool:
    if wanted == "open":
        return state in OPEN
    if wanted == "ended":
        return state not in OPEN
    return wanted in ("", state)
