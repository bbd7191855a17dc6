"""Every word is reached, ends where it says, carries its number, and says the same in both languages."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.catalogue import complete_languages
from vigie.domain.errors import UsageError
from vigie.intelligence.market.grammar import DETAIL_UNITS, NO_BOUND, WordScale
from vigie.intelligence.market.metrics import AssetMetrics
from vigie.intelligence.market.verdict import (
    ASSET_SCALES,
    BESIDE_SHOCK,
    MARKET_SCALES,
    MARKET_SHOCKS,
    NAN,
    MarketReading,
    asset_verdict,
    market_reading,
    market_verdict,
    shock_clause,
    trend_signs,
)
from vigie.intelligence.market.words import load_texts

SCALES = (*ASSET_SCALES, *MARKET_SCALES)
EVERY_WORD = [(scale, word) for scale in SCALES for word in scale.spans]
EVERY_CUT = [(scale, at) for scale in SCALES for at in range(len(scale.cuts))]
# What the number of a scale is called in the record it comes from.
ASSET_FIELD = {
    "force": "adx_14",
    "stretch": "stretch_atr",
    "liquidity": "volume_24h",
    "spread": "spread_bps",
    "volatility": "volatility_percentile",
}
MARKET_FIELD = {
    "day": "median_change_24h",
    "dominance": "dominance_change_7d",
    "sentiment": "fear_greed",
    "funding": "funding_8h",
}
FULL = AssetMetrics(
    "bitcoin", "BTC", 1, 100.0, sma_50_distance=0.1, sma_200_distance=0.2, sma_50_over_200=0.05, sma_50_slope=0.01,
    adx_14=31.0, stretch_atr=0.5, stretch_percentile=0.6, volume_24h=5e9, spread_bps=1.0, volatility_30d=0.4,
    volatility_percentile=0.5, change_1h=0.001, change_24h=0.02, atr_fraction=0.03,
)  # fmt: skip
MARKET = MarketReading(29, 40, 0.012, 0.55, 0.003, 66.0, 0.0001, 12, {"USDT": 0.9998, "USDC": 1.0001})


def inside(scale, word):
    """Return a number in the middle of a word's span."""
    low, high = scale.bounds(word)
    if low == -NO_BOUND:
        return max(high - 1, 0.0) if scale.cuts[0] > 0 and not scale.is_signed else high - abs(high)
    return low if high == NO_BOUND or scale.unit == "count" else (low + high) / 2


def made(scale, value):
    """Return the clause that a number makes, by the way a page gets it."""
    if scale.key in ASSET_FIELD:
        verdict = asset_verdict(replace(FULL, **{ASSET_FIELD[scale.key]: value}), rank=1, assets=40)
    elif scale.key in MARKET_FIELD:
        verdict = market_verdict(replace(MARKET, **{MARKET_FIELD[scale.key]: value}))
    elif scale.key == "shock":
        return shock_clause(replace(FULL, change_24h=value * FULL.atr_fraction))
    elif scale.key == "trend":
        signs = [0.01 if k < value else -0.01 for k in range(4)]
        names = ("sma_50_distance", "sma_200_distance", "sma_50_over_200", "sma_50_slope")
        verdict = asset_verdict(replace(FULL, **dict(zip(names, signs, strict=True))))
    elif scale.key == "breadth":
        verdict = market_verdict(replace(MARKET, above_sma_50=round(value * 1000), measured_sma_50=1000))
    else:
        verdict = market_verdict(replace(MARKET, stablecoins={"USDT": 1.0, "DAI": 1.0 - value}))
    return next(clause for clause in verdict.clauses if clause.key == scale.key)


@pytest.mark.parametrize(("scale", "word"), EVERY_WORD, ids=lambda x: x if isinstance(x, str) else x.key)
def test_every_word_is_reached_from_the_numbers(scale, word):
    clause = made(scale, inside(scale, word))
    assert clause.word == word
    assert clause.low <= clause.value < clause.high
    assert (clause.low, clause.high) == scale.bounds(word)


@pytest.mark.parametrize(("scale", "at"), EVERY_CUT, ids=lambda x: x if isinstance(x, int) else x.key)
def test_a_word_begins_exactly_at_its_bound(scale, at):
    cut = scale.cuts[at]
    assert scale.clause(cut).word == scale.spans[at + 1]
    assert scale.clause(np.nextafter(cut, -np.inf)).word == scale.spans[at]


def test_bounds_that_are_no_whole_numbers_hold_through_the_record():
    assert made(SCALES[-1], 0.005).word == "off"
    assert made(SCALES[-1], 0.0049).word == "holds"


@pytest.mark.parametrize("language", complete_languages())
@pytest.mark.parametrize(("scale", "word"), EVERY_WORD, ids=lambda x: x if isinstance(x, str) else x.key)
def test_no_word_without_its_number_its_span_and_its_limits(scale, word, language):
    clause = made(scale, inside(scale, word))
    verdict = asset_verdict(FULL) if scale in ASSET_SCALES else market_verdict(MARKET)
    for is_brief in (False, True):
        said = replace(verdict, clauses=(clause,)).clause_texts(language, is_brief=is_brief)[0]
        assert re.search(r"\d", said.number)
        assert re.search(r"\d", said.span)
        assert said.text == load_texts(language)(f"{scale.key}.words.{word}")
        assert said.limits
        assert said.measure


def test_the_tables_hold_exactly_the_words_of_the_grammar():
    wanted = {f"{scale.key}.words.{word}" for scale, word in EVERY_WORD}
    wanted |= {f"{key}.words.{word}" for (key, _), word in BESIDE_SHOCK.items()}
    keys = {scale.key for scale in SCALES}
    held = {key for key in load_texts("en").texts if key.split(".")[0] in keys and ".words." in key}
    assert held == wanted


@pytest.mark.parametrize("language", complete_languages())
def test_one_word_has_one_meaning_within_a_topic(language):
    for scales in (ASSET_SCALES, MARKET_SCALES):
        texts = [load_texts(language)(f"{s.key}.words.{w}") for s in scales for w in s.spans]
        assert len(texts) == len(set(texts))


def test_an_asset_in_one_sentence():
    verdict = asset_verdict(FULL, rank=1, assets=40)
    assert verdict.sentence("en") == (
        "Uptrend (4 of 4 signs point up; distance from the 50-day average 10.0%, from the 200-day average "
        "20.0%); strong trend strength (ADX 31, whether up or down); within its usual distance of the 20-day "
        "average (+0.5 times the average daily range, further up than on 60.0% of days in the past year); "
        "very liquid ($5.00B in 24\u00a0h, rank 1 of 40); tight spread (1.0\u00a0bps); "
        "normal volatility (40.0% a year, higher than on 50.0% of days in the past year)."
    )
    assert verdict.sentence("en", is_brief=True).startswith(
        "Uptrend (4 of 4 signs point up); strong trend strength (ADX 31);"
    )
    assert verdict.unknown == ()
    assert verdict.unknown_text("en") == ""


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        (
            {"change_1h": -0.11, "change_24h": -0.10},
            "Crashing (\u221211.0% in 1\u00a0h, \u22123.7 times the average daily range)",
        ),
        ({"change_1h": -0.01, "change_24h": -0.05}, "Falling sharply (\u22125.0% in 24\u00a0h, \u22121.7"),
        ({"change_1h": NAN, "change_24h": 0.12}, "Surging (12.0% in 24\u00a0h, +4.0"),
        ({"change_1h": 0.05, "change_24h": 0.01}, "Rising sharply (5.0% in 1\u00a0h, +1.7"),
        ({"change_1h": 0.01, "change_24h": 0.04}, "Uptrend"),
    ],
)
def test_a_shock_comes_before_everything_else(changes, begins):
    verdict = asset_verdict(replace(FULL, **changes))
    assert verdict.sentence("en").startswith(begins)
    assert verdict.unknown == ()


# As a beginner reads them; an asset's spread and bitcoin's share say what they are of.
CALM = {
    "en": (
        "calm",
        "within its usual distance of the 20-day average",
        "normal volatility",
        "no sharp",
        "the typical coin barely moved",
        "quiet",
    ),
    "fr": (
        "calme",
        "pas tendu",
        "volatilit\u00e9 habituelle",
        "pas de mouvement",
        "peu de changement",
        "tranquille",
    ),
}


@given(
    change_1h=st.floats(-0.5, 0.5), change_24h=st.floats(-0.5, 0.5), stretch=st.floats(-8, 8),
    volatility=st.floats(0, 1),
    unknown=st.sets(st.sampled_from(["change_1h", "change_24h", "stretch_atr", "volatility_percentile", "adx_14"])),
)  # fmt: skip
def test_a_shock_comes_first_and_no_calm_word_stands_beside_it(
    change_1h, change_24h, stretch, volatility, unknown
):
    given_ = {"change_1h": change_1h, "change_24h": change_24h, "stretch_atr": stretch,
              "volatility_percentile": volatility}  # fmt: skip
    verdict = asset_verdict(replace(FULL, **{**given_, **dict.fromkeys(unknown, NAN)}), rank=1, assets=40)
    told = [change for name, change in given_.items() if name.startswith("change") and name not in unknown]
    is_sharp = any(not -1.5 <= change / FULL.atr_fraction < 1.5 for change in told)
    assert is_sharp == (verdict.clauses[0].key == "shock")
    for language in complete_languages():
        texts = [said.text for said in verdict.clause_texts(language, is_brief=True)]
        assert not is_sharp or not [text for text in texts for calm in CALM[language] if calm in text]


@given(
    day=st.floats(-0.3, 0.3), off=st.floats(0, 0.2), above=st.integers(0, 40), shares=st.floats(-0.1, 0.1),
    mood=st.floats(0, 100),
)  # fmt: skip
def test_a_sharp_day_and_a_lost_peg_come_first_in_the_market(day, off, above, shares, mood):
    given_ = {
        "median_change_24h": day,
        "above_sma_50": above,
        "dominance_change_7d": shares,
        "fear_greed": mood,
    }
    verdict = market_verdict(replace(MARKET, **given_, stablecoins={"USDT": 1.0, "DAI": 1.0 - off}))
    is_shock = [(clause.key, clause.word) in MARKET_SHOCKS for clause in verdict.clauses]
    assert is_shock == sorted(is_shock, reverse=True)
    assert sum(is_shock) == (not -0.05 <= day < 0.05) + (round(off, 9) >= 0.02)
    for language in complete_languages():
        texts = [said.text for said in verdict.clause_texts(language, is_brief=True)]
        assert not (is_shock[0] and not -0.05 <= day < 0.05) or not [
            text for text in texts for calm in CALM[language] if calm in text
        ]


def test_a_shock_that_cannot_be_measured_is_not_known():
    assert "shock" in asset_verdict(replace(FULL, atr_fraction=NAN)).unknown
    assert "shock" in asset_verdict(replace(FULL, change_1h=NAN, change_24h=NAN)).unknown


@pytest.mark.parametrize("language", complete_languages())
def test_the_strength_of_a_trend_names_no_direction(language):
    texts = [
        load_texts(language)(f"force.words.{word}") for word in ("weak", "gathering", "strong", "very_strong")
    ]
    said = asset_verdict(replace(FULL, change_1h=-0.11)).sentence(language)
    assert any(text in said for text in texts)
    for text in texts:
        assert not re.search(r"\b(up|down|ris\w+|fall\w+|gather\w+|haus\w+|bais\w+|prend)\b", text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "−2.5 times the average daily range, further down than on 99.2% of days in the past year"),
        (
            "fr",
            (
                "\u22122,5 fois l\u2019amplitude quotidienne moyenne, plus bas que lors de "
                "99,2\u00a0% des jours de l\u2019ann\u00e9e \u00e9coul\u00e9e"
            ),
        ),
    ],
)
def test_a_price_below_its_mean_is_further_down_than_on_other_days(language, words):
    low = replace(FULL, stretch_atr=-2.5, stretch_percentile=0.008)
    assert words in asset_verdict(low, rank=1, assets=40).sentence(language)


def test_the_market_in_one_sentence():
    assert market_verdict(MARKET).sentence("fr") == (
        "La plupart des actifs sont au-dessus de leur moyenne \u00e0 50 jours (29 sur 40, soit 72,5\u00a0%)\u00a0; "
        "la crypto type monte (+1,2\u00a0% en 24\u00a0h)\u00a0; la part de march\u00e9 du bitcoin est stable "
        "(+0,30 pt en 7 jours, maintenant 55,0\u00a0%)\u00a0; le sentiment est \u00e0 "
        "l\u2019avidit\u00e9 (66/100)\u00a0; "
        "le financement est neutre (m\u00e9diane de 12 taux\u00a0: +0,0100\u00a0% par 8\u00a0h, "
        "11,0\u00a0% par an)\u00a0; "
        "les stablecoins tiennent leur parit\u00e9 (USDT \u00e0 0,99980, 0,020\u00a0% d\u2019\u00e9cart)."
    )


def test_what_is_not_known_is_said_and_never_guessed():
    verdict = asset_verdict(replace(FULL, adx_14=NAN, spread_bps=NAN, sma_200_distance=NAN))
    assert verdict.unknown == ("trend", "force", "spread")
    assert {"trend", "force", "spread"}.isdisjoint(clause.key for clause in verdict.clauses)
    assert verdict.unknown_text("en") == (
        "Not known yet: trend (needs 210 daily bars), trend strength (needs 28 daily bars), "
        "spread (needs best bid and best ask)."
    )


def test_a_detail_that_is_not_known_leaves_the_number_alone():
    verdict = asset_verdict(replace(FULL, stretch_percentile=NAN))
    texts = {said.key: said.number for said in verdict.clause_texts("en")}
    assert texts["stretch"] == "+0.5 times the average daily range"
    assert texts["liquidity"] == "$5.00B in 24\u00a0h"


def test_nothing_known_says_so():
    verdict = market_verdict(MarketReading())
    assert verdict.clauses == ()
    assert verdict.unknown == tuple(scale.key for scale in MARKET_SCALES)
    assert verdict.sentence("en") == "No verdict yet: no data available."


def test_the_worst_stablecoin_is_named():
    verdict = market_verdict(replace(MARKET, stablecoins={"USDT": 1.001, "DAI": 0.97, "USDC": NAN}))
    peg = next(clause for clause in verdict.clauses if clause.key == "peg")
    assert (peg.word, peg.names["coin"], peg.details["price"]) == ("far_off", "DAI", 0.97)


def test_the_reading_counts_only_what_is_known():
    assets = [
        replace(FULL, sma_50_distance=0.1, change_24h=0.02),
        replace(FULL, sma_50_distance=-0.1, change_24h=-0.04),
        replace(FULL, sma_50_distance=NAN, change_24h=NAN),
    ]
    reading = market_reading(assets, fear_greed=20.0)
    assert (reading.above_sma_50, reading.measured_sma_50) == (1, 2)
    assert reading.median_change_24h == pytest.approx(-0.01)
    assert reading.fear_greed == 20.0
    assert math.isnan(market_reading([]).median_change_24h)


def test_one_unknown_sign_makes_the_trend_unknown():
    assert trend_signs(0.1, 0.1, -0.1, -0.1) == 2
    assert math.isnan(trend_signs(0.1, NAN, 0.1, 0.1))


def test_every_detail_has_a_unit():
    for verdict in (asset_verdict(FULL, rank=1, assets=2), market_verdict(MARKET)):
        for clause in verdict.clauses:
            assert set(clause.details) <= set(DETAIL_UNITS)


def test_a_scale_whose_bounds_do_not_fit_is_refused():
    with pytest.raises(UsageError, match="x must have 1 bounds, had 2"):
        WordScale("x", "count", ("a", "b"), (1.0, 2.0))
    with pytest.raises(UsageError, match="bounds of x must ascend"):
        WordScale("x", "count", ("a", "b", "c"), (2.0, 1.0))
