"""Settings of an account: the hard caps hold, nonsense is refused with what it may be."""

from __future__ import annotations

import pytest

from vigie.domain.account import AccountSettings, Costs, Protections, Sizing
from vigie.domain.errors import UsageError

NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("capital", -1.0),
        ("capital", NAN),
        ("capital", 1e13),
        ("risk_fraction", 0.0),
        ("risk_fraction", 0.0201),
        ("risk_fraction", -0.01),
        ("leverage", 0.0),
        ("leverage", 5.01),
        ("leverage", NAN),
        ("stop_atr", 0.0),
        ("target_atr", -1.0),
        ("maintenance_rate", 0.6),
        ("max_bars", -1),
    ],
)
def test_sizing_beyond_its_bounds_is_refused_with_name_bounds_and_value(name: str, value: float):
    with pytest.raises(UsageError, match=rf"^{name} must be in [\[(].*\], was {value}$"):
        Sizing(**{name: value})


@pytest.mark.parametrize("value", ["many", None, True, [1]])
def test_a_setting_that_is_no_number_is_refused(value: object):
    with pytest.raises(UsageError, match="capital must be a number, was "):
        Sizing(capital=value)


def test_the_caps_themselves_are_allowed():
    sizing = Sizing(risk_fraction=0.02, leverage=5, capital=0)
    assert (sizing.risk_fraction, sizing.leverage, sizing.capital) == (0.02, 5, 0)


def test_the_execution_of_targets_has_two_words():
    with pytest.raises(UsageError, match="target_execution must be trigger or limit, was 'market'"):
        Sizing(target_execution="market")


@pytest.mark.parametrize(
    ("name", "value"),
    [("taker", 0.2), ("maker", -0.01), ("maker", -0.00051), ("slippage_bps", -1.0), ("taker", NAN)],
)
def test_impossible_costs_are_refused(name: str, value: float):
    with pytest.raises(UsageError, match=f"^{name} must be in "):
        Costs(**{name: value})


@pytest.mark.parametrize("capital", [1e-300, 0.009, -1.0, 1e13, NAN])
def test_a_capital_of_which_nothing_can_be_booked_is_refused(capital: float):
    with pytest.raises(UsageError, match=r"^capital must be in \[0\.01, 9e\+10\], was "):
        Sizing(capital=capital)
    assert Sizing(capital=0.01).capital == 0.01
    assert Sizing(capital=0.0).capital == 0.0


def test_a_rebate_as_venues_pay_it_is_allowed():
    assert Costs(maker=-0.0005).maker == -0.0005


def test_zero_fees_are_allowed():
    costs = Costs(taker=0, maker=0, slippage_bps=0)
    assert (costs.taker, costs.maker, costs.slippage_bps) == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("daily_loss_fraction", 0.05),
        ("daily_loss_fraction", 0.0),
        ("max_positions", 6),
        ("max_positions", 0),
        ("daily_loss_readings", 0),
        ("stop_guard_instrument_stops", 33),
        ("cooldown_bars", -1),
        ("margin_fraction", NAN),
        ("correlation_days", NAN),
        ("correlation_limit", -0.1),
    ],
)
def test_protections_beyond_the_hard_caps_are_refused(name: str, value: float):
    with pytest.raises(UsageError, match=f"^{name} must be "):
        Protections(**{name: value})


@pytest.mark.parametrize("name", ["max_positions", "cooldown_bars", "correlation_days", "loss_streak_trades"])
def test_a_count_must_be_whole(name: str):
    with pytest.raises(UsageError, match=rf"{name} must be a whole number, was 2\.5"):
        Protections(**{name: 2.5})


def test_a_time_stop_must_be_whole():
    with pytest.raises(UsageError, match=r"max_bars must be a whole number, was 1\.5"):
        Sizing(max_bars=1.5)


def test_portfolio_mode_always_has_its_protections():
    assert AccountSettings(mode="portfolio").protections == Protections()
    assert AccountSettings().protections is None


def test_an_unknown_mode_is_refused():
    with pytest.raises(UsageError, match="mode must be isolated or portfolio, was 'both'"):
        AccountSettings(mode="both")
