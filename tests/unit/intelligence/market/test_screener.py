"""Conditions mean the same in an address and in both languages; hostile text is refused with words."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.catalogue import complete_languages
from vigie.domain.errors import UsageError
from vigie.intelligence.market.fields import FIELDS
from vigie.intelligence.market.metrics import AssetMetrics
from vigie.intelligence.market.screener import (
    LARGEST,
    MOST_CONDITIONS,
    MOST_LETTERS,
    OPERATORS,
    SMALLEST,
    ScreenerCondition,
    parse_sentence,
    parse_where,
    render_sentence,
    render_where,
    screen,
)
from vigie.intelligence.market.words import load_texts

EXAMPLE = "change_24h>0.05,rsi_14<30,volume_24h>=10000000,price>sma_200,funding_8h>0.0005"
NUMBERS = st.floats(-LARGEST, LARGEST, allow_nan=False).filter(
    lambda x: x == 0 or abs(x) >= SMALLEST
) | st.sampled_from([0.05, -0.0005, 1e-9, 12.5e6, 0.0])


@st.composite
def conditions(draw):
    """Return a condition on any field, against a number or a field of the same unit."""
    name = draw(st.sampled_from(sorted(FIELDS)))
    others = [n for n in FIELDS if n != name and FIELDS[n].unit == FIELDS[name].unit]
    bound = draw(NUMBERS | st.sampled_from(others)) if others else draw(NUMBERS)
    return ScreenerCondition(name, draw(st.sampled_from(OPERATORS)), bound)


MANY = st.lists(conditions(), max_size=5).map(tuple)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(MANY)
def test_an_address_brings_back_the_same_conditions(wanted):
    assert parse_where(render_where(wanted)) == wanted


@settings(derandomize=True, deadline=None, max_examples=300)
@given(MANY, st.sampled_from(complete_languages()))
def test_a_sentence_brings_back_the_same_conditions(wanted, language):
    assert parse_sentence(render_sentence(wanted, language), language) == wanted


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.text(max_size=60) | st.text("abcdef_0123456789><=,.+-e %kM", max_size=60))
def test_any_text_is_read_or_refused_with_words(text):
    for parse in (parse_where, lambda t: parse_sentence(t, "en"), lambda t: parse_sentence(t, "fr")):
        found, refusal = read_or_refused(parse, text)
        assert refusal is None or ("must" in refusal and len(refusal) < 800)
        assert parse_where(render_where(found)) == found


def read_or_refused(parse, text):
    """Return what was read, and the words of a refusal."""
    try:
        return parse(text), None
    except UsageError as error:
        return (), str(error)


def test_the_example_in_both_languages():
    found = parse_where(EXAMPLE)
    assert render_where(found) == EXAMPLE
    assert render_sentence(found, "en") == (
        "24 h change above 5% and RSI 14 below 30 and 24 h volume at least $10M and price above SMA 200 "
        "and 8 h funding rate above 0.05%"
    )
    assert render_sentence(found, "fr") == (
        "variation 24 h au-dessus de 5\u00a0% et RSI 14 au-dessous de 30 et volume 24 h au moins 10\u00a0M\u00a0$ "
        "et prix au-dessus de MM 200 et taux de financement 8 h au-dessus de 0,05\u00a0%"
    )


def test_amounts_are_written_with_the_marks_between_thousands_that_a_reader_is_used_to():
    found = parse_where("price>99000.5")
    assert render_sentence(found, "en") == "price above $99,000.5"
    assert render_sentence(found, "fr") == "prix au-dessus de 99\u202f000,5\u00a0$"


@pytest.mark.parametrize(
    ("text", "language", "wanted"),
    [
        ("change_24h above 5 %", "en", ScreenerCondition("change_24h", ">", 0.05)),
        ("CHANGE_24H above 5% AND rsi_14 below 30", "en", None),
        ("volume_24h above 10 M", "en", ScreenerCondition("volume_24h", ">", 1e7)),
        ("24 h volume at most 1,500,000", "en", ScreenerCondition("volume_24h", "<=", 1.5e6)),
        ("volume 24 h au-dessus de 1,5 Md", "fr", ScreenerCondition("volume_24h", ">", 1.5e9)),
        ("volume 24 h au-dessus de 1\u202f500\u202f000", "fr", ScreenerCondition("volume_24h", ">", 1.5e6)),
        ("funding_8h below \u22120.01 %", "en", ScreenerCondition("funding_8h", "<", -0.0001)),
        ("price above sma_200", "en", ScreenerCondition("price", ">", "sma_200")),
        ("spread below 5 bps", "en", ScreenerCondition("spread_bps", "<", 5.0)),
        ("market_cap au-dessus de 1,5 Bn", "fr", ScreenerCondition("market_cap", ">", 1.5e12)),
        ("price above $20k", "en", ScreenerCondition("price", ">", 20000.0)),
    ],
)
def test_what_people_write_is_understood(text, language, wanted):
    found = parse_sentence(text, language)
    assert found == ((wanted,) if wanted else parse_where("change_24h>0.05,rsi_14<30"))


@pytest.mark.parametrize(
    ("text", "words_of_refusal"),
    [
        ("change_24h", "must look like change_24h>0.05, was 'change_24h'"),
        ("change_24h>>5", "must look like"),
        ("nonsense>5", "field must be one of price sma_50"),
        ("rsi_14>nan", "the value for rsi_14 must be a number or a field, was 'nan'"),
        ("rsi_14>inf", "must be a number or a field"),
        ("rsi_14>1e99", "between 1e-12 and 1e18"),
        ("rsi_14>0x10", "must be a number or a field"),
        ("rsi_14>1_000", "must be a number or a field"),
        ("rsi_14>sma_50", "must be compared with a field in index; sma_50 is in price"),
        ("rsi_14>rsi_14", "must not be compared with itself"),
        ("rsi_14>5;DROP TABLE quotes", "must look like"),
        ("rsi_14>5,", "must look like change_24h>0.05, was ''"),
        ("<script>alert(1)</script>", "must look like"),
        ("rsi_14>5 or 1=1", "must look like"),
        ("__class__>5", "field must be one of"),
        (",".join(["rsi_14>5"] * (MOST_CONDITIONS + 1)), "at most 12 conditions are allowed, were 13"),
        ("a" * (MOST_LETTERS + 1), "at most 2000 characters, had 2001"),
    ],
)
def test_hostile_addresses_are_refused_with_words(text, words_of_refusal):
    with pytest.raises(UsageError) as refusal:
        parse_where(text)
    assert words_of_refusal in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "words_of_refusal"),
    [
        ("change_24h above 5", "must be in per cent"),
        ("rsi_14 above 5 %", "must not end with '%'"),
        ("rsi_14 above 5 M", "must not end with 'm'"),
        ("rsi_14 around 5", "a condition must use one of: above, at least, below,"),
        ("moon above 5", "field must be one of"),
        ("rsi_14 above five", "must be a number or a field, was 'five'"),
        ("rsi_14 above 5 or rsi_14 below 3", "must be a number or a field"),
    ],
)
def test_sentences_that_say_nothing_clear_are_refused_with_words(text, words_of_refusal):
    with pytest.raises(UsageError) as refusal:
        parse_sentence(text, "en")
    assert words_of_refusal in str(refusal.value)


def test_no_text_is_no_condition():
    assert parse_where("  ") == ()
    assert parse_sentence("", "fr") == ()
    assert render_where(()) == ""


def test_all_conditions_must_hold_and_what_is_not_known_is_counted():
    columns = {
        "rsi_14": np.array([20.0, 40.0, np.nan, 25.0]),
        "price": np.array([10.0, 10.0, 10.0, 10.0]),
        "sma_200": np.array([9.0, 9.0, 9.0, np.nan]),
    }
    found = screen(parse_where("rsi_14<30,price>sma_200,change_24h>-1"), columns, 4)
    assert found.matches.tolist() == [False] * 4
    found = screen(parse_where("rsi_14<30,price>sma_200"), columns, 4)
    assert found.matches.tolist() == [True, False, False, False]
    assert found.unknown == {"rsi_14": 1, "sma_200": 1}


def test_without_conditions_every_asset_matches():
    assert screen((), {}, 3).matches.tolist() == [True, True, True]


@pytest.mark.parametrize(
    ("sign", "wanted"), [(">", [0, 0, 1]), (">=", [0, 1, 1]), ("<", [1, 0, 0]), ("<=", [1, 1, 0])]
)
def test_each_comparison_at_its_bound(sign, wanted):
    found = screen(parse_where(f"rsi_14{sign}30"), {"rsi_14": np.array([29.0, 30.0, 31.0])}, 3)
    assert found.matches.tolist() == [bool(w) for w in wanted]


def test_what_is_missing_is_said_in_words():
    found = screen(parse_where("rsi_14<30,sma_50>1"), {"rsi_14": np.array([np.nan, 1.0, 2.0])}, 3)
    assert found.unknown_text("en") == (
        "1 asset has no value for RSI 14.",
        "3 assets have no value for SMA 50.",
    )
    assert found.unknown_text("fr")[1] == "3 actifs n\u2019ont pas de valeur pour MM 50."


def test_every_measured_column_is_a_field_and_has_words():
    assert set(FIELDS) == {f.name for f in fields(AssetMetrics)} - {"asset", "symbol", "ts"}
    for field in FIELDS.values():
        for language in complete_languages():
            assert field.title(language)
            assert field.definition(language).endswith(tuple("abcdefghijklmnopqrstuvwxyz0123456789s)"))


@pytest.mark.parametrize("language", complete_languages())
def test_titles_are_told_apart_and_hold_no_word_of_comparison(language):
    titles = [field.title(language).casefold() for field in FIELDS.values()]
    assert len(titles) == len(set(titles))
    table = load_texts(language)
    marks = [f" {table(f'screener.{key}')} " for key in ("and", "above", "at_least", "below", "at_most")]
    assert [t for t in titles if any(mark in f" {t} " for mark in marks)] == []


def test_a_bound_that_is_no_number_is_refused():
    with pytest.raises(UsageError, match="between 1e-12 and 1e18, was nan"):
        ScreenerCondition("rsi_14", ">", math.nan)
    with pytest.raises(UsageError, match="comparison must be one of"):
        ScreenerCondition("rsi_14", "!=", 1.0)
