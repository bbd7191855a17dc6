"""What happened to an account, in the visitor's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from vigie.services.trading.happening_words import why_of
from vigie.views.web.pages.trading import words
from vigie.views.web.visit import Visit

# Colour of a badge.
WEIGHTS: Final = {"grave": "bad", "warning": "warn", "notice": ""}


def weight(visit: Visit, name: str) -> str:
    """Return how grave something is."""
    return {
        "grave": visit.text("grave"),
        "warning": visit.text("warning"),
        "notice": visit.text("notice"),
    }.get(name, name)


def why(visit: Visit, row: Mapping[str, Any]) -> str:
    """Return what is known of a happening; what a venue answered stays in its own words."""
    told = json.loads(row["details"]) if row["details"] else {}
    sentence, values = why_of(row["kind"], told)
    said = {name: _value(visit, name, value) for name, value in values.items()}
    for name in ("since", "until"):
        if isinstance(told.get(name), int) and row["kind"] == "trade.absent":
            said[name] = visit.tongue.moment(told[name])
    return (visit.text(sentence) if sentence != "%(why)s" else sentence) % said


def _value(visit: Visit, name: str, value: str) -> str:
    if name == "side":
        return words.side(visit, value)
    if name in ("before", "state"):
        return words.state(visit, value)
    return visit.text(value) if name == "why" and value else value


def of(visit: Visit) -> dict[str, Any]:
    """Return the functions for templates, each with the visitor's language in it."""
    return {
        "weight_word": lambda name: weight(visit, name),
        "event_why": lambda row: why(visit, row),
        "weights": WEIGHTS,
    }
