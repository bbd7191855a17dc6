"""What became of a plan, read off the log of the account that trades it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vigie.domain import codes
from vigie.domain.state import Records
from vigie.domain.time import timeframe_ms
from vigie.domain.trade_plan import PlanState
from vigie.engine.live.fold.account import LiveAccount
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.plan_sources import PlanSources, runs_since, slot_of
from vigie.services.trading.log.account_view import AccountView, open_account_view
from vigie.trading import catalogue

NOT_FILLED: Final = "not_filled"
# Its account's run file was changed: nothing trades it any more.
NO_SLOT: Final = "no_plan_slot"


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    """What became of a plan; times are epoch milliseconds of the market, amounts quote units.

    Attributes
    ----------
    code : str
        Why its entry was refused; how its position ended (``stop``, ``target``, ...); else empty.
    limit, value : float
        What a refusal compared.
    ts_entered, ts_ended : int or None
        Fill of the entry; end of the position, refusal, expiry or cancelling.
    qty, entry, exit, pnl, planned_risk : float or None
        Of the position, with all costs in the result.
    words : str
        Why an order was not filled, with the venue's code and words where it told them.
    """

    state: PlanState
    code: str = ""
    limit: float = 0.0
    value: float = 0.0
    ts_entered: int | None = None
    ts_ended: int | None = None
    qty: float | None = None
    entry: float | None = None
    exit: float | None = None
    pnl: float | None = None
    planned_risk: float | None = None
    words: str = ""


def outcome_of(sources: PlanSources, marked: MarkedPlan, now: int) -> PlanOutcome:
    """Return what became of a version of a plan.

    Parameters
    ----------
    now : int
        The market's time, epoch milliseconds.
    """
    if marked.ts_armed is None:
        if marked.ts_cancelled is not None:
            return PlanOutcome("cancelled", ts_ended=marked.ts_cancelled)
        is_over = now > marked.plan.until
        return PlanOutcome("expired", ts_ended=marked.plan.until) if is_over else PlanOutcome("draft")
    until = marked.plan.until
    # An account decides a close a little later than it is; one that does not run is waited for one bar.
    is_over = now > until + timeframe_ms(marked.plan.timeframe)
    ts_without_slot: int | None = None
    for run in runs_since(sources, marked.plan.account, marked.plan.owner, marked.ts_armed):
        with open_account_view(sources.logs, run) as view:
            # The first: later ones in a plan's time are of plans that were armed when this one was over.
            tried = min(_tries(view, marked), key=_ts_tried, default=None)
            is_over |= now > until and view.ts > until and not _is_entering(view, marked)
            has_slot = slot_of(view.plan, marked.plan.instrument) is not None
            # Of the present run: one that has the slot again tries the plan again.
            ts_without_slot = None if has_slot else run.ts
        if tried is not None:
            return tried
    if marked.ts_cancelled is not None:
        return PlanOutcome("cancelled", ts_ended=marked.ts_cancelled)
    if ts_without_slot is not None and ts_without_slot <= until:
        return PlanOutcome("refused", NO_SLOT, ts_ended=max(ts_without_slot, marked.ts_armed))
    return PlanOutcome("expired", ts_ended=until) if is_over else PlanOutcome("armed")


def _tries(view: AccountView, marked: MarkedPlan) -> Iterator[PlanOutcome]:
    """Yield what the log says of tries in the plan's time, its own one among them; nothing before that."""
    account = view.account
    if account is None:
        return
    for number in _slots_of(account, marked):
        slot, span = account.slot(number), account.slots[number].span_ms
        for trade in account.trades[account.trades["slot"] == number]:
            if _is_within(marked, int(trade["decision_ts"]) + span):
                yield _closed(trade)
        if slot["side"] != 0 and _is_within(marked, int(slot["decision_ts"]) + span):
            yield PlanOutcome(
                "entered", ts_entered=int(slot["entry_ts"]), entry=float(slot["entry"]), qty=float(slot["qty"]),
                planned_risk=float(slot["planned_risk"]),
            )  # fmt: skip
        name = str(account.slots[number].id)
        yield from _refusals(view, marked, name, span)


def _ts_tried(tried: PlanOutcome) -> int:
    ts = tried.ts_ended if tried.ts_entered is None else tried.ts_entered
    assert ts is not None
    return ts


def _slots_of(account: LiveAccount, marked: MarkedPlan) -> list[int]:
    return [
        number
        for number, slot in enumerate(account.slots)
        if slot.id.strategy == catalogue.PLAN and slot.id.instrument == marked.plan.instrument
    ]


def _is_entering(view: AccountView, marked: MarkedPlan) -> bool:
    """Return whether an entry is decided that is not filled yet."""
    account = view.account
    return account is not None and any(
        account.slot(number)["pending_side"] != 0 for number in _slots_of(account, marked)
    )


def _refusals(view: AccountView, marked: MarkedPlan, slot: str, span: int) -> Iterator[PlanOutcome]:
    for refusal in view.refusals:
        # An entry may be refused at the open after the close that decided it.
        if refusal.slot == slot and _is_within(marked, refusal.ts, span):
            yield PlanOutcome("refused", refusal.code, refusal.limit, refusal.value, ts_ended=refusal.ts)
    for unfilled in view.unfilled:
        if unfilled.slot == slot and _is_within(marked, unfilled.ts, span):
            yield PlanOutcome("refused", NOT_FILLED, ts_ended=unfilled.ts, words=unfilled.why)


def _is_within(marked: MarkedPlan, ts: int, span: int = 0) -> bool:
    """Return whether a close is one at which a plan may be tried.

    Parameters
    ----------
    ts : int
        Of the close, epoch milliseconds; or when its entry was refused, where the bars' `span` is given. What was
        decided at the plan's last close is refused before the next, at which another plan may be tried; what is
        refused before the plan's first close is another's.
    """
    if marked.ts_armed is None:
        return False
    until, cancelled = marked.plan.until, marked.ts_cancelled
    last = until if cancelled is None else min(until, cancelled)
    if not span:
        return marked.ts_armed <= ts <= last
    first = -(-marked.ts_armed // span) * span
    return first <= ts < (last // span + 1) * span


def _closed(trade: Records) -> PlanOutcome:
    return PlanOutcome(
        "closed", codes.CODES[int(trade["reason"])], ts_entered=int(trade["entry_ts"]),
        ts_ended=int(trade["exit_ts"]), qty=float(trade["qty"]), entry=float(trade["entry"]),
        exit=float(trade["exit"]), pnl=float(trade["pnl"]), planned_risk=float(trade["planned_risk"]),
    )  # fmt: skip
