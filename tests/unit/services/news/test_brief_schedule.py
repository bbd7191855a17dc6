"""The weekly brief by e-mail: due once a week whatever clocks do, sent through the outbox, killed at every point."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.channels import reopened
from tests.crash.mortal import Dead, Life
from tests.databases import HandClock
from tests.houses import person
from tests.unit.services.alerting.material import ADDRESS, HIM, channel, mailbox, mailing
from tests.unit.services.alerting.mortal import MortalNotifier, MortalStore
from vigie.domain.errors import UsageError
from vigie.domain.person import OWNER, VISITOR
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.ports.watchlists import Watchlist
from vigie.services.alerting.channels import unsubscribe
from vigie.services.alerting.delivery_worker import LEASE_MS, PAUSES_S, DeliveryWorker
from vigie.services.alerting.watching import briefs
from vigie.services.needs import bound
from vigie.services.news.brief.schedule import DAYS, newest_due, next_due
from vigie.services.operation_calls import run_operation

ZONES = (
    "UTC", "Europe/Paris", "America/New_York", "Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago",
    "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia",
)  # fmt: skip
MINUTE = 60_000


def ms(*when, zone="UTC"):
    return int(datetime(*when, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000


TIMES = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.integers(0, 59))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DAYS), TIMES, st.sampled_from(ZONES), st.integers(ms(2000, 1, 1), ms(2037, 1, 1)))
def test_every_week_is_told_once_and_in_order_after_it_ended(day, at, zone, now):
    dues = []
    for _ in range(60):
        now = next_due(day, at, zone, now)
        dues.append((now, newest_due(day, at, zone, now)))
    for ts, (week, due) in dues:
        assert due == ts
        ended = (
            datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC).timestamp() * 1_000 + 7 * DAY_MS
        )
        assert ended <= ts < ended + 7 * DAY_MS + 14 * HOUR_MS
    weeks = [week for _, (week, _) in dues]
    assert weeks == sorted(set(weeks))
    for (first, _), (second, _) in pairwise(dues):
        # Clocks that change move it by as much, never by a week; a land that skips a day, by that.
        assert abs(second - first - 7 * DAY_MS) <= DAY_MS
        assert newest_due(day, at, zone, second - 1)[1] == first


@pytest.mark.parametrize(
    ("day", "at", "zone", "now", "due"),
    [
        ("monday", "08:00", "Europe/Paris", ms(2026, 3, 30, 12), ms(2026, 3, 30, 6)),
        ("monday", "08:00", "Europe/Paris", ms(2026, 10, 26, 12), ms(2026, 10, 26, 7)),
        # Left out by the clocks of that Sunday: an hour on.
        ("sunday", "02:30", "Europe/Paris", ms(2026, 3, 29, 12), ms(2026, 3, 29, 1, 30)),
        # There twice: the first of them.
        ("sunday", "02:30", "Europe/Paris", ms(2026, 10, 25, 12), ms(2026, 10, 25, 0, 30)),
        # The week is still on at Greenwich.
        ("monday", "08:00", "Pacific/Auckland", ms(2026, 6, 8, 12), ms(2026, 6, 8)),
        ("monday", "08:00", "UTC", ms(2026, 6, 8, 7, 59), ms(2026, 6, 1, 8)),
    ],
)
def test_a_time_of_day_is_that_of_the_zone(day, at, zone, now, due):
    assert newest_due(day, at, zone, now)[1] == due


@pytest.fixture(scope="module")
def server():
    with mailbox() as found:
        yield found


@pytest.fixture
def served(server):
    server[0].mails.clear()
    server[0].answer, server[0].rcpt = "250 kept", "250 OK"
    return server


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def place(tmp_path, clock, served):
    return mailing(tmp_path / "home", served[1], clock)


def asked(place, **more):
    return run_operation(place, person(), "news.schedule_brief", {"day": "monday", "at": "08:00", **more})


def works(place, times=1):
    """Look and send, as the running house does again and again."""
    for _ in range(times):
        bound(place, briefs.look)()
        DeliveryWorker(place).send_due()


def test_a_brief_has_the_prices_of_its_readers_list(place, served, clock):
    channel(place)
    plan = asked(place)
    place.accounts.put_watchlist(Watchlist("", OWNER.user, "Mine", ("dogecoin",), 0, 0))
    clock.now = plan.ts_next
    works(place)
    (mail,) = served[0].mails
    text = mail.get_body(("plain",)).get_content()
    assert "Dogecoin (DOGE)" in text
    assert "Bitcoin" not in text


def test_a_brief_comes_once_a_week_with_its_pdf_and_a_way_to_end_it(place, served, clock):
    mail = channel(place)
    plan = asked(place, language="fr")
    assert (plan.is_on, plan.addresses, plan.zone) == (True, [HIM], "UTC")
    works(place, 2)
    assert served[0].mails == []
    for number in (1, 2):
        clock.now = plan.ts_next - MINUTE
        works(place, 2)
        assert len(served[0].mails) == number - 1
        clock.now = plan.ts_next
        works(place, 3)
        clock.now += 2 * DAY_MS
        works(place, 2)
        assert len(served[0].mails) == number
        plan = run_operation(place, person(), "news.brief_schedule", {})
    first, second = served[0].mails
    told = [one["title"] for one in run_operation(place, person(), "alert_log.inbox", {}).rows]
    assert all(re.fullmatch(r"The week in crypto, \d.* \d{4} \(week \d{1,2}\)", one) for one in told)
    french = [one["title_fr"] for one in run_operation(place, person(), "alert_log.inbox", {}).rows]
    assert all(re.fullmatch(r"La semaine crypto, du \d.* \d{4} \(semaine \d{1,2}\)", one) for one in french)
    assert first["Message-ID"] != second["Message-ID"]
    assert "La semaine crypto" in first["Subject"]
    (pdf,) = first.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_content()[:5]) == ("application/pdf", b"%PDF-")
    end = first["List-Unsubscribe"].strip("<>")
    assert end.startswith(f"{ADDRESS}/unsubscribe/")
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert all(end in first.get_body((kind,)).get_content() for kind in ("plain", "html"))
    log = run_operation(place, person(), "alert_log.list", {}).rows
    assert {row["rule_name"] for row in log} == {"Synthèse de la semaine"}
    assert [row["state"] for row in log] == ["sent"] * 4
    rule, way, word = end.rsplit("/", 3)[1:]
    assert way == mail.id
    assert unsubscribe(place.alerts, place.notifiers, rule, way, word) is not None
    clock.now = plan.ts_next
    works(place, 2)
    assert len(served[0].mails) == 2
    # It is in the inbox still, which nobody is disturbed by.
    assert run_operation(place, person(), "alert_log.inbox", {}).total in (None, 3)


def test_changing_day_or_language_in_a_week_sends_none_twice(place, served, clock):
    channel(place)
    clock.now = asked(place).ts_next
    works(place)
    plan = asked(place, day="thursday", language="fr")
    clock.now = plan.ts_next
    works(place, 2)
    assert len(served[0].mails) == 1
    clock.now += 7 * DAY_MS
    works(place, 2)
    assert len(served[0].mails) == 2


def test_one_that_was_due_while_nothing_ran_comes_at_the_start_of_the_same_week_only(place, served, clock):
    channel(place)
    due = asked(place).ts_next
    clock.now = due + 17 * DAY_MS
    works(place, 2)
    # Two older ones are over; the newest is told.
    (mail,) = served[0].mails
    week = newest_due("monday", "08:00", "UTC", clock.now)[0]
    assert mail["Subject"].endswith(
        run_operation(place, person(), "news.brief", {"week": week, "language": "en"}).title
    )


def test_switched_off_or_without_an_address_nothing_is_sent(place, served, clock):
    with pytest.raises(UsageError, match="confirm"):
        asked(place)
    with pytest.raises(UsageError):
        run_operation(place, VISITOR, "news.schedule_brief", {})
    channel(place)
    asked(place)
    plan = asked(place, is_on=False)
    assert (plan.is_on, plan.ts_next) == (False, 0)
    clock.now += 20 * DAY_MS
    works(place, 2)
    assert served[0].mails == []


def test_it_is_no_rule_that_the_page_of_alerts_lists_or_changes(place):
    channel(place)
    asked(place)
    assert run_operation(place, person(), "alerts.rules", {}).rules == []
    (rule,) = place.alerts.rules(OWNER.user)
    with pytest.raises(UsageError, match="schedule_brief"):
        run_operation(place, person(), "alerts.put", {"rule": rule.id, "name": "x"})


def test_a_busy_server_is_asked_again_and_a_dead_address_is_said_on_the_other(place, served, clock):
    dead, other = channel(place, "dead@example.org"), channel(place)
    clock.now = asked(place).ts_next
    served[0].answer = "451 later"
    works(place)
    assert served[0].mails == []
    served[0].answer, served[0].rcpt = "250 kept", "550 no such user"
    clock.now += PAUSES_S[0] * 1_000
    works(place)
    told = [
        one
        for one in place.alerts.list_deliveries(OWNER.user, limit=99)
        if one.alert.happening.kind == "channel"
    ]
    assert {dead.id, other.id} >= {one.delivery.channel for one in told} - {"inbox"}
    assert place.alerts.channel(OWNER.user, dead.id).ts_dead > 0


def lived(place, until):
    """One process that looks and sends, and dies at a point."""
    life = Life(until)
    notifier = MortalNotifier(place.notifiers.for_kind("mail"), life)
    mortal = replace(
        place,
        alerts=MortalStore(place.alerts, life),
        notifiers=reopened(place.notifiers, "mail", lambda: notifier),
    )
    try:
        bound(mortal, briefs.look)()
        DeliveryWorker(mortal, name=f"p{until}").send_due()
    except Dead:
        pass
    return life


def test_killed_at_every_point_it_is_in_the_mailbox_under_one_id(tmp_path, served):
    points = ["look"]
    place_of_death = 0
    while place_of_death < len(points):
        served[0].mails.clear()
        clock = HandClock()
        place = mailing(tmp_path / f"h{place_of_death}", served[1], clock)
        channel(place)
        clock.now = asked(place).ts_next
        life = lived(place, place_of_death)
        points = life.points if place_of_death == 0 else points
        clock.now += LEASE_MS
        lived(place, 0)
        ids = [one["Message-ID"] for one in served[0].mails]
        died = points[place_of_death - 1] if place_of_death else ""
        assert len(set(ids)) == 1, died
        assert len(ids) == (2 if died in ("send after", "record_outcomes before") else 1), died
        inbox = [one for one in place.alerts.list_deliveries(OWNER.user) if one.delivery.channel == "inbox"]
        assert len(inbox) == 1, died
        place_of_death += 1
    assert len(points) == 8
