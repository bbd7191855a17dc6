"""What somebody was told: the inbox, the log of everything sent or held back and why, and how long it took."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, Field

from vigie.domain.alert import INBOX
from vigie.domain.errors import NotFound
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.alerts import DeliveryLogEntry, DeliveryTiming
from vigie.services.alerting.watching.saying import title_of
from vigie.services.alerting.wording import says_itself
from vigie.services.desk.alerts import writer
from vigie.services.house import House
from vigie.services.news.leading import leading
from vigie.services.operation import Answer, Ask, Column, Table, operation
from vigie.services.people.ownership import owner_of

SOURCE: Final = "vigie"
# Elsewhere, or a page of this home.
_LINK: Final = re.compile(r"https?://|/(?!/)")
LEVEL_DAYS: Final = 30

COLUMNS: Final = [
    Column(name="title", title="What happened"),
    Column(name="title_fr", title="What happened (French)", definition="News in their own language."),
    Column(
        name="language",
        title="Language",
        definition="Of the title of news; empty for what Vigie says itself.",
    ),
    Column(name="source", title="Source"),
    Column(name="status", title="Status"),
    Column(name="mark", title="Kind", definition="Empty for news, update, or correction of what was told."),
    Column(name="is_marked", title="Says so itself", definition="Whether the title begins with that word."),
    Column(name="rule_name", title="Rule"),
    Column(name="channel", title="Channel", definition="inbox, or an address."),
    Column(name="state", title="State", definition="waiting, sent, failed or suppressed."),
    Column(name="why", title="Why", definition="Why it was held back, put off, or failed."),
    Column(name="tries", title="Tries", unit="count", source=SOURCE),
    Column(name="ts", title="Alert", unit="ms", definition="When the rule held.", source=SOURCE),
    Column(name="ts_done", title="Delivered", unit="ms", definition="When it ended.", source=SOURCE),
    Column(name="url", title="Link"),
    Column(name="alert", title="Alert's id"),
    Column(name="delivery", title="Delivery's id"),
    Column(name="is_read", title="Read"),
]
LEVEL_COLUMNS: Final = [
    Column(name="stage", title="Stage"),
    Column(name="p50_s", title="half of them within", unit="s", source=SOURCE),
    Column(name="p95_s", title="19 of 20 within", unit="s", source=SOURCE),
    Column(name="count", title="measured", unit="count", source=SOURCE),
]


class LogAsk(Ask):
    """Which page."""

    cursor: str = Field("", max_length=32, description="`next_cursor` of the page before.")
    limit: int = Field(50, ge=1, le=200)


class ReadAsk(Ask):
    """Which alert was read."""

    alert: str = Field("", pattern=r"^([0-9a-f]{24})?$", description="Id; empty means all of the inbox.")
    is_read: bool = True


class ReadAnswer(Answer):
    """How many changed, and how many are unread now."""

    changed: int
    unread: int


class LevelAsk(Ask):
    """The caller's own deliveries."""


class LevelLine(BaseModel):
    """How long one stage took, seconds; None where nothing was measured."""

    stage: str
    p50_s: float | None
    p95_s: float | None
    count: int


@operation("alert_log.inbox")
def list_inbox(house: House, caller: Caller, ask: LogAsk) -> Table:
    """List the alerts in the caller's inbox, newest first."""
    return _table(house, caller, ask, channel=INBOX)


@operation("alert_log.list")
def list_log(house: House, caller: Caller, ask: LogAsk) -> Table:
    """List everything that was sent to the caller or held back, with the reason, newest first."""
    return _table(house, caller, ask)


def _table(house: House, caller: Caller, ask: LogAsk, channel: str = "") -> Table:
    owner = owner_of(house, caller)
    lines = house.alerts.told(owner, channel=channel, before=ask.cursor, limit=ask.limit + 1)
    names = {one.id: one.address for one in house.alerts.channels(owner)}
    page = lines[: ask.limit]
    return Table(
        columns=COLUMNS,
        rows=[_row(one, names, is_simulated=house.is_simulated) for one in page],
        next_cursor=page[-1].delivery.id if len(lines) > ask.limit else None,
    )


def _row(line: DeliveryLogEntry, names: dict[str, str], *, is_simulated: bool) -> dict[str, Any]:
    told, delivery = line.alert.happening, line.delivery
    return {
        "title": told.title,
        "title_fr": title_of(told, "fr"),
        "language": str(told.facts.get("language") or ""),
        "source": str(told.facts.get("publisher") or told.source),
        "status": told.status,
        "mark": line.alert.mark,
        "is_marked": says_itself(told.title, line.alert.mark),
        "rule_name": line.rule,
        "channel": names.get(delivery.channel, delivery.channel if delivery.channel == INBOX else ""),
        "state": delivery.state,
        "why": delivery.why,
        "tries": delivery.tries,
        "ts": line.alert.ts,
        "ts_done": delivery.ts_done or None,
        "url": leading(told.url, is_simulated=is_simulated) if _LINK.match(told.url) else "",
        "alert": line.alert.id,
        "delivery": delivery.id,
        "is_read": bool(line.ts_read),
    }


@operation("alert_log.read", scope="write", example={})
def mark_read(house: House, caller: Caller, ask: ReadAsk) -> ReadAnswer:
    """Mark an alert of the inbox, or all, as read or unread."""
    owner = writer(caller)
    if ask.alert and house.alerts.alert(owner, ask.alert) is None:
        raise NotFound(f"there is no alert {ask.alert!r}")
    ts = house.clock.wall_now() if ask.is_read else 0
    changed = house.alerts.mark_read(owner, [ask.alert] if ask.alert else [], ts)
    return ReadAnswer(changed=changed, unread=house.alerts.unread(owner))


@operation("alert_log.level")
def service_level(house: House, caller: Caller, ask: LevelAsk) -> Table:
    """Say how long alerts took: published, seen, processed, delivered; median and 95th percentile of 30 days."""
    since = house.clock.wall_now() - LEVEL_DAYS * DAY_MS
    lines = level_of(house.alerts.timings(owner_of(house, caller), since))
    return Table(columns=LEVEL_COLUMNS, rows=[line.model_dump() for line in lines])


def level_of(timings: Sequence[DeliveryTiming]) -> list[LevelLine]:
    """Return how long each stage took; from published on only where a source states the time of day."""
    mailed = [one for one in timings if one.channel != INBOX]
    stages = {
        "seen": [one.ts_seen - one.ts_published for one in timings if one.ts_published is not None],
        "processed": [one.ts_processed - one.ts_seen for one in timings],
        "delivered": [one.ts_delivered - one.ts_processed for one in mailed],
        "all": [one.ts_delivered - one.ts_published for one in mailed if one.ts_published is not None],
    }
    return [
        LevelLine(stage=name, p50_s=percentile(took, 0.5), p95_s=percentile(took, 0.95), count=len(took))
        for name, took in stages.items()
    ]


def percentile(took_ms: Sequence[int], share: float) -> float | None:
    """Return the least time, in seconds, that such a share of them did not exceed."""
    if not took_ms:
        return None
    ordered = sorted(took_ms)
    place = max(0, -(-round(share * 1_000) * len(ordered) // 1_000) - 1)
    return max(0, ordered[place]) / 1_000
