"""What an open plan gives cause to tell: its states, levels that the price is near, news of its asset, losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.time import DAY_MS
from vigie.domain.trade_plan import PlanState
from vigie.intelligence.alerts.plan_levels import LIMIT_SHARE, LOSS_SHARE, lost_share, near_levels
from vigie.ports.plan_notices import PlanNoticeKind
from vigie.ports.plans import MarkedPlan
from vigie.services.plans.plan_news import PlanStory
from vigie.services.plans.plan_sources import PlanSources
from vigie.services.plans.plan_states import PlanOutcome, outcome_of
from vigie.services.plans.present_price import present_price
from vigie.services.trading.accounts.account_status import marks_of
from vigie.services.trading.accounts.figures import limit_rows, open_rows
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.services.trading.log.account_view import open_account_view

# Ends that are told beside the six a day.
UNCOUNTED: Final = ("stop", "liquidation")
# Limits of an account that losses use up.
LOSS_LIMITS: Final = ("daily_loss", "window_drawdown", "account_drawdown", "global_drawdown")
_ToldState = Literal["entered", "closed", "refused", "expired"]


@dataclass(frozen=True, slots=True)
class FoundNotice:
    """Something to tell of a plan, before it is decided whether it is told."""

    key: str
    kind: PlanNoticeKind
    facts: Mapping[str, object]
    ts_known: int
    is_counted: bool = True


def state_notice(state: _ToldState, code: str, ts: int) -> FoundNotice:
    """Return what became of a plan as something to tell."""
    return FoundNotice(
        f"state/{state}", "state", {"state": state, "code": code}, ts, is_counted=code not in UNCOUNTED
    )


def level_notices(
    sources: PlanSources, marked: MarkedPlan, outcome: PlanOutcome | None, now: int, day: int
) -> Iterator[FoundNotice]:
    """Yield the levels that the price of an open plan is near, each once a day.

    Parameters
    ----------
    outcome : PlanOutcome or None
        Of one in position; None while it waits.
    now : int
        The market's time, epoch milliseconds.
    day : int
        When the day of the owner began, epoch milliseconds on the wall.
    """
    mark = present_price(sources.quotes, marked.plan, now)
    since = marked.ts_armed if outcome is None else outcome.ts_entered
    # A price of before says nothing of the plan.
    if mark is None or since is None or mark.ts < since:
        return
    for near in near_levels(marked.plan, mark.price, None if outcome is None else outcome.entry):
        yield FoundNotice(
            f"near/{near.level}/{day}", "near",
            {
                "level": near.level, "at": near.price, "price": mark.price, "distance": near.distance,
                "within": near.within,
            },
            mark.ts,
        )  # fmt: skip
    if outcome is None or outcome.entry is None or outcome.qty is None or not outcome.planned_risk:
        return
    share = lost_share(
        marked.plan, mark.price, entry=outcome.entry, qty=outcome.qty, planned_risk=outcome.planned_risk
    )
    if share >= LOSS_SHARE:
        yield FoundNotice("risk/loss", "risk", {"risk": "loss", "share": share, "from": LOSS_SHARE}, mark.ts)


def limit_notices(sources: PlanSources, account: str, now: int) -> Iterator[FoundNotice]:
    """Yield the limits of an account that losses have nearly used up, each once a day of the market.

    Parameters
    ----------
    account : str
        In which a plan is in position.
    now : int
        The market's time, epoch milliseconds.
    """
    run = sources.logs.trades.run(account)
    if run is None or run.is_replayed:
        return
    with open_account_view(sources.logs, run) as view:
        rows = open_rows(view, marks_of(sources.quotes, run))
        limits = limit_rows(view, load_overrides(sources.accounts, run), rows, now)
    for row in limits:
        if row["name"] in LOSS_LIMITS and (row["share"] or 0.0) >= LIMIT_SHARE:
            yield FoundNotice(
                f"risk/{row['name']}/{now // DAY_MS}", "risk",
                {"risk": row["name"], "share": row["share"], "from": LIMIT_SHARE}, now,
            )  # fmt: skip


def news_notices(stories: Sequence[PlanStory], known: frozenset[str]) -> Iterator[FoundNotice]:
    """Yield stories that were not told of a plan yet, under their id or one that ended in it."""
    for story in stories:
        if known.isdisjoint(f"news/{name}" for name in story.names):
            yield FoundNotice(
                f"news/{story.names[0]}", "news",
                {
                    "story": story.names[0], "title": story.title, "language": story.language,
                    "status": story.status, "publishers": story.publishers,
                },
                story.ts_known,
            )  # fmt: skip


def position_of(sources: PlanSources, marked: MarkedPlan, now: int) -> PlanOutcome | None:
    """Return what the log says of a plan that entered and whose position is open; None of every other."""
    if "entered" not in marked.marks:
        return None
    outcome = outcome_of(sources, marked, now)
    is_open: PlanState = "entered"
    return outcome if outcome.state == is_open else None
