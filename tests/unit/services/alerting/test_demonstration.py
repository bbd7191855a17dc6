"""The demonstration's first rules: its regulator's release about Bitcoin goes to the world's own mailbox."""

from __future__ import annotations

from tests.unit.services.alerting.material import NOW, mailbox, mailing, read
from vigie.domain.person import OWNER
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items, event_of_item
from vigie.services.demo_world import READER, first_rules
from vigie.services.needs import bound


def test_a_first_rule_mails_a_release_to_the_mailbox_and_is_made_once(tmp_path):
    with mailbox() as (box, url):
        place = mailing(tmp_path / "home", url)
        first_rules(place.alerts)
        first_rules(place.alerts)
        assert len(place.alerts.rules(OWNER.user)) == 5
        bound(place, dispatch_read_items)([read()])
        DeliveryWorker(place).send_due()
    assert [one["To"] for one in box.mails] == [READER]


def test_minutes_of_a_market_that_runs_ahead_are_told_as_what_they_took_here():
    assert event_of_item(read(), 10.0).ts == NOW - 9_000 - 3_100
