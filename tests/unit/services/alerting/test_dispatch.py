"""Rules judged on what was read: told once, again when the status changes, held back with the reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest

from tests.databases import HandClock
from tests.unit.services.alerting.material import NOW, PUBLISHER, channel, mailing, read, rule
from vigie.domain.alert import QuietHours
from vigie.domain.item import item_id
from vigie.domain.person import OWNER
from vigie.domain.register import RegisterEntry
from vigie.domain.time import DAY_MS
from vigie.intelligence.news.step import Publisher
from vigie.ports.registers import RegisterSnapshot
from vigie.services.alerting.item_events import dispatch_read_items, event_of_item
from vigie.services.needs import bound
from vigie.services.news.analysis.item_reader import ReadItem


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def place(tmp_path, clock):
    return mailing(tmp_path / "home", "smtp://127.0.0.1:9", clock)


def lines(place):
    return [
        (one.delivery.channel, one.delivery.state, one.delivery.why)
        for one in place.alerts.list_deliveries(OWNER.user, limit=100)
    ]


def test_an_item_becomes_what_rules_read():
    told = event_of_item(read())
    assert (told.kind, told.key, told.status, told.source) == ("item", "s17", "confirmed", "valmer")
    assert (told.ts, told.ts_seen, told.ts_processed) == (NOW - 40_000, NOW - 9_000, NOW - 1_000)
    assert (told.facts["tier"], told.facts["assets"]) == ("regulator", ["bitcoin"])
    assert told.facts["topics"] == ["regulation"]
    assert told.facts["entities"] == ["coin:bitcoin", "org:valmer"]


WARNED = RegisterEntry("esma_non_compliant", "z", "Zentor Markets Ltd", website="zentor.example")


def test_a_rule_about_firms_that_are_warned_of_is_told_of_who_names_one_and_of_no_namesake(place):
    rule(place, when={"warned": ("yes",)})
    named = read("1", title="Bitcoin held at Zentor Markets Ltd is frozen")
    assert bound(place, dispatch_read_items)([named]) == 0, "no list warns of it yet"
    place.registers.take(RegisterSnapshot("esma_non_compliant", NOW, [WARNED]))
    assert bound(place, dispatch_read_items)([read("2", title="Zentor Markets Authority on Bitcoin")]) == 0
    assert (
        bound(place, dispatch_read_items)([read("3", title="Bitcoin held at Zentor Markets Ltd is frozen")])
        == 1
    )
    assert (
        bound(place, dispatch_read_items)(
            [read("4", title="Bitcoin for free", url="https://app.zentor.example/x")]
        )
        == 1
    )
    (first, _) = place.alerts.list_deliveries(OWNER.user, limit=9)
    assert first.alert.happening.facts["warned_of"] == ["Zentor Markets Ltd"]


def test_what_no_rule_asks_for_is_not_looked_up(place):
    rule(place)
    place.registers.take(RegisterSnapshot("esma_non_compliant", NOW, [WARNED]))
    asked = replace(place, registers=None)
    assert (
        bound(asked, dispatch_read_items)([read("3", title="Bitcoin held at Zentor Markets Ltd is frozen")])
        == 1
    )


def test_another_release_of_a_regulator_is_told_though_it_was_taken_for_the_same_event(place):
    rule(place)
    same = {"story": {"story": "s1", "place": "follows"}}
    first = read("1")
    copy = read("2", found={**same, "duplicate": {"of": first.item.id}})
    assert bound(place, dispatch_read_items)([first, copy]) == 1
    assert bound(place, dispatch_read_items)([read("3", found=same), read("3", found=same)]) == 1
    medium = replace(read("4", found=same), publisher=replace(PUBLISHER, tier="media"))
    assert event_of_item(medium).key == "s1"


def test_an_item_without_findings_is_told_by_its_own_id_and_an_irrelevant_one_not_at_all():
    bare = replace(read(), findings={})
    assert event_of_item(bare).key == bare.item.id
    assert event_of_item(bare).status == ""
    assert event_of_item(read(found={"relevance": {"is_relevant": False}})) is None
    assert event_of_item(read(is_withdrawn=True)).status == "withdrawn"


def test_how_long_it_took_to_be_seen_is_told_where_the_source_states_the_time_of_day_only():
    one = read()
    day = replace(one, item=replace(one.item, content=replace(one.item.content, precision="day")))
    assert event_of_item(day).ts is None
    assert event_of_item(read(ts_published=NOW + DAY_MS)).ts is None


def test_a_story_is_told_once_whoever_tells_it_and_how_often(place):
    mail = channel(place)
    rule(place, mail.id)
    assert bound(place, dispatch_read_items)([read(), read()]) == 1
    assert bound(place, dispatch_read_items)([read()]) == 0
    assert sorted(lines(place)) == sorted([("inbox", "sent", ""), (mail.id, "waiting", "")])


def test_another_story_is_another_alert_and_what_does_not_fit_is_none(place):
    rule(place)
    assert bound(place, dispatch_read_items)([read("1"), read("2")]) == 2
    assert bound(place, dispatch_read_items)([read("3", found={"entities": {"assets": ["ethereum"]}})]) == 0


def test_a_changed_status_is_told_again_and_what_takes_back_as_a_correction(place):
    rule(place)
    for status in ("unconfirmed", "confirmed", "corrected", "corrected"):
        bound(place, dispatch_read_items)([read(status=status)])
    marks = {one.alert.happening.status: one.alert.mark for one in place.alerts.list_deliveries(OWNER.user)}
    assert marks == {"unconfirmed": "", "confirmed": "update", "corrected": "correction"}


def test_a_correction_reaches_who_was_told_whatever_holds_now_and_nobody_else(place):
    kept = rule(place, cool_down_s=3_600, daily_budget=1)
    other = rule(place, when={"assets": ("ethereum",)})
    bound(place, dispatch_read_items)([read()])
    gone = {"entities": {"assets": []}}
    assert bound(place, dispatch_read_items)([read(status="disputed", found=gone)]) == 1
    assert {one.alert.rule for one in place.alerts.list_deliveries(OWNER.user)} == {kept.id}
    assert other.id != kept.id


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cool_down_s": 60}, "cool_down"),
        ({"daily_budget": 1}, "budget"),
    ],
)
def test_what_is_too_much_is_held_back_with_its_reason_and_may_be_told_later(place, given, why):
    rule(place, **given)
    bound(place, dispatch_read_items)([read("1"), read("2")])
    assert sorted(lines(place)) == [("inbox", "sent", ""), ("inbox", "suppressed", why)]


def test_held_back_alerts_do_not_prolong_the_cool_down(place, clock):
    rule(place, cool_down_s=60)
    for number in range(4):
        bound(place, dispatch_read_items)([read(str(number))])
        clock.now += 25_000
    assert [state for _, state, _ in lines(place)].count("sent") == 2


def test_muted_expired_and_paused_rules(place):
    kept = rule(place, ts_muted_until=NOW + 1)
    bound(place, dispatch_read_items)([read("1")])
    assert lines(place) == [("inbox", "suppressed", "muted")]
    place.alerts.put_rule(replace(kept, ts_muted_until=0, ts_expires=NOW))
    assert bound(place, dispatch_read_items)([read("2")]) == 0
    place.alerts.put_rule(replace(kept, ts_muted_until=0, is_on=False))
    assert bound(place, dispatch_read_items)([read("3")]) == 0


def test_in_quiet_hours_mail_waits_and_the_inbox_does_not(place, clock):
    mail = channel(place)
    rule(place, mail.id, quiet=QuietHours(0, 23 * 60 + 59))
    bound(place, dispatch_read_items)([read()])
    found = {one.delivery.channel: one.delivery for one in place.alerts.list_deliveries(OWNER.user)}
    assert found["inbox"].state == "sent"
    assert (found[mail.id].state, found[mail.id].why) == ("waiting", "quiet")
    assert found[mail.id].ts_due > NOW


def test_what_a_new_source_shows_of_last_week_is_no_news(place):
    rule(place)
    bound(place, dispatch_read_items)([read(ts_published=NOW - 8 * DAY_MS)])
    assert lines(place) == [("inbox", "suppressed", "old")]


def test_where_no_channel_takes_it_the_inbox_does(place):
    new = place.alerts.put_channel(
        replace(channel(place), id="", address="b@example.org", is_confirmed=False)
    )
    dead = channel(place, "dead@example.org", ts_dead=NOW)
    rule(place, channels=(new.id, dead.id, "c0123456789abcdef"))
    bound(place, dispatch_read_items)([read()])
    assert sorted((state, why) for _, state, why in lines(place)) == [
        ("sent", ""), ("suppressed", "dead"), ("suppressed", "gone"), ("suppressed", "unconfirmed"),
    ]  # fmt: skip


def test_two_processes_that_judge_one_rule_at_the_same_moment_keep_its_daily_budget(place):
    rule(place, daily_budget=3)
    both = Barrier(2)

    @dataclass
    class Together:
        """Both have counted before either writes."""

        inner: Any
        has_met: bool = False

        def __getattr__(self, name: str) -> Any:
            return getattr(self.inner, name)

        def add(self, *given: Any, **more: Any) -> int:
            if not self.has_met:
                self.has_met = True
                both.wait(120)
            return self.inner.add(*given, **more)

    def judge(first: int) -> int:
        mine = replace(place, alerts=Together(place.alerts))
        return bound(mine, dispatch_read_items)([read(str(number)) for number in range(first, first + 4)])

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(judge, (1, 11))) == 8
    assert sorted((state, why) for _, state, why in lines(place)) == [
        *[("sent", "")] * 3, *[("suppressed", "budget")] * 5,
    ]  # fmt: skip


def test_a_release_is_told_though_an_old_one_of_the_same_words_was_held_back(place):
    rule(place)
    bound(place, dispatch_read_items)([read(ts_published=NOW - 8 * DAY_MS)])
    assert bound(place, dispatch_read_items)([read()]) == 1
    assert lines(place) == [("inbox", "sent", "")]


def follows(key: str, tier: str, status: str, *, denies: str = "", after: int = 60_000) -> ReadItem:
    """Return an item of one story by another publisher, a while after the first."""
    signs = [{"code": "denies", "item": item_id("valmer", denies), "evidence": ""}] if denies else []
    if tier == "regulator":
        signs.append({"code": "first_hand", "item": "", "evidence": ""})
    by = {"tier": tier, "owner": tier, "host": ""}
    found = {
        "story": {"story": "s1", "place": "follows"},
        "reliability": {"status": status, "signs": signs, "by": by},
    }
    made = read(key, found=found, title=f"As {tier} says", ts_first_seen=NOW + after, ts_seen=NOW + after)
    return replace(made, publisher=Publisher(tier, tier.title(), tier, language="en"))


class Stored:
    """Items of one story, as they are stored."""

    def joins_of(self, stories):
        return []

    def __init__(self, *items: ReadItem) -> None:
        self._known = [
            SimpleNamespace(
                item=one.item, findings=one.findings, ts_wall=one.ts_seen, ts_read=one.ts_processed
            )
            for one in items
        ]

    def query(self, item_query: Any) -> list[Any]:
        assert item_query.tags == {"story": "s1"}
        return self._known


@pytest.mark.parametrize(
    ("tier", "status", "denies", "mark"),
    [("regulator", "confirmed", "", "update"), ("media", "disputed", "first", "correction")],
)
def test_who_was_told_of_an_item_is_told_what_a_later_one_makes_of_it_once(place, tier, status, denies, mark):
    rule(place, when={"words": ("vault",)})
    first = follows("first", "media", "unconfirmed", after=0)
    first = replace(
        first,
        item=replace(
            first.item, content=replace(first.item.content, title="A vault for coins opens in Paris in March")
        ),
    )
    stored = replace(place, items=Stored())
    assert bound(stored, dispatch_read_items)([first]) == 1
    later = follows("later", tier, status, denies=denies)
    if status == "confirmed":
        # Only a release that says the same confirms.
        later = replace(
            later,
            item=replace(
                later.item,
                content=replace(later.item.content, title="A strongroom for coins opens in Paris in March"),
            ),
        )
    stored = replace(place, items=Stored(first, later))
    assert bound(stored, dispatch_read_items)([later]) == 1
    assert bound(stored, dispatch_read_items)([later, later]) == 0
    told = {one.alert.mark: one.alert.happening for one in place.alerts.list_deliveries(OWNER.user)}
    assert set(told) == {"", mark}
    assert (told[mark].status, told[mark].key) == (status, "s1")


def test_what_says_nothing_of_an_earlier_item_asks_nothing(place):
    rule(place, when={"words": ("custody",)})
    stored = replace(place, items=SimpleNamespace(joins_of=lambda stories: []))
    assert (
        bound(stored, dispatch_read_items)(
            [follows("other", "media", "repeated")],
        )
        == 0
    )
