"""Conditions on newcomers: one way to write them, sentences, and what is not known meets none."""

from __future__ import annotations

import math

import pytest

from vigie.domain.errors import UsageError
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.emerging import FLAGS, Newcomer, flag_newcomers
from vigie.intelligence.market.newcomers import newcomers_sentence, parse_newcomers, render_newcomers

NOW = 1_790_000_000_000


def judged(name="Nova", *, hours=30.0, liquidity=500_000.0, volume=1e6, kind="pool", place="eth", pools=2):
    one = Newcomer(name, name, name, kind, int(NOW - hours * HOUR_MS), place, liquidity, volume, pools)
    return flag_newcomers([one], now=NOW, known=())[0]


def meets(where, one):
    return all(condition.holds(one) for condition in parse_newcomers(where))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("", ""),
        ("place=ETH, age_hours<=72", "age_hours<=72,place=eth"),
        ("age_hours<=72,age_hours>24,age_hours<48.5", "age_hours<48.5,age_hours>24"),
        (
            "without=thin,without=imitates,without=thin,flags=some",
            "flags=some,without=imitates,without=thin",
        ),
        ("liquidity_usd>=100000.0,kind=pool,volume_24h_usd>1,turnover<3",
         "liquidity_usd>=100000,volume_24h_usd>1,turnover<3,kind=pool"),
    ],
)  # fmt: skip
def test_the_same_list_is_written_in_one_way_and_read_back(given, written):
    assert render_newcomers(parse_newcomers(given)) == written
    assert parse_newcomers(written) == parse_newcomers(given)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("", ["Nova", "Young", "Thin", "Dark", "Coin"]),
        ("age_hours<24", ["Young"]),
        ("age_hours>=30,liquidity_usd>=100000", ["Nova"]),
        ("liquidity_usd<1000000000", ["Nova", "Young", "Thin"]),
        ("kind=coin", ["Coin"]),
        ("place=base", ["Thin"]),
        ("flags=none", ["Nova"]),
        ("flags=some,without=young,without=thin", ["Dark", "Coin"]),
        ("turnover>10", ["Thin"]),
    ],
)
def test_every_condition_must_hold_and_what_is_not_known_meets_none(where, names):
    every = [
        judged(), judged("Young", hours=2), judged("Thin", liquidity=50_000.0, place="Base"),
        judged("Dark", liquidity=math.nan), judged("Coin", kind="coin", place="", liquidity=math.nan),
    ]  # fmt: skip
    assert [one.newcomer.name for one in every if meets(where, one)] == names


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("age_hours", "must look like"),
        ("age_hours=3", "age_hours must be compared with a number"),
        ("age_hours<1e9", "age_hours must be compared with a number"),
        ("price>3", "a condition on emerging coins must use one of"),
        ("place>3", "a condition on emerging coins must use one of"),
        ("kind=token", "kind must be one of coin pool"),
        ("without=nothing", "without must be one of imitates"),
        ("a" * 201, "at most 200 characters"),
        (",".join(["age_hours<3"] * 13), "at most 12 conditions"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_is_accepted(where, told):
    with pytest.raises(UsageError, match=told):
        parse_newcomers(where)


def test_conditions_are_sentences_in_both_languages():
    where = parse_newcomers("age_hours<=72,liquidity_usd>=2500000,place=eth,flags=some,without=thin")
    english = newcomers_sentence(where, "en")
    assert english == (
        "age at most 72\u00a0h and liquidity at least $2.5M and on eth and with risk flags"
        " and without “low liquidity”"
    )
    french = newcomers_sentence(where, "fr")
    assert "âge au plus 72\u00a0h et liquidité au moins 2,5\u00a0M\u00a0$" in french
    for flag in FLAGS:
        assert newcomers_sentence(parse_newcomers(f"without={flag}"), "fr")
