"""Sentences of a backtest's page that its numbers fill."""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.domain.account import Costs
from vigie.domain.instrument import FEES
from vigie.domain.time import parse_time
from vigie.research.report.texts import report_texts
from vigie.services.runs.run_tables import FIGURES
from vigie.views.web.request_context import RequestContext

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


def setting_names(context: RequestContext) -> dict[str, str]:
    """Return what the settings are called."""
    return {
        "mode": context.text("Accounts"),
        "capital": context.text("Capital"),
        "risk_fraction": context.text("Planned risk per trade"),
        "leverage": context.text("Max leverage"),
        "stop_atr": context.text("Stop"),
        "target_atr": context.text("Target"),
        "target_execution": context.text("Target order type"),
        "max_bars": context.text("Time stop"),
        "taker": context.text("Taker fee"),
        "maker": context.text("Maker fee"),
        "slippage_bps": context.text("Slippage"),
        "protections": context.text("Protections"),
        "last": context.text("Last N bars"),
        "start": context.text("From"),
        "end": context.text("To"),
        "timeframe": context.text("Timeframe"),
        "detail": context.text("Finer bars"),
        "params": context.text("Parameters"),
        "seed": context.text("Seed"),
    }


def settings(context: RequestContext, order: dict[str, Any], quote: str) -> list[tuple[str, str]]:
    """Return the assumptions of an order: name and value."""
    names = setting_names(context)
    rows = []
    for key, unit in SETTINGS:
        value = order.get(key)
        if key in FEES and value is None:
            rows.append((names[key], _usual_fee(context, getattr(Costs(), key))))
            continue
        if value in (None, "", {}) and unit != "switch":
            continue
        rows.append((names[key], _setting_text(context, value, unit, quote)))
    return rows


def chosen_settings(context: RequestContext, chosen: dict[str, Any]) -> str:
    """Return in a line what an order set otherwise than usual; empty where it took everything as it is."""
    names = setting_names(context)
    parts = [
        f"{names[key]}{context.lang.colon}{_setting_text(context, chosen[key], unit, '').strip()}"
        for key, unit in SETTINGS
        if key in chosen
    ]
    if chosen.get("funding") is False:
        parts.append(context.text("without funding"))
    if chosen.get("check") is False:
        parts.append(context.text("look-ahead not checked"))
    return ", ".join(parts)


def _usual_fee(context: RequestContext, fee: float) -> str:
    template = context.text("%(fee)s, except for instruments with a fee in the settings")
    return template % {"fee": _setting_text(context, fee, "rate", "")}


def _setting_text(context: RequestContext, value: Any, unit: str, quote: str) -> str:
    lang = context.lang
    match unit:
        case "quote":
            return f"{lang.number(value)} {quote}"
        case "fraction" | "rate" | "ratio":
            return lang.unit(value, unit).lstrip("+")
        case "atr":
            return f"{lang.number(value)} ATR(14)"
        case "bars":
            bars = lang.plural("%(num)s bar", "%(num)s bars", value or 0)
            return bars % {"num": lang.number(value, 0)} if value else context.text("none")
        case "bps":
            return f"{lang.number(value)} {context.text('bps')}"
        case "switch":
            return context.text("on") if value else context.text("only in a shared account")
        case "word":
            return word_text(context, str(value))
        case "params":
            return ", ".join(f"{name} = {lang.number(number, 4)}" for name, number in value.items())
    return str(value)


def word_text(context: RequestContext, value: str) -> str:
    """Return a word of an order in the visitor's language."""
    known = {
        "isolated": context.text("one per active strategy"),
        "portfolio": context.text("one shared account"),
        "trigger": context.text("a market order when touched"),
        "limit": context.text("a resting limit order"),
        "native": context.text("each strategy's default"),
        "sharpe": context.text("Sharpe ratio"),
        "return": context.text("Return"),
        "calmar": context.text("Calmar ratio"),
        "profit_factor": context.text("Profit factor"),
        "luck": context.text("Could be luck"),
        "skill": context.text("Unlikely to be luck"),
        "none": context.text("no verdict"),
        "long": context.text("long"),
        "short": context.text("short"),
        "stop": context.text("stop"),
        "target": context.text("target"),
        "signal": context.text("signal"),
        "time": context.text("time"),
        "end_of_data": context.text("end of data"),
        "liquidation": context.text("liquidation"),
        "backtest": context.text("backtest"),
        "sweep": context.text("sweep"),
        "walk_forward": context.text("walk-forward"),
    }
    return known.get(value, value)


def equity_description(context: RequestContext, result: Any) -> str:
    """Say what the drawing of the account shows, for those who do not see it."""
    lang, curve = context.lang, result.curve
    return context.text(
        "The account starts at %(first)s and ends at %(last)s %(quote)s, ranging from %(low)s to "
        "%(high)s; buy-and-hold ends at %(hold)s."
    ) % {
        "first": lang.number(curve.equity[0]),
        "last": lang.number(curve.equity[-1]),
        "low": lang.number(min(curve.equity)),
        "high": lang.number(max(curve.equity)),
        "hold": lang.number(curve.hold[-1]),
        "quote": result.quote,
    }


def drawdown_description(context: RequestContext, result: Any) -> str:
    """Say what the drawing of the falls shows."""
    curve = result.curve
    deepest = min(range(len(curve.drawdown)), key=curve.drawdown.__getitem__)
    return context.text("Max drawdown: %(fall)s below the previous peak, on %(day)s.") % {
        "fall": context.lang.percent(curve.drawdown[deepest]),
        "day": context.lang.day(curve.ts[deepest]),
    }


def differences(context: RequestContext, comparison: Any) -> dict[str, list[tuple[str, str, str]]]:
    """Return what differs between two results by group: name, first, second, in the visitor's language."""
    rows: dict[str, list[tuple[str, str, str]]] = {"settings": [], "figures": [], "trades": []}
    protections = [row for row in comparison.rows if row["what"].startswith("account.protections.")]
    is_switch = bool(protections) and all(not row["first"] or not row["second"] for row in protections)
    if is_switch:
        on, off = context.text("switched on"), context.text("switched off")
        first = on if protections[0]["first"] else off
        rows["settings"].append((context.text("Protections"), first, off if first == on else on))
    units, report_words = dict(FIGURES), report_texts(context.lang.language)
    names = {
        **setting_names(context),
        "decision_hash": context.text("Decision hash"),
        "data_fingerprint": context.text("Data fingerprint"),
        "version": context.text("Vigie version"),
    }
    for row in comparison.rows:
        what, group = row["what"], row["group"]
        key = what.rpartition(".")[2]
        if group == "settings" and not (is_switch and row in protections):
            rows["settings"].append(
                (names.get(key, what), word_text(context, row["first"]), word_text(context, row["second"]))
            )
        elif group == "figures":
            slot, _, metric = ("", "", key) if what.startswith("total.") else what.rpartition(" ")
            if metric in units:
                unit, title = units[metric], report_words.say(f"metric.{metric}")
                first, second = (
                    _figure_text(context, row["first"], unit),
                    _figure_text(context, row["second"], unit),
                )
                rows["figures"].append((f"{slot} \u00b7 {title}" if slot else title, first, second))
            elif slot:
                rows["figures"].append((what, row["first"], row["second"]))
        elif group == "trades":
            rows["trades"].append(
                (_trade_text(context, what), _mark_text(row["first"]), _mark_text(row["second"]))
            )
    return rows


def _trade_text(context: RequestContext, text: str) -> str:
    parts = _TRADE.fullmatch(text)
    if parts is None:
        return text
    slot, entered, side, rest = parts.groups()
    when = context.lang.moment(parse_time(entered))
    return f"{slot} \u00b7 {when} \u00b7 {word_text(context, side)}{rest or ''}"


def _figure_text(context: RequestContext, text: str, unit: str) -> str:
    try:
        return context.lang.unit(float(text), "ratio" if unit == "quote" else unit)
    except ValueError:
        return text


def _mark_text(text: str) -> str:
    return "\u2713" if text == "yes" else text


def parse_criteria(context: RequestContext, text: str) -> list[tuple[str, str, str, bool]]:
    """Return the criteria of a trade: name in the visitor's language, value, threshold, whether it held."""
    criteria = []
    for part in text.split("; "):
        name, _, rest = part.rpartition(" / ")
        name, _, value = name.rpartition(" ")
        threshold, _, is_held = rest.rpartition(" ")
        if name:
            criteria.append(
                (
                    context.text(name),
                    _number_text(context, value),
                    _number_text(context, threshold),
                    is_held == "yes",
                )
            )
    return criteria


def _number_text(context: RequestContext, text: str) -> str:
    value = float(text)
    return context.lang.number(value, 4 if abs(value) < 100 else 2)
