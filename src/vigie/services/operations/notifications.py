"""What a person is notified of: alerts, their jobs that ended, and what their accounts bought and sold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.domain.alert import INBOX
from vigie.domain.job import Job
from vigie.domain.order import Fill
from vigie.domain.person import Caller
from vigie.ports.alerts import DeliveryLogEntry
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated
from vigie.services.alerting.notifications import (
    PASSING,
    NotificationSources,
    SeenMarks,
    mark_seen,
    notifications_of,
    seen_marks,
)
from vigie.services.alerting.watching.event_texts import reader_title, title_of
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.operations.alert_log import link_of_alert
from vigie.services.operations.alerts import require_owner
from vigie.services.operations.jobs import job_title
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of

SOURCE: Final = "vigie"


class NotificationRow(Row):
    """One thing a person is notified of."""

    kind: str = shown("Kind", definition="alert, job or fill.")
    title: str = shown("About", definition="Event, what the job does, or instrument.")
    title_fr: str = shown("About (French)", definition="News stay in their own language.")
    language: str = shown("Language", definition="Language of the headline; empty for messages from Vigie.")
    state: str = shown(
        "State", definition="done or failed for jobs, buy or sell for fills; empty for alerts."
    )
    account: str = shown("Account", definition="Of a fill.")
    rules: str = shown("Rules", definition="Of an alert: the names of its rules, one a line.")
    qty: float | None = shown("Quantity", unit="base", definition="Of a fill.", source=SOURCE)
    price: float | None = shown("Price", unit="quote", definition="Of a fill.", source=SOURCE)
    ts: int = shown(
        "Time",
        unit="ms",
        definition="When the alert came or the job ended, on this machine; of a fill, the venue's time.",
        source=SOURCE,
    )
    url: str = shown("Link")
    is_read: bool = shown("Read")


class ListNotificationsInput(OperationInput):
    """How many of each kind."""

    limit: int = Field(20, ge=1, le=100, description="Maximum number of rows of each kind.")


class MarkNotificationsReadInput(OperationInput):
    """What was seen; what came after it stays unread."""

    jobs_until: int | None = Field(
        None, ge=0, description="`ts` of the newest job that was seen; empty: all."
    )
    fills_until: int | None = Field(
        None, ge=0, description="`ts` of the newest fill that was seen; empty: all."
    )


class NotificationCountResult(OperationResult):
    """How many are unread; jobs and fills are counted to a hundred each.

    Attributes
    ----------
    newest, newest_fr : str
        Title of the newest unread alert.
    ts : int or None
        When that one came, epoch milliseconds.
    """

    unread: int
    alerts: int
    jobs: int
    fills: int
    newest: str
    newest_fr: str
    ts: int | None


@operation("notifications.count", example={})
def count_notifications(
    caller: Caller, params: NoInput, sources: NotificationSources
) -> NotificationCountResult:
    """Say how much the caller has not seen: alerts, jobs that ended, fills."""
    found = notifications_of(sources, owner_of(sources.accounts, caller))
    return NotificationCountResult(
        unread=found.count,
        alerts=found.alerts.count,
        jobs=len(found.jobs),
        fills=len(found.fills),
        newest=found.alerts.title("en"),
        newest_fr=found.alerts.title("fr"),
        ts=found.alerts.ts or None,
    )


@operation("notifications.list", example={"limit": 5})
def list_notifications(
    caller: Caller,
    params: ListNotificationsInput,
    sources: NotificationSources,
    is_simulated: IsSimulated,
) -> Table[NotificationRow]:
    """List the newest alerts, ended jobs and fills of the caller, each kind the newest first."""
    owner = owner_of(sources.accounts, caller)
    seen = seen_marks(sources.accounts, owner)
    alerts = sources.alerts.list_deliveries(owner, channel=INBOX, limit=params.limit)
    jobs = sources.job_queue.ended_since(owner, 0, but=PASSING, limit=params.limit)
    fills = sources.trades.fills_since(owner, 0, limit=params.limit)
    rows = [
        *_alert_rows(
            [entry for entry in alerts if entry.delivery.state != "suppressed"], is_simulated=is_simulated
        ),
        *(_job_row(job, seen) for job in jobs),
        *(_fill_row(account, fill, seen) for account, fill in fills),
    ]
    return table_of(NotificationRow, rows, total=len(rows))


@operation("notifications.read", scope="write", example={})
def mark_notifications_read(
    caller: Caller, params: MarkNotificationsReadInput, sources: NotificationSources, clock: Clock
) -> NotificationCountResult:
    """Mark every alert of the inbox as read, and jobs and fills as seen."""
    owner = require_owner(caller)
    sources.alerts.mark_read(owner, [], clock.wall_now())
    found = notifications_of(sources, owner)
    newest_job = max((job.ts_finished or 0 for job in found.jobs), default=0)
    newest_fill = max((fill.ts for _account, fill in found.fills), default=0)
    mark_seen(
        sources.accounts,
        owner,
        jobs=newest_job if params.jobs_until is None else min(params.jobs_until, newest_job),
        fills=newest_fill if params.fills_until is None else min(params.fills_until, newest_fill),
    )
    return count_notifications(caller, NoInput(), sources)


def _alert_rows(entries: Sequence[DeliveryLogEntry], *, is_simulated: bool) -> list[NotificationRow]:
    """Return a row for each event, however many rules told of it; the newest first."""
    groups: dict[tuple[str, str, str, str], list[DeliveryLogEntry]] = {}
    for entry in entries:
        event = entry.alert.happening
        groups.setdefault((event.kind, event.key, event.status, event.title), []).append(entry)
    return [_alert_row(group, is_simulated=is_simulated) for group in groups.values()]


def _alert_row(entries: Sequence[DeliveryLogEntry], *, is_simulated: bool) -> NotificationRow:
    entry = entries[0]
    event = entry.alert.happening
    return NotificationRow(
        kind="alert",
        title=reader_title(event),
        title_fr=title_of(event, "fr"),
        language=str(event.facts.get("language") or ""),
        state="",
        account="",
        rules="\n".join(dict.fromkeys(entry.rule for entry in entries if entry.rule)),
        qty=None,
        price=None,
        ts=entry.alert.ts,
        url=link_of_alert(event, is_simulated=is_simulated),
        is_read=all(entry.ts_read for entry in entries),
    )


def _job_row(job: Job, seen: SeenMarks) -> NotificationRow:
    title = job_title(job)
    return NotificationRow(
        kind="job",
        title=title,
        title_fr=title,
        language="",
        state=job.state,
        account="",
        rules="",
        qty=None,
        price=None,
        ts=job.ts_finished or 0,
        url=f"/jobs/{job.id}",
        is_read=seen.has_seen(job),
    )


def _fill_row(account: str, fill: Fill, seen: SeenMarks) -> NotificationRow:
    return NotificationRow(
        kind="fill",
        title=fill.instrument,
        title_fr=fill.instrument,
        language="",
        state="buy" if fill.side > 0 else "sell",
        account=account,
        rules="",
        qty=float(fill.qty),
        price=float(fill.price),
        ts=fill.ts,
        url=f"/trading?account={account}",
        is_read=fill.ts <= seen.fills,
    )
