"""What every store of alerts promises, on every database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.databases import HandClock
from vigie.adapters.stores.sql.alerts.rules_and_channels import MAX_DELETED_RULES
from vigie.adapters.stores.sql.alerts.store import SqlAlertStore
from vigie.adapters.stores.sql.database import Database
from vigie.domain.alert import (
    Alert,
    AlertDelivery,
    AlertEvent,
    AlertRule,
    Channel,
    QuietHours,
    alert_id,
    delivery_id,
)
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.refusal import Refusal, to_stored
from vigie.ports.alert_rules import DuplicateRule
from vigie.ports.alerts import AlertStore

NOW = HandClock().now
RULE = AlertRule(
    "", "ann", "Regulators", "item", {"tier": ("regulator",), "assets": ("bitcoin",)}, ("inbox", "c1")
)


@pytest.fixture
def store(database: Database, clock: HandClock) -> AlertStore:
    return SqlAlertStore(database, clock)


def happening(key: str = "s1", status: str = "unconfirmed") -> AlertEvent:
    facts = {"tier": "regulator", "assets": ["bitcoin"]}
    return AlertEvent(
        "item", key, "A ruling", NOW - 9, NOW - 5, NOW - 60, status, "https://a.example", "sec", facts
    )


def told(
    rule: AlertRule, key: str = "s1", status: str = "unconfirmed", **more
) -> tuple[Alert, list[AlertDelivery]]:
    what = happening(key, status)
    alert = Alert(alert_id(rule.id, what), rule.id, rule.owner, what, NOW)
    inbox = AlertDelivery(delivery_id(alert.id, "inbox"), alert.id, "inbox", "sent", NOW, ts_done=NOW)
    mail = AlertDelivery(delivery_id(alert.id, "c1"), alert.id, "c1", "waiting", NOW)
    return alert, [inbox, replace(mail, **more)]


def test_a_rule_comes_back_as_it_was_given_and_two_tabs_do_not_overwrite_each_other(store):
    given = replace(RULE, quiet=QuietHours(22 * 60, 7 * 60, "Europe/Paris"), cool_down_s=60, daily_budget=5)
    kept = store.put_rule(given, revision=0)
    assert store.rules("ann") == [kept]
    assert replace(kept, id="", revision=0) == given
    mine = store.put_rule(replace(kept, name="Mine"), revision=kept.revision)
    with pytest.raises(Conflict, match="revision must be 2, was 1"):
        store.put_rule(replace(kept, name="Theirs"), revision=kept.revision)
    assert store.rule("ann", kept.id) == mine == store.any_rule(kept.id)


def test_a_thread_is_what_one_channel_was_told_of_a_key_and_of_keys_below_it(store):
    rule = store.put_rule(RULE)
    given = [("s1", {}), ("s1/a", {}), ("s10", {}), ("s1%", {}), ("s1/b", {"state": "failed"})]
    made = [told(rule, key, **more) for key, more in given]
    made.append(told(rule, "s1", "corrected", state="sent"))
    made.append((told(rule, "s1/c")[0], told(rule, "s1/c")[1][:1]))
    store.add([(replace(alert, ts=NOW + at), sent) for at, (alert, sent) in enumerate(made)])
    lines = store.thread("ann", "c1", "item", "s1")
    assert [(one.alert.happening.key, one.alert.happening.status) for one in lines] == [
        ("s1", "unconfirmed"), ("s1/a", "unconfirmed"), ("s1", "corrected"),
    ]  # fmt: skip
    assert store.thread("ann", "c1", "item", "s1%")[0].alert.happening.key == "s1%"
    for owner, channel, kind in (("bob", "c1", "item"), ("ann", "c2", "item"), ("ann", "c1", "price")):
        assert not store.thread(owner, channel, kind, "s1")
    # Of these one was sent by another way than the inbox.
    (alert,) = store.sent_outside("ann", "item", limit=9)
    assert (alert.happening.key, alert.happening.status) == ("s1", "corrected")
    for owner, kind, limit in (("bob", "item", 9), ("ann", "price", 9), ("ann", "item", 0)):
        assert not store.sent_outside(owner, kind, limit=limit)


def test_one_that_tells_the_same_by_the_same_channel_is_refused_where_it_must_be_alone(store, clock):
    kept = store.put_rule(replace(RULE, when={"tier": ("media", "regulator")}, channels=("inbox", "c1")))
    twin = replace(RULE, when={"tier": ("regulator", "media")}, name="Twin")
    with pytest.raises(DuplicateRule) as refused:
        store.put_rule(twin, is_alone=True)
    assert refused.value.rule == kept.id
    for other in (
        replace(twin, owner="bob"), replace(twin, kind="price"), replace(twin, channels=("c2",)),
        replace(twin, when={"tier": ("media",)}),
    ):  # fmt: skip
        store.put_rule(other, is_alone=True)
    # Itself is no other one; and one that is over, or deleted, tells nothing.
    kept = store.put_rule(replace(kept, ts_expires=clock.wall_now()), is_alone=True)
    again = store.put_rule(twin, is_alone=True)
    store.put_rule(replace(again, ts_deleted=1))
    store.put_rule(twin, is_alone=True)


def test_of_two_who_press_at_once_one_makes_the_rule(store):
    def press(_: int) -> bool:
        try:
            store.put_rule(RULE, is_alone=True)
        except DuplicateRule:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, range(4))) == 1


def test_rules_that_are_off_or_deleted_are_asked_of_nothing_and_nobody_else_reads_them(store):
    kept = store.put_rule(RULE)
    assert store.rules_of("item") == [kept]
    assert store.rules_of("price") == []
    assert store.rule("bob", kept.id) is None
    with pytest.raises(NotFound):
        store.put_rule(replace(kept, owner="bob"))
    off = store.put_rule(replace(kept, is_on=False))
    assert store.rules_of("item") == []
    store.put_rule(replace(off, is_on=True, ts_deleted=NOW))
    assert store.rules_of("item") == []
    assert store.rules("ann") == []
    assert store.rule("ann", kept.id).ts_deleted == NOW


def test_a_channel_is_confirmed_by_its_code_alone(store, clock):
    kept = store.put_channel(Channel("", "ann", "mail", "ann@example.org"))
    with pytest.raises(Conflict, match="already"):
        store.put_channel(Channel("", "ann", "mail", "ann@example.org"))
    assert not store.use_code("ann", kept.id, "")
    store.put_code("ann", kept.id, "right", ts_expires=NOW + 10)
    assert not store.use_code("ann", kept.id, "wrong")
    assert not store.use_code("bob", kept.id, "right")
    assert store.use_code("ann", kept.id, "right")
    assert store.channel("ann", kept.id) == replace(kept, is_confirmed=True)
    assert not store.use_code("ann", kept.id, "right")
    assert store.channel("bob", kept.id) is None
    assert not store.remove_channel("bob", kept.id)
    assert store.remove_channel("ann", kept.id)
    assert store.channels("ann") == []


def test_a_code_ends_and_is_not_guessed(store, clock):
    kept = store.put_channel(Channel("", "ann", "mail", "ann@example.org"))
    store.put_code("ann", kept.id, "right", ts_expires=NOW + 10)
    assert [store.use_code("ann", kept.id, f"{guess}") for guess in range(5)] == [False] * 5
    assert not store.use_code("ann", kept.id, "right")
    store.put_code("ann", kept.id, "right", ts_expires=NOW + 10)
    clock.now += 11
    assert not store.use_code("ann", kept.id, "right")


def test_an_alert_is_kept_once_with_its_deliveries(store):
    rule = store.put_rule(RULE)
    one = told(rule)
    assert store.add([one, told(rule, "s2")]) == 2
    assert store.add([one]) == 0
    lines = store.list_deliveries("ann")
    assert len(lines) == 4
    assert {line.alert.id: line.alert for line in lines} == {
        alert.id: alert for alert in (one[0], told(rule, "s2")[0])
    }
    assert {line.rule for line in lines} == {"Regulators"}
    assert store.list_deliveries("bob") == []
    assert store.sent_statuses("item", ["s1", "s9"]) == {(rule.id, "s1"): frozenset({"unconfirmed"})}
    assert store.sent_since([rule.id], NOW - 10) == {rule.id: [NOW, NOW]}


def test_the_log_is_read_page_by_page(store):
    rule = store.put_rule(RULE)
    store.add([told(rule, f"s{number}") for number in range(5)])
    first = store.list_deliveries("ann", limit=4)
    rest = store.list_deliveries("ann", before=first[-1].delivery.id, limit=100)
    ids = [line.delivery.id for line in (*first, *rest)]
    assert len(ids) == len(set(ids)) == 10
    assert store.list_deliveries("bob", before=first[-1].delivery.id) == ()
    assert {line.delivery.channel for line in store.list_deliveries("ann", channel="inbox")} == {"inbox"}
    assert store.list_deliveries("ann", rule="another") == []


def test_a_delivery_has_one_holder_until_its_lease_ends(store, clock):
    rule = store.put_rule(RULE)
    store.add([told(rule)])
    (held,) = store.take("p1", for_ms=100)
    assert (held.delivery.channel, held.rule, held.channel) == ("c1", rule, None)
    assert store.take("p2", for_ms=100) == ()
    clock.now += 101
    (again,) = store.take("p2", for_ms=100)
    assert again.delivery.id == held.delivery.id
    sent = replace(held.delivery, state="sent", ts_done=clock.now, tries=1)
    assert not store.record_outcomes("p1", [sent])
    assert store.record_outcomes("p2", [sent])
    clock.now += 1_000
    assert store.take("p3", for_ms=100) == ()
    assert store.counts() == {("inbox", "sent"): 1, ("c1", "sent"): 1}


def test_what_is_put_off_is_not_due(store, clock):
    rule = store.put_rule(RULE)
    store.add([told(rule, ts_due=NOW + 50)])
    assert store.take("p1", for_ms=100) == ()
    clock.now += 50
    (held,) = store.take("p1", for_ms=100)
    why = Refusal("busy", "{host} is busy", host="h")
    later = replace(held.delivery, tries=1, ts_due=clock.now + 30, why=why)
    assert store.record_outcomes("p1", [later])
    assert store.take("p1", for_ms=100) == ()
    clock.now += 30
    (held,) = store.take("p1", for_ms=100)
    assert held.delivery == later
    assert to_stored(held.delivery.why) == {"code": "busy", "arguments": {"host": "h"}}


def test_a_channel_that_takes_nothing_keeps_why_by_its_code(store):
    kept = store.put_channel(Channel("", "ann", "mail", "ann@example.org"))
    why = Refusal("gone", "{host} takes nothing", host="h")
    store.put_channel(replace(kept, ts_dead=NOW, why=why))
    assert to_stored(store.channel("ann", kept.id).why) == {"code": "gone", "arguments": {"host": "h"}}
    store.put_channel(kept)
    assert to_stored(store.channel("ann", kept.id).why) is None


def test_what_was_due_at_once_is_due_where_a_clock_that_ran_ahead_was_put_right(store, clock):
    rule = store.put_rule(RULE)
    store.add([told(rule), told(rule, "s2", ts_due=NOW + 3_600_000)])
    (held,) = store.take("p1", for_ms=60_000)
    clock.now -= 86_400_000
    # Who held it ahead of time is gone.
    (again,) = store.take("p2", for_ms=60_000)
    assert again.delivery.id == held.delivery.id
    assert store.take("p3", for_ms=60_000) == ()
    put_off = replace(held.delivery, tries=1, ts_due=clock.now + 30)
    assert store.record_outcomes("p2", [put_off])
    assert store.take("p3", for_ms=60_000) == ()
    clock.now += 30
    assert [one.delivery for one in store.take("p3", for_ms=60_000)] == [put_off]


def test_those_of_a_bundle_come_together_whatever_the_limit(store):
    rule = store.put_rule(RULE)
    store.add([told(rule, f"s{number}", bundle="c1/7") for number in range(4)])
    assert len(store.take("p1", for_ms=100, limit=1)) == 4


def test_two_processes_never_hold_the_same(store):
    rule = store.put_rule(RULE)
    store.add([told(rule, f"s{number}") for number in range(30)])

    def work(holder: str) -> list[str]:
        found = []
        while held := store.take(holder, for_ms=60_000, limit=4):
            found += [one.delivery.id for one in held]
        return found

    with ThreadPoolExecutor(4) as pool:
        taken = [one for found in pool.map(work, ("p1", "p2", "p3", "p4")) for one in found]
    assert len(taken) == len(set(taken)) == 30


def test_the_inbox_knows_what_was_read(store):
    rule = store.put_rule(RULE)
    one, two = told(rule), told(rule, "s2")
    store.add([one, two])
    assert store.count_unread("ann") == 2
    assert store.mark_read("bob", [one[0].id], NOW) == 0
    assert (store.alert("bob", one[0].id), store.alert("ann", one[0].id)) == (None, one[0])
    assert store.mark_read("ann", [one[0].id], NOW) == 1
    assert store.count_unread("ann") == 1
    assert store.mark_read("ann", [], NOW) == 1
    assert store.mark_read("ann", [one[0].id], 0) == 1
    assert store.count_unread("ann") == 1


def test_times_are_of_what_was_sent_at_once(store):
    rule = store.put_rule(RULE)
    store.add([told(rule), told(rule, "s2", state="sent", why="quiet", ts_done=NOW + 9_000)])
    (first, second) = store.timings("ann", NOW - 1)
    assert first == second
    assert (first.ts_published, first.ts_seen, first.ts_processed, first.ts_delivered) == (
        NOW - 60, NOW - 9, NOW - 5, NOW,
    )  # fmt: skip
    assert store.timings("bob", NOW - 1) == []
    assert len(store.timings(None, NOW - 1)) == 2


def test_who_leaves_takes_everything_along(store):
    rule = store.put_rule(RULE)
    store.put_channel(Channel("", "ann", "mail", "ann@example.org"))
    store.put_rule(replace(RULE, owner="bob"))
    store.add([told(rule)])
    store.forget("ann")
    assert (store.rules("ann"), store.channels("ann"), store.list_deliveries("ann"), store.counts()) == (
        [],
        [],
        [],
        {},
    )
    assert len(store.rules("bob")) == 1


def test_who_takes_over_gets_rules_channels_and_what_was_told(store):
    rule = store.put_rule(RULE)
    channel = store.put_channel(Channel("", "ann", "mail", "ann@example.org"))
    store.put_rule(replace(RULE, owner="bob"))
    store.add([told(rule)])
    before = store.list_deliveries("ann")
    store.hand_over("ann", "eve")
    assert (store.rules("ann"), store.channels("ann"), store.list_deliveries("ann")) == ([], [], [])
    assert [(one.id, one.owner) for one in store.rules("eve")] == [(rule.id, "eve")]
    assert [one.id for one in store.channels("eve")] == [channel.id]
    assert [one.delivery.id for one in store.list_deliveries("eve")] == [one.delivery.id for one in before]
    assert len(store.rules("bob")) == 1


def test_what_was_decided_on_an_older_count_is_decided_anew(store):
    rule = store.put_rule(replace(RULE, daily_budget=1))
    counted = {rule.id: ()}
    assert store.add([told(rule)], since=NOW - 10, sent=counted) == 1
    with pytest.raises(Conflict):
        store.add([told(rule, "s2")], since=NOW - 10, sent=counted)
    assert len(store.list_deliveries("ann")) == 2
    assert store.add([told(rule, "s2")], since=NOW - 10, sent=store.sent_since([rule.id], NOW - 10)) == 1


def test_old_alerts_go_with_their_deliveries_and_what_waits_stays(store):
    rule = store.put_rule(RULE)
    store.add([told(rule), told(rule, "s2", state="sent", ts_done=NOW)])
    assert store.remove_before(NOW) == 0
    assert store.remove_before(NOW + 1) == 1
    assert {line.alert.happening.key for line in store.list_deliveries("ann")} == {"s1"}


def test_what_was_held_back_once_may_be_told_later_and_then_stays(store):
    rule = store.put_rule(RULE)
    alert, (inbox, mail) = told(rule)
    held = [replace(one, state="suppressed", why="old") for one in (inbox, mail)]
    assert store.add([(alert, held)]) == 1
    assert store.add([(alert, held)]) == 0
    assert store.add([(alert, [inbox, mail])]) == 1
    assert store.add([(alert, held), (alert, [inbox, mail])]) == 0
    assert {line.delivery.state for line in store.list_deliveries("ann")} == {"sent", "waiting"}


def test_of_deleted_rules_the_newest_of_each_person_stay(store, clock):
    other = store.put_rule(AlertRule("", "other", "Theirs", "item", ts_deleted=1))
    first = store.put_rule(AlertRule("", "me", "First", "item"))
    made = []
    for number in range(MAX_DELETED_RULES + 3):
        one = store.put_rule(AlertRule("", "me", f"Rule {number}", "item"))
        made.append(store.put_rule(replace(one, ts_deleted=clock.now + number)))
    assert [store.any_rule(one.id) is not None for one in made] == [False] * 3 + [True] * MAX_DELETED_RULES
    assert store.any_rule(other.id) is not None
    assert [one.id for one in store.rules("me")] == [first.id]
