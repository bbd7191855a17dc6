"""Handing a plan to its account, and taking it back: a mark in the database, then facts that the account reads.

Where a plan is armed the mark comes first, where it is taken back the facts do: whoever is stopped between the two
leaves nothing traded that no mark stands for, also without a worker. `publish` says again what facts do not say yet.
"""

from __future__ import annotations

from typing import Final

from vigie.data.features import PLAN_MEASURES, plan_series
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.fact import Observation
from vigie.domain.order import TradeRun
from vigie.domain.person import Caller
from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import STATE_WORDS, TradePlan, armed_already
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.noting import note_outcome
from vigie.services.plans.plan_sources import PlanSources, slot_of
from vigie.services.plans.plan_states import outcome_of
from vigie.services.plans.present_price import present_price
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.account_plans.plan_facts import take_back
from vigie.services.trading.accounts.account_status import find_traded_run, is_traded
from vigie.services.trading.log.account_view import open_account_view

# Bars that a plan may wait for its entry: accounts keep a longer history, so that no try is forgotten.
MAX_BARS: Final = 2_000


def arm(sources: PlanSources, caller: Caller, marked: MarkedPlan) -> MarkedPlan:
    """Hand a plan to its account: the first close that meets it from now on enters.

    Raises
    ------
    UsageError, Conflict, NotFound
        With cause and cure, where it could not be traded as it is written.
    """
    account_plan = check_armable(sources, marked.plan)
    now = sources.data.clock.market_now()
    armed = sources.plans.mark(marked.number, "armed", now, caller.user)
    publish(sources, marked.plan.account, account_plan)
    return armed


def check_armable(sources: PlanSources, plan: TradePlan) -> AccountPlan:
    """Return what the account of a plan trades by, which could be handed the plan now.

    Raises
    ------
    UsageError, Conflict, NotFound
        With cause and cure, where it could not be traded as it is written.
    """
    now = sources.data.clock.market_now()
    run, account_plan = tradable_account(sources, plan)
    _refuse_stopped(sources, plan)
    _check_moment(account_plan, plan, now)
    _check_price(sources, plan, now)
    _refuse_second(sources, plan, now)
    _refuse_open(sources, run, plan)
    _refuse_entering(sources, run, plan, now)
    return account_plan


def refuse_late_entry(sources: PlanSources, marked: MarkedPlan) -> None:
    """Refuse to change a plan that was cancelled while its account may still enter what it decided before.

    Raises
    ------
    Conflict
        Until the account has told of its last close before that.
    """
    run = None if marked.ts_cancelled is None else sources.logs.trades.run(marked.plan.account)
    if marked.ts_armed is None or run is None or run.is_replayed or run.owner != marked.plan.owner:
        return
    now = sources.data.clock.market_now()
    # What was decided is entered or refused within the bar after it; an account that is gone by then missed it.
    if now <= (marked.ts_cancelled or 0) + 2 * timeframe_ms(marked.plan.timeframe):
        _refuse_entering(sources, run, marked.plan, now)


def cancel(sources: PlanSources, caller: Caller, marked: MarkedPlan) -> MarkedPlan:
    """Take a plan back; one that has entered, or has ended, is no longer to be taken back.

    Raises
    ------
    Conflict
        With what became of it.
    """
    now = sources.data.clock.market_now()
    outcome = outcome_of(sources, marked, now)
    if outcome.state not in ("draft", "armed"):
        raise Conflict(
            "plan_not_to_be_cancelled",
            "plan {plan} is {state}: only drafts and armed plans can be cancelled",
            plan=marked.plan.id,
            state=STATE_WORDS[outcome.state],
        )
    run = sources.logs.trades.run(marked.plan.account) if marked.plan.account else None
    # While its past is replayed, or it is another's now, nothing of the plan is traded.
    if run is None or run.is_replayed or run.owner != marked.plan.owner:
        return sources.plans.mark(marked.number, "cancelled", now, caller.user)
    if marked.ts_armed is None:
        cancelled = sources.plans.mark(marked.number, "cancelled", now, caller.user)
        if cancelled.ts_armed is not None:
            # Armed in the same moment: what the facts say of it by now is taken back.
            publish(sources, run.account, load_plan(sources.logs.results, run.id))
        return cancelled
    account_plan = load_plan(sources.logs.results, run.id)
    take_back(sources.facts, account_plan.plan_key, now, instrument=marked.plan.instrument)
    # A close until now may have been decided with the plan: what is entered then is the plan's.
    now = sources.data.clock.market_now()
    try:
        return sources.plans.mark(marked.number, "cancelled", now, caller.user)
    finally:
        # Also where the mark could not be written: then the plan is traded as before.
        publish(sources, run.account, account_plan)


def publish(sources: PlanSources, account: str, account_plan: AccountPlan) -> int:
    """Let facts say what the marks of an account's plans say; return how many facts that took.

    Parameters
    ----------
    account : str
        Its name; the plan of each instrument that was armed last counts.
    """
    if not account_plan.plan_key:
        return 0
    now = sources.data.clock.market_now()
    run = sources.logs.trades.run(account)
    owner = "" if run is None else run.owner
    last = {marked.plan.instrument: marked for marked in sources.plans.armed(account)}
    facts: list[Observation] = []
    for instrument, marked in last.items():
        wanted = _values(marked, owner)
        names = {
            measure: plan_series(account_plan.plan_key, instrument, measure) for measure in PLAN_MEASURES
        }
        known = sources.facts.latest(list(names.values()))
        said = {measure: known[name].value for measure, name in names.items() if name in known}
        # Taken back before a new run: its try may stand in the log only, not yet noted.
        is_said_over = said.get("side") == 0.0 and said.get("armed") == float(marked.number)
        if (
            is_said_over
            and wanted["side"]
            and outcome_of(sources, marked, now).state not in ("armed", "entered")
        ):
            continue
        if said != wanted:
            # Newer than what is known also where the clock was set back: what is older would change nothing.
            ts = max([now, *(fact.ts_event + 1 for fact in known.values() if fact.ts_event > now)])
            facts += [Observation(names[measure], ts, ts, value) for measure, value in wanted.items()]
    return sources.facts.append(facts) if facts else 0


def tradable_account(sources: PlanSources, plan: TradePlan) -> tuple[TradeRun, AccountPlan]:
    """Return the account of a plan, which can trade it now.

    Raises
    ------
    UsageError, Conflict, NotFound
        Where it has none, the account trades real money, has no slot for the instrument, or is not running.
    """
    if not plan.account:
        raise UsageError(
            "plan_without_account", "this plan has no account; choose a paper or demo account for it"
        )
    run = find_traded_run(sources.logs.trades, plan.account, plan.owner)
    account_plan = load_plan(sources.logs.results, run.id)
    if run.mode == "live":
        raise UsageError(
            "no_plans_with_real_money", "plans are not traded with real money; remove the slots of plan"
        )
    slot = slot_of(account_plan, plan.instrument)
    if slot is None or run.venue != plan.venue:
        raise UsageError(
            "account_has_no_plan_slot",
            "account {account} has no slot of plan for {instrument} on {venue}; add one to its run file: "
            'instruments = ["{instrument}"], strategy = "plan"',
            account=plan.account,
            instrument=plan.instrument,
            venue=plan.venue,
        )
    if not is_traded(sources.logs.trades, sources.home_health, plan.account):
        raise Conflict(
            "account_not_running",
            "account {account} is not running: nobody would trade the plan; start it first",
            account=plan.account,
        )
    return run, account_plan


def _values(marked: MarkedPlan, owner: str) -> dict[str, float]:
    plan = marked.plan
    low, high = plan.zone
    # Nothing is planned any more after an end: a new run that decides on other bars would count its tries anew. Nor
    # while plan and account belong to two people: whoever has the account could not take the plan back.
    side = float(plan.sign) if marked.is_traded and plan.owner == owner else 0.0
    return {
        "side": side, "low": low, "high": high, "stop": plan.stop, "target": plan.target,
        "until": float(plan.until), "armed": float(marked.number),
    }  # fmt: skip


def _check_moment(account_plan: AccountPlan, plan: TradePlan, now: int) -> None:
    slot = slot_of(account_plan, plan.instrument)
    assert slot is not None
    span = timeframe_ms(slot.slot.timeframe)
    next_close = (now // span + 1) * span
    if not next_close <= plan.until <= now + MAX_BARS * span:
        raise UsageError(
            "plan_until",
            "a plan must last to the next close of its bars ({timeframe}) and at most {most} bars",
            timeframe=slot.slot.timeframe,
            most=MAX_BARS,
        )


def _check_price(sources: PlanSources, plan: TradePlan, now: int) -> None:
    """Refuse a plan whose stop or target the present price has passed, and one without a present price."""
    mark = present_price(sources.quotes, plan, now)
    if mark is None:
        raise Conflict(
            "plan_without_price",
            "no fresh price of {instrument} is known: wait until its venue answers",
            instrument=plan.instrument,
        )
    if not min(plan.stop, plan.target) < mark.price < max(plan.stop, plan.target):
        raise UsageError(
            "plan_price_beyond",
            "the price ({price:g}) is beyond stop ({stop:g}) or target ({target:g}) already",
            price=mark.price,
            stop=plan.stop,
            target=plan.target,
        )


def _refuse_stopped(sources: PlanSources, plan: TradePlan) -> None:
    """Refuse a plan while nothing is entered in its account: its one try would be spent."""
    if sources.logs.trades.state(plan.account) != "active":
        raise Conflict(
            "account_takes_no_entries",
            "account {account} takes no entries now, the plan's one try would be spent; resume entries first",
            account=plan.account,
        )


def _refuse_second(sources: PlanSources, plan: TradePlan, now: int) -> None:
    """Refuse a plan beside another armed one; the store says it again, as others may arm at the same moment."""
    for other in sources.plans.armed(plan.account):
        if other.plan.instrument != plan.instrument or not other.is_traded:
            continue
        outcome = outcome_of(sources, other, now)
        if outcome.state in ("armed", "entered"):
            raise armed_already(other.plan)
        note_outcome(sources, other, outcome)


def _refuse_open(sources: PlanSources, run: TradeRun, plan: TradePlan) -> None:
    with open_account_view(sources.logs, run) as view:
        account = view.account
        held = [] if account is None else [account.slots[number].id for number in view.open_slots]
    # Of any of its strategies: a second position of an instrument would not be entered.
    if any(slot.instrument == plan.instrument for slot in held):
        raise Conflict(
            "plan_position_open",
            "account {account} holds a position of {instrument} already",
            account=plan.account,
            instrument=plan.instrument,
        )


def _refuse_entering(sources: PlanSources, run: TradeRun, plan: TradePlan, now: int) -> None:
    """Refuse a plan while another entry of its instrument is decided and not filled: its own try would be spent.

    What a plan that was cancelled since decided at the last close may not be in the log yet.
    """
    span = timeframe_ms(plan.timeframe)
    last_close = now // span * span
    may_decide = any(
        other.ts_armed is not None
        and other.ts_cancelled is not None
        and other.ts_armed <= last_close <= other.ts_cancelled
        for other in sources.plans.armed(plan.account)
        if other.plan.instrument == plan.instrument
    )
    with open_account_view(sources.logs, run) as view:
        account = view.account
        # An account decides for the first time at a close after it began, and tells nothing before.
        is_entering = (may_decide and run.ts < last_close and view.ts < last_close) or (
            account is not None
            and any(
                account.slot(number)["pending_side"] != 0
                for number, slot in enumerate(account.slots)
                if slot.id.instrument == plan.instrument
            )
        )
    if is_entering:
        raise Conflict(
            "plan_entry_pending",
            "account {account} is about to enter {instrument}; wait for the next bar, then arm the plan again",
            account=plan.account,
            instrument=plan.instrument,
        )
