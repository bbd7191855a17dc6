"""Sealed bars: strategies share them, so nothing in them can be written to, and nothing leads to later bars."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.domain.test_bar import make
from vigie.domain.bar import Bars

COLUMNS = ("ts", "open", "high", "low", "close", "volume")


def with_series() -> Bars:
    plain = make()
    return make(features={"funding_rate": np.arange(float(len(plain)))})


@pytest.mark.parametrize("column", COLUMNS)
def test_a_sealed_column_refuses_to_be_written_to_and_the_callers_own_stays_writable(column: str):
    bars = with_series()
    values = getattr(bars.sealed(), column)
    with pytest.raises(ValueError, match="read-only"):
        values[:] = 1
    getattr(bars, column)[0] += 0


def test_series_known_or_not_refuse_to_be_written_to():
    sealed = with_series().sealed()
    for name in ("funding_rate", "nothing"):
        with pytest.raises(ValueError, match="read-only"):
            sealed.feature(name)[0] = 5.0


def test_a_remembered_indicator_refuses_to_be_written_to_and_its_arguments_stay_as_they_were():
    sealed, own = make().sealed(), np.ones(3)

    def itself(values: np.ndarray) -> np.ndarray:
        return values

    def pair(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return values + 1, values + 2

    for answer in (sealed.of(itself, own), *sealed.of(pair, own)):
        with pytest.raises(ValueError, match="read-only"):
            answer[0] = 5.0
    own[0] = 2.0


def test_all_strategies_get_the_same_sealed_bars_with_one_memory():
    bars = make()
    assert bars.sealed() is bars.sealed()
    assert bars.sealed().sealed() is bars.sealed()
    assert bars.sealed().of(np.cumsum, bars.sealed().close) is bars.sealed().of(
        np.cumsum, bars.sealed().close
    )


@pytest.mark.parametrize("is_sealed", [False, True])
def test_nothing_in_a_slice_leads_to_the_bars_behind_it(is_sealed: bool):
    bars = with_series()
    part = (bars.sealed() if is_sealed else bars).slice(0, 3).sealed()
    for values in (*(getattr(part, column) for column in COLUMNS), part.feature("funding_rate")):
        while values is not None:
            assert len(values) == 3
            values = values.base


def test_sealing_bars_that_are_views_of_longer_ones_copies_them():
    whole = make()
    part = Bars(whole.instrument, whole.span_ms, *(getattr(whole, column)[:3] for column in COLUMNS))
    assert len(part.sealed().close.base) == 3
