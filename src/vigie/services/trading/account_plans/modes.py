"""Paper, demo, live: what must be true before an account may trade, above all with real money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.domain.errors import Forbidden, UsageError
from vigie.domain.order import TradeRun
from vigie.domain.time import DAY_MS, iso
from vigie.engine.live.fold import steps
from vigie.ports.audit import AuditLog
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.account_plans.downtime import list_downtimes

PAPER_DAYS: Final = 14
MOST: Final = 0.75


@dataclass(frozen=True, slots=True)
class LiveSwitches:
    """What a person has said about real money.

    Attributes
    ----------
    is_allowed : bool
        ``allow_live`` of the settings.
    typed : str
        What was typed to confirm.
    is_simulated : bool
        Whether the home holds a simulated market: its days are no days.
    """

    is_allowed: bool
    typed: str
    is_simulated: bool = False


def words_to_type(account: str) -> str:
    """Return what must be typed before real money is traded."""
    return f"trade real money on {account}"


def check_switches(switches: LiveSwitches, account: str) -> None:
    """Refuse real money that nobody allowed or confirmed.

    Raises
    ------
    Forbidden
        With the switch that is missing, and how it is set.
    """
    if switches.is_simulated:
        raise Forbidden(
            "home_folder_simulated_market",
            "this home folder has a simulated market; trade real money from another home folder",
        )
    if not switches.is_allowed:
        raise Forbidden(
            "real_money_not_allowed_here",
            "real money is not allowed here; set allow_live = true in vigie.toml (or VIGIE_ALLOW_LIVE)",
        )
    if switches.typed != words_to_type(account):
        raise Forbidden(
            "real_money_must_confirmed",
            "real money must be confirmed: type {account!r} when asked, or --confirm",
            account=words_to_type(account),
        )


def check_paper_days(audit: AuditLog, trades: TradeBook, owner: str, plan: AccountPlan) -> None:
    """Refuse real money for what was not traded on paper for long enough.

    Parameters
    ----------
    plan : AccountPlan
        What is to be traded: the paper period must have been of the same.

    Raises
    ------
    Forbidden
        With how many days it was, and how to go on.
    """
    days = len(paper_days(audit, trades, owner, plan))
    if days < PAPER_DAYS:
        raise Forbidden(
            "real_money_requires_days_paper",
            "real money requires {paper_days} days of paper trading with the same run file, had {days}; "
            "a day (UTC) counts if {most:.0%} of its bars were traded live, not caught up later; trade "
            "it on paper first, and leave it running: vigie trade run CONFIG --mode paper",
            paper_days=PAPER_DAYS,
            days=days,
            most=MOST,
        )


def paper_days(audit: AuditLog, trades: TradeBook, owner: str, plan: AccountPlan) -> set[int]:
    """Return the days, numbered since 1970, through most of which a plan was traded on paper."""
    span = min(series_id.span_ms for series_id in plan.series)
    downtimes = list_downtimes(audit)
    ends: set[int] = set()
    for run in trades.runs_of(owner):
        if (run.mode, run.plan) != ("paper", plan.fingerprint) or run.is_replayed:
            continue
        gaps = downtimes.get(run.id, ())
        for step in map(steps.decode_step, trades.steps(run.id)):
            if isinstance(step, steps.BarsClosed) and step.bars and not _is_in_gap(gaps, step.ts - span):
                # A bar belongs to the day that it began in.
                ends.add((step.ts - span) // span)
    bars_by_day = Counter(number * span // DAY_MS for number in ends)
    return {day for day, count in bars_by_day.items() if count >= MOST * DAY_MS / span}


def _is_in_gap(gaps: Iterable[tuple[int, int]], ts: int) -> bool:
    return any(since <= ts < until for since, until in gaps)


def check_same_plan(
    run: TradeRun, plan: str, mode: str, venue: str, changes: Callable[[], Sequence[str]] = lambda: ()
) -> None:
    """Refuse to go on with a run under another plan.

    Parameters
    ----------
    changes : callable
        Says in words which parts of the plan are others; asked where the fingerprint is another.

    Raises
    ------
    UsageError
        With what changed, and what may be done.
    """
    pairs = {
        "mode": (run.mode, mode),
        "venue": (run.venue, venue),
    }
    changed = [f"{name} ({old} before, {new} now)" for name, (old, new) in pairs.items() if old != new]
    if run.plan != plan:
        unknown = f"a part that cannot be named ({run.plan[:12]} before, {plan[:12]} now)"
        changed += changes() or ([] if changed else [unknown])
    if changed:
        raise UsageError(
            "account_traded_since_another_plan",
            "account {account} has traded since {ts} with another plan; changed: "
            "{changed}. Restore the run file, start over with --new-run, or name another "
            "--account",
            account=run.account,
            ts=iso(run.ts),
            changed=", ".join(changed),
        )


def check_detail(run: TradeRun, pinned: str, stated: str | None) -> None:
    """Refuse finer bars that are others than those a run began with; one that began without any keeps none.

    Raises
    ------
    UsageError
        With both, and what may be done.
    """
    if pinned and stated is not None and stated != pinned:
        raise UsageError(
            "account_checks_levels_bars_since",
            "account {account} checks its levels on {pinned} bars since {ts}, detail is now "
            "{stated}; restore {pinned}, start over with --new-run, or name another --account",
            account=run.account,
            pinned=pinned,
            ts=iso(run.ts),
            stated=stated,
        )
