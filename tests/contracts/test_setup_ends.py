"""The end of a setup that was told is told whatever became of its rule: mute, over, off or deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contracts.setup_alerts import HER, SetupAlerts
from tests.contracts.test_setup_budget import killed
from vigie.domain.alert import Channel
from vigie.domain.time import HOUR_MS
from vigie.services.setups.noticing import BUDGET_SETTING

SILENT = {
    "muted": lambda now: {"ts_muted_until": now + 2 * HOUR_MS},
    "expired": lambda now: {"ts_expires": now},
    "off": lambda now: {"is_on": False},
    "deleted": lambda now: {"ts_deleted": now},
}


@pytest.fixture
def desk(database, clock, tmp_path):
    made = SetupAlerts(database, clock, tmp_path / "facts")
    mail = made.alerts.put_channel(Channel("", HER, "mail", "ann@example.org", is_confirmed=True))
    made.mail = mail.id
    made.rule(channels=(mail.id,))
    made.users.put_settings(HER, {BUDGET_SETTING: "1"})
    made.look()
    return made


def silence(desk, how, rule=None):
    rule = rule or desk.alerts.rules(HER)[0]
    desk.alerts.put_rule(replace(rule, **SILENT[how](desk.clock.now)))
    desk.clock.now += HOUR_MS


def end(desk, setup):
    desk.write("invalidated", setup=setup, cause="opposite_signal")


def arrivals(desk):
    """Return the channel and status of all that arrived or is to."""
    found = [*desk.deliveries("sent"), *desk.deliveries("waiting")]
    return sorted((one.delivery.channel, one.alert.happening.status) for one in found)


@pytest.mark.parametrize("how", list(SILENT))
def test_the_end_of_what_was_told_is_in_the_inbox_and_by_no_channel_of_a_silent_rule(desk, how):
    told, other = desk.write(), desk.write()
    desk.look()
    assert arrivals(desk) == [(desk.mail, "confirmed")]
    silence(desk, how)
    for setup in (told, other):
        end(desk, setup)
    assert desk.look() == 1
    assert desk.look() == 0
    assert arrivals(desk) == sorted([(desk.mail, "confirmed"), ("inbox", "invalidated")])
    assert [(one.alert.happening.status, one.delivery.why) for one in desk.deliveries("suppressed")][-1:] == [
        ("invalidated", "expired" if how == "expired" else "muted" if how == "muted" else "off")
    ]


@pytest.mark.parametrize("how", list(SILENT))
def test_it_takes_no_place_and_a_new_rule_tells_what_comes_after_it(desk, how):
    setup = desk.write()
    desk.look()
    silence(desk, how)
    desk.clock.now += 24 * HOUR_MS
    end(desk, setup)
    desk.write()
    desk.look()
    counted = [one.state for one in desk.notices.notices(["main"]) if not one.held]
    # The mute is over by then; of the others none tells of anything new.
    assert counted == ["confirmed"] * (2 if how == "muted" else 1)
    desk.rule(name="New")
    desk.look()
    before = len(arrivals(desk))
    desk.clock.now += 24 * HOUR_MS
    desk.write()
    desk.look()
    assert len(arrivals(desk)) > before


def test_a_rule_that_speaks_tells_it_alone(desk):
    (rule,) = desk.alerts.rules(HER)
    desk.rule(name="Inbox")
    setup = desk.write()
    desk.look()
    silence(desk, "deleted", rule)
    end(desk, setup)
    desk.look()
    assert arrivals(desk) == sorted(
        [(desk.mail, "confirmed"), ("inbox", "confirmed"), ("inbox", "invalidated")]
    )
    (told,) = [one for one in desk.deliveries("sent") if one.alert.happening.status == "invalidated"]
    assert told.rule == "Inbox"


@pytest.mark.parametrize("how", list(SILENT))
def test_killed_before_it_is_sent_it_is_told_once(desk, monkeypatch, how):
    setup = desk.write()
    desk.look()
    silence(desk, how)
    end(desk, setup)
    place = desk.bookmarks.get("alerts/setups")
    killed(desk, monkeypatch)
    assert desk.look() == 1
    # Sent, and killed before that was noted.
    desk.bookmarks.put("alerts/setups", place)
    assert desk.look() == 0
    assert arrivals(desk).count(("inbox", "invalidated")) == 1


def test_what_was_written_while_there_was_no_rule_is_not_told_when_there_is_one(desk):
    told = desk.write()
    desk.look()
    silence(desk, "deleted")
    desk.look()
    # The worker is off: a setup is confirmed, the told one ends, and a rule is made anew.
    desk.write()
    end(desk, told)
    desk.rule(name="New")
    desk.look()
    assert [event.status for event in desk.told()] == ["invalidated"]
    desk.clock.now += 24 * HOUR_MS
    desk.write()
    desk.look()
    assert [event.status for event in desk.told()] == ["invalidated", "confirmed"]
