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


def ask(built, operation, /, **values):
    return run_operation(built, OWNER, operation, values)


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


def names_of(built):
    return sorted(rule.name for rule in built.alerts.rules(OWNER.user))


def test_names_that_vigie_gave_follow_there_and_back_and_again(built):
    first_rules(built.alerts)
    ask(built, "holdings.schedule_letter", span="week", day="monday", language="en")
    english = names_of(built)
    ask(built, "settings.change", language="fr")
    french = names_of(built)
    assert not {*english} & {*french}
    for language, names in (("en", english), ("fr", french), ("", english)):
        ask(built, "settings.change", language=language)
        assert names_of(built) == names


def test_a_suggested_rule_taken_in_french_is_named_in_english_once_that_is_chosen(built):
    ask(built, "settings.change", language="fr")
    taken = ask(built, "alerts.put", name="?", ready="hacks", topics=["hack"], language="fr")
    assert built.alerts.rule(OWNER.user, taken.rule).given_name == "Corroborated hacks"
    assert taken.name != "Corroborated hacks"
    # Changing something else of it leaves the name what it is.
    ask(built, "alerts.put", rule=taken.rule, name=taken.name, topics=["hack"], daily_budget=3, language="fr")
    ask(built, "settings.change", language="en")
    assert names_of(built) == ["Corroborated hacks"]
    ask(built, "alerts.put", rule=taken.rule, name="Mine", topics=["hack"])
    ask(built, "settings.change", language="fr")
    assert names_of(built) == ["Mine"]


@pytest.mark.parametrize("name", ["Confirmed setups", "Corroborated hacks", "Weekly brief", "Funding"])
def test_a_name_that_a_person_typed_stays_though_vigie_has_the_same_words(built, name):
    ask(built, "alerts.put", name=name, topics=["hack"], language="en")
    for language in ("fr", "en", "fr"):
        ask(built, "settings.change", language=language)
        assert names_of(built) == [name]
