"""What the bell counts: alerts that were not read, and jobs and fills that came since their person looked at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from vigie.domain.job import SHADOW, Job
from vigie.domain.order import Fill
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.jobs import JobQueue
from vigie.ports.tradebook import TradeBook
from vigie.services.alerting.unread import UnreadAlerts, unread_alerts

# Kinds of jobs that only the page they belong to waits for, or that nobody ordered.
PASSING: Final = ("quick", SHADOW)
# More than that is shown as more than that.
MOST_COUNTED: Final = 100
_PLACE: Final = "notifications"


@dataclass(frozen=True, slots=True)
class NotificationSources:
    """Where what people are notified of is kept."""

    accounts: UserStore
    alerts: AlertStore
    job_queue: JobQueue
    trades: TradeBook


@dataclass(frozen=True, slots=True)
class SeenMarks:
    """Up to where a person has seen their jobs and fills; 0 where they never looked.

    Attributes
    ----------
    jobs : int
        `Job.ts_finished`, epoch milliseconds on the wall.
    fills : int
        `Fill.ts`, epoch milliseconds as the venue says it: a simulated market has its own time.
    ordered : int
        `Job.ts_created` of the last job that was ordered for them, as a demonstration does: none of these is new.
    """

    jobs: int = 0
    fills: int = 0
    ordered: int = 0

    def has_seen(self, job: Job) -> bool:
        """Tell whether a job that ended is no news to the person."""
        return (job.ts_finished or 0) <= self.jobs or job.ts_created <= self.ordered


@dataclass(frozen=True, slots=True)
class Notifications:
    """What is new for a person.

    Attributes
    ----------
    jobs : sequence of Job
        Done or failed, the last ended first.
    fills : sequence of (str, Fill)
        Account and fill, the newest first.
    """

    alerts: UnreadAlerts
    jobs: Sequence[Job]
    fills: Sequence[tuple[str, Fill]]

    @property
    def count(self) -> int:
        """How many of all kinds; jobs and fills are counted to `MOST_COUNTED` each."""
        return self.alerts.count + len(self.jobs) + len(self.fills)


def seen_marks(accounts: UserStore, owner: str) -> SeenMarks:
    """Return up to where a person has seen what they are notified of."""
    _revision, body = accounts.settings(f"{owner}/{_PLACE}")
    return SeenMarks(int(body.get("jobs", 0)), int(body.get("fills", 0)), int(body.get("ordered", 0)))


def notifications_of(sources: NotificationSources, owner: str) -> Notifications:
    """Return what is new for a person.

    Parameters
    ----------
    sources : NotificationSources
        Where it is kept.
    owner : str
        Whose.
    """
    seen = seen_marks(sources.accounts, owner)
    ended = sources.job_queue.ended_since(owner, seen.jobs, but=PASSING, limit=MOST_COUNTED)
    return Notifications(
        unread_alerts(sources.alerts, owner),
        [job for job in ended if not seen.has_seen(job)],
        sources.trades.fills_since(owner, seen.fills, limit=MOST_COUNTED),
    )


def mark_seen(accounts: UserStore, owner: str, *, jobs: int = 0, fills: int = 0, ordered: int = 0) -> None:
    """Keep up to where a person has seen their jobs and fills; a mark never goes back."""
    before = seen_marks(accounts, owner)
    seen = SeenMarks(max(jobs, before.jobs), max(fills, before.fills), max(ordered, before.ordered))
    if seen != before:
        accounts.put_settings(f"{owner}/{_PLACE}", asdict(seen))
