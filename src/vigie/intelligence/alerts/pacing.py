"""Whether an alert is sent at once, later, or not at all, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from vigie.domain.alert import AlertRule, QuietHours
from vigie.domain.time import zoned

# Minute of the day at which digests are sent.
DIGEST_AT: Final = 7 * 60


@dataclass(frozen=True, slots=True)
class Pacing:
    """What is done with an alert.

    Attributes
    ----------
    ts_due : int
        When it is sent; 0 where it is not.
    why : str
        ``off``, ``expired``, ``muted``, ``cool_down``, ``budget``: why it is not. ``quiet``, ``digest``: why later.
    """

    ts_due: int
    why: str = ""


def decide_pacing(rule: AlertRule, now: int, sent: Sequence[int], zone: str = "UTC") -> Pacing:
    """Return what is done with an alert of a rule.

    Parameters
    ----------
    now : int
        Epoch milliseconds on the wall.
    sent : sequence of int
        When alerts of this rule were sent or became due in the last two days.
    zone : str
        The person's time zone: its midnight begins a new budget.
    """
    if not rule.is_on:
        return Pacing(0, "off")
    if 0 < rule.ts_expires <= now:
        return Pacing(0, "expired")
    if now < rule.ts_muted_until:
        return Pacing(0, "muted")
    if rule.cool_down_s and any(now - ts_sent < rule.cool_down_s * 1_000 for ts_sent in sent):
        return Pacing(0, "cool_down")
    due, why = _due_time(rule, now, zone)
    if rule.daily_budget:
        begins, ends = wall_day(due, zone)
        if sum(begins <= ts_sent < ends for ts_sent in sent) >= rule.daily_budget:
            return Pacing(0, "budget")
    return Pacing(due, why)


def _due_time(rule: AlertRule, now: int, zone: str) -> tuple[int, str]:
    if rule.pace == "digest":
        return _next_at_minute(now, DIGEST_AT, zone), "digest"
    if rule.quiet is not None and is_quiet(rule.quiet, now):
        return _next_at_minute(now, rule.quiet.ends, rule.quiet.zone), "quiet"
    return now, ""


def is_quiet(quiet: QuietHours, now: int) -> bool:
    """Tell whether it is quiet; equal ends mean never."""
    local_time = _local(now, quiet.zone)
    minute = local_time.hour * 60 + local_time.minute
    if quiet.begins <= quiet.ends:
        return quiet.begins <= minute < quiet.ends
    return minute >= quiet.begins or minute < quiet.ends


def _next_at_minute(now: int, minute: int, zone: str) -> int:
    """Return the next time that a clock of a zone shows a minute of the day."""
    local_time = _local(now, zone)
    next_time = local_time.replace(hour=minute // 60, minute=minute % 60, second=0, microsecond=0)
    if next_time <= local_time:
        next_time = (next_time + timedelta(days=1)).replace(hour=minute // 60, minute=minute % 60)
    return round(next_time.timestamp() * 1_000)


def wall_day(ts: int, zone: str) -> tuple[int, int]:
    """Return when the day of a zone began, and when it ends: also where clocks change, and it has 23 or 25 hours.

    Parameters
    ----------
    ts : int
        A time within the day, epoch milliseconds.
    zone : str
        IANA name.

    Returns
    -------
    int, int
        Epoch milliseconds; the end is exclusive.
    """
    begins = _local(ts, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    ends = begins + timedelta(days=1)
    return round(begins.timestamp() * 1_000), round(ends.timestamp() * 1_000)


def _local(ts: int, zone: str) -> datetime:
    return zoned(ts, ZoneInfo(zone))
