"""Fear and greed: what pulls it where, what is not known, and that the weights are what is published."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from vigie.intelligence.market.fear_greed import WEIGHTS, compute_fear_greed

DAYS = 300
CALM_THEN_CRASH = np.concatenate(
    (np.linspace(100, 130, DAYS - 40), 130 * np.cumprod(np.tile([0.90, 1.04], 20)))
)
FLAT = np.full(DAYS, 0.5)


def index(closes, dominances=FLAT, funding=0.0, sentiment=0.0):
    return compute_fear_greed(closes=closes, dominances=dominances, funding_8h=funding, sentiment=sentiment)


def test_a_crash_with_bad_news_is_fear_and_the_same_turned_round_is_greed():
    fearful = index(CALM_THEN_CRASH, np.linspace(0.4, 0.5, DAYS) ** 2, -0.0005, -100)
    greedy = index(
        np.cumprod(np.linspace(1.0, 1.02, DAYS)), 1 - np.linspace(0.4, 0.5, DAYS) ** 2, 0.0005, 100
    )
    assert fearful.value < 20 < 70 < greedy.value
    assert fearful.parts["momentum"] < 10
    assert (fearful.parts["news"], greedy.parts["news"]) == (0.0, 100.0)


def test_a_part_that_is_not_known_gives_its_weight_to_the_others_and_little_known_is_no_index():
    known = compute_fear_greed(
        closes=CALM_THEN_CRASH, dominances=np.zeros(0), funding_8h=None, sentiment=None
    )
    parts = known.parts
    assert set(parts) == {"volatility", "momentum"}
    assert known.value == pytest.approx((parts["volatility"] + parts["momentum"]) / 2)
    few = compute_fear_greed(closes=np.zeros(0), dominances=FLAT, funding_8h=0.0, sentiment=None)
    assert few.value is None


def test_the_handbook_prints_the_weights():
    told = (Path(__file__).parents[4] / "docs" / "news.md").read_text(encoding="utf-8")
    printed = {name: int(share) / 100 for name, share in re.findall(r"\| `(\w+)` \| (\d+) % \|", told)}
    assert printed == WEIGHTS
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
