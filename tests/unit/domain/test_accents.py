"""Texts without accents and case."""

from __future__ import annotations

import pytest

from vigie.domain.accents import fold_text, strip_accents


@pytest.mark.parametrize(
    ("text", "bare", "small"),
    [
        ("Autorité des MARCHÉS", "Autorite des MARCHES", "autorite des marches"),
        ("e\u0301te\u0301", "ete", "ete"),
        ("Straße", "Straße", "strasse"),
        ("ﬁn ²", "fin 2", "fin 2"),
        ("ビット", "ヒット", "ヒット"),
        ("", "", ""),
    ],
)
def test_two_spellings_of_a_word_are_one(text, bare, small):
    assert (strip_accents(text), fold_text(text)) == (bare, small)
