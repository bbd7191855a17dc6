"""What the numbers of a run file are called, what they do, and in which unit a form shows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from vigie.services.typed_numbers import is_number
from vigie.views.web.request_context import RequestContext

# Shown at once; the others stand below.
FIRST: Final = (
    "capital", "risk_fraction", "leverage", "stop_atr", "target_atr", "max_bars", "max_positions",
    "daily_loss_fraction",
    "account_drawdown_fraction", "global_drawdown_fraction",
)  # fmt: skip
# A bound from here on says nothing to anybody.
BEYOND: Final = 1_000_000
_HUNDRED: Final = Decimal(100)


def is_percent(name: str) -> bool:
    """Tell whether a number is a share, which people write in per cent."""
    return name.endswith("_fraction")


def to_shown(name: str, value: float) -> str:
    """Return a number as a form shows it: plain, with a point, shares in per cent."""
    number = Decimal(repr(value))
    return f"{(number * _HUNDRED if is_percent(name) else number).normalize():f}"


def from_shown(name: str, text: str) -> str:
    """Return a number as an operation takes it; what is none is left for it to refuse."""
    return str(Decimal(text.strip()) / _HUNDRED) if is_percent(name) and is_number(text) else text


def unit_of(context: RequestContext, name: str) -> str:
    """Return the unit of a number; empty where it has none."""
    if is_percent(name):
        return "%"
    for ending, unit in (
        ("_days", context.text("days")),
        ("_hours", context.text("hours")),
        ("_bars", context.text("bars")),
        ("_atr", "ATR"),
        ("leverage", "×"),
    ):
        if name.endswith(ending):
            return unit
    return ""


def label_of(context: RequestContext, name: str) -> str:
    """Return what a number of [account] or [protections] is called."""
    return {
        "capital": context.text("Virtual capital"),
        "risk_fraction": context.text("Risk per trade"),
        "leverage": context.text("Leverage"),
        "stop_atr": context.text("Stop distance"),
        "target_atr": context.text("Target distance"),
        "max_bars": context.text("Longest holding time"),
        "max_positions": context.text("Max open positions"),
        "daily_loss_fraction": context.text("Max daily loss"),
        "daily_loss_readings": context.text("Readings before daily stop"),
        "account_drawdown_fraction": context.text("Drawdown that halts"),
        "global_drawdown_fraction": context.text("Drawdown that locks entries"),
        "window_drawdown_fraction": context.text("Recent drawdown limit"),
        "window_drawdown_days": context.text("Recent drawdown window"),
        "slot_drawdown_fraction": context.text("Drawdown per strategy"),
        "drawdown_unlock_days": context.text("Length of drawdown lock"),
        "stop_guard_instrument_stops": context.text("Stops per market"),
        "stop_guard_account_stops": context.text("Stops per account"),
        "stop_guard_window_hours": context.text("Window for stops"),
        "stop_guard_lock_hours": context.text("Lock after stops"),
        "low_profit_trades": context.text("Trades of losing market"),
        "low_profit_days": context.text("Window of losing market"),
        "low_profit_lock_days": context.text("Lock of losing market"),
        "cooldown_bars": context.text("Pause after an exit"),
        "cooldown_stop_bars": context.text("Pause after a stop"),
        "loss_streak_trades": context.text("Losses in a row"),
        "halve_after_losses": context.text("Losses that halve risk"),
        "restore_after_wins": context.text("Wins that restore risk"),
        "instrument_exposure_fraction": context.text("Exposure per market"),
        "correlated_exposure_fraction": context.text("Exposure per correlated group"),
        "correlation_limit": context.text("Correlation of a group"),
        "correlation_days": context.text("Window of correlation"),
        "margin_fraction": context.text("Max margin in use"),
        "asset_loss_risks": context.text("Open loss that closes"),
        "funding_cost_limit": context.text("Highest funding rate"),
    }.get(name, name)


def hint_of(context: RequestContext, name: str) -> str:
    """Return what a number does, in a sentence; empty where its name says it."""
    return {
        "capital": context.text("What the new run begins with, in the quote currency."),
        "risk_fraction": context.text("Share of equity lost between entry and stop."),
        "leverage": context.text("Position value as a multiple of equity."),
        "stop_atr": context.text("From the entry, in multiples of the average range."),
        "target_atr": context.text("From the entry, in multiples of the average range."),
        "max_bars": context.text("A position closes after this many bars; 0 for no limit."),
        "daily_loss_fraction": context.text("Loss since 00:00 UTC that stops entries for the day."),
        "account_drawdown_fraction": context.text("Fall from the peak that halts and closes everything."),
        "global_drawdown_fraction": context.text("Fall from the peak that locks entries."),
        "asset_loss_risks": context.text("In multiples of the planned risk."),
        "funding_cost_limit": context.text("As a fraction per 8 hours."),
    }.get(name, "")


def state_of(context: RequestContext, state: str) -> tuple[str, str]:
    """Return what the state of a version is called, and the colour of its badge."""
    return {
        "waiting": (context.text("waiting"), "info"),
        "in_effect": (context.text("in effect"), "good"),
        "past": (context.text("past"), ""),
        "replaced": (context.text("replaced"), ""),
        "cancelled": (context.text("cancelled"), ""),
        "refused": (context.text("refused"), "warn"),
    }.get(state, (state, ""))
