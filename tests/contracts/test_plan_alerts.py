"""Alerts about open plans, on both databases: what is told, each once, and at most six a day beside ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contracts.plan_alerts import BTC, ETH, PlanAlerts, entered, killed_at_each_write, opened
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.alerting.watching import plan_deciding
from vigie.services.alerting.watching import plans as watching
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.plans.plan_news import PlanStory


@pytest.fixture
def desk(database, clock, monkeypatch):
    return opened(database, clock, monkeypatch)


def test_a_price_that_comes_near_a_zone_is_told_once_a_day_with_its_distance(desk):
    desk.armed()
    for price in (110.0, 103.1, 103.0, 102.0, 102.5):
        desk.clock.now += 60_000
        desk.price(price)
        desk.look()
    # The zone's upper end is 101, eight above the stop: near within two.
    assert desk.told() == [
        "price 103.00 is 2.0000 from the zone at 101.00 (alert within 2.0000, a quarter of the way from entry to stop)"
    ]
    desk.clock.now += DAY_MS
    desk.price(102.0)
    desk.look()
    assert len(desk.told()) == 2


def test_in_position_stop_target_and_half_the_risk_are_told_and_an_old_price_is_not(desk):
    marked = desk.armed()
    desk.price(94.0)
    desk.clock.now += 1_000
    entered(desk, marked)
    # The price is of before the entry.
    desk.look()
    assert [text for text in desk.told() if text != "in position"] == []
    desk.clock.now += 1_000
    # The mark counts, not the last price.
    desk.price(80.0, mark=96.0)
    desk.look()
    assert desk.told()[-1] == "57% of the planned risk is lost so far (alert from 50%)"
    for price, level in ((94.7, "stop"), (118.3, "target")):
        desk.clock.now += 1_000
        desk.price(price)
        desk.look()
        assert f"from the {level} at" in desk.told()[-1]
    french = title_of(desk.entries("sent")[-1].alert.happening, "fr")
    assert "118,30" in french
    assert "objectif" in french
    # Long silent: nothing is known now.
    desk.clock.now += 2 * DAY_MS
    before = len(desk.told())
    desk.look()
    assert len(desk.told()) == before


def test_a_story_that_matters_is_told_once_also_where_it_ends_in_another(desk):
    marked = desk.armed()
    now = desk.clock.market_now()
    desk.stories = [PlanStory(("s0",), "Old", "en", "confirmed", 3, now - 1)]
    desk.look()
    assert desk.told() == []
    desk.clock.now += HOUR_MS
    desk.stories.append(PlanStory(("s1",), "Exchange hacked", "en", "confirmed", 3, now + 5))
    desk.look()
    desk.stories = [PlanStory(("s2", "s1"), "Exchange hacked", "en", "confirmed", 5, now + 9)]
    desk.look()
    assert desk.told() == ["news (confirmed by a primary source; publishers: 3): Exchange hacked"]
    (notice,) = desk.notices.of_versions([marked.number])
    assert (notice.ts_known, notice.ts) == (now + 5, desk.clock.now)


def test_a_limit_of_the_account_that_is_nearly_used_up_is_told_of_one_of_its_plans(desk):
    for instrument, sign in ((BTC, "1"), (ETH, "2")):
        entered(desk, desk.armed(instrument, sign))
    desk.limits = [("daily_loss", 0.83)]
    desk.look()
    desk.look()
    assert [text for text in desk.told() if text != "in position"] == [
        "83% of its limit is used, daily loss (alert from 80%)"
    ]


@pytest.mark.parametrize(
    ("code", "words", "is_beside"),
    [
        ("stop", "closed at the stop", True),
        ("liquidation", "liquidated", True),
        ("target", "closed at the target", False),
    ],
)
def test_six_a_day_over_all_plans_and_stop_and_liquidation_are_told_beside_them(desk, code, words, is_beside):
    marked, other = entered(desk, desk.armed()), desk.armed(ETH, "2")
    now = desk.clock.market_now()
    desk.stories = [PlanStory((f"s{n}",), f"Story {n}", "en", "confirmed", 3, now + n) for n in range(6)]
    desk.clock.now += HOUR_MS
    desk.price(102.0, ETH)
    desk.look()
    # One state, one zone that is near, and four stories.
    assert len(desk.told()) == 6
    held = [one for one in desk.notices.of_versions([marked.number, other.number]) if one.held]
    assert [one.held for one in held] == ["full"] * 2
    assert [one.delivery.why for one in desk.entries("suppressed")] == ["budget"] * 2
    desk.plans.mark(marked.number, "closed", desk.clock.now, "vigie", code=code)
    desk.look()
    assert (words in desk.told()) == is_beside
    assert len(desk.told()) == 6 + is_beside
    # The next day has places anew, and what was kept stays where it is.
    desk.clock.now += DAY_MS
    desk.price(102.0, ETH)
    desk.look()
    assert len(desk.told()) == 7 + is_beside
    held = [one for one in desk.notices.of_versions([marked.number, other.number]) if one.held]
    assert len(held) == 3 - is_beside


def test_a_day_is_one_of_the_persons_zone(desk):
    desk.users.put_settings("owner", {"zone": "Pacific/Auckland"})
    # 08:53 UTC is 21:53 there: their midnight comes in two hours.
    desk.armed()
    desk.price(102.0)
    desk.look()
    desk.clock.now += 3 * HOUR_MS
    desk.price(102.0)
    desk.look()
    assert len(desk.told()) == 2


def test_nothing_is_told_without_a_rule_and_what_was_before_the_rule_neither(desk):
    (rule,) = desk.alerts.rules("owner")
    desk.alerts.put_rule(replace(rule, when={"subject": ("halt",)}))
    desk.look()
    marked = entered(desk, desk.armed())
    desk.price(94.0)
    desk.look()
    (rule,) = desk.alerts.rules("owner")
    desk.alerts.put_rule(replace(rule, when={"subject": ("plan",)}))
    desk.look()
    assert "in position" not in desk.told()
    desk.plans.mark(marked.number, "closed", desk.clock.now, "vigie", code="target")
    desk.look()
    assert "closed at the target" in desk.told()


def test_a_mute_rule_takes_no_place(desk):
    (rule,) = desk.alerts.rules("owner")
    desk.alerts.put_rule(replace(rule, ts_muted_until=desk.clock.now + HOUR_MS))
    marked = desk.armed()
    desk.price(102.0)
    desk.look()
    assert [one.held for one in desk.notices.of_versions([marked.number])] == ["rule"]
    assert desk.told() == []


def test_what_was_kept_while_every_rule_was_mute_is_not_sent_when_one_no_longer_is(desk):
    (rule,) = desk.alerts.rules("owner")
    desk.alerts.put_rule(replace(rule, ts_muted_until=desk.clock.now + HOUR_MS))
    desk.armed()
    desk.price(102.0)
    watching.look_at_prices(desk.watch)
    desk.clock.now += 2 * HOUR_MS
    watching.look(desk.watch)
    assert desk.told() == []


@pytest.mark.parametrize("places", [1, 2])
def test_what_was_kept_before_midnight_and_is_sent_after_it_takes_a_place_of_the_day_it_is_sent(
    desk, monkeypatch, places
):
    monkeypatch.setattr(plan_deciding, "MOST_A_DAY", places)
    day = desk.clock.now // DAY_MS * DAY_MS + DAY_MS
    marked = desk.armed()
    desk.clock.now = day - 60_000
    desk.price(102.0)
    watching.look_at_prices(desk.watch)
    desk.clock.now = day + 60_000
    desk.price(102.0)
    watching.look_at_prices(desk.watch)
    desk.look()
    assert len(desk.told()) == places
    held = sorted(one.held for one in desk.notices.of_versions([marked.number]))
    assert held == {1: ["", "full"], 2: ["", ""]}[places]
    assert all(one.ts_first >= day for one in desk.notices.of_versions([marked.number]) if not one.held)


def test_killed_at_any_write_nothing_is_told_twice_and_nothing_lost(desk, database):
    def near_its_stop():
        """Let a fresh person's plan enter and its price come near the stop."""
        desk.begin()
        entered(desk, desk.armed())
        desk.clock.now += 1_000
        desk.price(94.0)

    looks = killed_at_each_write(desk, database, near_its_stop)
    points = next(looks)
    told = sorted(desk.told())
    assert [text[:4] for text in told] == ["86% ", "in p", "pric"]
    assert {f"{name} {when}" for name in ("keep", "add", "put") for when in ("before", "after")} == set(
        points
    )
    for (point,) in looks:
        after = PlanAlerts(database, desk.clock)
        after.look()
        after.look()
        assert sorted(desk.told()) == told, point


def test_notices_go_with_their_plan_and_an_owner_has_six_of_their_own(desk):
    marked = desk.armed()
    desk.price(102.0)
    desk.look()
    assert desk.notices.newest() > 0
    desk.plans.forget("owner")
    assert desk.notices.of_versions([marked.number]) == []
    desk.look()
