"""A rule is for a happening where every condition holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vigie.domain.alert import AlertEvent, AlertRule, alert_id, delivery_id
from vigie.intelligence.alerts.rule_matching import CONDITIONS, first_unmet_condition

HAPPENING = AlertEvent(
    "item", "story-1", "Regulator fines an exchange", 2_000, 2_100, 1_000, "unconfirmed", "https://r.example/1", "reg",
    {
        "tier": "regulator", "language": "en", "assets": ["bitcoin", "ethereum"], "entities": ["org:reg"],
        "topics": ["enforcement"], "text": "The exchange paid with Bitcoin.", "sentiment": "negative",
    },
)  # fmt: skip
HOLDS = {
    "tier": "regulator", "source": "reg", "language": "en", "status": "unconfirmed", "sentiment": "negative",
    "assets": "bitcoin", "entities": "org:reg", "topics": "enforcement", "words": "fin* AND bitcoin",
}  # fmt: skip


def rule(**when):
    return AlertRule("r", "owner", "a rule", "item", {name: tuple(values) for name, values in when.items()})


@pytest.mark.parametrize("name", HOLDS)
def test_one_of_the_values_of_a_condition_is_enough_and_none_is_not(name):
    assert first_unmet_condition(rule(**{name: ["nothing", HOLDS[name]]}), HAPPENING) == ""
    assert first_unmet_condition(rule(**{name: ["nothing"]}), HAPPENING) == name


def test_every_condition_must_hold():
    assert first_unmet_condition(rule(**{name: [value] for name, value in HOLDS.items()}), HAPPENING) == ""
    assert first_unmet_condition(rule(tier=["regulator"], assets=["solana"]), HAPPENING) == "assets"


def test_no_condition_and_no_value_let_everything_of_the_kind_pass():
    assert first_unmet_condition(rule(), HAPPENING) == first_unmet_condition(rule(tier=[]), HAPPENING) == ""
    assert first_unmet_condition(rule(), replace(HAPPENING, kind="price")) == "kind"


def test_what_is_not_known_holds_for_no_value():
    bare = replace(HAPPENING, facts={})
    for name in set(CONDITIONS) - {"source", "status"}:
        assert first_unmet_condition(rule(**{name: ["bitcoin"]}), bare) == name


def test_a_rule_tells_of_a_status_of_a_key_once():
    first = alert_id("r", HAPPENING)
    assert alert_id("r", replace(HAPPENING, title="Another title", ts_seen=9_000)) == first
    others = [
        alert_id("r2", HAPPENING), alert_id("r", replace(HAPPENING, status="corrected")),
        alert_id("r", replace(HAPPENING, key="story-2")),
    ]  # fmt: skip
    assert len({first, *others}) == 4
    assert delivery_id(first, "inbox") != delivery_id(first, "mail")
