"""The money and the fee that a kept event says, as texts."""

from __future__ import annotations

from collections.abc import Mapping


def event_text(told: Mapping[str, object], name: str) -> str:
    """Return a text of an event; empty where it has none."""
    found = told.get(name)
    return found if isinstance(found, str) else ""


def event_fields(told: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return what an event says in several fields, such as its fee; empty where it says nothing."""
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def event_money(told: Mapping[str, object]) -> tuple[str, str] | None:
    """Return amount and currency of what was paid or received, or what it was worth; None where that is not known."""
    for name in ("cost", "proceeds", "value"):
        if found := event_fields(told, name):
            return event_text(found, "amount"), event_text(found, "cur")
    return None


def event_fee(told: Mapping[str, object]) -> tuple[str, str, str] | None:
    """Return the fee of an event: its figure, and its currency or the id of its coin; None where there is none."""
    found = event_fields(told, "fee")
    if not found:
        return None
    figure = event_text(found, "amount") or event_text(found, "qty")
    return figure, event_text(found, "cur"), event_text(found, "asset")


def event_currencies(told: Mapping[str, object]) -> set[str]:
    """Return the currencies of what was paid or received and of the fee; coins are none."""
    found = {(event_money(told) or ("", ""))[1], (event_fee(told) or ("", "", ""))[1]}
    return found - {""}
