"""What counts for a setup has a name in each language, also where there is nothing of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vigie.intelligence.setups.contributions import FAMILIES
from vigie.services.alerting.watching.setup_texts import CAUSES
from vigie.views.cli import setup_tables
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.alerts.words import reasons
from vigie.views.web.pages.signals import words
from vigie.views.web.pages.signals.words import plan_state_text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_family_and_a_missing_pattern_are_told_in_words(language):
    lang = UserLanguage(language)
    context = SimpleNamespace(lang=lang, text=lang.text)
    told = [words.family_text(context, name) for name in FAMILIES] + [words.reading_text(context, "patterns")]
    assert [text for text in told if text in (*FAMILIES, "")] == []


@pytest.mark.parametrize(("language", "word"), [("en", "account"), ("fr", "compte")])
def test_a_setup_that_other_settings_ended_does_not_blame_the_strategy_alone(language, word):
    lang = UserLanguage(language)
    assert word in words.cause_text(SimpleNamespace(lang=lang, text=lang.text), "strategy_changed")
    assert "account" in setup_tables.CAUSES["strategy_changed"]
    assert word in CAUSES[language]["strategy_changed"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_daily_limit_has_one_name_beside_a_setup_and_in_the_delivery_log(language):
    lang = UserLanguage(language)
    context = SimpleNamespace(lang=lang, text=lang.text)
    assert words.held_text(context, "full") == reasons(context)["budget"]


@pytest.mark.parametrize(("language", "said"), [("en", "Entry refused"), ("fr", "Entrée refusée")])
def test_a_plan_whose_entry_was_refused_says_what_was_refused(language, said):
    lang = UserLanguage(language)
    assert plan_state_text(SimpleNamespace(lang=lang, text=lang.text), "refused") == said
