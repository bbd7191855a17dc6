"""What the kernel could not walk is refused with its name, before anything is traded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.engine.backtest import shows_range
from vigie.engine.inputs import Settlements, SlotInput, check_input
from vigie.engine.run import cap_leverage
from vigie.engine.signals import first_decision_bar, make_flags

HOUR = 3_600_000


def bars(n: int = 4, span: int = HOUR, **changed: object) -> Bars:
    price = np.full(n, 100.0)
    given = Bars("x", span, np.arange(n, dtype=np.int64) * span, price, price, price, price, price)
    return replace(given, **changed)


def rules(**given: object) -> Instrument:
    return Instrument(
        venue="",
        name="x",
        tick=parse_step(given.pop("tick", "0.1")),
        lot=parse_step(given.pop("lot", "0.001")),
        **given,
    )


def slot(**changed: object) -> SlotInput:
    given = SlotInput(bars(), np.zeros(4, np.uint8), np.ones(4), np.ones(4), (rules(),))
    return replace(given, **changed)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"bars": bars(high=np.array([100.0, 99.0, 100.0, 100.0]))}, "high of bars must be >= low"),
        ({"bars": bars(low=np.array([100.0, 0.0, 100.0, 100.0]))}, "low of bars must be positive"),
        (
            {"bars": bars(open=np.array([100.0, np.nan, 100.0, 100.0]))},
            "open of bars must be positive and finite, was nan at bar 1",
        ),
        (
            {"bars": bars(open=np.array([100.0, 100.0, 0.0, 100.0]))},
            "open of bars must be positive and finite, was 0.0 at bar 2",
        ),
        (
            {"bars": bars(close=np.array([100.0, np.inf, 100.0, 100.0]))},
            "close of bars must be positive and finite, was inf",
        ),
        ({"bars": bars(ts=np.array([0, HOUR, HOUR + 1, 4 * HOUR]))}, "bars must not overlap, bar 2"),
        ({"bars": bars(ts=np.array([0, HOUR, HOUR, 4 * HOUR]))}, "must ascend, bar 2"),
        ({"stop_unit": np.array([1.0, -1.0, 1.0, 1.0])}, "stop_unit must be >= 0"),
        ({"target_unit": np.array([1.0, np.inf, 1.0, 1.0])}, "target_unit must be >= 0 and finite"),
        (
            {"versions": (rules(tick="0.00000000000001"),)},
            ("tick is too fine: a price may have at most 2\\*\\*53"),
        ),
        ({"versions": (rules(lot="0.00000000000001"),)}, "lot is too fine: a position may have at most"),
        ({"versions": ()}, "at least one version"),
        (
            {"funding": Settlements(np.array([0, 0]), np.zeros(2), np.full(2, np.nan))},
            "distinct in the minute",
        ),
        (
            {"funding": Settlements(np.array([0]), np.array([np.nan]), np.full(1, np.nan))},
            "rates must be finite",
        ),
        ({"funding": Settlements(np.array([0]), np.zeros(1), np.zeros(1))}, "mark prices must be positive"),
        ({"detail": bars(4, HOUR // 4, ts=np.array([3, 2, 1, 0]))}, "times of finer bars must ascend"),
        ({"detail": bars(4, HOUR // 4, low=np.full(4, np.nan))}, "low of finer bars must be positive"),
    ],
)
def test_what_cannot_be_walked_is_refused(changed: dict[str, object], words: str):
    with pytest.raises(UsageError, match=words):
        check_input(slot(**changed))


def test_what_can_be_walked_passes():
    check_input(slot(stop_unit=np.array([np.nan, 0.0, 1.0, 1.0])))


@pytest.mark.parametrize(
    ("name", "step", "price", "words"),
    [
        # Numbers of steps are few here, but not those of their last digit, which prices are computed from.
        ("lot", "200000000", 1e-9, ""),
        ("lot", "200000000", 1e-12, "lot is too fine: a position may have at most"),
        ("tick", "12500000", 1e15, ""),
        ("tick", "12500000", 1e16, "tick is too fine: a price may have at most 2\\*\\*53"),
    ],
)
def test_the_last_digit_of_a_step_is_counted_as_well(name: str, step: str, price: float, words: str):
    prices = np.array([100.0, 100.0, price, 100.0])
    given = slot(
        bars=bars(open=prices, high=prices, low=prices, close=prices), versions=(rules(**{name: step}),)
    )
    if words:
        with pytest.raises(UsageError, match=words):
            check_input(given)
    else:
        check_input(given)


@pytest.mark.parametrize(
    ("price", "words"),
    [
        (0.4 * 2**53 * 0.1, ""),
        (0.6 * 2**53 * 0.1, ""),
        (1.1 * 2**53 * 0.1, "tick is too fine: a price may have at most"),
        (50_000 / (0.4 * 2**53 * 0.001), ""),
        (50_000 / (0.9 * 2**53 * 0.001), ""),
        (50_000 / (1.1 * 2**53 * 0.001), "lot is too fine: a position may have at most"),
    ],
)
def test_the_grid_holds_every_price_or_is_refused_near_its_ends_as_well(price: float, words: str):
    prices = np.array([100.0, 100.0, price, 100.0])
    given = slot(bars=bars(open=prices, high=prices, low=prices, close=prices))
    if words:
        with pytest.raises(UsageError, match=words):
            check_input(given)
    else:
        check_input(given)


def test_finer_bars_that_hide_the_range_are_not_used():
    whole = bars(2, high=np.array([103.0, 103.0]), low=np.array([98.0, 98.0]))
    fine = bars(
        4, HOUR // 2, high=np.array([103.0, 100.0, 103.0, 100.0]), low=np.array([100.0, 98.0, 100.0, 99.0])
    )
    assert shows_range(whole, fine, np.array([0, 2]), np.array([2, 4])).tolist() == [True, False]
    assert shows_range(whole, fine, np.array([0, 4]), np.array([2, 4])).tolist() == [True, False]
    assert shows_range(whole, fine, np.array([0, 0]), np.array([0, 0])).tolist() == [False, False]


def test_the_venues_leverage_holds_only_where_it_was_in_force():
    sizing = slot().sizing
    assert cap_leverage(sizing, (rules(max_leverage=3.0),), 10).leverage == 3.0
    assert cap_leverage(sizing, (rules(), rules(max_leverage=3.0, valid_from=11)), 10).leverage == 5.0


def test_a_backtest_of_a_spot_markets_bars_keeps_the_leverage_of_the_fill_model():
    spot = replace(rules(), name="btc-usdt-spot", max_leverage=125.0)
    assert cap_leverage(slot().sizing, (spot,), 10).leverage == 5.0


def criterion(known_from: int, n: int = 6, **given: object) -> Criterion:
    value = np.where(np.arange(n) >= known_from, 1.0, np.nan)
    return Criterion("c", Reading(value, 0.0, ~np.isnan(value), **given))


def test_the_warm_up_of_a_slot_has_one_end_for_both_sides():
    criteria = Criteria(
        long=(criterion(1),), short=(criterion(2),), long_exit=criterion(4), short_exit=criterion(0)
    )
    assert first_decision_bar(criteria, 6) == 4
    assert (make_flags(criteria, 6) & 3).tolist() == [0, 0, 0, 0, 3, 3]
    assert (make_flags(criteria, 6) & 4).tolist() == [0, 0, 0, 0, 4, 4]


def test_a_gap_of_one_criterion_at_the_first_bar_of_another_delays_both() -> None:
    value = np.array([1.0, 1.0, np.nan, np.nan, 1.0, 1.0])
    with_gap = Criterion("gap", Reading(value, 0.0, ~np.isnan(value)))
    criteria = Criteria(long=(with_gap, criterion(2)), short=())
    assert first_decision_bar(criteria, 6) == 4
    assert make_flags(criteria, 6).tolist() == [0, 0, 0, 0, 1, 1]


def test_a_crossing_needs_the_bar_before():
    assert first_decision_bar(Criteria(long=(criterion(2, is_crossing=True),), short=()), 6) == 3


def test_an_optional_criterion_never_delays():
    late = Criterion("late", Reading(np.full(6, np.nan), 0.0, np.zeros(6, np.bool_)), required=False)
    assert first_decision_bar(Criteria(long=(criterion(1), late), short=()), 6) == 1


def test_what_is_never_known_never_enters():
    criteria = Criteria(long=(criterion(9),), short=(criterion(0),))
    assert first_decision_bar(criteria, 6) == 6
    assert make_flags(criteria, 6).tolist() == [0] * 6
