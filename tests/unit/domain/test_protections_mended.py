"""Protections have an upper bound each: nothing asks for more memory or time than there is."""

from __future__ import annotations

from dataclasses import fields

import pytest

from vigie.domain.account import Protections
from vigie.domain.errors import UsageError

NAMES = [spec.name for spec in fields(Protections)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [1e11, 1e21, float("inf"), float("nan"), -1])
def test_no_setting_is_beyond_its_bounds(name: str, value: float):
    with pytest.raises(UsageError, match=rf"^{name} must be in [\[(][01], .*\], was "):
        Protections(**{name: value})


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("correlation_days", 3_650),
        ("drawdown_unlock_days", 3_650),
        ("stop_guard_window_hours", 87_600),
        ("low_profit_trades", 10_000),
        ("cooldown_bars", 10_000),
        ("window_drawdown_fraction", 1.0),
        ("correlation_limit", 1.0),
        ("funding_cost_limit", 1.0),
        ("asset_loss_risks", 100.0),
    ],
)
def test_the_bound_itself_is_allowed_and_what_is_above_is_not(name: str, most: float):
    assert getattr(Protections(**{name: most}), name) == most
    with pytest.raises(UsageError, match=rf"^{name} must be in \[0, {most:g}\], was "):
        Protections(**{name: most + 1})


@pytest.mark.parametrize("name", [spec.name for spec in fields(Protections) if isinstance(spec.default, int)])
def test_a_count_is_an_integer(name: str):
    kept = getattr(Protections(**{name: 2.0}), name)
    assert (kept, type(kept)) == (2, int)
    with pytest.raises(UsageError, match=f"^{name} must be a whole number, was 1.5"):
        Protections(**{name: 1.5})
