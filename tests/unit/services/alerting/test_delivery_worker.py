"""Alerts sent to a real mail server on loopback; killed at every point, refused, put off."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.channels import reopened
from tests.databases import HandClock
from tests.refusals import refused
from tests.unit.services.alerting.material import (
    ADDRESS,
    HIM,
    URL,
    channel,
    mailbox,
    mailing,
    read,
    rule,
)
from tests.unit.services.alerting.mortal import POINTS, TOLD_TWICE, lived
from vigie.domain.errors import ConfigError
from vigie.domain.person import OWNER
from vigie.services.alerting import delivery_worker as sending
from vigie.services.alerting.channels import mark_channel_dead
from vigie.services.alerting.delivery_worker import LEASE_MS, PAUSES_S, DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.signing import is_unsubscribe_token, unsubscribe_token
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.alerting.wording import WORDS
from vigie.services.needs import bound


@pytest.fixture
def served():
    with mailbox() as found:
        yield found


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def place(tmp_path, clock, served):
    return mailing(tmp_path / "home", served[1], clock)


def plain(mail: Any) -> str:
    return mail.get_body(("plain",)).get_content()


def html(mail: Any) -> str:
    return mail.get_body(("html",)).get_content()


def states(place):
    return sorted(
        (one.delivery.channel, one.delivery.state)
        for one in place.alerts.list_deliveries(OWNER.user, limit=99)
    )


def test_a_regulators_item_about_bitcoin_arrives_with_the_right_link(place, served):
    mail = channel(place)
    kept = rule(place, mail.id)
    bound(place, dispatch_read_items)([read()])
    assert DeliveryWorker(place).send_due() == 1
    (got,) = served[0].mails
    assert got["To"] == HIM
    assert got["Subject"] == "[Vigie] Custody of Bitcoin: a new rule"
    for text in (plain(got), html(got)):
        assert URL in text
        assert f"{ADDRESS}/alerts" in text
        assert "Regulators on Bitcoin" in text
        assert "Valmer Markets Authority" in text
        assert "Information, not investment advice." in text
        assert "Publication to detection" in text
        assert "31.0 s" in text
        # It was seen nine seconds ago, by the clock of this test.
        assert "9.0 s" in text
        assert f"{ADDRESS}/news/{read().item.id}" in text
    assert "Assets: Bitcoin" in plain(got)
    assert "this machine's clock" not in plain(got)
    word = unsubscribe_token(place.notifiers, kept.id, mail.id)
    assert got["List-Unsubscribe"] == f"<{ADDRESS}/unsubscribe/{kept.id}/{mail.id}/{word}>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert is_unsubscribe_token(place.notifiers, kept.id, mail.id, word)
    assert not is_unsubscribe_token(place.notifiers, kept.id, "another", word)
    assert DeliveryWorker(place).send_due() == 0
    (timing,) = [one for one in place.alerts.timings(None, 0) if one.channel == "mail"]
    assert timing.ts_published <= timing.ts_seen <= timing.ts_processed <= timing.ts_delivered


@pytest.mark.parametrize(("language", "said"), [("en", "this machine's clock"), ("fr", "de cette machine")])
def test_a_simulated_market_says_by_which_clock_it_measured(place, served, language, said):
    rule(place, channel(place).id, language=language)
    bound(place, dispatch_read_items)([read()])
    DeliveryWorker(replace(place, is_simulated=True)).send_due()
    (got,) = served[0].mails
    assert said in plain(got)
    assert said in html(got).replace("&#x27;", "'")


def test_a_french_rule_writes_french(place, served):
    rule(place, channel(place).id, language="fr")
    bound(place, dispatch_read_items)([read(status="unconfirmed")])
    bound(place, dispatch_read_items)([read(status="corrected")])
    DeliveryWorker(place).send_due()
    first, second = sorted(served[0].mails, key=lambda one: "Rectificatif" in one["Subject"])
    assert "À titre d’information\u00a0: ceci n’est pas un conseil en investissement." in plain(first)
    assert "Source\N{NO-BREAK SPACE}: Valmer Markets Authority (régulateur), non confirmé" in plain(first)
    assert "<b>Source\N{NO-BREAK SPACE}:" in html(first)
    assert re.search(r"Gérer vos alertes\N{NO-BREAK SPACE}: http", plain(first))
    assert re.search(r"\d,\d s\r?$", plain(first), re.M)
    assert not re.search(r"\d\.\d s\r?$", plain(first), re.M)
    assert second["Subject"] == "[Vigie] Rectificatif : Custody of Bitcoin: a new rule"
    assert "corrigé" in html(second)


def test_both_languages_say_the_same_things():
    english, french = WORDS["en"], WORDS["fr"]
    assert set(english) == set(french)
    for name, text in english.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", french[name])), name
    assert [name for name in english if english[name] == french[name]] == ["tag", "source"]


def test_a_correction_and_later_releases_of_a_story_join_its_conversation(place, served, clock):
    rule(place, channel(place).id)
    later = {"story": {"story": "s17", "place": "follows"}}
    for one in (read(status="unconfirmed"), read("18", found=later), read(status="corrected")):
        bound(place, dispatch_read_items)([one])
        DeliveryWorker(place).send_due()
        clock.now += 1_000
    first, second, third = served[0].mails
    assert first["References"] is None is first["In-Reply-To"]
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert third["In-Reply-To"] == second["Message-ID"]
    assert third["Subject"] == "[Vigie] Correction: Custody of Bitcoin: a new rule"
    assert "Correction of an earlier alert: its status is now" in plain(third)
    assert "Published earlier:" in plain(third)
    assert len({one["List-Id"] for one in served[0].mails}) == 1
    assert third["Feedback-ID"].split(":")[1:] == ["item", "en", "vigie"]


def test_mails_of_one_moment_and_of_a_digest_name_no_later_one(place, served, clock):
    rule(place, channel(place).id, pace="digest")
    bound(place, dispatch_read_items)([read(status="unconfirmed")])
    bound(place, dispatch_read_items)([read(status="corrected")])
    clock.now += 24 * 3_600_000
    DeliveryWorker(place).send_due()
    (got,) = served[0].mails
    assert got["References"] is None
    assert got["Subject"] == "[Vigie] 2 alerts, corrections: 1"
    bound(place, dispatch_read_items)([read("21", status="unconfirmed"), read("21", status="withdrawn")])
    clock.now += 24 * 3_600_000
    DeliveryWorker(place).send_due()
    assert served[0].mails[1]["References"] is None


def test_what_others_wrote_is_text_and_no_header(place, served):
    rule(place, channel(place).id)
    title = '<img src=x onerror="alert(1)">\r\nBcc: all@example.org\u2028<script>'
    bound(place, dispatch_read_items)([read(title=title, url="javascript:alert(1)", text="</body>")])
    DeliveryWorker(place).send_due()
    (got,) = served[0].mails
    assert got["Bcc"] is None
    assert "<script" not in html(got)
    assert "<img" not in html(got)
    assert "&lt;img" in html(got)
    assert "javascript:" not in html(got) + plain(got)


def test_a_digest_is_one_mail_with_everything(place, served, clock):
    rule(place, channel(place).id, pace="digest")
    bound(place, dispatch_read_items)(
        [read(str(number), title=f"Release number {number}") for number in range(3)]
    )
    assert DeliveryWorker(place).send_due() == 0
    clock.now += 24 * 3_600_000
    assert DeliveryWorker(place).send_due() == 1
    (got,) = served[0].mails
    assert got["Subject"] == "[Vigie] 3 alerts"
    assert all(f"Release number {number}" in plain(got) for number in range(3))
    assert [state for _, state in states(place)] == ["sent"] * 6


def test_a_busy_server_is_tried_again_under_the_same_id_and_not_before(place, served, clock):
    rule(place, channel(place).id)
    bound(place, dispatch_read_items)([read()])
    served[0].answer = "451 later"
    DeliveryWorker(place).send_due()
    assert DeliveryWorker(place).send_due() == 0
    clock.now += PAUSES_S[0] * 1_000
    served[0].answer = "250 kept"
    assert DeliveryWorker(place).send_due() == 1
    (line,) = [
        one.delivery for one in place.alerts.list_deliveries(OWNER.user) if one.delivery.channel != "inbox"
    ]
    assert (line.state, line.tries, line.why) == ("sent", 2, "")
    assert served[0].mails[0]["Message-ID"] == f"<{line.id}@vigie.example.org>"


def test_a_server_that_never_takes_it_ends_it_with_its_words(place, served, clock):
    rule(place, channel(place).id)
    bound(place, dispatch_read_items)([read()])
    served[0].answer = "451 later"
    for pause in (*PAUSES_S, 1):
        assert DeliveryWorker(place).send_due() == 1
        clock.now += pause * 1_000
    assert DeliveryWorker(place).send_due() == 0
    (line,) = [
        one.delivery for one in place.alerts.list_deliveries(OWNER.user) if one.delivery.channel != "inbox"
    ]
    assert line.state == "failed"
    assert "451" in line.why


def test_a_dead_address_is_said_in_the_inbox_and_on_the_other_address(place, served):
    dead, other = channel(place, "dead@example.org"), channel(place)
    rule(place, dead.id)
    bound(place, dispatch_read_items)([read()])
    served[0].rcpt = "550 no such user"
    DeliveryWorker(place).send_due()
    assert place.alerts.channel(OWNER.user, dead.id).ts_dead > 0
    told = [
        one
        for one in place.alerts.list_deliveries(OWNER.user, limit=99)
        if one.alert.happening.kind == "channel"
    ]
    assert {one.delivery.channel for one in told} == {"inbox", other.id}
    assert "550" in told[0].alert.happening.title
    served[0].rcpt = "250 OK"
    DeliveryWorker(place).send_due()
    (got,) = served[0].mails
    assert got["To"] == HIM
    assert "dead@example.org" in got["Subject"]
    assert got["List-Unsubscribe"] is None


def test_without_a_mail_server_alerts_wait_and_the_inbox_says_so_once(place, served):
    def none() -> Any:
        raise ConfigError("no mail server is set")

    bare = replace(place, notifiers=reopened(place.notifiers, "mail", none))
    rule(place, channel(place).id)
    bound(place, dispatch_read_items)([read("1"), read("2")])
    DeliveryWorker(bare).send_due()
    said = [
        one
        for one in place.alerts.list_deliveries(OWNER.user, limit=99)
        if one.alert.happening.kind == "channel"
    ]
    assert len(said) == 1
    assert [state for name, state in states(place) if name != "inbox"] == ["waiting"] * 2
    assert served[0].mails == []


def test_who_reads_french_is_told_in_french_why_nothing_arrives(place, served):
    def none() -> Any:
        raise ConfigError(refused("no_mail_server_set"))

    place.accounts.put_settings(OWNER.user, {"language": "fr"})
    dead = channel(place)
    rule(place, dead.id)
    bound(place, dispatch_read_items)([read("1")])
    DeliveryWorker(replace(place, notifiers=reopened(place.notifiers, "mail", none))).send_due()
    bound(place, mark_channel_dead)(
        dead,
        refused("installation_contacts_no_outside_addresses"),
    )
    said = {
        title_of(one.alert.happening, "fr").replace("\u00a0", " ")
        for one in place.alerts.list_deliveries(OWNER.user, limit=99)
        if one.alert.happening.kind == "channel"
    }
    assert said == {
        (
            "Le serveur de messagerie n’accepte pas les alertes. Vigie réessaiera : aucun serveur de messagerie "
            "n’est défini : réglez VIGIE_SMTP_URL, par exemple smtps://user:secret@host:465"
        ),
        (
            f"Les alertes ne peuvent pas être remises à {HIM} : cette installation ne contacte aucune adresse "
            "extérieure : son marché est simulé"
        ),
    }
    # What programs read stays as it was said.
    assert place.alerts.channel(OWNER.user, dead.id).why.startswith(
        "this installation contacts no outside addresses:"
    )


def test_what_was_deleted_paused_or_unsubscribed_meanwhile_is_not_sent(place, served):
    mail = channel(place)
    kept = rule(place, mail.id)
    changes = ({"ts_deleted": 1}, {"ts_deleted": 0, "is_on": False}, {"is_on": True, "channels": ("inbox",)})
    for number, change in enumerate(changes):
        place.alerts.put_rule(replace(kept, is_on=True, channels=kept.channels))
        bound(place, dispatch_read_items)([read(str(number))])
        place.alerts.put_rule(replace(kept, **change))
        DeliveryWorker(place).send_due()
    assert served[0].mails == []
    reasons = {
        one.delivery.why
        for one in place.alerts.list_deliveries(OWNER.user)
        if one.delivery.channel == mail.id
    }
    assert reasons == {"deleted", "off", "gone"}


def test_one_that_cannot_be_made_holds_no_other_up(place, served, monkeypatch):
    rule(place, channel(place).id)
    bound(place, dispatch_read_items)([read("1", title="Broken"), read("2", title="Whole")])
    real, said = sending.mail_of, []

    def breaking(sources, group, to):
        if group[0].alert.happening.title == "Broken":
            raise ZeroDivisionError
        return real(sources, group, to)

    monkeypatch.setattr(sending, "mail_of", breaking)
    DeliveryWorker(place, say=said.append).send_due()
    assert [one["Subject"] for one in served[0].mails] == ["[Vigie] Whole"]
    assert "ZeroDivisionError" in said[0]


def test_killed_at_every_point_an_alert_is_in_the_inbox_once_and_in_the_mailbox_under_one_id(
    tmp_path, served, clock
):
    points = lived(_whole(tmp_path / "whole", served, clock), "mail", [read()], 0, "p0").points
    assert points == POINTS
    for point in range(1, len(points) + 1):
        served[0].mails.clear()
        place = _whole(tmp_path / f"h{point}", served, clock)
        assert lived(place, "mail", [read()], point, "p1").is_over
        clock.now += LEASE_MS
        lived(place, "mail", [read()], 0, "p2")
        inbox = [one for one in place.alerts.list_deliveries(OWNER.user) if one.delivery.channel == "inbox"]
        assert len(inbox) == 1, points[point - 1]
        ids = [one["Message-ID"] for one in served[0].mails]
        # At least once on the wire, never another id: twice only where it was killed between sending and noting.
        assert len(set(ids)) == 1, points[point - 1]
        assert len(ids) == (2 if points[point - 1] in TOLD_TWICE else 1)
        assert [state for _, state in states(place)] == ["sent", "sent"]


def _whole(home, served, clock):
    place = mailing(home, served[1], clock)
    rule(place, channel(place).id)
    return place
