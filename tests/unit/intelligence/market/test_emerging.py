"""Newcomers carry flags, each with its rule and its number; names that imitate are found through look-alikes."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.catalogue import complete_languages
from vigie.domain.asset import WATCHED
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.emerging import (
    FLAGS,
    THIN_USD,
    Flag,
    Newcomer,
    edit_distance,
    flag_newcomers,
    fold_lookalikes,
)

NOW = 1_000 * HOUR_MS
SAFE = {"liquidity_usd": 5e6, "volume_24h": 1e6, "pools": 4}


def newcomer(name="Zebra Coin", symbol="ZEBRA", hours=100.0, **more):
    """Return a newcomer that raises no flag, but for what is given."""
    return Newcomer(
        "zebra-coin", name, symbol, "coin", NOW - round(hours * HOUR_MS), "base", **{**SAFE, **more}
    )


def flags(one):
    """Return the flags of a newcomer by key."""
    (found,) = flag_newcomers([one], now=NOW, known=WATCHED)
    return {flag.key: flag for flag in found.flags}


def test_a_newcomer_beyond_reproach_has_no_flag():
    assert flags(newcomer()) == {}


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        ({"hours": 23.5}, "young", 23.5),
        ({"liquidity_usd": 99_999.0, "volume_24h": 1.0}, "thin", 99_999.0),
        ({"volume_24h": 5e7 + 1}, "churned", pytest.approx(10, abs=1e-5)),
        ({"pools": 1}, "one_pool", 1),
    ],
)
def test_each_bound_raises_its_flag(given, key, value):
    found = flags(newcomer(**given))
    assert list(found) == [key]
    assert found[key].value == value


@pytest.mark.parametrize(
    "given",
    [
        {"hours": 24.0},
        {"liquidity_usd": THIN_USD, "volume_24h": 0.0},
        {"volume_24h": 5e7},
        {"pools": 2},
        {"pools": 0},
    ],
)
def test_just_inside_the_bounds_nothing_is_raised(given):
    assert flags(newcomer(**given)) == {}


def test_unknown_liquidity_is_a_flag_of_its_own():
    found = flags(newcomer(liquidity_usd=math.nan))
    assert list(found) == ["unknown_liquidity"]


@pytest.mark.parametrize(
    ("name", "asset"),
    [
        ("Bitcoin", "Bitcoin"),
        ("B\u0456tc\u043e\u0456n", "Bitcoin"),
        ("B1tc0in", "Bitcoin"),
        ("Bitcoln", "Bitcoin"),
        ("Bitcion", "Bitcoin"),
        ("\u0395thereum", "Ethereum"),
        ("Etherium", "Ethereum"),
        ("S\u043elana", "Solana"),
        ("Do\u0261ecoin", "Dogecoin"),
        ("\uff34\uff45\uff54\uff48\uff45\uff52", "Tether"),
        ("T\u00e8ther", "Tether"),
        ("XRP", "XRP"),
    ],
)
def test_names_that_imitate_are_found(name, asset):
    flag = flags(newcomer(name))["imitates"]
    assert flag.asset == asset
    assert asset in flag.rule("en")


@pytest.mark.parametrize(
    "name", ["Zebra Coin", "Litecoin", "Bitcoin Cash Token", "XRQ", "Polygon", "", "!!!"]
)
def test_names_of_their_own_are_left_alone(name):
    assert "imitates" not in flags(newcomer(name))


def test_the_asset_itself_does_not_imitate_itself():
    found = flag_newcomers([Newcomer("bitcoin", "Bitcoin", "BTC", "coin", 0, **SAFE)], now=NOW, known=WATCHED)
    assert found[0].flags == ()


def test_a_ticker_of_a_known_asset_is_a_flag():
    assert flags(newcomer(symbol="btc"))["ticker_taken"].asset == "Bitcoin"
    assert flags(newcomer(symbol="8TC"))["ticker_taken"].asset == "Bitcoin"
    assert "ticker_taken" not in flags(newcomer(symbol="BTCX"))


def test_the_youngest_come_first_and_the_future_is_left_out():
    given = [newcomer("A", hours=5), newcomer("B", hours=1), newcomer("C", hours=-1)]
    found = flag_newcomers(given, now=NOW, known=WATCHED)
    assert [one.newcomer.name for one in found] == ["B", "A"]
    assert found[0].age_hours == 1
    assert found[0].turnover == pytest.approx(0.2)


@pytest.mark.parametrize("language", complete_languages())
@pytest.mark.parametrize("key", FLAGS)
def test_every_flag_has_a_title_and_a_rule(key, language):
    flag = Flag(key, 2.0, 3.0, "Bitcoin")
    assert flag.title(language)
    assert flag.rule(language).endswith(".")
    assert re.search(r"\d|Bitcoin|source", flag.rule(language))


LETTERS = st.text("abcd", max_size=8)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(LETTERS, LETTERS)
def test_edits_are_a_distance(a, b):
    far = edit_distance(a, b, most=20)
    assert far == edit_distance(b, a, most=20)
    assert (far == 0) == (a == b)
    assert abs(len(a) - len(b)) <= far <= max(len(a), len(b))
    assert edit_distance(a, b, most=2) == min(far, 3)


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [("abc", "acb", 1), ("abc", "ab", 1), ("abc", "xbc", 1), ("", "ab", 2), ("ca", "abc", 3)],
)
def test_edits_of_known_pairs(a, b, count):
    assert edit_distance(a, b) == count


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(max_size=30))
def test_any_name_has_a_skeleton(text):
    assert all(char.isalnum() for char in fold_lookalikes(text))
