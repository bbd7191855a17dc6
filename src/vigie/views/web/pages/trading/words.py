"""What accounts, orders and refusals are called."""

from __future__ import annotations

from typing import Any, Final

from vigie.domain import codes
from vigie.research.report.texts import report_texts
from vigie.views.web.visit import Visit

# Colour of a badge.
STATES: Final = {"active": "good", "reducing": "warn", "halted": "bad", "flat": "bad"}
ORDER_STATES: Final = {
    "intent": "", "sent": "info", "acked": "info", "partial": "info", "filled": "good", "cancelled": "",
    "rejected": "bad", "unknown": "warn", "expired": "warn",
}  # fmt: skip

# By the names of refusals.
_CODES: Final = {name: code for code, name in codes.CODES.items()}
YES_OR_NO: Final = frozenset(codes.CODES[code] for code in codes.YES_OR_NO)


def state(visit: Visit, name: str) -> str:
    """Return what a trading state means."""
    return {
        "active": visit.text("may enter"),
        "reducing": visit.text("enters nothing, positions are led to their end"),
        "halted": visit.text("halted: sends nothing at all"),
        "flat": visit.text("closed: enters nothing"),
    }.get(name, name)


def mode(visit: Visit, name: str) -> str:
    """Return where the orders of an account go, as its banner says it."""
    return {"paper": visit.text("PAPER"), "demo": visit.text("DEMO"), "live": visit.text("LIVE")}.get(
        name, name
    )


def venue(name: str) -> str:
    """Return what people call a venue."""
    return name.rpartition("-")[0].capitalize() or name


def order_state(visit: Visit, name: str) -> str:
    """Return how far an order is."""
    return {
        "intent": visit.text("written, not sent"),
        "sent": visit.text("sent"),
        "acked": visit.text("at the venue"),
        "partial": visit.text("partly filled"),
        "filled": visit.text("filled"),
        "cancelled": visit.text("cancelled"),
        "rejected": visit.text("rejected"),
        "unknown": visit.text("unknown, being looked for"),
        "expired": visit.text("expired"),
    }.get(name, name)


def leg(visit: Visit, name: str) -> str:
    """Return what an order is for."""
    return {
        "entry": visit.text("entry"),
        "exit": visit.text("exit"),
        "stop": visit.text("stop"),
        "target": visit.text("target"),
        "flatten": visit.text("closing of everything"),
    }.get(name, name)


def side(visit: Visit, name: str) -> str:
    """Return the side of a position or an order."""
    return {
        "long": visit.text("long"),
        "short": visit.text("short"),
        "buy": visit.text("buy"),
        "sell": visit.text("sell"),
    }.get(name, name)


def reason(visit: Visit, name: str) -> str:
    """Return why a trade ended."""
    if name == "outside":
        return visit.text("by hand or by the venue")
    return _of_report(visit, f"reason.{name}") or name


def refusal(visit: Visit, name: str) -> str:
    """Return why an entry was refused."""
    gateway = {
        "trading_state": visit.text("The account enters nothing"),
        "stale_data": visit.text("No fresh price"),
        "clock_drift": visit.text("Clock differs from the venue's"),
        "not_reconciled": visit.text("Position differs from the venue's"),
        "slot_paused": visit.text("Slot switched off or paused"),
        "missed_bar": visit.text("Its moment had passed"),
        "signal_age": visit.text("Signal too old"),
        "instrument_state": visit.text("The venue does not trade it now"),
        "order_rate": visit.text("Too many orders"),
        "price_band": visit.text("Price outside the venue's band"),
        "spread": visit.text("Spread too wide"),
        "depth": visit.text("Book too thin"),
        "price_jump": visit.text("Price differs from a second source"),
        "silent_stream": visit.text("The stream is silent"),
        "slippage": visit.text("Its fill would be too far from the best price"),
        "order_volume": visit.text("Too large for what the market trades in a minute"),
        "open_orders": visit.text("Too many orders under way"),
        "not_allowed": visit.text("Not on the account's allow-list"),
        "daily_cancels": visit.text("Too many orders cancelled today"),
        "run_orders": visit.text("As many orders in this run as the settings allow"),
        "bar_revised": visit.text("The venue corrected the bar of this decision"),
    }
    return gateway.get(name) or _of_report(visit, f"refusal.{name}") or name.replace("_", " ")


def instrument(visit: Visit, value: float) -> str:
    """Return why a venue does not take an entry in an instrument, from the refusal's value."""
    return {
        "ended": visit.text("taken away, or soon"),
        "reducing": visit.text("no new positions"),
        "halted": visit.text("halted"),
        "unknown": visit.text("it has not said"),
    }.get(codes.INSTRUMENT_STATES.get(value, ""), "")


def found(visit: Visit, name: str, value: float) -> str:
    """Return what a rule found when it refused: a figure, or words where there is none."""
    code = _CODES.get(name, 0)
    if name in YES_OR_NO:
        return "–"
    if codes.is_not_known(code, value):
        return visit.text("not known")
    return visit.tongue.number(value, 4)


def _of_report(visit: Visit, key: str) -> str:
    words = report_texts(visit.tongue.language)
    return words.say(key) if words.has(key) else ""


def limit(visit: Visit, name: str) -> str:
    """Return what a risk limit is called."""
    return {
        "daily_loss": visit.text("Loss of the day"),
        "account_drawdown": visit.text("Fall of the account, halts it"),
        "global_drawdown": visit.text("Fall below the highest equity"),
        "window_drawdown": visit.text("Fall within the window"),
        "max_positions": visit.text("Open positions"),
        "instrument_exposure": visit.text("Largest exposure to one instrument"),
        "margin": visit.text("Margin in use"),
        "loss_streak": visit.text("Losses in a row, of the whole account since it last paused"),
        "stops_of_account": visit.text("Stops within the window"),
        "stops_of_instrument": visit.text("Stops of one instrument"),
        "low_profit": visit.text("Losing instrument"),
        "slot_drawdown": visit.text("Drawdown of a slot"),
    }.get(name, name)


def measured(visit: Visit, value: float, unit: str) -> str:
    """Write a limit or what is used of it."""
    return visit.tongue.percent(value) if unit == "fraction" else visit.tongue.number(value, 2)


def standing(visit: Visit, account: Any) -> dict[str, Any]:
    """Return words and looks of an account's state: one that a limit bars may not enter, whatever its state."""
    is_barred = account.state == "active" and account.barred_by
    told = visit.text("enters nothing now: a limit is reached") if is_barred else state(visit, account.state)
    return {
        "state_word": lambda name: told if name == account.state else state(visit, name),
        "states": {**STATES, "active": "warn"} if is_barred else STATES,
        "barring": [
            visit.text("%(limit)s (until %(when)s)")
            % {"limit": limit(visit, name), "when": visit.tongue.moment(until)}
            for name, until in account.barred_until.items()
        ],
        "free_from": max(account.barred_until.values(), default=None),
    }


def of(visit: Visit) -> dict[str, Any]:
    """Return the functions for templates, each with the visitor's language in it."""
    named = {
        "state": state, "mode": mode, "order_state": order_state, "leg": leg, "side": side, "reason": reason,
        "refusal": refusal, "limit": limit, "instrument": instrument,
    }  # fmt: skip
    return {f"{name}_word": lambda given, _say=say: _say(visit, given) for name, say in named.items()} | {
        "yes_or_no": YES_OR_NO,
        "found_word": lambda name, value: found(visit, name, value),
        "measured": lambda value, unit: measured(visit, value, unit),
    }
