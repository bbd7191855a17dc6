"""Alerts about what a person owns: what changed since the last look, three a week, and the same over the past."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from tests import houses
from tests.unit.services.holdings.material import ANN, BEGUN, BOB, ask, close_of, holding_house
from vigie.domain.time import DAY_MS
from vigie.services.alerting.preview.holdings import HoldingPast, find_holding_events
from vigie.services.alerting.watching import holdings
from vigie.services.alerting.watching.condition_state import ConditionState
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.alerting.watching.holdings import HoldingSigns, find_changes, volume_ratios
from vigie.services.needs import bound, provide
from vigie.services.operation_calls import run_operation


def signs(**more):
    values = {"names": {"bitcoin": "Bitcoin"}, "states": {}, "volume_ratios": {}, "above": {}, "limit": 0.4}
    return HoldingSigns(**{**values, **more})


def told(subject, *looks):
    """The titles of each look after the first."""
    state, found = ConditionState(), []
    for one in looks:
        found.append([event.title for event in find_changes(subject, one, state, "u-ann", 1)])
        state.is_new = False
    assert found[0] == []
    return found[1:]


@pytest.fixture
def built(tmp_path):
    return holding_house(tmp_path / "home")


def ruled(built, caller=ANN, **more):
    return run_operation(built, caller, "alerts.put", {"name": "Mine", "kind": "holding", **more})


def deliveries(built, caller=ANN):
    found = built.alerts.list_deliveries(caller.user)[::-1]
    return [(one.alert.happening.title, one.delivery.state, one.delivery.why) for one in found]


def test_a_valuation_is_told_when_its_word_changes_and_not_where_it_is_not_known():
    normal, high, low, unknown = (
        signs(states={"bitcoin": word} if word else {}) for word in ("normal", "stretched", "depressed", "")
    )
    assert told("valuation", normal, high, high, unknown, high, low, normal) == [
        ["Bitcoin is now stretched against its own past"],
        [],
        [],
        [],
        ["Bitcoin is now depressed against its own past"],
        ["Bitcoin is back to normal against its own past"],
    ]


def test_volume_is_back_at_twice_the_usual_and_again_only_after_it_was_gone():
    looks = [signs(volume_ratios={"bitcoin": ratio}) for ratio in (1.0, 2.0, 1.4, 2.5, 0.9, 2.04)]
    assert told("volume", *looks) == [
        ["Bitcoin: 2.0 times the usual daily volume"],
        [],
        [],
        [],
        ["Bitcoin: 2.0 times the usual daily volume"],
    ]


def test_volume_is_compared_with_the_median_of_the_thirty_days_before():
    volume = np.array([*range(1, 31), 31.0, 0.0])
    bars = SimpleNamespace(ts=np.arange(32) * DAY_MS, close=np.ones(32), volume=volume)

    class Stored(SimpleNamespace):
        def __len__(self):
            return len(self.ts)

    ends, ratios = volume_ratios(SimpleNamespace(of_asset=lambda coin, span: Stored(**vars(bars))), "bitcoin")
    assert ends.tolist() == ((np.arange(32) + 1) * DAY_MS).tolist()
    assert np.isnan(ratios[:30]).all()
    assert ratios[30:].tolist() == [31.0 / 15.5, 0.0]


def test_a_share_is_told_above_its_limit_to_its_owner_once_and_after_a_restart(built):
    look = bound(built, holdings.look)
    ask(built, "add", coin="BTC", quantity="1", place="Kraken")
    ask(built, "add", coin="ETH", quantity="0.01", place="Kraken")
    for caller in (ANN, BOB):
        run_operation(built, caller, "settings.change", {"share_limit": "100"})
        ruled(built, caller, subjects=["share"])
    assert look() == 0
    run_operation(built, ANN, "settings.change", {"share_limit": "40"})
    assert look() == 3
    above = "is above your limit of 40% of what you own"
    assert sorted(deliveries(built)) == [
        (f"{name} {above}", "sent", "") for name in ("Bitcoin", "Bitcoin", "Kraken")
    ]
    assert bound(built, holdings.look)() == 0
    assert deliveries(built, BOB) == []


def test_a_fourth_in_a_week_is_kept_and_says_why_it_was_not_sent(built):
    look = bound(built, holdings.look)
    ask(built, "add", coin="BTC", quantity="1", place="Kraken")
    run_operation(built, ANN, "settings.change", {"share_limit": "100"})
    ruled(built, subjects=["share"])
    assert look() == 0
    for limit in ("40", "100", "50"):
        run_operation(built, ANN, "settings.change", {"share_limit": limit})
        look()
    assert sorted((state, why) for _, state, why in deliveries(built)) == [
        *[("sent", "")] * 3,
        *[("suppressed", "week")] * 3,
    ]


def test_a_rule_about_valuations_takes_no_place_of_the_week_for_a_share(built):
    ask(built, "add", coin="BTC", quantity="1", place="Kraken")
    run_operation(built, ANN, "settings.change", {"share_limit": "100"})
    ruled(built, subjects=["valuation"])
    look = bound(built, holdings.look)
    assert look() == 0
    run_operation(built, ANN, "settings.change", {"share_limit": "40"})
    assert look() == 0
    assert deliveries(built) == []


def test_the_past_counts_each_crossing_of_what_is_owned_now(built):
    ask(built, "add", coin="BTC", quantity="1")
    ask(built, "add", coin="ETH", quantity="20")
    days = range(houses.DAYS - 90, houses.DAYS)
    shares = [close_of(day) / (close_of(day) + 20 * close_of(day, "ETH")) for day in days]
    limit = round(100 * float(np.median(shares)))
    run_operation(built, ANN, "settings.change", {"share_limit": str(limit)})
    above = [share > limit / 100 for share in shares]
    assert sum(now and not before for before, now in pairwise(above)) > 0
    past = find_holding_events(provide(built, HoldingPast), ANN.user, {"subject": ("share",)})
    told = [event.ts_seen for event in past.events if event.key == "share/coin/Bitcoin"]
    assert told == [
        BEGUN + (day + 1) * DAY_MS
        for day, before, now in reversed(
            [(day, *pair) for day, pair in zip(days[1:], pairwise(above), strict=True)]
        )
        if now and not before
    ]
    found = run_operation(built, ANN, "alerts.preview", {"kind": "holding", "subjects": ["share"]})
    assert (found.count, found.notes, found.every_ms) == (len(past.events), ["held_now"], DAY_MS)
    assert run_operation(built, BOB, "alerts.preview", {"kind": "holding"}).count == 0


def test_titles_are_french_too():
    state = ConditionState()
    find_changes("volume", signs(volume_ratios={"bitcoin": 1.0}), state, "u-ann", 1)
    state.is_new = False
    (event,) = find_changes("volume", signs(volume_ratios={"bitcoin": 2.25}), state, "u-ann", 1)
    assert title_of(event, "fr") == "Bitcoin\u00a0: 2,2 fois le volume quotidien habituel"
