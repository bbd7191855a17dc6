"""The number of a day holds whatever happens between a decision and its alert: a kill, midnight, a mute that ends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.contracts.setup_alerts import HER, SetupAlerts
from vigie.domain.alert import Channel, QuietHours
from vigie.domain.time import HOUR_MS, MINUTE_MS, zoned
from vigie.services.alerting.watching import setups as watching
from vigie.services.setups.noticing import BUDGET_SETTING


def at(hour: int, minute: int = 0, second: float = 0.0) -> int:
    """A time of a day in October."""
    day = datetime(2025, 10, 6, hour, minute, tzinfo=UTC)
    return round((day.timestamp() + second) * 1_000)


@pytest.fixture
def desk(database, clock, tmp_path):
    made = SetupAlerts(database, clock, tmp_path / "facts")
    made.rule()
    made.users.put_settings(HER, {BUDGET_SETTING: "1"})
    made.clock.now = at(9)
    made.look()
    return made


def told_by_day(desk):
    """How many setups anything was sent of, or is to be, by day; the same one counts once a day."""
    sent = {
        (str(zoned(ts, UTC).date()), one.alert.happening.key)
        for one in [*desk.deliveries("sent"), *desk.deliveries("waiting")]
        if one.alert.happening.status != "invalidated"
        for ts in [one.delivery.ts_due or one.delivery.ts_done]
    }
    return Counter(day for day, _ in sent)


def killed(desk, monkeypatch):
    """Look, and die between what is decided and what is sent."""

    def dies(*_given, **_more):
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(watching, "dispatch_events", dies)
        with pytest.raises(RuntimeError):
            desk.look()


def later(desk, monkeypatch, by_ms):
    """Let time pass between what is decided and what is sent."""
    real = watching.dispatch_events

    def late(*given, **more):
        desk.clock.now += by_ms
        return real(*given, **more)

    monkeypatch.setattr(watching, "dispatch_events", late)


def test_what_a_kill_before_midnight_left_counts_on_the_day_it_is_sent(desk, monkeypatch):
    desk.clock.now = at(23, 59)
    desk.write()
    killed(desk, monkeypatch)
    desk.clock.now += 5 * MINUTE_MS
    desk.look()
    desk.clock.now += HOUR_MS
    desk.write()
    desk.look()
    assert told_by_day(desk) == {"2025-10-07": 1}
    assert [one.held for one in desk.notices.notices(["main"])] == ["full", ""]


def test_what_was_sent_before_midnight_is_not_decided_again(desk, monkeypatch):
    desk.clock.now = at(23, 59)
    desk.write()
    place = desk.bookmarks.get(watching.PLACE)
    desk.look()
    (decided,) = desk.notices.notices(["main"])
    # Sent, and killed before that was noted.
    desk.bookmarks.put(watching.PLACE, place)
    desk.clock.now += 5 * MINUTE_MS
    desk.look()
    assert desk.notices.notices(["main"]) == [decided]
    desk.write()
    desk.look()
    assert told_by_day(desk) == {"2025-10-06": 1, "2025-10-07": 1}


def test_what_is_decided_before_midnight_and_sent_after_it_counts_once(desk, monkeypatch):
    desk.clock.now = at(23, 59, 59.999)
    later(desk, monkeypatch, 2)
    for _ in range(3):
        desk.write()
        desk.look()
    assert told_by_day(desk) == {"2025-10-06": 1, "2025-10-07": 1}


@pytest.mark.parametrize("how", ["killed", "late"])
def test_what_was_decided_while_every_rule_was_mute_is_not_sent_when_one_no_longer_is(desk, monkeypatch, how):
    (rule,) = desk.alerts.rules(HER)
    desk.alerts.put_rule(replace(rule, ts_muted_until=desk.clock.now + MINUTE_MS))
    setup = desk.write()
    if how == "killed":
        killed(desk, monkeypatch)
        desk.clock.now += 5 * MINUTE_MS
    else:
        later(desk, monkeypatch, 5 * MINUTE_MS)
    desk.look()
    assert [one.held for one in desk.notices.notices(["main"])] == ["rule"]
    assert desk.told() == []
    desk.write("invalidated", setup=setup, cause="opposite_signal")
    desk.write()
    desk.look()
    assert [event.status for event in desk.told()] == ["confirmed"]
    assert told_by_day(desk) == {"2025-10-06": 1}


def test_the_inbox_counts_on_the_day_it_shows_what_is_mailed_in_the_morning(desk):
    (rule,) = desk.alerts.rules(HER)
    desk.alerts.put_rule(replace(rule, quiet=QuietHours(22 * 60, 7 * 60, "UTC")))
    desk.write()
    desk.look()
    desk.clock.now = at(23)
    desk.write()
    desk.look()
    assert told_by_day(desk) == {"2025-10-06": 1}
    assert [one.held for one in desk.notices.notices(["main"])] == ["full", ""]


@pytest.mark.parametrize("is_quiet_first", [True, False])
def test_what_a_kill_left_counts_on_the_day_it_is_sent_though_quiet_hours_came_or_went(
    desk, monkeypatch, is_quiet_first
):
    (rule,) = desk.alerts.rules(HER)
    mail = desk.alerts.put_channel(Channel("", HER, "mail", "ann@example.org", is_confirmed=True))
    by_mail = replace(rule, channels=(mail.id,))
    quiet = replace(by_mail, quiet=QuietHours(22 * 60, 7 * 60, "UTC"))
    desk.alerts.put_rule(quiet)
    desk.clock.now = at(22, 5) if is_quiet_first else at(21, 59)
    desk.write()
    killed(desk, monkeypatch)
    if is_quiet_first:
        desk.alerts.put_rule(by_mail)
    desk.clock.now = at(22, 6)
    desk.look()
    for hours in (1, 24):
        desk.clock.now += hours * HOUR_MS
        desk.write()
        desk.look()
    assert max(told_by_day(desk).values()) == 1
    assert len(told_by_day(desk)) == 2
