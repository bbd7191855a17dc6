"""What counts for a setup has a name in each language, also where there is nothing of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vigie.intelligence.setups.contributions import FAMILIES
from vigie.views.web.language import UserLanguage
from vigie.views.web.pages.signals import words


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_family_and_a_missing_pattern_are_told_in_words(language):
    lang = UserLanguage(language)
    context = SimpleNamespace(lang=lang, text=lang.text)
    told = [words.family_text(context, name) for name in FAMILIES] + [words.reading_text(context, "patterns")]
    assert [text for text in told if text in (*FAMILIES, "")] == []
