"""What happened to an account, in the visitor's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from vigie.domain.refusal import read_refusals
from vigie.services.trading.log.trading_event_texts import MOMENTS, reason_parts
from vigie.views.web.pages.trading import words
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.request_context import RequestContext

# Colour of a badge.
WEIGHTS: Final = {"grave": "bad", "warning": "warn", "notice": ""}

_AMOUNTS: Final = frozenset(
    ("stop", "target", "meant", "tick", "lot", "least", "ours", "theirs", "qty", "amount", "taker", "counted")
)
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def severity_text(context: RequestContext, name: str) -> str:
    """Return how grave something is."""
    return {
        "grave": context.text("grave"),
        "warning": context.text("warning"),
        "notice": context.text("notice"),
    }.get(name, name)


def reason_text(context: RequestContext, row: Mapping[str, Any], currency: str = "") -> str:
    """Return what is known of an event; what a venue answered stays in its own words.

    Parameters
    ----------
    currency : str
        That the account counts in.
    """
    details = json.loads(row["details"]) if row["details"] else {}
    details = read_refusals(details)
    sentence, values = reason_parts(row["kind"], details)
    texts = {name: _value_text(context, name, value) for name, value in values.items()}
    for name in MOMENTS:
        if isinstance(details.get(name), int):
            texts[name] = context.lang.moment(details[name])
    if "capital" in texts:
        texts["capital"] = f"{context.lang.number(float(str(details['capital'])))} {currency}".strip()
    return (context.text(sentence) if sentence != "%(why)s" else sentence) % texts


def _value_text(context: RequestContext, name: str, value: str) -> str:
    if name == "side":
        return words.side_text(context, value)
    if name in ("before", "state"):
        return words.state_text(context, value)
    if name == "mode":
        return words.mode_text(context, value).lower()
    if name == "venue":
        return words.venue_name(value)
    if name == "kind":
        return {"market": context.text("market order"), "limit": context.text("limit order")}.get(
            value, value
        )
    if name == "why":
        return translate_refusal(context.lang, value) if value else value
    if name == "money":
        return context.lang.number(float(value), 8)
    return context.lang.digits(value) if name in _AMOUNTS and _NUMBER.fullmatch(value) else value


def template_functions(context: RequestContext, currency: str) -> dict[str, Any]:
    """Return the functions for templates, each with the visitor's language in it."""
    return {
        "weight_word": lambda name: severity_text(context, name),
        "event_why": lambda row: reason_text(context, row, currency),
        "weights": WEIGHTS,
    }
