"""Steps: what is read, what is refused, and that a grid point equals the venue's decimal string."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.domain.money import GridStep, parse_step, to_decimal

STEPS = st.builds(GridStep, st.integers(1, 99), st.integers(0, 12))


@pytest.mark.parametrize(
    ("given", "multiple", "digits"),
    [
        ("0.1", 1, 1),
        ("0.10", 1, 1),
        (" 0.05 ", 5, 2),
        ("1", 1, 0),
        ("10", 10, 0),
        ("1e2", 100, 0),
        ("1e-8", 1, 8),
        (0.0001, 1, 4),
        (1e-5, 1, 5),
        (2, 2, 0),
        (2.5, 25, 1),
        (Decimal("0.250"), 25, 2),
    ],
)
def test_a_step_is_read_in_lowest_terms_of_ten(given: object, multiple: int, digits: int):
    assert parse_step(given) == GridStep(multiple, digits)


@pytest.mark.parametrize("given", ["0", "-1", "", "abc", "nan", "inf", "-inf", "1,5", True, None])
def test_what_is_no_positive_number_is_refused_with_its_name(given: object):
    with pytest.raises(UsageError, match=r"^lot must be a positive number, was "):
        parse_step(given, name="lot")


def test_more_than_sixteen_decimals_are_refused():
    assert parse_step("1e-16").digits == 16
    with pytest.raises(UsageError, match="tick must have at most 16 decimals, had 17"):
        parse_step("1e-17")


@pytest.mark.parametrize("given", ["1e16", "1e400", "1234567890123456.7", "1.2345678901234567"])
def test_a_step_that_float64_cannot_hold_is_refused(given: str):
    with pytest.raises(UsageError, match="tick must have at most 15 significant digits, was "):
        parse_step(given)


@given(STEPS)
@settings(derandomize=True, deadline=None)
def test_reading_the_text_of_a_step_gives_the_same_step(step: GridStep):
    again = parse_step(str(step))
    assert again.value == step.value
    assert parse_step(str(again)) == again


@given(STEPS, st.integers(0, 10**7))
@settings(derandomize=True, deadline=None)
def test_a_grid_point_is_the_float_of_its_decimal_string(step: GridStep, number: int):
    text = format(Decimal(number) * Decimal(step.multiple).scaleb(-step.digits), "f")
    assert step.point(number) == float(text)


def test_grid_points_are_not_products_of_a_float_step():
    assert parse_step("0.1").point(3) == 0.3
    assert 3 * 0.1 != 0.3


def test_scale_is_the_power_of_ten():
    assert parse_step("0.0025").scale == 10_000.0


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(derandomize=True, deadline=None)
def test_crossing_to_decimal_and_back_changes_nothing(value: float):
    assert float(to_decimal(value)) == value
