"""Rectangles of a treemap fill their frame, keep their areas and never lie on each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.intelligence.market.treemap import OTHERS, squarify

WEIGHTS = st.lists(st.floats(1e-6, 1e12), min_size=1, max_size=60)
SIDES = st.floats(1.0, 2000.0)


def keyed(weights):
    """Return weights with keys."""
    return [(f"k{at:03d}", weight) for at, weight in enumerate(weights)]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(WEIGHTS, SIDES, SIDES, st.sampled_from([0.0, 50.0, 5000.0]))
def test_cells_fill_the_frame_keep_their_areas_and_do_not_overlap(weights, width, height, least):
    cells = squarify(keyed(weights), width=width, height=height, least_area=least)
    frame, total = width * height, sum(weights)
    assert sum(c.width * c.height for c in cells) == pytest.approx(frame, rel=1e-9)
    for cell in cells:
        assert cell.width * cell.height == pytest.approx(
            cell.weight / total * frame, rel=1e-6, abs=1e-9 * frame
        )
        assert cell.x >= -1e-9
        assert cell.y >= -1e-9
        assert cell.x + cell.width <= width * (1 + 1e-9)
        assert cell.y + cell.height <= height * (1 + 1e-9)
    boxes = np.array([(c.x, c.y, c.x + c.width, c.y + c.height) for c in cells])
    for i, a in enumerate(boxes):
        wide = np.minimum(a[2], boxes[i + 1 :, 2]) - np.maximum(a[0], boxes[i + 1 :, 0])
        high = np.minimum(a[3], boxes[i + 1 :, 3]) - np.maximum(a[1], boxes[i + 1 :, 1])
        assert not np.any((wide > 1e-7 * width) & (high > 1e-7 * height))
    assert sorted(m for c in cells for m in c.members) == [key for key, _ in keyed(weights)]


def test_the_example_of_the_authors():
    cells = squarify(keyed([6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0]), width=6, height=4)
    boxes = [(round(c.x, 2), round(c.y, 2), round(c.width, 2), round(c.height, 2)) for c in cells]
    assert boxes[:4] == [(0, 0, 3, 2), (0, 2, 3, 2), (3, 0, 1.71, 2.33), (4.71, 0, 1.29, 2.33)]


def test_cells_stay_in_order_and_equal_weights_go_by_key():
    cells = squarify([("b", 1.0), ("a", 1.0), ("c", 5.0)], width=10, height=10)
    assert [c.key for c in cells] == ["c", "a", "b"]


def test_small_cells_are_put_together_at_the_end():
    cells = squarify(keyed([50.0, 40.0, 4.0, 3.0, 2.0, 1.0]), width=10, height=10, least_area=5.0)
    assert [c.key for c in cells] == ["k000", "k001", OTHERS]
    assert cells[-1].members == ("k002", "k003", "k004", "k005")
    assert cells[-1].weight == 10.0


def test_others_takes_in_the_next_until_it_is_large_enough():
    cells = squarify(keyed([80.0, 15.0, 1.0, 1.0]), width=10, height=10, least_area=8.0)
    assert [(c.key, c.members) for c in cells] == [("k000", ("k000",)), (OTHERS, ("k001", "k002", "k003"))]


def test_others_never_stands_for_one_alone():
    cells = squarify(keyed([60.0, 30.0, 9.0, 1.0]), width=10, height=10, least_area=5.0)
    assert cells[-1].members == ("k002", "k003")


def test_where_every_cell_is_too_small_all_are_drawn():
    cells = squarify(keyed([1.0] * 5), width=10, height=10, least_area=50.0)
    assert len(cells) == 5


def test_what_has_no_area_is_left_out():
    cells = squarify(
        [("a", 1.0), ("b", 0.0), ("c", float("nan")), ("d", -1.0), ("e", float("inf"))], width=1, height=1
    )
    assert [c.key for c in cells] == ["a"]
    assert squarify([], width=1, height=1) == ()


def test_a_frame_without_size_and_equal_keys_are_refused():
    with pytest.raises(UsageError, match="frame must have a size above 0, was 0 x 5"):
        squarify([("a", 1.0)], width=0, height=5)
    with pytest.raises(UsageError, match="keys of a treemap must be different"):
        squarify([("a", 1.0), ("a", 2.0)], width=1, height=1)
