"""The letter by mail on its day: due once a period whatever clocks do, through the outbox, killed at every point."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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
from vigie.domain.time import DAY_MS
from vigie.services.alerting.channels import unsubscribe
from vigie.services.alerting.delivery_worker import LEASE_MS, DeliveryWorker
from vigie.services.alerting.letter_schedule import WEEKDAYS, LetterTiming, newest_letter, next_letter
from vigie.services.alerting.watching import letters
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation

ZONES = (
    "UTC",
    "Europe/Paris",
    "Pacific/Auckland",
    "Pacific/Pago_Pago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
)
MINUTE = 60_000


def ms(*when, zone="UTC"):
    return int(datetime(*when, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000


TIMES = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.integers(0, 59))
SPANS = st.one_of(
    st.tuples(st.just("week"), st.sampled_from(WEEKDAYS)),
    st.tuples(st.just("month"), st.integers(1, 28).map(str)),
)


@settings(max_examples=150)
@given(SPANS, TIMES, st.sampled_from(ZONES), st.integers(ms(2000, 1, 1), ms(2037, 1, 1)))
def test_every_period_is_told_once_and_of_days_that_have_ended(chosen, at, zone, now):
    timing = LetterTiming(*chosen, at, zone)
    dues = []
    for _ in range(30):
        now = next_letter(timing, now)
        dues.append((now, newest_letter(timing, now)))
    for ts, (last, due) in dues:
        assert due == ts
        ended = (last - date(1970, 1, 1)).days * DAY_MS + DAY_MS
        assert ended <= ts < ended + DAY_MS
    for (first, _), (second, _) in pairwise(dues):
        days = (second - first) / DAY_MS
        assert 6 <= days <= 8 if chosen[0] == "week" else 27 <= days <= 32
        assert newest_letter(timing, second - 1)[1] == first


@pytest.mark.parametrize(
    ("chosen", "at", "zone", "now", "last", "due"),
    [
        (("week", "monday"), "08:00", "Europe/Paris", ms(2026, 3, 30, 12), date(2026, 3, 29), ms(2026, 3, 30, 6)),
        (("month", "1"), "08:00", "Europe/Paris", ms(2026, 3, 30, 12), date(2026, 2, 28), ms(2026, 3, 1, 7)),
        # Left out by the clocks of that Sunday: an hour on.
        (("week", "sunday"), "02:30", "Europe/Paris", ms(2026, 3, 29, 12), date(2026, 3, 28), ms(2026, 3, 29, 1, 30)),
        # Sunday is still on at Greenwich: its close is not known.
        (("week", "monday"), "08:00", "Pacific/Auckland", ms(2026, 6, 8, 12), date(2026, 6, 6), ms(2026, 6, 7, 20)),
        (("week", "monday"), "08:00", "UTC", ms(2026, 6, 8, 7, 59), date(2026, 5, 31), ms(2026, 6, 1, 8)),
    ],
)  # fmt: skip
def test_a_time_of_day_is_that_of_the_zone(chosen, at, zone, now, last, due):
    assert newest_letter(LetterTiming(*chosen, at, zone), now) == (last, due)


@pytest.fixture(scope="module")
def server():
    with mailbox() as found:
        yield found


@pytest.fixture
def served(server):
    server[0].mails.clear()
    return server


@pytest.fixture
def clock():
    return HandClock()


def home_of(folder, served, clock):
    place = mailing(folder, served[1], clock)
    values = {"coin": "bitcoin", "quantity": "0.5", "amount": "12345", "currency": "EUR"}
    run_operation(place, person(), "holdings.add", values)
    return place


@pytest.fixture
def place(tmp_path, clock, served):
    return home_of(tmp_path / "home", served, clock)


def asked(place, **more):
    values = {"span": "week", "day": "monday", "at": "08:00", **more}
    return run_operation(place, person(), "holdings.schedule_letter", values)


def works(place, times=1):
    """Look and send, as the running house does again and again."""
    for _ in range(times):
        bound(place, letters.look)()
        DeliveryWorker(place).send_due()


@pytest.mark.parametrize(("span", "day"), [("week", "monday"), ("month", "3")])
def test_a_letter_comes_once_a_period_as_text_html_and_pdf_with_a_way_to_end_it(
    place, served, clock, span, day
):
    mail = channel(place)
    plan = asked(place, language="fr", span=span, day=day)
    assert (plan.is_on, plan.span, plan.day, plan.addresses) == (True, span, day, [HIM])
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
        plan = run_operation(place, person(), "holdings.letter_schedule", {})
    first, second = served[0].mails
    assert first["Message-ID"] != second["Message-ID"]
    assert "12345" not in first["Subject"].replace("\u202f", "")
    assert ("Votre semaine" if span == "week" else "Vos 30 jours") in first["Subject"]
    (pdf,) = first.iter_attachments()
    assert (pdf.get_content_type(), pdf.get_content()[:5]) == ("application/pdf", b"%PDF-")
    end = first["List-Unsubscribe"].strip("<>")
    assert end.startswith(f"{ADDRESS}/unsubscribe/")
    for kind in ("plain", "html"):
        body = first.get_body((kind,)).get_content()
        assert "Bitcoin" in body
        assert end in body
    titles = {row["title_fr"] for row in run_operation(place, person(), "alert_log.inbox", {}).rows}
    assert all("lettre sur ce que vous possédez" in title for title in titles)
    rule, way, word = end.rsplit("/", 3)[1:]
    assert way == mail.id
    assert unsubscribe(place.alerts, place.notifiers, rule, way, word) is not None
    clock.now = plan.ts_next
    works(place, 2)
    assert len(served[0].mails) == 2


def test_the_days_of_a_letter_are_those_before_it_was_due(place, served, clock):
    channel(place)
    due = asked(place).ts_next
    # Nothing ran for two weeks and a half: the newest is told, the older ones are over.
    clock.now = due + 17 * DAY_MS
    works(place, 2)
    (mail,) = served[0].mails
    newest = datetime.fromtimestamp((due + 14 * DAY_MS) / 1_000, UTC).date()
    told = run_operation(
        place, person(), "holdings.letter", {"span": "week", "last": str(newest - timedelta(1))}
    )
    assert mail["Subject"].endswith(told.title)


def test_switched_off_without_an_address_or_holdings_nothing_is_sent(place, served, clock, tmp_path):
    with pytest.raises(UsageError, match="confirm"):
        asked(place)
    with pytest.raises(UsageError):
        run_operation(place, VISITOR, "holdings.schedule_letter", {})
    channel(place)
    for odd in ({"day": "1"}, {"span": "month", "day": "monday"}, {"day": "someday"}, {"at": "24:00"}):
        with pytest.raises(UsageError):
            asked(place, **odd)
    asked(place)
    plan = asked(place, is_on=False)
    assert (plan.is_on, plan.ts_next) == (False, 0)
    clock.now += 20 * DAY_MS
    works(place, 2)
    assert served[0].mails == []
    asked(place)
    (batch,) = run_operation(place, person(), "holdings.batches", {}).rows
    run_operation(place, person(), "holdings.undo", {"holding_batch": batch.batch})
    clock.now += 20 * DAY_MS
    works(place, 2)
    assert served[0].mails == []


def test_it_is_no_rule_that_the_page_of_alerts_lists_or_changes(place):
    channel(place)
    asked(place)
    assert run_operation(place, person(), "alerts.rules", {}).rules == []
    (rule,) = place.alerts.rules(OWNER.user)
    with pytest.raises(UsageError, match="schedule_letter"):
        run_operation(place, person(), "alerts.put", {"rule": rule.id, "name": "x"})


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
        bound(mortal, letters.look)()
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
        place = home_of(tmp_path / f"h{place_of_death}", served, clock)
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
        place_of_death += 1
    assert len(points) == 8
