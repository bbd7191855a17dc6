"""From criteria to flags: all required ones, exits known, both exits, shapes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.engine.material import criterion
from vigie.domain.errors import DataError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.signals import known_bars, make_flags, nearness_of, score_of

NAN = np.nan
T, F = True, False


def truth(*values: bool) -> np.ndarray:
    return np.array(values, np.bool_)


def test_an_entry_needs_every_required_criterion_and_no_optional_one():
    criteria = Criteria(
        long=(
            criterion("a", truth(T, T, F)),
            criterion("b", truth(T, F, T)),
            criterion("c", truth(F, F, F), required=False),
        ),
        short=(criterion("d", truth(F, T, T)),),
    )
    assert make_flags(criteria, 3).tolist() == [LONG_ENTRY, SHORT_ENTRY, SHORT_ENTRY]


def test_a_side_without_required_criteria_never_enters():
    criteria = Criteria(long=(criterion("c", truth(T, T), required=False),), short=())
    assert make_flags(criteria, 2).tolist() == [0, 0]


def test_exit_conditions_are_flags_of_their_own():
    criteria = Criteria(
        long=(criterion("a", truth(F, F)),),
        short=(criterion("b", truth(F, F)),),
        long_exit=criterion("x", truth(T, F)),
        short_exit=criterion("y", truth(T, T)),
    )
    assert make_flags(criteria, 2).tolist() == [LONG_EXIT | SHORT_EXIT, SHORT_EXIT]


def test_an_entry_waits_until_everything_its_exit_reads_is_known():
    values = np.array([NAN, NAN, 1.0, 1.0])
    leave = Criterion("x", Reading(values, 2.0, truth(F, F, F, F)))
    crossing = Criterion("x", Reading(values, 2.0, truth(F, F, F, F), is_crossing=True))
    for exit_, first in ((leave, 2), (crossing, 3)):
        criteria = Criteria(long=(criterion("a", truth(T, T, T, T)),), short=(), long_exit=exit_)
        assert np.flatnonzero(make_flags(criteria, 4) & LONG_ENTRY)[0] == first


def test_what_a_reading_says_of_itself_wins():
    reading = Reading(np.ones(3), 0.0, truth(T, T, T), known=truth(F, T, F))
    assert known_bars(reading).tolist() == [F, T, F]
    assert known_bars(Reading(np.array([1.0, NAN]), np.array([NAN, 1.0]), truth(F, F))).tolist() == [F, F]


@pytest.mark.parametrize(
    ("holds", "said"),
    [(truth(T, T), r"criterion 'x' must be a bool array of 3 bars, was bool \(2,\)"),
     (np.ones(3), r"criterion 'x' must be a bool array of 3 bars, was float64 \(3,\)")],
)  # fmt: skip
def test_an_array_of_another_shape_or_type_is_refused(holds: np.ndarray, said: str):
    with pytest.raises(DataError, match=said):
        make_flags(Criteria(long=(), short=(), long_exit=Criterion("x", Reading(np.ones(3), 0.0, holds))), 3)


def test_the_score_is_the_weighted_share_that_holds():
    criteria = (
        criterion("a", truth(T, F), weight=3.0),
        criterion("b", truth(T, T), weight=1.0, required=False),
    )
    assert score_of(criteria, 2).tolist() == [1.0, 0.25]
    assert score_of((), 2).tolist() == [0.0, 0.0]
    tenths = tuple(criterion(name, truth(T, F), weight=w) for name, w in (("a", 0.1), ("b", 0.2), ("c", 0.3)))
    assert score_of(tenths, 2).tolist() == [1.0, 0.0]  # never above one, on any Python


def test_nearness_is_the_mean_over_the_required_criteria():
    near = Criterion("a", Reading(np.array([8.0, 10.0]), 9.0, truth(F, T), scale=4.0))
    far = criterion("b", truth(F, T), required=False)
    assert nearness_of((near, far), 2).tolist() == [0.75, 1.0]
    assert nearness_of((near, criterion("c", truth(T, F))), 2).tolist() == [0.875, 0.75]
    assert nearness_of((far,), 2).tolist() == [0.0, 0.0]
