"""Summaries say the most unusual first, in at most two figures a sentence, and never against the numbers.

The situations in `tests/data/situations.toml` were written by somebody who had not read the rules: what must be said
of each and what must not. A third of them (`held`) was kept back from the rules' author until these were done; 17 of
those 20 passed at the first look.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigie.domain.time import DAY_MS, MINUTE_MS
from vigie.intelligence.market.changes_since import SeriesChange
from vigie.intelligence.market.metrics import COLUMNS, AssetMetrics
from vigie.intelligence.market.summary import (
    MOST_ASSET_SENTENCES,
    MOST_FIGURES,
    MarketMoment,
    SummarySentence,
    asset_summary,
    market_summary,
)
from vigie.intelligence.market.verdict import PEG

FILE = Path(__file__).parents[3] / "data" / "situations.toml"
SITUATIONS = tomllib.loads(FILE.read_text(encoding="utf-8"))
UNITS = {
    "price": "usd_price", "cap": "usd", "dominance": "fraction", "fear_greed": "index", "supply": "usd", "tvl": "usd",
    "fees": "sat_vb", "volatility": "index",
}  # fmt: skip
RELATIVE = {"price", "cap", "supply", "tvl", "fees"}
LANGUAGES = ("en", "fr")


def change_of(told: dict[str, Any]) -> SeriesChange:
    topic = told["topic"]
    return SeriesChange(
        topic, topic, told["subject"], UNITS[topic], told.get("asset", ""), topic in RELATIVE, 1, told["value"], 0,
        told["value_before"], told["change"], told["usual_low"], told["usual_high"], 100, DAY_MS, 5.0,
    )  # fmt: skip


def age_of(told: dict[str, Any]) -> int | None:
    minutes = told.get("age_min", -1)
    return None if minutes < 0 else int(minutes * MINUTE_MS)


def asset_sentences(told: dict[str, Any]) -> tuple[SummarySentence, ...]:
    metrics = AssetMetrics("x", "X", 1, **told.get("metrics", {}))
    return asset_summary(
        told["name"], metrics, is_stablecoin=told.get("is_stablecoin", False), age_ms=age_of(told)
    )


def market_sentences(told: dict[str, Any]) -> tuple[SummarySentence, ...]:
    changes = [change_of(one) for one in told.get("changes", [])]
    moment = MarketMoment(
        told["name"], told.get("price", math.nan), told.get("change", math.nan), age_of(told), told.get("pegs", {}),
        changes, "bitcoin", {one.asset: one.value for one in changes if one.topic == "price"},
    )  # fmt: skip
    return market_summary(moment)


def is_said(pattern: str, text: str) -> bool:
    if pattern.startswith("re:"):
        return re.search(pattern[3:], text, re.IGNORECASE) is not None
    return pattern.lower() in text.lower()


ALL = [pytest.param(kind, told, id=told["id"]) for kind in ("asset", "market") for told in SITUATIONS[kind]]


@pytest.mark.parametrize(("kind", "told"), ALL)
def test_each_situation_is_told_with_its_facts_and_nothing_false(kind, told):
    sentences = asset_sentences(told) if kind == "asset" else market_sentences(told)
    assert len(sentences) <= (MOST_ASSET_SENTENCES if kind == "asset" else 2)
    for language in LANGUAGES:
        text = " ".join(sentence.render(language) for sentence in sentences)
        missing = [
            must[language]
            for must in told.get("must", [])
            if not any(is_said(one, text) for one in must[language])
        ]
        false = [one for one in told.get("must_not", {}).get(language, []) if is_said(one, text)]
        assert (missing, false) == ([], []), text


def test_there_are_sixty_situations_and_a_third_was_kept_back():
    assert len(ALL) == 60
    assert sum(bool(told.get("held")) for kind in SITUATIONS.values() for told in kind) == 20


KNOWN = st.one_of(st.just(math.nan), st.floats(-5, 5))
METRICS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(set(COLUMNS) - {"price", "volume_24h"}, KNOWN),
        "price": st.one_of(st.just(math.nan), st.floats(1e-9, 1e7)),
        "volume_24h": st.one_of(st.just(math.nan), st.floats(0, 1e12)),
    },
)


@given(METRICS, st.booleans(), st.one_of(st.none(), st.integers(0, 10**10)))
def test_no_sentence_is_against_the_numbers(numbers, is_stablecoin, age_ms):
    measured = AssetMetrics("x", "X", 1, **numbers)
    sentences = asset_summary("Coin", measured, is_stablecoin=is_stablecoin, age_ms=age_ms)
    assert 1 <= len(sentences) <= MOST_ASSET_SENTENCES
    said = [sentence.key for sentence in sentences]
    assert len(set(said)) == len(said)
    change = measured.change_24h
    falls = {"fell_day": change, "trades_lower": change, "fell_hour": measured.change_1h}
    rises = {"rose_day": change, "trades_higher": change, "rose_hour": measured.change_1h}
    assert all(falls[key] < 0 for key in said if key in falls)
    assert all(rises[key] > 0 for key in said if key in rises)
    for sentence in sentences:
        assert len(sentence.figures) <= MOST_FIGURES
        for language in LANGUAGES:
            text = sentence.render(language)
            assert text.endswith(".")
            assert "nan" not in text
            assert "{" not in text
    # A stale price comes alone, or with a stablecoin's distance from its peg; a quiet asset is said to be quiet.
    if age_ms is not None and not math.isnan(measured.price):
        off = {"was_below_peg": measured.price < 1, "was_above_peg": measured.price > 1}
        assert said == ["old_price", *(key for key in said if off.get(key) and is_stablecoin)]
        assert (len(said) == 2) == (is_stablecoin and round(abs(measured.price - 1), 9) >= PEG.cuts[0])
    if "nothing" in said:
        assert len(said) == 2
    assert any("price" in sentence.figures for sentence in sentences) or math.isnan(measured.price)


SUBJECTS = {"price": [("Bitcoin", "bitcoin"), ("Solana", "solana")]}


@st.composite
def moments(draw):
    """Give a market: what moved is told with its own price, up or down as the change says."""
    told = []
    for topic in draw(st.lists(st.sampled_from(sorted(UNITS)), max_size=4, unique=True)):
        subject, asset = draw(st.sampled_from(SUBJECTS.get(topic, [("", "")])))
        change = draw(st.floats(0.001, 3)) * draw(st.sampled_from([-0.3, 1]))
        before = draw(st.floats(1e-3, 1e6))
        value = before * (1 + change) if topic in RELATIVE else before + change
        usual = sorted(draw(st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))))
        told.append({
            "topic": topic, "subject": subject, "asset": asset, "value": value, "value_before": before,
            "change": change, "usual_low": usual[0], "usual_high": usual[1],
        })  # fmt: skip
    return {
        "name": "Bitcoin", "price": draw(st.one_of(st.just(math.nan), st.floats(1e-9, 1e7))),
        "change": draw(KNOWN), "age_min": draw(st.one_of(st.just(-1), st.integers(1, 10**6))),
        "pegs": draw(st.dictionaries(st.sampled_from(["USDT", "USDC"]), st.floats(0.5, 1.5))), "changes": told,
    }  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moments())
def test_no_sentence_of_the_market_is_against_the_numbers(told):
    sentences = market_sentences(told)
    assert 1 <= len(sentences) <= 2
    said = [sentence.key for sentence in sentences]
    assert len(set(said)) == len(said)
    by_price = {one["asset"]: one for one in told["changes"] if one["topic"] == "price"}
    for sentence in sentences:
        assert len(sentence.figures) <= MOST_FIGURES
        assert len(sentence.changes) <= MOST_FIGURES
        if sentence.key in ("fell_day", "rose_day"):
            own = by_price[sentence.asset]
            assert sentence.figures["price"][0] == own["value"]
            assert sentence.figures["change"][0] == abs(own["change"])
            assert (own["change"] < 0) == (sentence.key == "fell_day")
        if sentence.key.startswith("trades"):
            assert sentence.figures["price"][0] == told["price"]
            assert {"trades_lower": told["change"] < 0, "trades_higher": told["change"] > 0}.get(
                sentence.key, True
            )
        if sentence.key in ("below_peg", "above_peg"):
            price = told["pegs"][sentence.names["name"]]
            assert (price < 1) == (sentence.key == "below_peg")
            assert sentence.figures["price"][0] == price
            assert abs(price - 1) == max(abs(one - 1) for one in told["pegs"].values())
        for language in LANGUAGES:
            text = sentence.render(language)
            assert text.endswith(".")
            assert "nan" not in text
            assert "{" not in text
    # Nothing is called quiet where something moved, no old price is told beside another, and one price is told.
    if "nothing_in_market" in said:
        assert not told["changes"]
    if math.isnan(told["price"]):
        assert said == ["no_prices"]
    elif told["age_min"] >= 0:
        assert said == ["old_price"]
    else:
        assert any("price" in sentence.figures for sentence in sentences)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_move_outside_of_the_usual_day_is_never_called_usual(language):
    measured = AssetMetrics(
        "bitcoin", "BTC", price=100.0, change_24h=0.03, atr_fraction=0.05, volatility_percentile=0.5
    )
    plain = [one.key for one in asset_summary("Bitcoin", measured)]
    assert plain[-1] == "nothing"
    told = asset_summary("Bitcoin", measured, usual_day=(-0.014, 0.008))
    assert [one.key for one in told] == [plain[0], "usual_day"]
    assert "0.8" in told[-1].render(language).replace(",", ".")


def test_a_fall_is_told_before_the_implied_volatility_that_follows_from_it():
    def change(topic, asset, surprise):
        return SeriesChange(
            f"{topic}/{asset}", topic, "Bitcoin", "usd_price", asset, True, 2, 90.0, 1, 100.0, -0.1, -0.02, 0.02, 50,
            DAY_MS, surprise,
        )  # fmt: skip

    wild, fall = change("volatility", "", 9.0), change("price", "bitcoin", 4.0)
    moment = MarketMoment(
        "Bitcoin", 90.0, -0.1, asset="bitcoin", changes=(wild, fall), prices={"bitcoin": 90.0}
    )
    assert market_summary(moment)[0].key == "fell_day"
    alone = MarketMoment("Bitcoin", 90.0, -0.001, asset="bitcoin", changes=(wild,), prices={"bitcoin": 90.0})
    assert market_summary(alone)[0].changes == (wild,)


def test_what_readers_judged_is_each_text_once_in_both_languages():
    ids = {told["id"] for kind in SITUATIONS.values() for told in kind}
    files = sorted(FILE.with_suffix("").glob("reader-*.jsonl"))
    assert files
    for file in files:
        answers = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        assert sorted((one["id"], one["language"]) for one in answers) == sorted(product(ids, LANGUAGES))
        assert all(one["why"] for one in answers if not (one["is_right"] and one["is_clear"]))
