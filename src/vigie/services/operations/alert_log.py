"""What somebody was told: the inbox, the log of everything sent or held back and why, and how long it took."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.domain.alert import INBOX, AlertEvent
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore, DeliveryLogEntry, DeliveryTiming
from vigie.ports.clock import Clock
from vigie.ports.home import IsSimulated
from vigie.services.alerting.unread import unread_alerts
from vigie.services.alerting.watching.event_texts import reader_title, title_of
from vigie.services.alerting.wording import has_mark
from vigie.services.news.news_rows import link_of
from vigie.services.operation import NoInput, OperationInput, OperationResult, Table, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.people.ownership import owner_of
from vigie.services.rows import Row, shown, table_of

SOURCE: Final = "vigie"
# Elsewhere, or a page of this home.
_LINK: Final = re.compile(r"https?://|/(?!/)")
SERVICE_LEVEL_DAYS: Final = 30


class AlertLogRow(Row):
    """One delivery of an alert."""

    title: str = shown("Event")
    title_fr: str = shown("Event (French)", definition="News stay in their own language.")
    language: str = shown("Language", definition="Language of the headline; empty for messages from Vigie.")
    source: str = shown("Source")
    status: str = shown("Status", definition="How far a news item is confirmed; empty for other events.")
    mark: str = shown("Kind", definition="update or correction of an earlier alert; empty for a new one.")
    is_marked: bool = shown(
        "Marked in title", definition="Whether the title itself starts with “Update” or “Correction”."
    )
    rule_name: str = shown("Rule")
    channel: str = shown("Channel", definition="inbox or an address.")
    state: str = shown("State", definition="waiting, sent, failed or suppressed (not sent).")
    why: str = shown("Reason", definition="Why it was not sent, was delayed or failed.")
    tries: int = shown("Attempts", unit="count", source=SOURCE)
    ts: int = shown("Alert", unit="ms", definition="When the rule was triggered.", source=SOURCE)
    ts_done: int | None = shown(
        "Sent at",
        unit="ms",
        definition="When it was sent, or given up after a failure; none where it was not sent.",
        source=SOURCE,
    )
    url: str = shown("Link")
    alert: str = shown("Alert id")
    delivery: str = shown("Delivery id")
    is_read: bool = shown("Read")


class ServiceLevelRow(Row):
    """How long one stage took, seconds; None where nothing was measured."""

    stage: str = shown("Stage")
    p50_s: float | None = shown("median", unit="s", source=SOURCE)
    p95_s: float | None = shown("95th percentile", unit="s", source=SOURCE)
    count: int = shown("measurements", unit="count", source=SOURCE)


class AlertLogInput(OperationInput):
    """Which page."""

    cursor: str = Field("", max_length=32, description="`next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=200)


class MarkAlertReadInput(OperationInput):
    """Which alert was read."""

    alert: str = Field("", pattern=r"^([0-9a-f]{24})?$", description="Id; empty means all of the inbox.")
    is_read: bool = True


class MarkAlertReadResult(OperationResult):
    """How many changed, and how many are unread now."""

    changed: int
    unread: int


class UnreadAlertsResult(OperationResult):
    """How many alerts of the inbox are unread; `newest` is the title of the last, `ts` when it came."""

    unread: int
    newest: str
    newest_fr: str
    ts: int | None


@operation("alert_log.unread", example={})
def count_unread(
    caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore
) -> UnreadAlertsResult:
    """Say how many alerts of the caller's inbox were not read, and the newest of them."""
    found = unread_alerts(alerts, owner_of(accounts, caller))
    return UnreadAlertsResult(
        unread=found.count, newest=found.title("en"), newest_fr=found.title("fr"), ts=found.ts or None
    )


@operation("alert_log.inbox")
def list_inbox(
    caller: Caller, params: AlertLogInput, accounts: UserStore, alerts: AlertStore, is_simulated: IsSimulated
) -> Table[AlertLogRow]:
    """List the alerts in the caller's inbox, newest first."""
    return _log_table(accounts, alerts, is_simulated, caller, params, channel=INBOX)


@operation("alert_log.list")
def list_log(
    caller: Caller, params: AlertLogInput, accounts: UserStore, alerts: AlertStore, is_simulated: IsSimulated
) -> Table[AlertLogRow]:
    """List everything that was sent to the caller or held back, with the reason, newest first."""
    return _log_table(accounts, alerts, is_simulated, caller, params)


def _log_table(
    accounts: UserStore,
    alerts: AlertStore,
    is_simulated: IsSimulated,
    caller: Caller,
    params: AlertLogInput,
    channel: str = "",
) -> Table[AlertLogRow]:
    owner = owner_of(accounts, caller)
    deliveries = alerts.list_deliveries(owner, channel=channel, before=params.cursor, limit=params.limit + 1)
    addresses = {item.id: item.address for item in alerts.channels(owner)}
    page = deliveries[: params.limit]
    return table_of(
        AlertLogRow,
        [_log_row(item, addresses, is_simulated=is_simulated) for item in page],
        next_cursor=page[-1].delivery.id if len(deliveries) > params.limit else None,
    )


def link_of_alert(event: AlertEvent, *, is_simulated: bool) -> str:
    """Return where an alert leads, elsewhere or to a page of this home; empty where its event names nothing."""
    return link_of(event.url, is_simulated=is_simulated) if _LINK.match(event.url) else ""


def _log_row(item: DeliveryLogEntry, names: dict[str, str], *, is_simulated: bool) -> AlertLogRow:
    event, delivery = item.alert.happening, item.delivery
    return AlertLogRow(
        title=reader_title(event),
        title_fr=title_of(event, "fr"),
        language=str(event.facts.get("language") or ""),
        source=str(event.facts.get("publisher") or event.source),
        status=event.news_status,
        mark=item.alert.mark,
        is_marked=has_mark(event.title, item.alert.mark),
        rule_name=item.rule,
        channel=names.get(delivery.channel, delivery.channel if delivery.channel == INBOX else ""),
        state=delivery.state,
        why=delivery.why,
        tries=delivery.tries,
        ts=item.alert.ts,
        ts_done=None if delivery.state == "suppressed" else delivery.ts_done or None,
        url=link_of_alert(event, is_simulated=is_simulated),
        alert=item.alert.id,
        delivery=delivery.id,
        is_read=bool(item.ts_read),
    )


@operation("alert_log.read", scope="write", example={})
def mark_read(
    caller: Caller, params: MarkAlertReadInput, alerts: AlertStore, clock: Clock
) -> MarkAlertReadResult:
    """Mark an alert of the inbox, or all, as read or unread."""
    owner = require_owner(caller)
    if params.alert and alerts.alert(owner, params.alert) is None:
        raise NotFound("no_alert", "there is no alert {alert!r}", alert=params.alert)
    ts = clock.wall_now() if params.is_read else 0
    changed = alerts.mark_read(owner, [params.alert] if params.alert else [], ts)
    return MarkAlertReadResult(changed=changed, unread=alerts.count_unread(owner))


@operation("alert_log.level")
def list_service_levels(
    caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore, clock: Clock
) -> Table[ServiceLevelRow]:
    """Say how long alerts took: published, seen, processed, delivered; median and 95th percentile of 30 days."""
    since = clock.wall_now() - SERVICE_LEVEL_DAYS * DAY_MS
    rows = service_levels(alerts.timings(owner_of(accounts, caller), since))
    return table_of(ServiceLevelRow, rows)


def service_levels(timings: Sequence[DeliveryTiming]) -> list[ServiceLevelRow]:
    """Return how long each stage took; from published on only where a source states the time of day."""
    mails = [timing for timing in timings if timing.channel != INBOX]
    stages = {
        "seen": [
            timing.ts_seen - timing.ts_published for timing in timings if timing.ts_published is not None
        ],
        "processed": [timing.ts_processed - timing.ts_seen for timing in timings],
        "delivered": [timing.ts_delivered - timing.ts_processed for timing in mails],
        "all": [
            timing.ts_delivered - timing.ts_published for timing in mails if timing.ts_published is not None
        ],
    }
    return [
        ServiceLevelRow(
            stage=name,
            p50_s=percentile(durations, 0.5),
            p95_s=percentile(durations, 0.95),
            count=len(durations),
        )
        for name, durations in stages.items()
    ]


def percentile(durations_ms: Sequence[int], share: float) -> float | None:
    """Return the least time, in seconds, that such a share of them did not exceed."""
    if not durations_ms:
        return None
    sorted_ms = sorted(durations_ms)
    index = max(0, -(-round(share * 1_000) * len(sorted_ms) // 1_000) - 1)
    return max(0, sorted_ms[index]) / 1_000
