"""Six a day of what is told of plans, on every day on which anything of it arrives: quiet hours, digests, kills."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.contracts.plan_alerts import BTC, PlanAlerts, entered, killed_at_each_write, opened
from vigie.domain.alert import AlertRule, Channel, QuietHours
from vigie.domain.time import DAY_MS, HOUR_MS, MINUTE_MS, zoned
from vigie.services.alerting.watching import plan_deciding
from vigie.services.plans.plan_news import PlanStory

NIGHT = QuietHours(22 * 60, 7 * 60, "UTC")


def at(hour, minute=0, *, day=10):
    return round(datetime(2025, 10, day, hour, minute, tzinfo=UTC).timestamp() * 1_000)


@pytest.fixture
def desk(database, clock, monkeypatch):
    clock.now = at(9)
    return opened(database, clock, monkeypatch)


def mail(desk):
    return desk.alerts.put_channel(Channel("", "owner", "mail", "ann@example.org", is_confirmed=True)).id


def change_rule(desk, **values):
    (rule,) = desk.alerts.rules("owner")
    return desk.alerts.put_rule(replace(rule, **values))


def news(desk, count):
    """Let so many stories more be known now, and be told."""
    now, before = desk.clock.market_now(), len(desk.stories)
    desk.stories += [
        PlanStory((f"s{before + n}",), f"Story {before + n}", "en", "confirmed", 3, now) for n in range(count)
    ]
    desk.look()


def told_by_day(desk):
    """How many notices anything arrived of, or is to, by day; the same one counts once a day."""
    arrived = {
        (str(zoned(ts, UTC).date()), one.alert.happening.key)
        for one in [*desk.entries("sent"), *desk.entries("waiting")]
        for ts in [one.delivery.ts_due or one.delivery.ts_done]
    }
    return dict(Counter(day for day, _ in arrived))


def test_what_quiet_hours_put_off_and_is_in_the_inbox_at_once_takes_a_place_of_both_days(desk):
    change_rule(desk, channels=("inbox", mail(desk)), quiet=NIGHT)
    desk.armed()
    news(desk, 4)
    desk.clock.now = at(23)
    news(desk, 4)
    assert told_by_day(desk) == {"2025-10-10": 6, "2025-10-11": 2}
    desk.clock.now = at(9, day=11)
    news(desk, 8)
    assert told_by_day(desk) == {"2025-10-10": 6, "2025-10-11": 6}


def test_what_the_inbox_alone_shows_takes_no_place_of_the_morning(desk):
    change_rule(desk, quiet=NIGHT)
    desk.armed()
    desk.clock.now = at(23)
    news(desk, 2)
    desk.clock.now = at(9, day=11)
    news(desk, 8)
    assert told_by_day(desk) == {"2025-10-10": 2, "2025-10-11": 6}


def test_what_a_second_rule_puts_into_a_digest_takes_a_place_of_both_days(desk):
    channel = mail(desk)
    desk.alerts.put_rule(
        AlertRule("", "owner", "Digest", "desk", {"subject": ("plan",)}, channels=(channel,), pace="digest")
    )
    desk.armed()
    news(desk, 5)
    assert told_by_day(desk) == {"2025-10-10": 5, "2025-10-11": 5}
    desk.clock.now = at(9, day=11)
    news(desk, 5)
    assert told_by_day(desk) == {"2025-10-10": 5, "2025-10-11": 6, "2025-10-12": 1}


def test_a_rule_that_tells_of_something_else_takes_no_place(desk):
    desk.alerts.put_rule(
        AlertRule("", "owner", "Hacks", "desk", {"words": ("hacked",)}, channels=(mail(desk),), pace="digest")
    )
    desk.armed()
    news(desk, 6)
    desk.clock.now = at(9, day=11)
    news(desk, 6)
    assert told_by_day(desk) == {"2025-10-10": 6, "2025-10-11": 6}


def test_a_stop_is_told_beside_them_on_both_days(desk):
    change_rule(desk, channels=("inbox", mail(desk)), quiet=NIGHT)
    marked = entered(desk, desk.armed())
    desk.clock.now = at(23)
    news(desk, 7)
    desk.plans.mark(marked.number, "closed", desk.clock.now, "vigie", code="stop")
    desk.look()
    assert "closed at the stop" in desk.told()
    # "In position" took one place.
    assert told_by_day(desk) == {"2025-10-10": 7, "2025-10-11": 7}


def test_a_place_that_is_not_used_is_free_again(desk):
    # A rule that rests after each alert lets one of two through: the other takes no place.
    change_rule(desk, cool_down_s=600)
    marked = desk.armed()
    for _ in range(7):
        desk.clock.now += HOUR_MS
        news(desk, 2)
    assert told_by_day(desk) == {"2025-10-10": 6}
    held = Counter(one.held for one in desk.notices.of_versions([marked.number]))
    assert held == {"": 6, "rule": 5, "full": 3}


@pytest.mark.parametrize("is_quiet_first", [True, False])
def test_what_a_kill_left_takes_places_of_the_days_it_is_sent_on_though_quiet_hours_came_or_went(
    desk, is_quiet_first
):
    channel = mail(desk)
    by_mail, quiet = {"channels": (channel,), "quiet": None}, {"channels": (channel,), "quiet": NIGHT}
    change_rule(desk, **(quiet if is_quiet_first else by_mail))
    marked = desk.armed()
    desk.clock.now = at(22, 5) if is_quiet_first else at(21, 59)
    now = desk.clock.market_now()
    desk.stories = [PlanStory((f"k{n}",), f"Killed {n}", "en", "confirmed", 3, now) for n in range(6)]
    plan_look_at_news(desk)
    change_rule(desk, **(by_mail if is_quiet_first else quiet))
    desk.clock.now = at(22, 6)
    desk.look()
    assert told_by_day(desk) == {"2025-10-10" if is_quiet_first else "2025-10-11": 6}
    for hours in (1, 24):
        desk.clock.now += hours * HOUR_MS
        news(desk, 7)
    assert max(told_by_day(desk).values()) == 6
    assert len([one for one in desk.notices.of_versions([marked.number]) if not one.held]) >= 6


def plan_look_at_news(desk):
    from vigie.services.alerting.watching import plans as watching

    watching.look_at_news(desk.watch)


# `make test` has one write in five and the first of each kind; `make chaos` has all.
@pytest.mark.parametrize("share", [5, pytest.param(1, marks=pytest.mark.chaos)])
# Into quiet hours, and over midnight.
@pytest.mark.parametrize(("hour", "later"), [(21, MINUTE_MS), (23, 5 * HOUR_MS)])
def test_killed_at_any_write_no_day_has_more_though_midnight_comes_between(
    desk, database, monkeypatch, hour, later, share
):
    monkeypatch.setattr(plan_deciding, "MOST_A_DAY", 2)

    def evening():
        """Let two stories come in the evening, by bell, mail in the morning, and a digest."""
        desk.clock.now, desk.stories = at(9), []
        desk.begin()
        channel = mail(desk)
        change_rule(desk, channels=("inbox", channel), quiet=NIGHT)
        desk.alerts.put_rule(
            AlertRule("", "owner", "D", "desk", {"subject": ("plan",)}, channels=(channel,), pace="digest")
        )
        desk.armed(BTC)
        desk.clock.now = at(hour, 59)
        now = desk.clock.market_now()
        desk.stories = [PlanStory((f"e{n}",), f"Evening {n}", "en", "confirmed", 3, now) for n in range(3)]

    looks = killed_at_each_write(desk, database, evening, share)
    next(looks)
    assert told_by_day(desk) == {"2025-10-10": 2, "2025-10-11": 2}
    for (point,) in looks:
        desk.clock.now += later
        PlanAlerts(database, desk.clock).look()
        for _ in range(2):
            desk.clock.now += DAY_MS
            news(desk, 3)
        told = told_by_day(desk)
        assert max(told.values()) == 2, (point, told)
        assert len({one.alert.happening.key for one in desk.entries("sent")}) >= 2


def test_two_processes_that_decide_again_at_once_keep_one_decision(desk):
    desk.armed()
    now = desk.clock.market_now()
    desk.stories = [PlanStory(("s",), "Story", "en", "confirmed", 3, now)]
    plan_look_at_news(desk)
    (kept,) = desk.notices.of_versions([desk.plans.traded()[0].number])
    day = (at(0, day=11), at(0, day=12))
    first = desk.notices.put_off(kept, (at(9, day=11),), [day], 6)
    second = desk.notices.put_off(kept, (), [], 6)
    assert first == second
    assert (first.ts_first, first.ts_last, first.held) == (at(9, day=11), at(9, day=11), "")
