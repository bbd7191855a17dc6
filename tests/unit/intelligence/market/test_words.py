"""Both languages say the same things, and numbers are written as each language writes them."""

from __future__ import annotations

import re

import pytest

from vigie.catalogue import complete_languages
from vigie.domain.errors import UsageError
from vigie.intelligence.market.words import UNITS, load_texts, numbers_of

PLACE = re.compile(r"\{(\w+)\}")
EN, FR = numbers_of("en"), numbers_of("fr")


def test_both_languages_have_the_same_keys():
    assert set(load_texts("en").texts) == set(load_texts("fr").texts)


def test_both_languages_fill_in_the_same_values():
    en, fr = load_texts("en").texts, load_texts("fr").texts
    differing = [key for key in en if set(PLACE.findall(en[key])) != set(PLACE.findall(fr[key]))]
    assert differing == []


@pytest.mark.parametrize("language", complete_languages())
def test_no_text_is_empty(language):
    assert [key for key, text in load_texts(language).texts.items() if not text.strip()] == []


def test_a_missing_word_is_an_error():
    with pytest.raises(KeyError):
        load_texts("en")("trend.words.sideways")


def test_another_language_is_refused_by_name():
    with pytest.raises(UsageError, match="language must be one of en es fr, was 'de'"):
        load_texts("de")


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0512, "5.1%", "5,1\u00a0%"),
        (-0.0512, "\u22125.1%", "\u22125,1\u00a0%"),
        (float("nan"), "\u2013", "\u2013"),
        (0.0, "0.0%", "0,0\u00a0%"),
        (-0.00001, "\u22120.001%", "\u22120,001\u00a0%"),
        (12.5, "1,250.0%", "1\u202f250,0\u00a0%"),
    ],
)
def test_fractions_are_written_as_per_cent(value, english, french):
    assert (EN.of(value, "fraction"), FR.of(value, "fraction")) == (english, french)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (1_234_000_000_000, "$1.23T", "1\u202f234\u00a0Md\u00a0$"),
        (8_529_920_311, "$8.53B", "8,53\u00a0Md\u00a0$"),
        (999_999_999, "$1.00B", "1,00\u00a0Md\u00a0$"),
        (12_300_000, "$12.3M", "12,3\u00a0M\u00a0$"),
        (999, "$999", "999\u00a0$"),
        (12.5, "$12.50", "12,50\u00a0$"),
        (0.0, "$0", "0\u00a0$"),
        (-5_000, "\u2212$5.00K", "\u22125,00\u00a0k\u00a0$"),
        (float("nan"), "\u2013", "\u2013"),
    ],
)
def test_amounts_are_short(value, english, french):
    assert (EN.money(value), FR.money(value)) == (english, french)


def test_who_counts_in_euros_reads_amounts_in_euros_and_prices_with_their_digits():
    english, french = load_texts("en", 0.8).numbers, load_texts("fr", 0.8).numbers
    assert (english.of(10_000_000, "usd"), french.of(-5_000, "usd")) == (
        "\u20ac8.00M",
        "\u22124,00\u00a0k\u00a0\u20ac",
    )
    assert (EN.of(64_210.5, "usd_price"), english.of(50.0, "usd_price")) == ("$64,210.50", "\u20ac40.000")
    assert english.of(0.9997, "price") == EN.of(0.9997, "price")


@pytest.mark.parametrize(
    ("value", "text"),
    [(64_210.5, "64,210.50"), (99.5, "99.500"), (0.9997, "0.99970"), (1.5e-7, "0.0000001500")],
)
def test_prices_keep_five_figures(value, text):
    assert EN.price(value) == text


def test_signs_are_written_where_asked_and_never_before_zero():
    assert EN.number(0.5, 1, sign=True) == "+0.5"
    assert EN.number(0.001, 1, sign=True) == "0.0"
    assert EN.number(-0.001, 1) == "0.0"
    assert EN.number(float("-inf")) == "\u2212\u221e"


def test_plain_numbers_have_the_decimals_they_need():
    assert EN.plain(1234.5) == "1,234.5"
    assert FR.plain(0.00012) == "0,00012"
    assert EN.plain(0.0) == "0"


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_can_be_written_in_both_languages(unit):
    assert re.search(r"\d", EN.of(1.5, unit, sign=True))
    assert re.search(r"\d", FR.of(-1.5, unit))


def test_an_unknown_unit_is_refused():
    with pytest.raises(UsageError, match="unit must be one of"):
        EN.of(1.0, "furlongs")
