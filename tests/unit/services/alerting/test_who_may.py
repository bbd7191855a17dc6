"""Who is disabled is told nothing more; what may be had so often an hour is not had more often at once."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.channels import notifiers_of
from tests.databases import HandClock
from tests.unit.services.alerting.material import channel, mailbox, mailing, read, rule
from vigie.domain.errors import NotFound, UsageError
from vigie.domain.person import OWNER, SCOPES_OF, Caller
from vigie.services.alerting.channels import MOST_NOTES, send_test
from vigie.services.alerting.delivery_worker import PAUSES_S, DeliveryWorker
from vigie.services.alerting.feeds import render_feed
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.alerting.signing import feed_token
from vigie.services.needs import bound
from vigie.services.operation_calls import run_operation
from vigie.services.operations.alerts import MOST_RULES
from vigie.services.people.accounts import users
from vigie.services.people.accounts.throttle import use_allowance


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


def test_who_is_disabled_is_told_nothing_more_by_any_way(place, served, clock):
    bound(place, users.add_user)(OWNER, "root", "a long password 1", "admin")
    ann = bound(place, users.add_user)(OWNER, "ann", "a long password 2", "trader")
    mail = place.alerts.put_channel(replace(channel(place, "x@example.org"), id="", owner=ann.id))
    kept = place.alerts.put_rule(replace(rule(place, mail.id), id="", owner=ann.id))
    word = feed_token(place.notifiers, kept.id)
    served[0].answer = "450 later"
    bound(place, dispatch_read_items)([read()])
    assert DeliveryWorker(place).send_due() == 1
    served[0].answer = "250 kept"
    before = bound(place, render_feed)(kept.id, word)
    users.set_disabled(place.accounts, place.audit, OWNER, ann, True)
    clock.now += PAUSES_S[0] * 1_000 + 1
    DeliveryWorker(place).send_due()
    bound(place, dispatch_read_items)([read("18")])
    clock.now += PAUSES_S[0] * 1_000 + 1
    DeliveryWorker(place).send_due()
    assert before is not None
    assert bound(place, render_feed)(kept.id, word) is None
    assert [one["To"] for one in served[0].mails if one["To"] == mail.address] == []
    assert {one.alert.happening.key for one in place.alerts.list_deliveries(ann.id, limit=99)} == {"s17"}
    assert "waiting" not in {one.delivery.state for one in place.alerts.list_deliveries(ann.id, limit=99)}
    users.set_disabled(place.accounts, place.audit, OWNER, ann, False)
    bound(place, dispatch_read_items)([read("19")])
    DeliveryWorker(place).send_due()
    assert [one["To"] for one in served[0].mails if one["To"] == mail.address] == [mail.address]


def test_a_rule_that_comes_back_needs_its_room(place):
    me = Caller(OWNER.user, OWNER.role, SCOPES_OF["admin"])
    first = rule(place)
    run_operation(place, me, "alerts.set", {"rule": first.id, "becomes": "delete"})
    for _ in range(MOST_RULES):
        rule(place)
    with pytest.raises(UsageError, match="at most"):
        run_operation(place, me, "alerts.set", {"rule": first.id, "becomes": "restore"})
    with pytest.raises(NotFound):
        run_operation(place, me, "alerts.rule", {"rule": first.id})


def at_once(place, monkeypatch, count):
    """Return a house in which so many who ask at once have all looked before any of them is noted."""
    looked = threading.Barrier(count)
    have_looked = threading.local()
    failures = place.accounts.failures

    def seen(key, *, since_ms):
        found = failures(key, since_ms=since_ms)
        if not getattr(have_looked, "is_so", False):
            have_looked.is_so = True
            looked.wait(timeout=30)
        return found

    monkeypatch.setattr(
        type(place.accounts), "failures", lambda _self, key, *, since_ms: seen(key, since_ms=since_ms)
    )


def test_of_many_who_ask_at_once_no_more_are_served(place, monkeypatch):
    count = 12
    at_once(place, monkeypatch, count)
    with ThreadPoolExecutor(count) as pool:
        taken = list(pool.map(lambda _: use_allowance(place.accounts, place.clock, "k", 3), range(count)))
    assert sum(taken) <= 3


def test_one_after_the_other_has_what_there_is(place):
    taken = [use_allowance(place.accounts, place.clock, "k", 3) for _ in range(5)]
    assert taken == [True, True, True, False, False]


def test_test_mails_asked_for_at_once_are_no_more_than_one_after_the_other(place, served, monkeypatch):
    mail, count = channel(place), MOST_NOTES + 6
    sent = []

    class Postman:
        async def send(self, message):
            await asyncio.sleep(0)
            sent.append(message)
            return ""

    house = replace(
        place, notifiers=notifiers_of(mail=Postman, address=place.notifiers.address, key=place.notifiers.key)
    )
    at_once(place, monkeypatch, count)

    def tried(_):
        try:
            bound(house, send_test)(mail, "en")
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(tried, range(count)))
    assert len(sent) <= MOST_NOTES


@pytest.mark.parametrize("name", ["sources", "entities", "assets", "channels"])
def test_a_rule_holds_no_texts_in_the_place_of_names(place, name):
    me = Caller(OWNER.user, OWNER.role, SCOPES_OF["admin"])
    with pytest.raises(UsageError, match=name):
        run_operation(place, me, "alerts.put", {"name": "Long", name: ["x" * 101]})
