"""Sentences of a backtest's page that its numbers fill."""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.domain.account import Costs
from vigie.domain.instrument import FEES
from vigie.domain.time import parse_time
from vigie.research.report.texts import report_texts
from vigie.services.operations.backtests import FIGURES
from vigie.services.runs.stored_funding import FILE
from vigie.views.web.visit import Visit

# What is said of an order, in the order a reader wants it: field, unit.
SETTINGS: Final = (
    ("mode", "word"), ("capital", "quote"), ("risk_fraction", "fraction"), ("leverage", "ratio"),
    ("stop_atr", "atr"), ("target_atr", "atr"), ("target_execution", "word"), ("max_bars", "bars"),
    ("taker", "rate"), ("maker", "rate"), ("slippage_bps", "bps"), ("protections", "switch"), ("last", "bars"),
    ("start", "text"), ("end", "text"), ("timeframe", "word"), ("detail", "text"), ("params", "params"),
    ("seed", "text"),
)  # fmt: skip

# A trade of two results compared: slot, time of entry, side, and what differs of it.
_TRADE: Final = re.compile(r"(\S+) (\S+Z) (long|short)(: .*)?")


def named(visit: Visit) -> dict[str, str]:
    """Return what the settings are called."""
    return {
        "mode": visit.text("Accounts"),
        "capital": visit.text("Capital"),
        "risk_fraction": visit.text("Planned risk a trade"),
        "leverage": visit.text("Leverage, at most"),
        "stop_atr": visit.text("Stop"),
        "target_atr": visit.text("Target"),
        "target_execution": visit.text("Target is filled by"),
        "max_bars": visit.text("Time stop"),
        "taker": visit.text("Taker fee"),
        "maker": visit.text("Maker fee"),
        "slippage_bps": visit.text("Slippage"),
        "protections": visit.text("Protections"),
        "last": visit.text("Only the newest"),
        "start": visit.text("From"),
        "end": visit.text("To"),
        "timeframe": visit.text("Timeframe"),
        "detail": visit.text("Finer bars"),
        "params": visit.text("Parameters"),
        "seed": visit.text("Seed"),
    }


def settings(visit: Visit, order: dict[str, Any], quote: str) -> list[tuple[str, str]]:
    """Return the assumptions of an order: name and value."""
    names = named(visit)
    rows = []
    for key, unit in SETTINGS:
        value = order.get(key)
        if key in FEES and value is None:
            rows.append((names[key], _usual_fee(visit, getattr(Costs(), key))))
            continue
        if value in (None, "", {}) and unit != "switch":
            continue
        rows.append((names[key], _setting(visit, value, unit, quote)))
    return rows


def _usual_fee(visit: Visit, fee: float) -> str:
    said = visit.text("%(fee)s, but for instruments whose fee the settings state")
    return said % {"fee": _setting(visit, fee, "rate", "")}


def funding(visit: Visit, found: Any) -> tuple[str, str]:
    """Return which settlements a result was charged, and of what span where they do not cover the bars."""
    name = visit.text("Funding")
    if not found.funding.startswith(FILE):
        return name, visit.text("none: no settlement was stored, or it was switched off")
    if found.funding_gaps is None:
        # Earlier results tell it in English alone.
        return name, visit.text("the settlements of the venue that were stored") + found.funding.removeprefix(
            FILE
        )
    lines = [_gap(visit, one) for one in found.funding_gaps]
    return name, "; ".join([visit.text("the settlements of the venue that were stored"), *lines])


def _gap(visit: Visit, gap: Any) -> str:
    if gap.since:
        return visit.text("%(instrument)s only from %(day)s on") % {
            "instrument": gap.instrument,
            "day": gap.since,
        }
    if gap.until:
        return visit.text("%(instrument)s only until %(day)s") % {
            "instrument": gap.instrument,
            "day": gap.until,
        }
    return visit.text("%(instrument)s not at all") % {"instrument": gap.instrument}


def _setting(visit: Visit, value: Any, unit: str, quote: str) -> str:
    tongue = visit.tongue
    match unit:
        case "quote":
            return f"{tongue.number(value)} {quote}"
        case "fraction" | "rate" | "ratio":
            return tongue.unit(value, unit).lstrip("+")
        case "atr":
            return f"{tongue.number(value)} ATR(14)"
        case "bars":
            bars = tongue.plural("%(num)s bar", "%(num)s bars", value or 0)
            return bars % {"num": tongue.number(value, 0)} if value else visit.text("none")
        case "bps":
            return f"{tongue.number(value)} {visit.text('bps')}"
        case "switch":
            return visit.text("on") if value else visit.text("only in a shared account")
        case "word":
            return word(visit, str(value))
        case "params":
            return ", ".join(f"{name} = {tongue.number(number, 4)}" for name, number in value.items())
    return str(value)


def word(visit: Visit, value: str) -> str:
    """Return a word of an order in the visitor's language."""
    known = {
        "isolated": visit.text("one a slot"),
        "portfolio": visit.text("one for all slots"),
        "trigger": visit.text("a market order when touched"),
        "limit": visit.text("a resting limit order"),
        "native": visit.text("each strategy's own"),
        "sharpe": visit.text("Sharpe ratio"),
        "return": visit.text("Return"),
        "calmar": visit.text("Calmar ratio"),
        "profit_factor": visit.text("Profit factor"),
        "luck": visit.text("like luck"),
        "skill": visit.text("unlike luck"),
        "none": visit.text("no verdict"),
        "long": visit.text("long"),
        "short": visit.text("short"),
        "stop": visit.text("stop"),
        "target": visit.text("target"),
        "signal": visit.text("signal"),
        "time": visit.text("time"),
        "end_of_data": visit.text("end of data"),
        "liquidation": visit.text("liquidation"),
        "backtest": visit.text("backtest"),
        "sweep": visit.text("sweep"),
        "walk_forward": visit.text("walk-forward"),
    }
    return known.get(value, value)


def described(visit: Visit, found: Any) -> str:
    """Say what the drawing of the account shows, for those who do not see it."""
    tongue, curve = visit.tongue, found.curve
    return visit.text(
        "The account begins at %(first)s and ends at %(last)s %(quote)s, between %(low)s and %(high)s on the way; "
        "buying and holding ends at %(hold)s."
    ) % {
        "first": tongue.number(curve.equity[0]),
        "last": tongue.number(curve.equity[-1]),
        "low": tongue.number(min(curve.equity)),
        "high": tongue.number(max(curve.equity)),
        "hold": tongue.number(curve.hold[-1]),
        "quote": found.quote,
    }


def fall_described(visit: Visit, found: Any) -> str:
    """Say what the drawing of the falls shows."""
    curve = found.curve
    deepest = min(range(len(curve.drawdown)), key=curve.drawdown.__getitem__)
    return visit.text("At its deepest %(fall)s below the highest value so far, on %(day)s.") % {
        "fall": visit.tongue.percent(curve.drawdown[deepest]),
        "day": visit.tongue.day(curve.ts[deepest]),
    }


def differences(visit: Visit, found: Any) -> dict[str, list[tuple[str, str, str]]]:
    """Return what differs between two results by group: name, first, second, in the visitor's language."""
    rows: dict[str, list[tuple[str, str, str]]] = {"settings": [], "figures": [], "trades": []}
    protections = [row for row in found.rows if row["what"].startswith("account.protections.")]
    is_switch = bool(protections) and all(not row["first"] or not row["second"] for row in protections)
    if is_switch:
        on, off = visit.text("switched on"), visit.text("switched off")
        first = on if protections[0]["first"] else off
        rows["settings"].append((visit.text("Protections"), first, off if first == on else on))
    units, said = dict(FIGURES), report_texts(visit.tongue.language)
    names = {
        **named(visit),
        "decision_hash": visit.text("Fingerprint of the decisions"),
        "data_fingerprint": visit.text("Fingerprint of the data"),
        "version": visit.text("Vigie's version"),
    }
    for row in found.rows:
        what, group = row["what"], row["group"]
        key = what.rpartition(".")[2]
        if group == "settings" and not (is_switch and row in protections):
            rows["settings"].append(
                (names.get(key, what), word(visit, row["first"]), word(visit, row["second"]))
            )
        elif group == "figures":
            slot, _, metric = ("", "", key) if what.startswith("total.") else what.rpartition(" ")
            if metric in units:
                unit, title = units[metric], said.say(f"metric.{metric}")
                first, second = _compared(visit, row["first"], unit), _compared(visit, row["second"], unit)
                rows["figures"].append((f"{slot} \u00b7 {title}" if slot else title, first, second))
            elif slot:
                rows["figures"].append((what, row["first"], row["second"]))
        elif group == "trades":
            rows["trades"].append((_trade(visit, what), _mark(row["first"]), _mark(row["second"])))
    return rows


def _trade(visit: Visit, text: str) -> str:
    parts = _TRADE.fullmatch(text)
    if parts is None:
        return text
    slot, entered, side, rest = parts.groups()
    when = visit.tongue.moment(parse_time(entered))
    return f"{slot} \u00b7 {when} \u00b7 {word(visit, side)}{rest or ''}"


def _compared(visit: Visit, text: str, unit: str) -> str:
    try:
        return visit.tongue.unit(float(text), "ratio" if unit == "quote" else unit)
    except ValueError:
        return text


def _mark(text: str) -> str:
    return "\u2713" if text == "yes" else text


def criteria_of(visit: Visit, text: str) -> list[tuple[str, str, str, bool]]:
    """Return the criteria of a trade: name in the visitor's language, value, threshold, whether it held."""
    found = []
    for part in text.split("; "):
        name, _, rest = part.rpartition(" / ")
        name, _, value = name.rpartition(" ")
        threshold, _, held = rest.rpartition(" ")
        if name:
            found.append((visit.text(name), _figure(visit, value), _figure(visit, threshold), held == "yes"))
    return found


def _figure(visit: Visit, text: str) -> str:
    value = float(text)
    return visit.tongue.number(value, 4 if abs(value) < 100 else 2)
