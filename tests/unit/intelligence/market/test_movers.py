"""Movers: the floor keeps thinly traded assets out, and says how many."""

from __future__ import annotations

import pytest

from vigie.domain.errors import UsageError
from vigie.intelligence.market.metrics import AssetMetrics
from vigie.intelligence.market.movers import find_movers


def asset(name, change, volume=1e9, **more):
    """Return an asset that moved."""
    return AssetMetrics(name, name.upper(), change_24h=change, volume_24h=volume, **more)


def names(found):
    """Return who is in a list."""
    return [one.asset for one in found]


ASSETS = [
    asset("a", 0.10),
    asset("b", -0.20),
    asset("c", 0.30, volume=9_999_999.0),
    asset("d", 0.05, volume=10_000_000.0),
    asset("e", 0.0),
    asset("f", float("nan")),
    asset("g", 0.9, volume=float("nan")),
    asset("h", -0.01),
]


def test_rises_and_falls_are_listed_largest_first():
    found = find_movers(ASSETS)
    assert names(found.up) == ["a", "d"]
    assert names(found.down) == ["b", "h"]


def test_what_the_floor_and_missing_numbers_leave_out_is_counted():
    found = find_movers(ASSETS)
    assert (found.below_floor, found.unknown) == (1, 2)


def test_a_lower_floor_lets_the_thin_asset_in():
    assert names(find_movers(ASSETS, floor_usd=0.0).up) == ["c", "a", "d"]


def test_lists_are_cut_and_equal_moves_go_by_name():
    found = find_movers([asset("z", 0.1), asset("y", 0.1), asset("x", 0.2)], count=2)
    assert names(found.up) == ["x", "y"]


def test_another_span_uses_its_own_change():
    found = find_movers([asset("a", 0.1, change_7d=-0.3)], span="7d")
    assert (names(found.up), names(found.down)) == ([], ["a"])


def test_new_highs_lows_and_unusual_volume():
    found = find_movers(
        [
            asset("a", 0.1, new_high_1y=1.0, volume_ratio=2.0),
            asset("b", -0.1, new_low_1y=1.0, volume_ratio=5.0, volume=2e9),
            asset("c", 0.1, new_high_1y=1.0, volume_ratio=1.99, volume=3e9),
            asset("d", 0.1, new_high_1y=0.0),
        ]
    )
    assert names(found.new_highs) == ["c", "a"]
    assert names(found.new_lows) == ["b"]
    assert names(found.unusual_volume) == ["b", "a"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"span": "2h"}, "span must be one of 1h 24h 7d 30d 1y, was '2h'"),
        ({"floor_usd": -1.0}, "floor_usd must be >= 0"),
        ({"floor_usd": float("nan")}, "floor_usd must be >= 0"),
        ({"count": 0}, "count must be >= 1"),
    ],
)
def test_what_cannot_be_is_refused(given, words):
    with pytest.raises(UsageError, match=words):
        find_movers(ASSETS, **given)
