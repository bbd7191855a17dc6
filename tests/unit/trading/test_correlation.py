"""Instruments are judged by the days on which both are known."""

from __future__ import annotations

import numpy as np
import pytest

from vigie.trading.risk import correlation


@pytest.mark.parametrize("column", [0, 1])
def test_days_on_which_one_of_two_is_not_known_do_not_part_what_moves_together(column: int) -> None:
    walk = 100.0 * np.cumprod(1.0 + 0.02 * np.random.default_rng(3).standard_normal(45))
    closes = np.column_stack([walk, 2.0 * walk])
    closes[[5, 20, 21], column] = np.nan
    assert correlation.moves_together(closes, 45, 0, 1, 0.8)
