"""What happened to an account, in the visitor's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from vigie.services.trading.trading_event_texts import MOMENTS, reason_parts
from vigie.views.web.pages.trading import words
from vigie.views.web.refusals import said
from vigie.views.web.visit import Visit

# Colour of a badge.
WEIGHTS: Final = {"grave": "bad", "warning": "warn", "notice": ""}

_AMOUNTS: Final = frozenset(
    ("stop", "target", "meant", "tick", "lot", "least", "ours", "theirs", "qty", "amount", "taker", "counted")
)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def weight(visit: Visit, name: str) -> str:
    """Return how grave something is."""
    return {
        "grave": visit.text("grave"),
        "warning": visit.text("warning"),
        "notice": visit.text("notice"),
    }.get(name, name)


def why(visit: Visit, row: Mapping[str, Any], currency: str = "") -> str:
    """Return what is known of a happening; what a venue answered stays in its own words.

    Parameters
    ----------
    currency : str
        That the account counts in.
    """
    told = json.loads(row["details"]) if row["details"] else {}
    sentence, values = reason_parts(row["kind"], told)
    shown = {name: _value(visit, name, value) for name, value in values.items()}
    for name in MOMENTS:
        if isinstance(told.get(name), int):
            shown[name] = visit.tongue.moment(told[name])
    if "capital" in shown:
        shown["capital"] = f"{visit.tongue.number(float(str(told['capital'])))} {currency}".strip()
    return (visit.text(sentence) if sentence != "%(why)s" else sentence) % shown


def _value(visit: Visit, name: str, value: str) -> str:
    if name == "side":
        return words.side(visit, value)
    if name in ("before", "state"):
        return words.state(visit, value)
    if name == "mode":
        return words.mode(visit, value).lower()
    if name == "venue":
        return words.venue(value)
    if name == "kind":
        return {"market": visit.text("at the market"), "limit": visit.text("with a limit")}.get(value, value)
    if name == "why":
        return said(visit.tongue, value) if value else value
    if name == "money":
        return visit.tongue.number(float(value), 8)
    return visit.tongue.digits(value) if name in _AMOUNTS and _NUMBER.fullmatch(value) else value


def of(visit: Visit, currency: str) -> dict[str, Any]:
    """Return the functions for templates, each with the visitor's language in it."""
    return {
        "weight_word": lambda name: weight(visit, name),
        "event_why": lambda row: why(visit, row, currency),
        "weights": WEIGHTS,
    }
