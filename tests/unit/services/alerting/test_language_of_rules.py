"""A person's rules speak the language that the person reads: also those that were there before it was chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import houses
from vigie.domain.alert import INBOX, LETTER, AlertRule
from vigie.domain.person import OWNER
from vigie.services.alerting.own_rules import own_rule_id
from vigie.services.demo_world import READER, first_rules
from vigie.services.operation_calls import run_operation


@pytest.fixture
def built(tmp_path):
    return houses.house(tmp_path / "home")


def ask(built, name, **values):
    return run_operation(built, OWNER, name, values)


def test_rules_of_the_demonstration_and_its_letter_follow_the_language_of_the_first_visit(built):
    first_rules(built.alerts)
    ask(built, "holdings.schedule_letter", span="week", day="monday", language="en")
    ask(built, "settings.change", language="fr")
    rules = {rule.id: rule for rule in built.alerts.rules(OWNER.user)}
    assert {rule.language for rule in rules.values()} == {"fr"}
    letter = rules[own_rule_id(LETTER, OWNER.user)]
    assert letter.name == "Lettre sur ce que vous possédez"
    assert ask(built, "holdings.letter_schedule").language == "fr"
    assert {channel.address for channel in built.alerts.channels(OWNER.user)} == {READER}
    names = {rule.name for rule in rules.values()}
    assert "Confirmed setups" not in names
    ask(built, "settings.undo", revision=0)
    assert built.alerts.rule(OWNER.user, letter.id).language == "en"


def test_a_rule_in_another_language_and_a_name_of_ones_own_stay(built):
    mine = built.alerts.put_rule(AlertRule("", OWNER.user, "My coins", "price", {}, (INBOX,)))
    other = built.alerts.put_rule(replace(mine, id="", name="Autre", language="fr", revision=0))
    ask(built, "settings.change", language="fr")
    assert built.alerts.rule(OWNER.user, mine.id).name == "My coins"
    assert built.alerts.rule(OWNER.user, mine.id).language == "fr"
    before = built.alerts.rule(OWNER.user, other.id)
    ask(built, "settings.change", theme="dark")
    assert built.alerts.rule(OWNER.user, other.id) == before
    ask(built, "settings.change", language="es")
    assert built.alerts.rule(OWNER.user, other.id).language == "en", "what is only a part is said in English"
