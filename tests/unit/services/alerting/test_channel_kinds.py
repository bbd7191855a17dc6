"""Kinds of channels: one folder each, found by their manifests; an unknown one is an error, never e-mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.channels import notifiers_of
from tests.databases import HandClock
from tests.unit.services.alerting.material import channel, mailbox, mailing, read, rule
from vigie.adapters.notifiers.manifest import FOLDER, manifests, read_manifest
from vigie.domain.alert import Channel
from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.person import OWNER
from vigie.services.alerting.channels import send_test
from vigie.services.alerting.delivery_worker import DeliveryWorker
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.needs import bound


def test_each_folder_is_a_kind():
    assert {one.id for one in manifests()} == {path.parent.name for path in FOLDER.glob("*/notifier.py")}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("reader@example.org", "mail"),
        ("https://example.org/x", "webhook"),
        ("http:example", "webhook"),
        ("HTTPS://example.org", "webhook"),
        ("tgram://1/2", "apprise"),
        ("nothing", "mail"),
    ],
)
def test_an_address_means_a_kind_by_how_it_begins(address, kind):
    assert notifiers_of().kind_of_address(address) == kind


def test_an_address_that_means_no_kind_is_refused():
    notifiers = notifiers_of()
    without = replace(notifiers, kinds={"mail": notifiers.kinds["mail"]})
    with pytest.raises(ConfigError, match="matches no kind of channel; kinds: mail"):
        without.kind_of_address("tgram://1/2")


def test_a_channel_of_an_unknown_kind_waits_and_is_never_mailed(tmp_path):
    with mailbox() as (box, url):
        place = mailing(tmp_path / "home", url, HandClock())
        lost = place.alerts.put_channel(
            Channel("", OWNER.user, "pigeon", "reader@example.org", is_confirmed=True)
        )
        rule(place, lost.id)
        bound(place, dispatch_read_items)([read("1")])
        DeliveryWorker(place).send_due()
        assert box.mails == []
        told = place.alerts.list_deliveries(OWNER.user, limit=99)
        assert [one.delivery.state for one in told if one.delivery.channel == lost.id] == ["waiting"]
        assert any("no channel of kind 'pigeon'" in one.alert.happening.title for one in told)
        with pytest.raises(UsageError, match="no channel of kind 'pigeon'"):
            bound(place, send_test)(lost, "en")
        bound(place, send_test)(channel(place), "en")
        assert len(box.mails) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('kind = "notifier"', 'kind = "source"'), "kind must be one of notifier"),
        (('id = "mail"', 'id = "post"'), "id must be the folder's name"),
        (("hint = ", "hunt = "), "missing: hint"),
        (('address = "', 'address = "('), "address must be a pattern"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(tmp_path, change, said):
    folder = tmp_path / "mail"
    folder.mkdir()
    text = (FOLDER / "mail" / "manifest.toml").read_text("utf-8")
    (folder / "manifest.toml").write_text(text.replace(*change), "utf-8")
    with pytest.raises((ConfigError, ValueError), match=said):
        read_manifest(folder)
