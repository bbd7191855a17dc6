"""Limits of loss that a run goes on with: of the run before on the same money, or of the venue's own ledger.

On paper the money is the account's name, at a venue the account there, known by the fingerprint of its key: a new run
and another name change neither. What nobody here watched is read from the venue's ledger before anything is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from vigie.domain.account import Protections
from vigie.domain.order import Lease, TradeRun
from vigie.domain.time import DAY_MS, iso
from vigie.engine.live import steps
from vigie.engine.live.loss_limits import DayLoss, LossLimits, add_day_loss, merge_stricter
from vigie.ports.tradebook import AuditNote, TradeChange
from vigie.ports.trading import LedgerEntry, ListedVenue
from vigie.services.house import House
from vigie.services.trading.chronicle import Chronicle
from vigie.services.trading.kept_folds import folded
from vigie.services.trading.plan import TradePlan

KIND: Final = "trade.limits"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Carried:
    """What a run goes on with, as its log and the audit chain have it.

    Attributes
    ----------
    newest : TradeRun or None
        The run that traded the money last.
    """

    step: steps.LimitsInherited
    note: AuditNote
    newest: TradeRun | None = None

    @property
    def steps(self) -> tuple[Any, ...]:
        """Return the step as it is written."""
        return (steps.written(self.step),)


@dataclass(frozen=True, slots=True)
class _Before:
    """A run on the same money, and what its log says."""

    run: TradeRun
    chronicle: Chronicle

    @property
    def number(self) -> int:
        return self.chronicle.number

    def knows(self, other: _Before) -> bool:
        """Tell whether its limits are those of another run already."""
        return self.chronicle.fold.memory.seen_runs.get(other.run.id, 0) >= other.number


async def of_new_run(
    house: House, plan: TradePlan, money: str, venue: ListedVenue | None, say: Say
) -> Carried | None:
    """Return the limits that a new run begins with; None where there are none, and nothing was lost today.

    Parameters
    ----------
    money : str
        Fingerprint of the key at the venue; empty on paper.

    Raises
    ------
    TransientError, ConnectorError
        If the venue does not show its ledger: without it nothing may be entered.
    """
    now = house.clock.market_now()
    before = _before(house, plan, money)
    limits = _together(before)
    ledger = None
    if venue is not None:
        since = max([now // DAY_MS * DAY_MS, *(_watched_until(house, one) + 1 for one in before)])
        ledger = await day_loss(venue, since, now)
        limits = add_day_loss(limits, ledger, plan.protections or Protections())
    if limits is None:
        return None
    lifted = max(
        (one.chronicle.fold.memory.lifted for one in before if one.run.account == plan.account), default=-1
    )
    if lifted < 0:
        # What was lifted under this name before was not of this money.
        lifted = max((one.number for one in house.trades.lifts(plan.account)), default=0)
    is_known = bool(before)
    for line in _lines(plan.account, limits, now, is_known=is_known):
        say(line)
    step = steps.LimitsInherited(now, limits.limits, limits.peaks, _seen(before), lifted)
    return Carried(step, _note(plan.account, limits, now, before), before[-1].run if before else None)


def of_known_run(house: House, run: TradeRun, plan: TradePlan, money: str, say: Say) -> Carried | None:
    """Return the limits that other runs on the same money leave to one that goes on; None where they leave nothing."""
    own = _Before(run, folded(house, run))
    account, seen = own.chronicle.account, own.chronicle.fold.memory.seen_runs
    others = [one for one in _before(house, plan, money) if one.run.id != run.id]
    others = [one for one in others if one.number > seen.get(one.run.id, 0)]
    if not others or account is None:
        return None
    now = house.clock.market_now()
    limits = _together([own, *others])
    assert limits is not None
    for line in _lines(plan.account, limits, now, is_known=True):
        say(line)
    step = steps.LimitsInherited(
        now, limits.limits, limits.peaks, _seen(others), own.chronicle.fold.memory.lifted
    )
    return Carried(step, _note(plan.account, limits, now, others))


def go_on(house: House, lease: Lease, run: TradeRun, money: str, carried: Carried | None) -> None:
    """Write down whose money a run that goes on trades, and the limits that it goes on with."""
    if money:
        house.trades.note_money(run.id, money)
    if carried is not None:
        house.trades.commit(lease, TradeChange(steps=carried.steps, notes=(carried.note,)))


# The runs before -----------------------------------------------------------------------------------------------


def _before(house: House, plan: TradePlan, money: str) -> list[_Before]:
    """Return the newest run of each account that traded the same money, in the order in which they were traded."""
    newest: dict[str, TradeRun] = {}
    for run in house.trades.runs_of():
        if house.trades.last_step(run.id) and _is_same_money(house, run, plan, money):
            newest[run.account] = run
    found = [_Before(run, folded(house, run)) for run in newest.values()]
    return sorted(found, key=lambda one: one.chronicle.ts)


def _is_same_money(house: House, run: TradeRun, plan: TradePlan, money: str) -> bool:
    if run.mode != plan.mode:
        return False
    if plan.mode == "paper":
        return run.account == plan.account
    if run.venue.rpartition("-")[0] != plan.venue.rpartition("-")[0]:
        return False
    # Runs of an earlier version have no key noted: a home had one for each venue and mode.
    return run.id in house.trades.runs_on(money) or not house.trades.is_money_known(run.id)


def _together(before: Sequence[_Before]) -> LossLimits | None:
    """Return the limits of several runs: of one that knows all others, else the stricter of each."""
    limits: LossLimits | None = None
    for place, one in enumerate(before):
        account = one.chronicle.account
        if account is None:
            continue
        is_heir = all(one.knows(other) for other in before[:place])
        limits = account.limits if limits is None or is_heir else merge_stricter(limits, account.limits)
    return limits


def _seen(before: Iterable[_Before]) -> tuple[tuple[str, int], ...]:
    seen: dict[str, int] = {}
    for one in before:
        seen |= one.chronicle.fold.memory.seen_runs
    return tuple(sorted((seen | {one.run.id: one.number for one in before}).items()))


def _watched_until(house: House, one: _Before) -> int:
    """Return the time up to which a run knows what happened to its money."""
    fills = (fill.ts for fill in house.trades.fills(one.run.id))
    fundings = (paid.ts for paid in house.trades.fundings(one.run.id))
    return max([one.chronicle.ts, *fills, *fundings])


# The venue's ledger --------------------------------------------------------------------------------------------


async def day_loss(venue: ListedVenue, since: int, now: int) -> DayLoss:
    """Read from a venue's ledger what its account lost since a time of today, open positions at their present price.

    A position that was open before counts with its whole result: what of it is older the ledger does not say.
    """
    entries = await venue.ledger(since)
    balance = await venue.balance()
    return lost(entries, balance.cash, balance.equity, now // DAY_MS)


def lost(entries: Sequence[LedgerEntry], cash: Decimal, equity: Decimal, day: int) -> DayLoss:
    """Return what was lost over entries of a ledger that lead to a cash; money that was moved is no loss."""
    there = opened = cash - sum((one.amount for one in entries), Decimal(0))
    worst = Decimal(0)
    for one in sorted(entries, key=lambda entry: entry.ts):
        before, there = there, there + one.amount
        if one.is_transfer:
            opened = opened * there / before if min(opened, before, there) > 0 else there
        worst = max(worst, _share(opened, there))
    now = _share(opened, equity)
    return DayLoss(day, float(now), float(max(worst, now)))


def _share(opened: Decimal, there: Decimal) -> Decimal:
    if opened <= 0:
        return Decimal(0) if there >= opened else Decimal(1)
    return 1 - there / opened


# What is told --------------------------------------------------------------------------------------------------


def _lines(account: str, limits: LossLimits, now: int, *, is_known: bool) -> list[str]:
    loss = f"the loss of the day is {limits.day_loss(now):.2%} so far"
    if is_known:
        said = [f"the limits of loss of the run before go on: {loss}"]
    else:
        unknown = "the drawdown before now cannot be known, its limits count from now"
        said = [f"this home has not traded this account before: {loss} by the venue's ledger; {unknown}"]
    held = limits.active_until(now)
    if held:
        ends = ", ".join(f"{name} until {iso(until)}" for name, until in held.items())
        said.append(
            f"entries are refused by {ends}; to end a limit early: vigie trade lift --account {account} --why REASON"
        )
    return said


def _note(account: str, limits: LossLimits, now: int, before: Sequence[_Before]) -> AuditNote:
    told = {
        "source": "run" if before else "ledger",
        "runs": [one.run.id for one in before],
        "day_loss": round(limits.day_loss(now), 6),
        "limits": sorted(limits.active_until(now)),
    }
    return AuditNote(KIND, account, told)
