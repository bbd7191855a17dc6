"""Sent at once, later, or not at all: with the reason, in the person's own hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.alert import AlertRule, QuietHours
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS
from vigie.intelligence.alerts.pacing import decide_pacing, is_quiet

RULE = AlertRule("r", "owner", "a rule", "item")
NIGHT = QuietHours(22 * 60, 7 * 60, "Europe/Paris")


def at(text, zone="Europe/Paris"):
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1_000)


NOON = at("2026-03-10T12:00")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"is_on": False}, "off"),
        ({"ts_expires": NOON}, "expired"),
        ({"ts_muted_until": NOON + 1}, "muted"),
        ({"cool_down_s": 3_600}, "cool_down"),
        ({"daily_budget": 2}, "budget"),
    ],
)
def test_what_is_not_sent_says_why(more, why):
    sent = [NOON - HOUR_MS + 1, NOON - 2 * HOUR_MS]
    found = decide_pacing(replace(RULE, **more), NOON, sent)
    assert (found.ts_due, found.why) == (0, why)


@pytest.mark.parametrize("more", [{"cool_down_s": 3_600}, {"daily_budget": 2}, {"ts_expires": NOON + 1}, {}])
def test_what_may_be_sent_is_sent_at_once(more):
    sent = [NOON - HOUR_MS, NOON - DAY_MS]
    assert decide_pacing(replace(RULE, **more), NOON, sent).ts_due == NOON


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-10T21:59", "2026-03-10T21:59"),
        ("2026-03-10T22:00", "2026-03-11T07:00"),
        ("2026-03-11T03:00", "2026-03-11T07:00"),
        ("2026-03-11T07:00", "2026-03-11T07:00"),
        # Nights in which the clock is changed.
        ("2026-03-28T23:00", "2026-03-29T07:00"),
        ("2026-10-24T23:00", "2026-10-25T07:00"),
    ],
)
def test_in_quiet_hours_it_waits_for_their_end(now, due):
    assert decide_pacing(replace(RULE, quiet=NIGHT), at(now), []).ts_due == at(due)


def test_a_digest_comes_the_next_morning_of_the_person():
    found = decide_pacing(replace(RULE, pace="digest"), NOON, [], "Europe/Paris")
    assert (found.ts_due, found.why) == (at("2026-03-11T07:00"), "digest")


def test_a_budget_counts_the_day_on_which_it_is_sent():
    late = replace(RULE, quiet=NIGHT, daily_budget=1)
    tonight = at("2026-03-10T23:00")
    assert decide_pacing(late, tonight, [at("2026-03-10T12:00")], "Europe/Paris").ts_due == at(
        "2026-03-11T07:00"
    )
    assert decide_pacing(late, tonight, [at("2026-03-11T07:00")], "Europe/Paris").why == "budget"


MINUTES = st.integers(0, 24 * 60 - 1)


@given(MINUTES, MINUTES, st.integers(0, 2 * DAY_MS // MINUTE_MS))
def test_what_waits_is_due_when_it_is_not_quiet_any_more(begins, ends, minute):
    quiet, now = QuietHours(begins, ends), NOON + minute * MINUTE_MS
    found = decide_pacing(replace(RULE, quiet=quiet), now, [])
    assert now <= found.ts_due <= now + DAY_MS
    assert not is_quiet(quiet, found.ts_due)
