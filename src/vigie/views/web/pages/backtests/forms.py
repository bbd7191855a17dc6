"""What the forms of a backtest send, as the operations take it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.account import Costs
from vigie.domain.errors import UsageError
from vigie.domain.instrument import FEES
from vigie.intelligence.market.words import normalize_number
from vigie.views.web.language import UserLanguage

# Fields of the form that are numbers, and what one unit of the form is there: people write per cent.
NUMBERS: Final = {
    "capital": 1.0, "risk_fraction": 0.01, "leverage": 1.0, "stop_atr": 1.0, "target_atr": 1.0, "taker": 0.01,
    "maker": 0.01, "slippage_bps": 1.0,
}  # fmt: skip
WHOLE: Final = ("last", "max_bars", "random", "permutations", "min_trades")
TEXTS: Final = (
    "strategies", "assets", "venue", "timeframe", "start", "end", "mode", "title", "grid", "objective",
)  # fmt: skip


def order_from_form(form: Mapping[str, str], lang: UserLanguage) -> dict[str, Any]:
    """Return a posted form as the input of an operation; what was left empty is the default.

    Raises
    ------
    UsageError
        If a number is none; the message names the field.
    """
    order: dict[str, Any] = {"language": lang.content_language}
    order.update({name: form[name].strip() for name in TEXTS if form.get(name, "").strip()})
    for name in ("assets", "strategies"):
        if name in form and name not in order:
            order[name] = ""
    for name, unit in NUMBERS.items():
        if form.get(name, "").strip():
            # Per cent as people write it; the twelfth digit is the form's own rounding.
            order[name] = round(_number(name, form[name], lang.language) * unit, 12)
    for name in WHOLE:
        if form.get(name, "").strip():
            order[name] = int(_number(name, form[name], lang.language))
    if form.get("protections"):
        order["protections"] = True
    if form.get("slots"):
        order["slots"] = [slot for slot in form["slots"].split(",") if slot]
        order.pop("strategies", None)
        order.pop("assets", None)
    params = parse_params(form.get("params", ""))
    return {**order, "params": params} if params else order


def parse_params(text: str) -> dict[str, float]:
    """Read ``ema_cross.fast=12, ema_cross.slow=60``."""
    params = {}
    for part in text.replace(";", ",").split(","):
        name, equals, value = part.partition("=")
        if part.strip():
            if not equals:
                raise UsageError(
                    "params_must_look_like_ema",
                    "params must look like ema_cross.fast=12, was {part!r}",
                    part=part.strip(),
                )
            params[name.strip()] = _number(name.strip(), value)
    return params


def _number(name: str, text: str, language: str = "en") -> float:
    try:
        number = float(normalize_number(text, language))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(
            "field_not_a_number", "{name}: must be a number, was {text!r}", name=name, text=text.strip()[:40]
        )
    return number


def form_values(order: Mapping[str, Any]) -> dict[str, Any]:
    """Return an order as the form shows it."""
    values: dict[str, Any] = {name: order.get(name, "") for name in (*TEXTS, *WHOLE)}
    for name, unit in NUMBERS.items():
        value = order.get(name)
        values[name] = "" if value is None else f"{value / unit:.10g}"
    values["usual"] = {name: f"{getattr(Costs(), name) / NUMBERS[name]:.10g}" for name in FEES}
    values["protections"] = bool(order.get("protections"))
    values["params"] = ", ".join(f"{key}={value:g}" for key, value in order.get("params", {}).items())
    values["slots"] = ",".join(order.get("slots", []))
    for name in WHOLE:
        values[name] = "" if values[name] in (None, 0, "") else values[name]
    return values
