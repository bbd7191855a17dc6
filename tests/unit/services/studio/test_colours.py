"""Colours against published values, and what is found of a board's lines."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tests.unit.views.board_material import board, chart, table
from vigie.services.studio.colours import (
    GROUND,
    LEAST_CONTRAST,
    LEAST_DISTANCE,
    MATRICES,
    SERIES,
    check_line_colours,
    contrast,
    distance,
    lab,
    linear,
    simulate_vision,
)


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        # Lindbloom's calculator, sRGB under D65.
        ("#ffffff", (100.0, 0.0, 0.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#ff0000", (53.2408, 80.0925, 67.2032)),
        ("#00ff00", (87.7347, -86.1827, 83.1793)),
        ("#0000ff", (32.2970, 79.1875, -107.8602)),
    ],
)
def test_lab_is_that_of_the_standard(colour, expected):
    assert lab(linear(colour)) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("vision", MATRICES)
def test_greys_are_seen_as_they_are(vision):
    # Machado et al. (2009): every row of a matrix adds up to one.
    assert np.array(MATRICES[vision]).sum(axis=1) == pytest.approx(np.ones(3), abs=2e-6)
    assert simulate_vision("#808080", vision) == pytest.approx(linear("#808080"), abs=1e-5)


@pytest.mark.parametrize(
    ("vision", "expected"),
    [
        ("protanopia", (0.152286, 0.114503, 0.0)),
        ("deuteranopia", (0.367322, 0.280085, 0.0)),
        ("tritanopia", (1.0, 0.0, 0.004733)),
    ],
)
def test_red_is_seen_as_published(vision, expected):
    assert simulate_vision("#ff0000", vision) == pytest.approx(expected, abs=1e-6)


def test_red_and_green_come_near_for_who_lacks_a_cone():
    one, other = "#b05000", "#5a7a00"
    usual = distance(simulate_vision(one, "usual"), simulate_vision(other, "usual"))
    assert distance(simulate_vision(one, "deuteranopia"), simulate_vision(other, "deuteranopia")) < usual / 2


def test_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0, abs=0.01)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("vision", MATRICES)
def test_all_colours_of_boards_can_be_told_apart(vision):
    near = [
        (one, other)
        for one, other in combinations(SERIES, 2)
        if distance(simulate_vision(one, vision), simulate_vision(other, vision)) < LEAST_DISTANCE
    ]
    assert near == []


def test_names_can_be_read_in_the_colour_of_their_line():
    assert [colour for colour in SERIES if contrast(colour, GROUND) < LEAST_CONTRAST] == []


def test_every_two_lines_are_judged_for_all_eyes():
    found = check_line_colours(board(chart(3), table()))
    assert len(found.pairs) == 3 * len(MATRICES)
    assert found.is_clear
    assert found.unclear == ()
    assert found.nearest == min(found.pairs, key=lambda pair: pair.distance)


def test_lines_that_are_too_near_are_named():
    found = check_line_colours(board(chart(2, title="Too near")), ("#b05000", "#b85a10"))
    assert {(pair.part, pair.first, pair.second) for pair in found.unclear} == {("Too near", "BTC", "ETH")}
    assert not found.is_clear
    pale = check_line_colours(board(chart(1)), ("#dddddd",))
    assert [one.is_enough for one in pale.contrasts] == [False]


def test_a_board_without_lines_has_nothing_to_find():
    found = check_line_colours(board(table()))
    assert (found.pairs, found.nearest, found.is_clear) == ((), None, True)
