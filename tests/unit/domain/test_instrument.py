"""The rules of an instrument: what no venue can have is refused."""

from __future__ import annotations

import pytest

from vigie.domain.errors import UsageError
from vigie.domain.instrument import Instrument
from vigie.domain.money import GridStep


def make(**changes: object) -> Instrument:
    return Instrument(
        **{
            "venue": "binance-perp",
            "name": "btc-usdt-perp",
            "tick": GridStep(1, 1),
            "lot": GridStep(1, 3),
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_qty", -1.0),
        ("min_notional", float("nan")),
        ("max_qty", -0.1),
        ("taker", -0.1),
        ("maintenance_rate", 1.0),
        ("maintenance_rate", -0.1),
        ("significant_figures", 17),
        ("significant_figures", -1),
    ],
)
def test_impossible_rules_are_refused_with_name_and_value(name: str, value: float):
    with pytest.raises(UsageError, match=rf"^{name} must be .*, was {value}$"):
        make(**{name: value})


def test_the_full_name_has_the_venue_where_there_is_one():
    assert make().full_name == "binance-perp:btc-usdt-perp"
    assert make(venue="").full_name == "btc-usdt-perp"
