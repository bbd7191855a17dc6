"""What accounts, orders and refusals are called."""

from __future__ import annotations

from typing import Any, Final

from vigie.domain import codes
from vigie.research.report.texts import report_texts
from vigie.views.web.request_context import RequestContext

# Colour of a badge.
STATES: Final = {"active": "good", "reducing": "warn", "halted": "bad", "flat": "bad"}
ORDER_STATES: Final = {
    "intent": "", "sent": "info", "acked": "info", "partial": "info", "filled": "good", "cancelled": "",
    "rejected": "bad", "unknown": "warn", "expired": "warn",
}  # fmt: skip

# By the names of refusals.
_CODES: Final = {name: code for code, name in codes.CODES.items()}
YES_OR_NO: Final = frozenset(codes.CODES[code] for code in codes.YES_OR_NO)


def state_text(context: RequestContext, name: str) -> str:
    """Return what a trading state means."""
    return {
        "active": context.text("Active"),
        "reducing": context.text("Entries stopped, open positions managed"),
        "halted": context.text("Halted: no orders sent"),
        "flat": context.text("Closed: no positions, entries stopped"),
    }.get(name, name)


def mode_text(context: RequestContext, name: str) -> str:
    """Return where the orders of an account go, as its banner says it."""
    return {
        "paper": context.text("Paper trading"),
        "demo": context.text("Demo trading"),
        "live": context.text("Live trading"),
    }.get(name, name)


def venue_name(name: str) -> str:
    """Return what people call a venue."""
    return name.rpartition("-")[0].capitalize() or name


def order_state_text(context: RequestContext, name: str) -> str:
    """Return how far an order is."""
    return {
        "intent": context.text("recorded, not sent"),
        "sent": context.text("sent"),
        "acked": context.text("accepted by the venue"),
        "partial": context.text("partially filled"),
        "filled": context.text("filled"),
        "cancelled": context.text("cancelled"),
        "rejected": context.text("rejected"),
        "unknown": context.text("unknown, being checked"),
        "expired": context.text("expired"),
    }.get(name, name)


def leg_text(context: RequestContext, name: str) -> str:
    """Return what an order is for."""
    return {
        "entry": context.text("entry"),
        "exit": context.text("exit"),
        "stop": context.text("stop"),
        "target": context.text("target"),
        "flatten": context.text("close all"),
    }.get(name, name)


def side_text(context: RequestContext, name: str) -> str:
    """Return the side of a position or an order."""
    return {
        "long": context.text("long"),
        "short": context.text("short"),
        "buy": context.text("buy"),
        "sell": context.text("sell"),
    }.get(name, name)


def reason_text(context: RequestContext, name: str) -> str:
    """Return why a trade ended."""
    if name == "outside":
        return context.text("manually or by the venue")
    return _report_text(context, f"reason.{name}") or name


def refusal_text(context: RequestContext, name: str) -> str:
    """Return why an entry was refused."""
    gateway_texts = {
        "trading_state": context.text("Entries stopped"),
        "stale_data": context.text("No fresh price"),
        "clock_drift": context.text("Clock differs from venue"),
        "not_reconciled": context.text("Position differs from venue"),
        "slot_paused": context.text("Strategy off or paused"),
        "missed_bar": context.text("Entry bar missed"),
        "signal_age": context.text("Signal too old"),
        "instrument_state": context.text("Not tradable now"),
        "order_rate": context.text("Too many orders"),
        "price_band": context.text("Price outside venue limits"),
        "spread": context.text("Spread too wide"),
        "depth": context.text("Order book too thin"),
        "price_jump": context.text("Price differs between sources"),
        "silent_stream": context.text("No prices from stream"),
        "slippage": context.text("Slippage too high"),
        "order_volume": context.text("Too large for volume"),
        "open_orders": context.text("Too many open orders"),
        "not_allowed": context.text("Not on the allow-list"),
        "daily_cancels": context.text("Too many cancellations today"),
        "run_orders": context.text("Maximum orders per run"),
        "bar_revised": context.text("Bar corrected by venue"),
        "model_demoted": context.text("Model taken back to an earlier stage"),
    }
    return gateway_texts.get(name) or _report_text(context, f"refusal.{name}") or name.replace("_", " ")


def instrument_text(context: RequestContext, value: float) -> str:
    """Return why a venue does not take an entry in an instrument, from the refusal's value."""
    return {
        "ended": context.text("delisted, or soon to be"),
        "reducing": context.text("no new positions"),
        "halted": context.text("halted"),
        "unknown": context.text("no status from the venue"),
    }.get(codes.INSTRUMENT_STATES.get(value, ""), "")


def found_text(context: RequestContext, name: str, value: float) -> str:
    """Return what a rule found when it refused: a figure, or words where there is none."""
    code = _CODES.get(name, 0)
    if name in YES_OR_NO:
        return "–"
    if codes.is_not_known(code, value):
        return context.text("not known")
    return context.lang.number(value, 4)


def _report_text(context: RequestContext, key: str) -> str:
    words = report_texts(context.lang.language)
    return words.say(key) if words.has(key) else ""


def limit_text(context: RequestContext, name: str) -> str:
    """Return what a risk limit is called."""
    return {
        "daily_loss": context.text("Daily loss"),
        "account_drawdown": context.text("Account drawdown"),
        "global_drawdown": context.text("Drawdown from peak"),
        "window_drawdown": context.text("Recent drawdown"),
        "max_positions": context.text("Open positions"),
        "instrument_exposure": context.text("Largest margin per market"),
        "margin": context.text("Margin used"),
        "loss_streak": context.text("Consecutive losses"),
        "stops_of_account": context.text("Recent stops"),
        "stops_of_instrument": context.text("Stops per instrument"),
        "low_profit": context.text("Losing instrument"),
        "slot_drawdown": context.text("Strategy drawdown"),
    }.get(name, name)


def limit_value_text(context: RequestContext, value: float, unit: str) -> str:
    """Write a limit or what is used of it."""
    return context.lang.percent(value) if unit == "fraction" else context.lang.number(value, 2)


def status_words(context: RequestContext, account: Any) -> dict[str, Any]:
    """Return words and looks of an account's state: one that a limit bars may not enter, whatever its state."""
    is_blocked = account.state == "active" and account.barred_by
    state_word = (
        context.text("Entries paused: limit reached") if is_blocked else state_text(context, account.state)
    )
    return {
        "state_word": lambda name: state_word if name == account.state else state_text(context, name),
        "states": {**STATES, "active": "warn"} if is_blocked else STATES,
        "barring": [
            context.text("%(limit)s (until %(when)s)")
            % {"limit": limit_text(context, name), "when": context.lang.moment(until)}
            for name, until in account.barred_until.items()
        ],
        "free_from": max(account.barred_until.values(), default=None),
    }


def template_functions(context: RequestContext) -> dict[str, Any]:
    """Return the functions for templates, each with the visitor's language in it."""
    functions = {
        "state": state_text, "mode": mode_text, "order_state": order_state_text, "leg": leg_text, "side": side_text,
        "reason": reason_text,
        "refusal": refusal_text, "limit": limit_text, "instrument": instrument_text,
    }  # fmt: skip
    return {
        f"{name}_word": lambda given, _function=function: _function(context, given)
        for name, function in functions.items()
    } | {
        "yes_or_no": YES_OR_NO,
        "found_word": lambda name, value: found_text(context, name, value),
        "measured": lambda value, unit: limit_value_text(context, value, unit),
    }
