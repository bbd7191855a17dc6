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
from vigie.engine.live.fold import steps
from vigie.engine.live.fold.loss_limits import DayLoss, LossLimits, add_day_loss, merge_stricter
from vigie.ports.home import ResultsHome
from vigie.ports.listed_venue import LedgerEntry, ListedVenue
from vigie.ports.tradebook import AuditNote, TradeBook, TradeChange
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import load_event_log

KIND: Final = "trade.limits"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CarriedLimits:
    """What a run goes on with, as its log and the audit chain have it.

    Attributes
    ----------
    newest_run : TradeRun or None
        The run that traded the money last.
    """

    step: steps.LimitsInherited
    note: AuditNote
    newest_run: TradeRun | None = None

    @property
    def steps(self) -> tuple[Any, ...]:
        """Return the step as it is written."""
        return (steps.encode_step(self.step),)


@dataclass(frozen=True, slots=True)
class _EarlierRun:
    """A run on the same money, and what its log says."""

    run: TradeRun
    event_log: EventLog

    @property
    def number(self) -> int:
        return self.event_log.number

    def knows(self, earlier: _EarlierRun) -> bool:
        """Tell whether its limits are those of another run already."""
        return self.event_log.replay.memory.seen_runs.get(earlier.run.id, 0) >= earlier.number


async def carry_to_new_run(
    stores: TradingStores, plan: AccountPlan, money: str, venue: ListedVenue | None, say: Say
) -> CarriedLimits | None:
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
    now = stores.clock.market_now()
    earlier_runs = _find_earlier_runs(stores.results, stores.trades, plan, money)
    limits = _merge_limits(earlier_runs)
    ledger = None
    if venue is not None:
        since = max(
            [now // DAY_MS * DAY_MS, *(_watched_until(stores.trades, item) + 1 for item in earlier_runs)]
        )
        ledger = await read_day_loss(venue, since, now)
        limits = add_day_loss(limits, ledger, plan.protections or Protections())
    if limits is None:
        return None
    lifted = max(
        (item.event_log.replay.memory.lifted for item in earlier_runs if item.run.account == plan.account),
        default=-1,
    )
    if lifted < 0:
        # What was lifted under this name before was not of this money.
        lifted = max((item.number for item in stores.trades.lifts(plan.account)), default=0)
    is_known = bool(earlier_runs)
    for line in _describe_limits(plan.account, limits, now, is_known=is_known):
        say(line)
    step = steps.LimitsInherited(now, limits.limits, limits.peaks, _last_steps(earlier_runs), lifted)
    return CarriedLimits(
        step,
        _limits_note(plan.account, limits, now, earlier_runs),
        earlier_runs[-1].run if earlier_runs else None,
    )


def carry_to_known_run(
    stores: TradingStores, run: TradeRun, plan: AccountPlan, money: str, say: Say
) -> CarriedLimits | None:
    """Return the limits that other runs on the same money leave to one that goes on; None where they leave nothing."""
    own = _EarlierRun(run, load_event_log(stores.results, stores.trades, run))
    account, last_steps = own.event_log.account, own.event_log.replay.memory.seen_runs
    other_runs = [
        earlier
        for earlier in _find_earlier_runs(stores.results, stores.trades, plan, money)
        if earlier.run.id != run.id
    ]
    other_runs = [earlier for earlier in other_runs if earlier.number > last_steps.get(earlier.run.id, 0)]
    if not other_runs or account is None:
        return None
    now = stores.clock.market_now()
    limits = _merge_limits([own, *other_runs])
    assert limits is not None
    for line in _describe_limits(plan.account, limits, now, is_known=True):
        say(line)
    step = steps.LimitsInherited(
        now, limits.limits, limits.peaks, _last_steps(other_runs), own.event_log.replay.memory.lifted
    )
    return CarriedLimits(step, _limits_note(plan.account, limits, now, other_runs))


def write_carried_limits(
    trades: TradeBook, lease: Lease, run: TradeRun, money: str, carried: CarriedLimits | None
) -> None:
    """Write down whose money a run that goes on trades, and the limits that it goes on with."""
    if money:
        trades.note_money(run.id, money)
    if carried is not None:
        trades.commit(lease, TradeChange(steps=carried.steps, notes=(carried.note,)))


# The runs before -----------------------------------------------------------------------------------------------


def _find_earlier_runs(
    results: ResultsHome, trades: TradeBook, plan: AccountPlan, money: str
) -> list[_EarlierRun]:
    """Return the newest run of each account that traded the same money, in the order in which they were traded."""
    newest: dict[str, TradeRun] = {}
    for run in trades.runs_of():
        if trades.last_step(run.id) and _is_same_money(trades, run, plan, money):
            newest[run.account] = run
    runs = [_EarlierRun(run, load_event_log(results, trades, run)) for run in newest.values()]
    return sorted(runs, key=lambda earlier: earlier.event_log.ts)


def _is_same_money(trades: TradeBook, run: TradeRun, plan: AccountPlan, money: str) -> bool:
    if run.mode != plan.mode or run.is_replayed:
        return False
    if plan.mode == "paper":
        return run.account == plan.account
    if run.venue.rpartition("-")[0] != plan.venue.rpartition("-")[0]:
        return False
    # Runs of an earlier version have no key noted: a home had one for each venue and mode.
    return run.id in trades.runs_on(money) or not trades.is_money_known(run.id)


def _merge_limits(earlier_runs: Sequence[_EarlierRun]) -> LossLimits | None:
    """Return the limits of several runs: of one that knows all others, else the stricter of each."""
    limits: LossLimits | None = None
    for place, earlier in enumerate(earlier_runs):
        account = earlier.event_log.account
        if account is None:
            continue
        is_heir = all(earlier.knows(older) for older in earlier_runs[:place])
        limits = account.limits if limits is None or is_heir else merge_stricter(limits, account.limits)
    return limits


def _last_steps(earlier_runs: Iterable[_EarlierRun]) -> tuple[tuple[str, int], ...]:
    last_steps: dict[str, int] = {}
    for earlier in earlier_runs:
        last_steps |= earlier.event_log.replay.memory.seen_runs
    return tuple(sorted((last_steps | {earlier.run.id: earlier.number for earlier in earlier_runs}).items()))


def _watched_until(trades: TradeBook, earlier: _EarlierRun) -> int:
    """Return the time up to which a run knows what happened to its money."""
    fills = (fill.ts for fill in trades.fills(earlier.run.id))
    fundings = (paid.ts for paid in trades.fundings(earlier.run.id))
    return max([earlier.event_log.ts, *fills, *fundings])


# The venue's ledger --------------------------------------------------------------------------------------------


async def read_day_loss(venue: ListedVenue, since: int, now: int) -> DayLoss:
    """Read from a venue's ledger what its account lost since a time of today, open positions at their present price.

    A position that was open before counts with its whole result: what of it is older the ledger does not say.
    """
    entries = await venue.ledger(since)
    balance = await venue.balance()
    return compute_day_loss(entries, balance.cash, balance.equity, now // DAY_MS)


def compute_day_loss(entries: Sequence[LedgerEntry], cash: Decimal, equity: Decimal, day: int) -> DayLoss:
    """Return what was lost over entries of a ledger that lead to a cash; money that was moved is no loss."""
    balance = opened = cash - sum((ledger_entry.amount for ledger_entry in entries), Decimal(0))
    worst = Decimal(0)
    for ledger_entry in sorted(entries, key=lambda entry: entry.ts):
        previous, balance = balance, balance + ledger_entry.amount
        if ledger_entry.is_transfer:
            opened = opened * balance / previous if min(opened, previous, balance) > 0 else balance
        worst = max(worst, _loss_share(opened, balance))
    now = _loss_share(opened, equity)
    return DayLoss(day, float(now), float(max(worst, now)))


def _loss_share(opened: Decimal, balance: Decimal) -> Decimal:
    if opened <= 0:
        return Decimal(0) if balance >= opened else Decimal(1)
    return 1 - balance / opened


# What is told --------------------------------------------------------------------------------------------------


def _describe_limits(account: str, limits: LossLimits, now: int, *, is_known: bool) -> list[str]:
    loss = f"the loss of the day is {limits.day_loss(now):.2%} so far"
    if is_known:
        lines = [f"the limits of loss of the run before go on: {loss}"]
    else:
        unknown = "the drawdown before now cannot be known, its limits count from now"
        lines = [f"this home has not traded this account before: {loss} by the venue's ledger; {unknown}"]
    in_force = limits.active_until(now)
    if in_force:
        ends = ", ".join(f"{name} until {iso(until)}" for name, until in in_force.items())
        lines.append(
            f"entries are refused by {ends}; to end a limit early: vigie trade lift --account {account} --why REASON"
        )
    return lines


def _limits_note(
    account: str, limits: LossLimits, now: int, earlier_runs: Sequence[_EarlierRun]
) -> AuditNote:
    details = {
        "source": "run" if earlier_runs else "ledger",
        "runs": [earlier.run.id for earlier in earlier_runs],
        "day_loss": round(limits.day_loss(now), 6),
        "limits": sorted(limits.active_until(now)),
    }
    return AuditNote(KIND, account, details)
