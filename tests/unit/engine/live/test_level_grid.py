"""Levels are rounded to the grid of now, also where prices are less than one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.engine.material import rules
from vigie.engine.live.stops.level_grid import round_to_grid


@pytest.mark.parametrize(
    ("side", "price", "rounded"),
    [
        (1, "100.57", "100.5"),
        (-1, "100.57", "100.6"),
        (1, "0.57", "0.5"),
        (-1, "0.57", "0.6"),
        # The grid has nothing above zero below it.
        (1, "0.04", "0.04"),
    ],
)
def test_a_level_goes_down_for_a_long_position_and_up_for_a_short_one(
    side: int, price: str, rounded: str
) -> None:
    assert round_to_grid(rules(), side, Decimal(price)) == Decimal(rounded)
